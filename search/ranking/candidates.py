"""Ranking: candidates of two methods, fused, the best of them reranked by late interaction.

The pool of a question depends on the question, its filter and the generation alone, never on the
page that is asked for: paging through it repeats nothing and leaves nothing out.
"""

from dataclasses import dataclass, replace

import numpy as np

from indexer.analysis import stems
from indexer.arrays import Float32, Int32, Int64
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
# What the score of a reranked passage is made of, fusion the rest (docs/evaluation.md). News says
# first what matters most: the passage at a place of its article has a lead of e^(−place / 3).
LATE_SHARE = 0.46
LEAD_SHARE = 0.16
LEAD_LENGTH = 3


@dataclass(frozen=True, slots=True)
class Pool:
    """All passages that a question can be answered with, (n,), best first, and their scores.

    dense, lexical: the candidates of each method with its scores, best first, empty if it was not
        asked
    fused: (n,) float32, the scores before reranking; empty if only one method was asked
    late, lead: (m,) float32 of the first m passages, which are the reranked ones
    complete: whether no passage was left out that the filter allows
    columns: of the passages
    """

    passages: Int64
    scores: Float32
    dense: Candidates
    lexical: Candidates
    fused: Float32
    late: Float32
    lead: Float32
    complete: bool
    columns: Columns

    @property
    def matching(self) -> Float32:
        """How well each passage matches the question, wherever it stands in its article, (n,)."""
        matching = self.scores.copy()
        matching[: len(self.lead)] -= LEAD_SHARE * self.lead
        return matching

    def above(self, floor: float) -> "Pool":
        """The passages that match at least this share as well as the best one does; at 0, all.

        So do those that match the words alone as well, by that share of the best BM25: of three
        articles that have the word, scaling puts one at 0. Where some do not, none that was left
        out does: then these are all.
        """
        if floor == 0 or len(self.passages) == 0:
            return self
        matching = self.matching
        best = matching.max()
        # A cosine may be negative.
        above = matching >= best - (1 - floor) * np.abs(best)
        if len(self.fused):
            words = self.lexical.scores >= floor * self.lexical.scores.max(initial=0)
            above |= np.isin(self.passages, self.lexical.passages[words])
        kept = np.flatnonzero(above)
        reranked = kept[kept < len(self.late)]
        return replace(
            self,
            passages=self.passages[kept],
            scores=self.scores[kept],
            fused=self.fused[kept] if len(self.fused) else self.fused,
            late=self.late[reranked],
            lead=self.lead[reranked],
            complete=self.complete or len(kept) < len(self.passages),
            columns=self.columns.at(kept),
        )

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
                words = stems(" ".join([question.text, *question.also]))
                lexical = self.index.matching(words, CANDIDATES, narrowed)
        complete = narrowed.passages <= CANDIDATES
        fused = late = lead = NONE.scores
        if mode == "hybrid":
            with clock.stage("rerank"):
                passages, fused = _fuse(dense, lexical)
                columns = self.index.columns(passages)
                order, scores, late, lead = _rerank(question, passages, fused, columns.place)
                passages, fused, columns = passages[order], fused[order], columns.at(order)
        else:
            passages, scores = dense if mode == "semantic" else lexical
            columns = self.index.columns(passages)
        if mode == "lexical":
            complete = len(passages) < CANDIDATES
        return Pool(passages, scores, dense, lexical, fused, late, lead, complete, columns)


def newest(index: Index, narrowed: Narrowed) -> Pool:
    """A pool without a question: the first passage of each article that a filter leaves."""
    passages = index.newest(2 * CANDIDATES + 1, narrowed)
    complete = len(passages) <= 2 * CANDIDATES
    passages = passages[: 2 * CANDIDATES]
    scores, none = np.zeros(len(passages), np.float32), NONE.scores
    columns = index.columns(passages)
    return Pool(passages, scores, NONE, NONE, none, none, none, complete, columns)


def _fuse(dense: Candidates, lexical: Candidates) -> Candidates:
    rankings = [Ranking(*dense, DENSE_WEIGHT), Ranking(*lexical, LEXICAL_WEIGHT)]
    return best(*fuse(rankings), limit=2 * CANDIDATES)


def _rerank(
    question: Question, passages: Int64, fused: Float32, place: Int32
) -> tuple[Int64, Float32, Float32, Float32]:
    """Mix late interaction and lead into the scores of the best passages; the rest follow after.

    Returns the order of the passages, their scores in that order and, of the reranked ones, late
    interaction and lead.
    """
    head = passages[:RERANKED]
    if len(head) == 0 or len(question.weights) == 0:
        return np.arange(len(passages)), fused, NONE.scores, NONE.scores
    similarities, starts = question.similarities(head.tolist())
    late = maxsim(best_matches(similarities, starts), question.weights)
    lead = np.exp(-place[:RERANKED].astype(np.float32) / LEAD_LENGTH)
    share = np.float32(1 - LATE_SHARE - LEAD_SHARE)
    mixed = (share * fused[:RERANKED] + LATE_SHARE * late + LEAD_SHARE * lead).astype(np.float32)
    order = np.lexsort((head, -mixed))
    mixed, late, lead = mixed[order], late[order], lead[order]
    rest = np.minimum(share * fused[RERANKED:] + LATE_SHARE * late.min(), mixed[-1])
    return (
        np.concatenate([order, np.arange(len(head), len(passages))]),
        np.concatenate([mixed, rest]).astype(np.float32),
        late,
        lead,
    )
