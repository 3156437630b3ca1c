"""The pool of a question: two methods as an oracle has them, fused, the best of it reranked."""

import numpy as np
import pytest

from indexer.analysis import distinct_stems
from indexer.storage.exact import Candidates
from indexer.storage.filter import Filter
from search.engine import Searcher
from search.question.query import Query
from search.ranking.candidates import CANDIDATES, RERANKED
from tests.support.asking import all_hits
from tests.support.corpus import ASKED
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex


def _by_meaning(exact: MemoryIndex, embedder: FakeEmbedder, question: str) -> Candidates:
    """Every passage by cosine."""
    vector = embedder.embed_query(question).vector
    return exact.nearest(vector, len(exact.of), exact.narrow(Filter()))


def _by_words(exact: MemoryIndex, question: str) -> Candidates:
    """Every passage that has a word of the question, by BM25."""
    return exact.matching(distinct_stems(question), len(exact.of), exact.narrow(Filter()))


def test_the_corpus_is_large_enough(exact: MemoryIndex) -> None:
    assert CANDIDATES > len(exact.of) > 2 * len(exact.stored) > RERANKED


@pytest.mark.parametrize("question", ASKED)
def test_semantic_is_the_order_of_cosines(
    large: Searcher, exact: MemoryIndex, embedder: FakeEmbedder, question: str
) -> None:
    hits = all_hits(large, Query(text=question, mode="semantic", group="passage"))
    expected = _by_meaning(exact, embedder, question)
    assert sorted(hit.passage_number for hit in hits) == list(range(len(exact.of)))
    np.testing.assert_allclose([hit.score for hit in hits], expected.scores, atol=1e-5)
    cosines = dict(zip(expected.passages.tolist(), expected.scores.tolist(), strict=True))
    for hit in hits:
        assert hit.score == pytest.approx(cosines[hit.passage_number], abs=1e-5)


@pytest.mark.parametrize("question", ASKED)
def test_lexical_is_the_order_of_words(large: Searcher, exact: MemoryIndex, question: str) -> None:
    hits = all_hits(large, Query(text=question, mode="lexical", group="passage"))
    expected = _by_words(exact, question)
    assert len(hits) == len(expected.passages) > 0
    assert [hit.passage_number for hit in hits] == expected.passages.tolist()


@pytest.mark.parametrize("question", ASKED)
def test_hybrid_ranks_what_both_methods_rank_high(
    large: Searcher, exact: MemoryIndex, embedder: FakeEmbedder, question: str
) -> None:
    cosines, words = np.zeros(len(exact.of)), np.zeros(len(exact.of))
    for scores, found in (
        (cosines, _by_meaning(exact, embedder, question)),
        (words, _by_words(exact, question)),
    ):
        scores[found.passages] = found.scores
    fused = (cosines - cosines.min()) / np.ptp(cosines) + words / words.max()
    pool = set(np.argsort(-fused)[: 2 * RERANKED].tolist())
    hits = large.search(Query(text=question, group="passage")).hits
    assert all(pool & set(hit.merged) for hit in hits)
    assert int(np.argmax(fused)) in [number for hit in hits for number in hit.merged]
