"""Ranking: candidates of two methods, fused, the best of them reranked by late interaction.

The pool of a question depends on the question, its filter and the generation alone, never on the
page that is asked for: paging through it repeats nothing and leaves nothing out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.storage.vectors import FaissVectors, best
from indexer.storage.words import Words
from search.question.query import Mode
from search.ranking.fusion import Ranking, fuse
from search.ranking.late import best_matches, maxsim
from search.ranking.question import Question
from search.ranking.timing import Clock

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Candidates of each method. 200 to 1,000 rank alike; 100 loses .005 of RR@10.
CANDIDATES = 200
# Passages reranked by late interaction; 30, 60 and 100 rank alike.
RERANKED = 20
DENSE_WEIGHT = 0.5
LEXICAL_WEIGHT = 0.5
# The share of late interaction in the score of a reranked passage (docs/evaluation.md).
LATE_SHARE = 0.45

_NOTHING = (np.zeros(0, np.int64), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class Pool:
    """All passages that a question can be answered with, (n,), best first, and their scores.

    dense, lexical: the candidates of each method with its scores, best first, empty if it was not
        asked
    fused: (n,) float32, the scores before reranking; empty if only one method was asked
    late: (m,) float32 of the first m passages, which are the reranked ones
    complete: whether no passage was left out that the filter allows
    """

    passages: Int64
    scores: Float32
    dense: tuple[Int64, Float32]
    lexical: tuple[Int64, Float32]
    fused: Float32
    late: Float32
    complete: bool


@dataclass(frozen=True, slots=True)
class Ranker:
    """Ranks the passages of one generation."""

    vectors: FaissVectors
    words: Words

    def pool(self, question: Question, mode: Mode, allowed: Mask | None, clock: Clock) -> Pool:
        """The pool of a question; `allowed`, (n,), says which passages may be in it."""
        dense = lexical = _NOTHING
        open_to = len(self.vectors) if allowed is None else int(np.count_nonzero(allowed))
        if mode != "lexical":
            with clock.stage("dense"):
                dense = self.vectors.search(question.vectors.vector, CANDIDATES, allowed)
        if mode != "semantic":
            with clock.stage("lexical"):
                terms = self.words.terms(question.text)
                lexical = self.words.search(terms, CANDIDATES, allowed)
        if mode == "semantic":
            return _single(dense, dense, _NOTHING, open_to <= CANDIDATES)
        if mode == "lexical":
            ranked = best(*lexical, limit=len(lexical[0]))
            return _single(ranked, _NOTHING, lexical, len(ranked[0]) < CANDIDATES)
        with clock.stage("rerank"):
            fused = best(
                *fuse([Ranking(*dense, DENSE_WEIGHT), Ranking(*lexical, LEXICAL_WEIGHT)]),
                limit=2 * CANDIDATES,
            )
            passages, scores, before, late = _rerank(question, *fused)
        return Pool(passages, scores, dense, lexical, before, late, open_to <= CANDIDATES)


def _single(
    ranked: tuple[Int64, Float32],
    dense: tuple[Int64, Float32],
    lexical: tuple[Int64, Float32],
    complete: bool,
) -> Pool:
    return Pool(*ranked, dense, lexical, _NOTHING[1], _NOTHING[1], complete)


def _rerank(
    question: Question, passages: Int64, fused: Float32
) -> tuple[Int64, Float32, Float32, Float32]:
    """Mix late interaction into the scores of the best passages; the rest follow after.

    Returns the passages, their scores, fused scores and, of the reranked ones, the late ones.
    """
    head = passages[:RERANKED]
    if len(head) == 0 or len(question.weights) == 0:
        return passages, fused, fused, _NOTHING[1]
    similarities, starts = question.similarities(head.tolist())
    late = maxsim(best_matches(similarities, starts), question.weights)
    mixed = ((1 - LATE_SHARE) * fused[:RERANKED] + LATE_SHARE * late).astype(np.float32)
    order = np.lexsort((head, -mixed))
    head, mixed = head[order], mixed[order]
    rest = np.minimum((1 - LATE_SHARE) * fused[RERANKED:] + LATE_SHARE * late.min(), mixed[-1])
    return (
        np.concatenate([head, passages[RERANKED:]]),
        np.concatenate([mixed, rest]).astype(np.float32),
        np.concatenate([fused[:RERANKED][order], fused[RERANKED:]]),
        late[order],
    )
