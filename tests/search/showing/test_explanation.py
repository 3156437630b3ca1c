"""What the score of a hit is made of."""

import numpy as np
import pytest

from indexer.storage.columns import Columns
from indexer.storage.exact import NONE, Candidates
from search.engine import Searcher
from search.question.query import Query
from search.ranking.candidates import (
    DENSE_WEIGHT,
    LATE_SHARE,
    LEAD_SHARE,
    LEXICAL_WEIGHT,
    RERANKED,
    Pool,
)
from search.results import Explanation, MethodScore
from search.showing.explanation import explain_score


def test_the_parts_of_a_score_make_the_score(large: Searcher) -> None:
    query = Query(text="harbour bridge", limit=100, group="passage", explain=True)
    hits = large.search(query).hits
    reranked = 0
    for hit in hits:
        parts = hit.explanation
        assert parts is not None
        fused = (DENSE_WEIGHT * parts.dense.scaled if parts.dense else 0) + (
            LEXICAL_WEIGHT * parts.lexical.scaled if parts.lexical else 0
        )
        assert parts.fused == pytest.approx(fused, abs=1e-5)
        if parts.late is not None and parts.fused is not None:
            assert parts.lead is not None
            mixed = (1 - LATE_SHARE - LEAD_SHARE) * parts.fused
            mixed += LATE_SHARE * parts.late + LEAD_SHARE * parts.lead
            assert hit.score == pytest.approx(mixed, abs=1e-5)
            reranked += len(hit.merged)
        if parts.dense and parts.dense.rank == 1:
            assert parts.dense.scaled == 1
    assert 0 < reranked <= 3 * RERANKED
    assert large.search(query.changed(explain=False)).hits[0].explanation is None
    for mode, other in (("semantic", "lexical"), ("lexical", "dense")):
        hit = large.search(query.changed(mode=mode)).hits[0]
        assert hit.explanation is not None
        assert getattr(hit.explanation, other) is None
        assert hit.explanation.fused is hit.explanation.late is hit.explanation.lead is None
        own = hit.explanation.dense or hit.explanation.lexical
        assert own is not None
        assert own.score == pytest.approx(hit.score)
        assert own.rank == 1


def test_an_explanation_by_hand() -> None:
    def ranked(*scores: tuple[int, float]) -> Candidates:
        numbers = np.array([number for number, _ in scores], np.int64)
        return Candidates(numbers, np.array([score for _, score in scores], np.float32))

    dense = ranked((7, 0.75), (3, 0.5), (9, 0.25))
    lexical = ranked((3, 8.0))
    passages = np.array([3, 7, 9])
    none = np.full(3, -1)
    columns = Columns(none, none, none.astype(np.int32), none.astype(np.int32), {})
    fused, late = np.array([0.75, 0.5, 0], np.float32), np.array([0.25, 1], np.float32)
    lead = np.array([1, 0.5], np.float32)
    pool = Pool(passages, fused, dense, lexical, fused, late, lead, True, columns)
    assert [explain_score(pool, place) for place in range(3)] == [
        Explanation(MethodScore(0.5, 2, 0.5), MethodScore(8.0, 1, 1.0), 0.75, 0.25, 1.0),
        Explanation(MethodScore(0.75, 1, 1.0), None, 0.5, 1.0, 0.5),
        Explanation(MethodScore(0.25, 3, 0.0), None, 0.0, None, None),
    ]
    nothing = NONE.scores
    single = Pool(passages, fused, dense, NONE, nothing, nothing, nothing, True, columns)
    assert explain_score(single, 1) == Explanation(
        MethodScore(0.75, 1, 1.0), None, None, None, None
    )
