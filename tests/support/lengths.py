"""Lengths of passages as BM25 of tantivy knows them."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise


def _lengths() -> Iterator[int]:
    """The lengths that one byte tells apart: Lucene's SmallFloat, which tantivy uses too."""
    yield from range(24)
    for number in range(256 - 24):
        bits, shift = number & 7, (number >> 3) - 1
        yield 24 + (bits if shift < 0 else (bits | 8) << shift)


_LENGTHS = list(_lengths())
assert all(one < other for one, other in pairwise(_LENGTHS))


def rounded(length: int) -> int:
    """A length as BM25 of the word index knows it."""
    return _LENGTHS[bisect_right(_LENGTHS, length) - 1]
