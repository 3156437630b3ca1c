"""The segments of a generation as one: their vectors, token codes and suggestions.

A passage has its number in the generation; in the files of a segment it has its place.
"""

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from itertools import accumulate
from typing import Protocol

import numpy as np

from indexer.arrays import Float32, Int32, Int64, Mask, UInt8
from indexer.storage.exact import NONE, Candidates, best
from indexer.storage.suggestions import Suggested
from indexer.storage.tokens import PassageTokens, Tokens
from indexer.storage.vectors import FaissVectors


class UnionVectors:
    """The vectors of all segments; see `FaissVectors`."""

    def __init__(self, segments: Sequence[FaissVectors]) -> None:
        """In the order of their numbers."""
        self._segments = segments
        self._first = _first(segments)

    def __len__(self) -> int:
        """The number of vectors."""
        return self._first[-1]

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return self._segments[0].dimension

    def rows(self, numbers: Int64) -> Float32:
        """The vectors of some passages, (n, d), as their codes tell them."""
        rows = np.empty((len(numbers), self.dimension), np.float32)
        for number, places, of in _divided(numbers, self._first):
            rows[of] = self._segments[number].rows(places)
        return rows

    def search(self, query: Float32, limit: int, allowed: Mask | None = None) -> Candidates:
        """The `limit` best passages; see `FaissVectors.search`."""
        found = [NONE]
        for first, segment in zip(self._first, self._segments, strict=False):
            inside = None if allowed is None else allowed[first : first + len(segment)]
            if inside is None or inside.all():
                places, scores = segment.search(query, limit)
            elif inside.any():
                places, scores = segment.search(query, limit, inside)
            else:
                continue
            found.append(Candidates(places + first, scores))
        numbers, scores = (np.concatenate(each) for each in zip(*found, strict=True))
        return best(numbers, scores, limit)


class UnionTokens:
    """The token codes of all segments; see `Tokens`."""

    def __init__(self, segments: Sequence[Tokens]) -> None:
        """In the order of their numbers; one codec has made the codes of all."""
        self._segments = segments
        self._first = _first(segments)
        self.codec = segments[0].codec
        self.document_frequency: Int64 = np.sum([s.document_frequency for s in segments], axis=0)

    def __len__(self) -> int:
        """The number of passages."""
        return self._first[-1]

    def read(self, passages: Sequence[int] | Int64) -> tuple[UInt8, Int64]:
        """Codes (t, p / 2) of some passages one after the other, and where each begins (n,).

        Raises:
            IndexDamaged: a file was cut short or altered.
        """
        if len(self._segments) == 1:
            return self._segments[0].read(passages)
        pieces: dict[int, UInt8] = {}
        for number, places, of in _divided(np.asarray(passages, np.int64), self._first):
            codes, begins = self._segments[number].read(places)
            pieces.update(zip(of.tolist(), np.split(codes, begins[1:]), strict=True))
        ordered = [pieces[i] for i in range(len(passages))]
        begins = np.array([0, *accumulate(map(len, ordered))][: len(ordered)], np.int64)
        return np.concatenate(ordered), begins

    def sentences(self, passage: int) -> Int64:
        """Where each sentence of a passage begins among its tokens, (s,)."""
        number = bisect(self._first, passage) - 1
        return self._segments[number].sentences(passage - self._first[number])

    def sentences_of(self, passages: Sequence[int]) -> list[Int64]:
        """`sentences` of some passages."""
        return [self.sentences(number) for number in passages]

    def rows(self, numbers: Int64) -> list[PassageTokens]:
        """All there is of some passages."""
        rows: dict[int, PassageTokens] = {}
        for number, places, of in _divided(numbers, self._first):
            rows.update(zip(of.tolist(), self._segments[number].rows(places), strict=True))
        return [rows[i] for i in range(len(numbers))]


class SegmentSuggestions(Protocol):
    """What may be typed, of one segment; see `Suggestions`."""

    def suggest(self, prefix: str, limit: int) -> list[Suggested]:
        """The best names and headlines that begin so."""

    def vocabulary(self) -> tuple[list[str], Int32]:
        """Every word, ascending, and in how many articles it is, (n,)."""

    def written(self, word: str) -> tuple[str, int]:
        """How a word is mostly written, and in how many articles it is."""


class UnionSuggestions:
    """What may be typed, of all segments; see `Suggestions`.

    Counts are sums over segments: they still have the articles that are gone, until segments are
    merged.
    """

    def __init__(self, segments: Sequence[SegmentSuggestions]) -> None:
        """In the order of their numbers."""
        self._segments = segments

    def suggest(
        self, prefix: str, limit: int, alive: Callable[[Iterable[int]], Container[int]]
    ) -> list[Suggested]:
        """The `limit` best names and headlines that begin so, each once.

        alive: those of some articles that are there; headlines of others are left out
        """
        found = [each for segment in self._segments for each in segment.suggest(prefix, limit)]
        there = alive(each.article for each in found if each.article is not None)
        # Before they are merged: that of an article that has changed is in two segments.
        found = [each for each in found if each.article is None or each.article in there]
        if len(self._segments) == 1:
            return found
        alike = defaultdict[tuple[bool, str], list[Suggested]](list)
        for each in found:
            alike[each.article is not None, each.key].append(each)
        # Names before headlines, each kind as in a segment.
        ranked = [(kind, key, _merged(group)) for (kind, key), group in alike.items()]
        ranked.sort(key=lambda each: (-each[2].articles, each[1]))
        ranked.sort(key=lambda each: each[2].published, reverse=True)
        ranked.sort(key=lambda each: each[0])
        return [each for _, _, each in ranked[:limit]]

    def vocabulary(self) -> tuple[list[str], Int32]:
        """Every word, ascending, and in how many articles it is, (n,)."""
        if len(self._segments) == 1:
            return self._segments[0].vocabulary()
        counts: Counter[str] = Counter()
        for segment in self._segments:
            words, articles = segment.vocabulary()
            counts.update(dict(zip(words, articles.tolist(), strict=True)))
        ordered = sorted(counts)
        return ordered, np.array([counts[word] for word in ordered], np.int32)

    def written(self, word: str) -> str:
        """How a word is mostly written: "Belousov" of "belousov"; the word itself if unknown."""
        spellings = [segment.written(word) for segment in self._segments]
        return max(spellings, key=lambda spelling: spelling[1])[0]


def _merged(alike: Sequence[Suggested]) -> Suggested:
    """One suggestion of some: a name as most articles have it, or the newest headline."""
    best = max(alike, key=lambda e: (e.published, e.articles if e.article is None else 0))
    return best._replace(articles=sum(each.articles for each in alike))


def _first(segments: Sequence[FaissVectors] | Sequence[Tokens]) -> list[int]:
    """The number of each segment's first passage, and the number behind the last."""
    return [0, *accumulate(len(each) for each in segments)]


def _divided(numbers: Int64, first: Sequence[int]) -> list[tuple[int, Int64, Int64]]:
    """Numbers of passages by segment: which segment, their places in it, and where they stood."""
    if len(first) == 2:
        return [(0, numbers, np.arange(len(numbers)))] if len(numbers) else []
    segment_of = np.searchsorted(first, numbers, side="right") - 1
    return [
        (segment, numbers[of] - first[segment], of)
        for segment in np.unique(segment_of).tolist()
        for of in [np.flatnonzero(segment_of == segment)]
    ]
