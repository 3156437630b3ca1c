"""Convex fusion: scores of several rankings, made comparable and added.

    fused(p) = Σ_i w_i · (s_i(p) - min s_i) / (max s_i - min s_i)

Min-max convex combination (Bruch, Gai & Ingber 2023, https://arxiv.org/abs/2210.11934), which beat
reciprocal rank fusion on news questions by .036 of MRR@10 (docs/evaluation.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.arrays import Float32, Int64


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates of one method: passage numbers (k,) int64, best first, and scores (k,) float32."""

    passages: Int64
    scores: Float32
    weight: float


def min_max(scores: Float32) -> Float32:
    """Scores scaled to 0–1; all 1 if they are all the same."""
    if len(scores) == 0:
        return scores
    low, high = scores.min(), scores.max()
    if high <= low:
        return np.ones_like(scores)
    scaled: Float32 = (scores - low) / (high - low)
    return scaled


def fuse(rankings: Sequence[Ranking]) -> tuple[Int64, Float32]:
    """The union of the rankings: passage numbers (m,), ascending, and fused scores (m,) float32.

    A passage that a ranking lacks gets 0 from it, as the worst of its candidates does.
    """
    passages = np.unique(np.concatenate([ranking.passages for ranking in rankings]))
    fused = np.zeros(len(passages), np.float32)
    for ranking in rankings:
        at = np.searchsorted(passages, ranking.passages)
        fused[at] += np.float32(ranking.weight) * min_max(ranking.scores)
    return passages, fused
