"""What the score of a hit is made of, for those who tune or doubt the ranking."""

import numpy as np

from indexer.arrays import Float32, Int64
from search.ranking.candidates import Pool
from search.ranking.fusion import min_max
from search.results import Explanation, MethodScore


def explain_score(pool: Pool, place: int) -> Explanation:
    """The parts of the score of the passage at a place of the pool."""
    passage = int(pool.passages[place])
    return Explanation(
        dense=_of(*pool.dense, passage),
        lexical=_of(*pool.lexical, passage),
        fused=float(pool.fused[place]) if len(pool.fused) else None,
        late=float(pool.late[place]) if place < len(pool.late) else None,
        lead=float(pool.lead[place]) if place < len(pool.lead) else None,
    )


def _of(passages: Int64, scores: Float32, passage: int) -> MethodScore | None:
    found = np.flatnonzero(passages == passage)
    if len(found) == 0:
        return None
    at = int(found[0])
    return MethodScore(float(scores[at]), at + 1, float(min_max(scores)[at]))
