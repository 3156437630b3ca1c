"""The pool of a question: two methods as an oracle has them, fused, the best of it reranked."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.analysis import stems
from indexer.arrays import Float32, Int64
from indexer.storage.columns import Columns
from indexer.storage.exact import NONE, Candidates
from indexer.storage.filter import Filter, Narrowed
from indexer.storage.folder import IndexFolder
from search.engine import Searcher
from search.question.query import Mode, Query
from search.ranking.candidates import CANDIDATES, RERANKED, Pool, Ranker
from search.ranking.late import Question
from search.ranking.timing import Clock
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
    return exact.matching(stems(question), len(exact.of), exact.narrow(Filter()))


def test_the_corpus_is_large_enough(exact: MemoryIndex) -> None:
    assert CANDIDATES > len(exact.of) > 2 * len(exact.stored) > RERANKED


@pytest.mark.parametrize("question", ASKED)
def test_semantic_is_the_order_of_cosines(
    large: Searcher, exact: MemoryIndex, embedder: FakeEmbedder, question: str
) -> None:
    hits = all_hits(large, Query(text=question, mode="semantic", group="passage", floor=0))
    expected = _by_meaning(exact, embedder, question)
    assert sorted(hit.passage_number for hit in hits) == list(range(len(exact.of)))
    np.testing.assert_allclose([hit.score for hit in hits], expected.scores, atol=1e-5)
    cosines = dict(zip(expected.passages.tolist(), expected.scores.tolist(), strict=True))
    for hit in hits:
        assert hit.score == pytest.approx(cosines[hit.passage_number], abs=1e-5)


@pytest.mark.parametrize("question", ASKED)
def test_lexical_is_the_order_of_words(large: Searcher, exact: MemoryIndex, question: str) -> None:
    hits = all_hits(large, Query(text=question, mode="lexical", group="passage", floor=0))
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


def candidates(*scores: tuple[int, float]) -> Candidates:
    numbers = np.array([number for number, _ in scores], np.int64)
    return Candidates(numbers, np.array([score for _, score in scores], np.float32))


DENSE = candidates((0, 0.9), (1, 0.5), (2, 0.1))
LEXICAL = candidates((1, 8.0), (3, 4.0))
PLACES = np.array([3, 0, 0, 6], np.int32)


class Told(MemoryIndex):
    """Both methods find what a test says."""

    dense, lexical = DENSE, LEXICAL

    def nearest(self, vector: Float32, limit: int, narrowed: Narrowed) -> Candidates:
        return self.dense

    def matching(self, stems: Sequence[str], limit: int, narrowed: Narrowed) -> Candidates:
        return self.lexical

    def columns(self, passages: Int64) -> Columns:
        return replace(super().columns(passages), place=PLACES[passages % len(PLACES)])


@pytest.fixture(scope="module")
def told(corpus_index: Path, embedder: FakeEmbedder) -> Told:
    return Told(IndexFolder(corpus_index).open_current(), embedder)


@pytest.fixture
def question(told: Told, embedder: FakeEmbedder) -> Question:
    """Two words of weights 1 and 3, and how well the tokens of the passages match them."""
    matched = {
        0: [[0.2, 1.0], [0.8, 0.3]],
        1: [[0.2], [0.6]],
        2: [[0.4, -0.2], [0.0, 0.1]],
        3: [[1.0], [1.0]],
    }
    return replace(
        Question.of("comet tail", embedder, told),
        weights=np.array([1, 3], np.float32),
        known={number: np.array(rows, np.float32) for number, rows in matched.items()},
    )


def pool_of(
    told: Told, question: Question, mode: Mode = "hybrid", passages: int = CANDIDATES
) -> Pool:
    return Ranker(told).pool(question, mode, Narrowed(None, passages), Clock())


def test_the_pool_by_hand(told: Told, question: Question) -> None:
    pool = pool_of(told, question)
    # Scaled by vectors 1, .5, 0 and by words 1, 0; late interaction .85, .5, .175 and 1.
    first, fourth, seventh = 1, 0.36788, 0.13534
    expected = {
        0: (0.5, 0.85, fourth, 0.38 * 0.5 + 0.46 * 0.85 + 0.16 * fourth),
        1: (0.75, 0.5, first, 0.38 * 0.75 + 0.46 * 0.5 + 0.16),
        2: (0.0, 0.175, first, 0.46 * 0.175 + 0.16),
        3: (0.0, 1.0, seventh, 0.46 + 0.16 * seventh),
    }
    assert pool.passages.tolist() == [1, 0, 3, 2]
    found = zip(pool.passages.tolist(), pool.fused, pool.late, pool.lead, pool.scores, strict=True)
    for passage, *parts in found:
        assert parts == pytest.approx(expected[passage], abs=1e-5)
    assert (pool.dense, pool.lexical) == (DENSE, LEXICAL)
    np.testing.assert_array_equal(pool.columns.story, told.columns(pool.passages).story)


def test_what_is_not_reranked_stays_below(
    told: Told, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.ranking.candidates.RERANKED", 2)
    pool = pool_of(told, question)
    assert pool.passages.tolist() == [1, 0, 2, 3]
    assert pool.fused.tolist() == pytest.approx([0.75, 0.5, 0, 0])
    assert pool.late.tolist() == pytest.approx([0.5, 0.85])
    # As if by late interaction they were as good as the worst of those that were.
    assert pool.scores.tolist() == pytest.approx([0.675, 0.63986, 0.23, 0.23], abs=1e-5)


def test_a_question_without_tokens_is_not_reranked(told: Told, question: Question) -> None:
    pool = pool_of(told, replace(question, weights=np.zeros(0, np.float32)))
    assert pool.passages.tolist() == [1, 0, 2, 3]
    assert pool.scores.tolist() == pool.fused.tolist() == [0.75, 0.5, 0, 0]
    assert len(pool.late) == 0


def test_one_method_is_its_own_ranking(told: Told, question: Question) -> None:
    by_mode: dict[Mode, Candidates] = {"semantic": DENSE, "lexical": LEXICAL}
    for mode, own in by_mode.items():
        pool = pool_of(told, question, mode)
        assert (pool.passages.tolist(), pool.scores.tolist()) == tuple(x.tolist() for x in own)
        assert len(pool.fused) == len(pool.late) == len(pool.lead) == 0
    assert pool_of(told, question, "semantic").lexical is NONE
    assert pool_of(told, question, "lexical").dense is NONE


def test_a_pool_is_complete_if_nothing_that_may_be_found_is_left_out(
    told: Told, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_vectors: tuple[Mode, ...] = ("hybrid", "semantic")
    for mode in by_vectors:
        assert pool_of(told, question, mode, CANDIDATES).complete
        assert not pool_of(told, question, mode, CANDIDATES + 1).complete
    # Of words it is not known how many passages have them, unless they were fewer than asked for.
    assert pool_of(told, question, "lexical", CANDIDATES + 1).complete
    many = candidates(*((number % 8, 1 - number / 1000) for number in range(CANDIDATES)))
    monkeypatch.setattr(told, "lexical", many)
    assert not pool_of(told, question, "lexical", CANDIDATES).complete


def test_stories_of_some_passages() -> None:
    passages, story = np.array([7, 2, 9, 4]), np.array([1, 0, 3, 1])
    none = np.full(4, -1, np.int32)
    scores = np.ones(4, np.float32)
    columns = Columns(story, story, none, none, {})
    pool = Pool(passages, scores, NONE, NONE, scores, scores, scores, True, columns)
    asked: Int64 = np.array([4, 9, 9, 2])
    assert pool.stories_of(asked).tolist() == [1, 3, 3, 0]


def test_what_matches_less_than_a_share_of_the_best_is_below_the_floor(
    told: Told, question: Question
) -> None:
    pool = pool_of(told, question)
    # Less the lead, 1, 0, 3 and 2 match by .515, .581, .46 and .0805.
    assert pool.matching.tolist() == pytest.approx([0.515, 0.581, 0.46, 0.0805], abs=1e-5)
    assert pool.above(0).passages.tolist() == pool.passages.tolist()
    above = pool.above(0.8)
    assert above.passages.tolist() == [1, 0]
    assert above.scores.tolist() == pool.scores[:2].tolist()
    assert len(above.late) == len(above.lead) == len(above.fused) == len(above.columns.day) == 2
    cut_off = replace(pool, complete=False)
    assert cut_off.above(0.8).complete
    assert not cut_off.above(0).complete
    # Passage 1 has the best BM25; 3 has half of it.
    assert pool.above(1).passages.tolist() == [1, 0]
    assert pool.above(0.5).passages.tolist() == [1, 0, 3]
    nothing = pool_of(told, question).above(1)
    empty = replace(nothing, passages=nothing.passages[:0], scores=nothing.scores[:0])
    assert len(replace(empty, late=NONE.scores, lead=NONE.scores).above(1).passages) == 0
    cosines = replace(pool_of(told, question, "semantic"), scores=np.array([-0.1, -0.14, -0.16]))
    assert cosines.above(0.5).passages.tolist() == [0, 1]
