"""The words of a question in a passage, to be marked more softly than the sentence that answers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexer.analysis import FUNCTION_WORDS, distinct_stems, stems
from indexer.article import Span
from indexer.letters import OTHER_WORD, PAIRED_RUN, words_of

# Particles and endings of Japanese.
_SAYS_NOTHING = re.compile("[\u3041-\u309f]{1,2}")


def content_stems(question: str) -> frozenset[str]:
    """The stems of the words of a question that say what it is about."""
    said = [word for word in OTHER_WORD.findall(question) if word.lower() not in FUNCTION_WORDS]
    found = distinct_stems(" ".join([*said, *PAIRED_RUN.findall(question)]))
    return frozenset(stem for stem in found if not _SAYS_NOTHING.fullmatch(stem))


@dataclass(frozen=True, slots=True)
class Matcher:
    """Finds words by their stems; made once a question.

    first: what a word of ASCII with such a stem begins with
    """

    stems: frozenset[str]
    first: frozenset[str]

    @classmethod
    def of(cls, question: str) -> "Matcher":
        """What finds the words of a question."""
        wanted = content_stems(question)
        # A stem begins as its word does, but for case and accents: of the others, most of a text,
        # no stem need be looked at.
        letters = {stem[0] for stem in wanted}
        return cls(wanted, frozenset(letters | {letter.upper() for letter in letters}))

    def spans(self, text: str, within: Span) -> list[Span]:
        """Where words with these stems stand in a part of a text, in order."""
        if not self.stems:
            return []
        words = [
            (start, end)
            for start, end in map(
                re.Match.span, OTHER_WORD.finditer(text, within.start, within.end)
            )
            if text[start] in self.first or text[start] > "\x7f"
        ]
        found = list(self._found(text, words))
        if any(map(PAIRED_RUN.match, self.stems)):
            runs = PAIRED_RUN.finditer(text, within.start, within.end)
            found += _joined(self._found(text, [pair for run in runs for pair in words_of(run)]))
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
