"""Exact search: every vector compared, and the best of some scores."""

from typing import NamedTuple

import numpy as np

from indexer.arrays import Float32, Int64, Mask


class Candidates(NamedTuple):
    """Passages with their scores, best first, ties by number.

    passages: (k,) int64, their numbers
    scores: (k,) float32
    """

    passages: Int64
    scores: Float32


NONE = Candidates(np.zeros(0, np.int64), np.zeros(0, np.float32))


def best(numbers: Int64, scores: Float32, limit: int) -> Candidates:
    """The `limit` highest scores, best first, ties by number."""
    if 0 < limit < len(scores):
        # Keep every tie of the last place, so that the order by number decides between them.
        threshold = np.partition(scores, -limit)[-limit]
        keep = scores >= threshold
        numbers, scores = numbers[keep], scores[keep]
    order = np.lexsort((numbers, -scores))[:limit]
    return Candidates(numbers[order].astype(np.int64), scores[order].astype(np.float32))


class ExactVectors:
    """Every vector compared, whole: what the searches of `vectors.py` are held to."""

    def __init__(self, vectors: Float32) -> None:
        """Search (n, d) float32 unit vectors, not copied."""
        self._vectors = vectors

    def __len__(self) -> int:
        """The number of vectors."""
        return len(self._vectors)

    def search(self, query: Float32, limit: int, allowed: Mask | None = None) -> Candidates:
        """The `limit` best passages.

        query: (d,) float32, unit length
        allowed: (n,) bool; passages outside are never returned
        """
        numbers = np.arange(len(self)) if allowed is None else np.flatnonzero(allowed)
        vectors = self._vectors if allowed is None else self._vectors[numbers]
        return best(numbers, vectors @ query, limit)
