"""Other spellings of a name that the articles have: Zelensky, Zelenskiy, Zelenskyy.

Nobody lists them; the index tells. Two words are spellings of one name if both are written with a
capital, differ by at most two letters, sound alike, and keep the same company: what is written of
the rarer one is near to what is written of the other. So Georgia is not George, nor Moeller
Mueller (docs/evaluation.md).
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz.distance import OSA

from indexer.analysis import distinct_stems, stems
from indexer.folding import folded
from indexer.storage.filter import Filter
from search.index import Index
from search.question.spelling import sound

SHORTEST = 6
MOST_EDITS = 2
# Passages of each spelling that are compared, and how near, in cosine, the nearest passages of the
# commoner one are on average to those of the rarer one.
COMPARED = 60
SAME_COMPANY = 0.6
# Names of a question that are looked up, and spellings of one that are taken.
MOST_NAMES, MOST_SPELLINGS = 4, 3

_WORD = re.compile(r"[^\W\d_]{6,}")


@dataclass(frozen=True, slots=True)
class Variant:
    """A name in a question, `text[start:end]`, and how else the articles spell it."""

    start: int
    end: int
    written: str
    also: tuple[str, ...]


@dataclass(frozen=True)
class Variants:
    """Finds other spellings in an index; safe to use from several threads."""

    index: Index
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, text: str) -> tuple[Variant, ...]:
        """The names in a text that have other spellings; a text without capitals may have names."""
        cased = any(character.isupper() for character in text)
        names = [name for name in _WORD.finditer(text) if name[0][0].isupper() or not cased]
        found = ((name, self._spellings(folded(name[0]))) for name in names[:MOST_NAMES])
        return tuple(Variant(*name.span(), name[0], also) for name, also in found if also)

    @cached_property
    def _alike(self) -> dict[tuple[str, str], list[str]]:
        """Words of one first letter and one sound, where there are several, by letter and sound."""
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for word in self.index.vocabulary()[0]:
            if len(word) >= SHORTEST and word.isalpha():
                groups[word[0], sound(word)].append(word)
        return {key: words for key, words in groups.items() if len(words) > 1}

    def _spellings(self, name: str) -> tuple[str, ...]:
        if name not in self._known:
            self._known[name] = tuple(self._found(name))[:MOST_SPELLINGS]
        return self._known[name]

    def _found(self, name: str) -> Iterator[str]:
        alike = self._alike.get((name[0], sound(name)), [])
        if name not in alike or not self.index.written(name)[0].isupper():
            return
        for other in sorted(alike, key=lambda word: (OSA.distance(name, word), word)):
            if 0 < OSA.distance(name, other) <= MOST_EDITS and stems(name) != stems(other):
                written = self.index.written(other)
                if written[0].isupper() and self._company(name, other) >= SAME_COMPANY:
                    yield written

    def _company(self, one: str, other: str) -> float:
        """How near the passages of the rarer word are to the nearest of the other's."""
        everything = self.index.narrow(Filter())
        passages = [
            self.index.matching(distinct_stems(word), COMPARED, everything).passages
            for word in (one, other)
        ]
        fewer, more = sorted(passages, key=len)
        if len(fewer) == 0:
            return 0.0
        cosines = self.index.vectors(fewer) @ self.index.vectors(more).T
        return float(cosines.max(axis=1).mean())
