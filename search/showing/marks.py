"""The words of a question in a passage, to be marked more softly than the sentence that answers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexer.analysis import FUNCTION_WORDS, distinct_stems, stems
from indexer.article import Span
from indexer.letters import OTHER_LETTER, PAIRED, PAIRED_RUN, WORD_CHARACTER, words_of

# Letters that are cut into pairs; or letters and digits of one word, with their marks.
_WORD = re.compile(rf"{PAIRED_RUN.pattern}|{OTHER_LETTER}(?:{WORD_CHARACTER})*")
# Particles and endings of Japanese.
_SAYS_NOTHING = re.compile("[\u3041-\u309f]{1,2}")


def content_stems(question: str) -> frozenset[str]:
    """The stems of the words of a question that say what it is about."""
    said = [word for word in _WORD.findall(question) if word.lower() not in FUNCTION_WORDS]
    found = distinct_stems(" ".join(said))
    return frozenset(stem for stem in found if not _SAYS_NOTHING.fullmatch(stem))


@dataclass(frozen=True, slots=True)
class Matcher:
    """Finds words by their stems; made once a question."""

    stems: frozenset[str]
    likely: re.Pattern[str]

    @classmethod
    def of(cls, question: str) -> "Matcher":
        """What finds the words of a question."""
        wanted = content_stems(question)
        # A stem begins as its word does, but for case and accents: of the others, most of a text,
        # no stem need be looked at.
        first = "".join(sorted({stem[0] for stem in wanted if stem[0].isascii()}))
        begins = rf"[{first}]|[^\W_\x00-\x7f{PAIRED}]" if first else rf"[^\W_\x00-\x7f{PAIRED}]"
        likely = rf"(?<!{OTHER_LETTER})(?:{begins})(?:{WORD_CHARACTER})*" if wanted else "(?!)"
        return cls(wanted, re.compile(likely, re.I))

    def spans(self, text: str, within: Span) -> list[Span]:
        """Where words with these stems stand in a part of a text, in order."""
        if not self.stems:
            return []
        words = [word.span() for word in self.likely.finditer(text, within.start, within.end)]
        runs = PAIRED_RUN.finditer(text, within.start, within.end)
        pairs = [pair for run in runs for pair in words_of(run)]
        found = [*self._found(text, words), *_joined(self._found(text, pairs))]
        return sorted(found, key=lambda each: each.start)

    def _found(self, text: str, words: list[tuple[int, int]]) -> Iterator[Span]:
        """Those of some words that have these stems."""
        said = stems(" ".join([text[start:end] for start, end in words]))
        if len(said) != len(words):
            # Some word is too long for the index, or is more than one to it.
            said = [next(iter(stems(text[start:end])), "") for start, end in words]
        return (Span(*word) for word, stem in zip(words, said, strict=True) if stem in self.stems)


def _joined(pairs: Iterable[Span]) -> Iterator[Span]:
    """Pairs of letters that overlap as one."""
    joined: Span | None = None
    for pair in pairs:
        if joined and pair.start < joined.end:
            joined = Span(joined.start, max(joined.end, pair.end))
        else:
            if joined:
                yield joined
            joined = pair
    if joined:
        yield joined
