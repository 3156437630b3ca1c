"""Ranking: candidates of two methods, fused, the best of them reranked by late interaction.

The pool of a question depends on the question, its filter and the generation alone, never on the
page that is asked for: paging through it repeats nothing and leaves nothing out.
"""

from dataclasses import dataclass

import numpy as np

from indexer.analysis import distinct_stems
from indexer.arrays import Float32, Int64
from indexer.storage.columns import Columns
from indexer.storage.exact import NONE, Candidates, best
from indexer.storage.filter import Narrowed
from search.index import Index
from search.question.query import Mode
from search.ranking.fusion import Ranking, fuse
from search.ranking.late import Question, best_matches, maxsim
from search.ranking.timing import Clock

# Candidates of each method. 200 to 1,000 rank alike; 100 loses .005 of RR@10.
CANDIDATES = 200
# Passages reranked by late interaction; 30, 60 and 100 rank alike.
RERANKED = 20
DENSE_WEIGHT = 0.5
LEXICAL_WEIGHT = 0.5
# The share of late interaction in the score of a reranked passage (docs/evaluation.md).
LATE_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class Pool:
    """All passages that a question can be answered with, (n,), best first, and their scores.

    dense, lexical: the candidates of each method with its scores, best first, empty if it was not
        asked
    fused: (n,) float32, the scores before reranking; empty if only one method was asked
    late: (m,) float32 of the first m passages, which are the reranked ones
    complete: whether no passage was left out that the filter allows
    columns: of the passages
    """

    passages: Int64
    scores: Float32
    dense: Candidates
    lexical: Candidates
    fused: Float32
    late: Float32
    complete: bool
    columns: Columns

    def stories_of(self, passages: Int64) -> Int64:
        """The stories of some passages of the pool, (k,)."""
        order = np.argsort(self.passages)
        stories: Int64 = self.columns.story[order][np.searchsorted(self.passages[order], passages)]
        return stories


@dataclass(frozen=True, slots=True)
class Ranker:
    """Ranks the passages of an index."""

    index: Index

    def pool(self, question: Question, mode: Mode, narrowed: Narrowed, clock: Clock) -> Pool:
        """The pool of a question among what a filter lets through."""
        dense = lexical = NONE
        if mode != "lexical":
            with clock.stage("dense"):
                dense = self.index.nearest(question.vectors.vector, CANDIDATES, narrowed)
        if mode != "semantic":
            with clock.stage("lexical"):
                stems = distinct_stems(question.text)
                lexical = self.index.matching(stems, CANDIDATES, narrowed)
        complete = narrowed.passages <= CANDIDATES
        fused = late = NONE.scores
        if mode == "semantic":
            passages, scores = dense
        elif mode == "lexical":
            passages, scores = lexical
            complete = len(passages) < CANDIDATES
        else:
            with clock.stage("rerank"):
                passages, scores, fused, late = _rerank(question, *_fuse(dense, lexical))
        columns = self.index.columns(passages)
        return Pool(passages, scores, dense, lexical, fused, late, complete, columns)


def _fuse(dense: Candidates, lexical: Candidates) -> Candidates:
    rankings = [Ranking(*dense, DENSE_WEIGHT), Ranking(*lexical, LEXICAL_WEIGHT)]
    return best(*fuse(rankings), limit=2 * CANDIDATES)


def _rerank(
    question: Question, passages: Int64, fused: Float32
) -> tuple[Int64, Float32, Float32, Float32]:
    """Mix late interaction into the scores of the best passages; the rest follow after.

    Returns the passages, their scores, fused scores and, of the reranked ones, the late ones.
    """
    head = passages[:RERANKED]
    if len(head) == 0 or len(question.weights) == 0:
        return passages, fused, fused, NONE.scores
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
