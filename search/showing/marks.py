"""The words of a question in a passage, to be marked more softly than the sentence that answers."""

import re
from dataclasses import dataclass

from indexer.analysis import FUNCTION_WORDS, distinct_stems, stems
from indexer.article import Span

# What tantivy takes for a word: letters and digits of any script.
_WORD = re.compile(r"[^\W_]+")


def content_stems(question: str) -> frozenset[str]:
    """The stems of the words of a question that say what it is about."""
    said = [word for word in _WORD.findall(question) if word.lower() not in FUNCTION_WORDS]
    return frozenset(distinct_stems(" ".join(said)))


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
        first = "".join(sorted({stem[0] for stem in wanted}))
        begins = rf"[{first}]|[^\W_\x00-\x7f]" if wanted else "(?!)"
        return cls(wanted, re.compile(rf"(?<![^\W_])(?:{begins})[^\W_]*", re.I))

    def spans(self, text: str, within: Span) -> list[Span]:
        """Where words with these stems stand in a part of a text."""
        found = list(self.likely.finditer(text, within.start, within.end))
        said = stems(" ".join([word[0] for word in found]))
        if len(said) != len(found):
            # Some word is too long for the index, or is more than one to it.
            said = [next(iter(stems(word[0])), "") for word in found]
        return [
            Span(*word.span()) for word, stem in zip(found, said, strict=True) if stem in self.stems
        ]
