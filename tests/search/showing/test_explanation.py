"""What the score of a hit is made of."""

import pytest

from search.engine import Searcher
from search.question.query import Query
from search.ranking.candidates import DENSE_WEIGHT, LATE_SHARE, LEXICAL_WEIGHT, RERANKED


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
            mixed = (1 - LATE_SHARE) * parts.fused + LATE_SHARE * parts.late
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
        assert hit.explanation.fused is hit.explanation.late is None
        own = hit.explanation.dense or hit.explanation.lexical
        assert own is not None
        assert own.score == pytest.approx(hit.score)
        assert own.rank == 1
