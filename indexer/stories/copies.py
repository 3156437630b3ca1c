"""Copies: which articles carry the same text, word for word or edited.

Whether two articles are copies depends on these two alone: on their texts, their headlines if these
are short, and the weeks they are from. A copy of a copy is a copy. So an article that is added may
join groups but splits none.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import Int64, Mask
from indexer.stories.sketches import PAD, Sketches, overlap

UInt64 = NDArray[np.uint64]
# The share of a text's parts that are a copy's, averaged over both texts: from this on, copies.
# Above .65 copies cut to half are lost, below .5 follow-ups come in that use half of a text again.
# Copies are printed within days: what comes later and shares less is last year's page, new again.
# "Later" is not in the same week nor the next, so that it holds for all that a week printed.
COPIED, COPIED_LATER, WEEK = 0.58, 0.75, 7 * 24 * 60 * 60
# Less of either text is no copy: a brief is all in a roundup of many, a roundup is no brief.
LEAST = 0.4
# Of the smallest hashes of a sketch this many are looked up, and pairs that share so many compared.
LOOKED_UP, MIN_SHARED = 64, 3
# A text is looked up among those right before it and the very first that share a hash, so that a
# phrase in every article costs no more than one in a dozen. A pair is missed, and may be split by
# an article between them, only if others stand between for all but two of the hashes they share.
BEFORE, FIRST = 8, 4
# Of an article without a date, in place of its seconds.
UNDATED = np.iinfo(np.int64).max // 2

# Ranks and pairs in one piece of work: bounds the memory that comparing takes.
_RANKS, _PAIRS = 8192, 2048


def find_copies(sketches: Sketches, seconds: Int64, order: Int64) -> tuple[Int64, Int64]:
    """For each article the first of those with its text, and the first of its copies.

    seconds: (n,) when each was published, or UNDATED
    order: (n,) the articles' numbers, in the order that "first" is meant in
    Returns two arrays of (n,) article numbers; the first divides the groups of the second.
    """
    n = len(order)
    texts, strays = sketches.texts[order], sketches.strays[order]
    weeks = np.where(seconds < UNDATED, seconds // WEEK, UNDATED)[order]
    ranks = np.arange(n, dtype=np.int64)
    # Without a word there is nothing to be the same.
    text_of = np.where(texts > 0, _first([texts, strays, weeks]), ranks)
    distinct = np.flatnonzero(text_of == ranks)
    groups = _Groups(len(distinct))
    for ranks_a, ranks_b in _candidates(sketches.hashes, order[distinct]):
        for begin in range(0, len(ranks_a), _PAIRS):
            a, b = ranks_a[begin : begin + _PAIRS], ranks_b[begin : begin + _PAIRS]
            one, other = distinct[a], distinct[b]
            later = _later(weeks[one], weeks[other])
            undecided = groups.apart(a, b) & ~(later & (strays[one] != strays[other]))
            shares = overlap(sketches, order[one[undecided]], order[other[undecided]])
            enough = np.where(later[undecided], COPIED_LATER, COPIED)
            copied = (shares.mean(axis=1) >= enough) & (shares.min(axis=1) >= LEAST)
            groups.join(a[undecided][copied], b[undecided][copied])
    place = np.zeros(n, np.int64)
    place[distinct] = np.arange(len(distinct))
    copy_of = distinct[groups.first()[place[text_of]]]
    # The same text again, of other weeks or under a stray headline.
    text_of = np.where(texts > 0, _first([copy_of, texts]), ranks)
    by_text, by_copy = np.zeros(n, np.int64), np.zeros(n, np.int64)
    by_text[order], by_copy[order] = order[text_of], order[copy_of]
    return by_text, by_copy


def _later(one: Int64, other: Int64) -> Mask:
    """Whether the weeks of two articles, (p,) each, are known and neither the same nor the next."""
    later: Mask = (one < UNDATED) & (other < UNDATED) & (np.abs(one - other) > 1)
    return later


def _first(columns: Sequence[Int64 | UInt64]) -> Int64:
    """For each row (n,) the number of the first row that equals it in every column."""
    order = np.lexsort(columns)
    same = [column[order][1:] == column[order][:-1] for column in columns]
    begins = np.insert(~np.logical_and.reduce(same), 0, True)[: len(order)]
    first = np.zeros(len(order), np.int64)
    first[order] = order[begins][np.cumsum(begins) - 1]
    return first


def _candidates(hashes: NDArray[np.uint32], order: Int64) -> Iterator[tuple[Int64, Int64]]:
    """Pairs that share enough to be compared, as (p,) later and (p,) earlier ranks in `order`."""
    postings = hashes[order, :LOOKED_UP].astype(np.uint64)
    postings <<= np.uint64(32)
    postings |= np.arange(len(order), dtype=np.uint64)[:, None]
    postings = postings.ravel()
    postings.sort()
    postings = postings[: np.searchsorted(postings, np.uint64(PAD << 32))]
    if not len(postings):
        return
    same = (postings[1:] >> np.uint64(32)) == (postings[:-1] >> np.uint64(32))
    shared = np.append(same, False) | np.insert(same, 0, False)
    begins = ~np.insert(same, 0, False)[shared]
    rank = (postings[shared] & np.uint64(PAD)).astype(np.int64)
    begin = np.maximum.accumulate(np.where(begins, np.arange(len(rank)), 0))
    for low in range(0, len(order), _RANKS):
        here = np.flatnonzero((rank >= low) & (rank < low + _RANKS))
        others = [(here - lag, here - lag >= begin[here]) for lag in range(1, BEFORE + 1)]
        others += [(begin[here] + i, begin[here] + i < here - BEFORE) for i in range(FIRST)]
        pairs = np.concatenate(
            [(rank[here[known]] << 32) | rank[other[known]] for other, known in others]
        )
        pairs, counts = np.unique(pairs, return_counts=True)
        pairs = pairs[counts >= MIN_SHARED]
        yield pairs >> 32, pairs & PAD


class _Groups:
    """Union-find over ranks; a group is known by its first."""

    def __init__(self, n: int) -> None:
        self._parent = np.arange(n, dtype=np.int64)

    def first(self) -> Int64:
        """The first of each rank's group, (n,)."""
        while not np.array_equal(above := self._parent[self._parent], self._parent):
            self._parent = above
        return self._parent

    def apart(self, a: Int64, b: Int64) -> Mask:
        """Which of the pairs are not in one group yet."""
        first = self.first()
        apart: Mask = first[a] != first[b]
        return apart

    def join(self, a: Int64, b: Int64) -> None:
        """Make each pair members of one group."""
        for one, other in zip(a.tolist(), b.tolist(), strict=True):
            roots = self._root(one), self._root(other)
            self._parent[max(roots)] = min(roots)

    def _root(self, rank: int) -> int:
        while (above := int(self._parent[rank])) != rank:
            rank = above
        return rank
