"""Confidence against figures by hand, and learned from indexes of the fake model."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.arrays import Float64
from indexer.embedding.base import Embedder
from indexer.pipeline import Options, reindex
from indexer.storage.columns import Columns
from indexer.storage.exact import Candidates
from indexer.storage.filter import Filter
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.storage.manifest import ConfidenceModel
from scripts.benchmarks.confidence import Answer, area, ask_twice, calibration, errors, scores_of
from search.evaluation import JudgedQuestion as Judged
from search.question.query import Query
from search.ranking.candidates import Pool
from search.ranking.confidence import PRIOR, THRESHOLD, confidence, probability, signals
from search.ranking.fitting import PRECISION, Examiner, fit, fit_confidence
from search.ranking.late import Question
from tests.conftest import Run, WriteFiles, open_index
from tests.support.corpus import CORPUS, generated
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex

MODEL = ConfidenceModel((10.0, 2.0, 5.0), -3.0)
UNIT = st.floats(-1, 1)


@pytest.fixture(scope="module")
def corpus(corpus_index: Path, embedder: FakeEmbedder) -> Examiner:
    return opened(corpus_index, embedder)


@pytest.fixture(scope="module")
def exact(corpus: Examiner, embedder: FakeEmbedder) -> MemoryIndex:
    return MemoryIndex(corpus.index.generation, embedder)


def opened(index: Path, embedder: Embedder) -> Examiner:
    return Examiner(LocalIndex(IndexFolder(index).open_current()), embedder)


def learned(index: Path, embedder: Embedder) -> ConfidenceModel:
    return fit_confidence(opened(index, embedder).index, embedder)


def ranked(*scores: tuple[int, float]) -> Candidates:
    """Candidates of one method, as they come."""
    numbers = np.array([number for number, _ in scores], np.int64)
    return Candidates(numbers, np.array([score for _, score in scores], np.float32))


def pool_of(passages: list[int], dense: Candidates, lexical: Candidates) -> Pool:
    """A pool of these passages, then of the other candidates; the first are the reranked ones."""
    others = [
        n for n in [*dense.passages.tolist(), *lexical.passages.tolist()] if n not in passages
    ]
    numbers = np.array([*passages, *dict.fromkeys(others)], np.int64)
    scores = np.linspace(1, 0.5, len(numbers)).astype(np.float32)
    late = scores[: len(passages)]
    none = np.full(len(numbers), -1, np.int32)
    columns = Columns(numbers, STORY_OF[numbers], none, {})
    return Pool(numbers, scores, dense, lexical, scores, late, True, columns)


# Of the passages: 0 and 1 are of two articles of one story, each of the others of its own.
STORY_OF = np.array([0, 0, 2, 3, 4, 5, 6, 7, 8])


@pytest.fixture
def question(corpus: Examiner) -> Question:
    """Two words of weights 1 and 3, and how well the tokens of passages 0 to 3 match them."""
    matched = {
        0: [[0.2, 0.9], [0.1, 0.5]],
        1: [[0.4, 0.3], [0.7, 0.6]],
        2: [[1.0, 1.0], [1.0, 1.0]],
        3: [[0.8], [0.0]],
    }
    return replace(
        corpus.question("comet tail"),
        weights=np.array([1, 3], np.float32),
        known={number: np.array(rows, np.float32) for number, rows in matched.items()},
    )


def test_signals_by_hand(question: Question) -> None:
    dense = ranked((2, 0.9), (1, 0.8), (0, 0.7), (3, 0.6), (4, 0.5), (5, 0.4), (6, 0.1), (7, 0.0))
    lexical = ranked((0, 8.8), (1, 6.6), (2, 4.4), (3, 2.2))
    found = signals(question, pool_of([0, 2, 1, 3], dense, lexical))
    assert found is not None
    # BM25 of at most 2.2 · (1 + 3); late interaction over the passages 0 and 1: .9 and .7.
    assert found.tolist() == pytest.approx([(8.8 - 3.3) / 8.8, 0.8 - 0.5, (0.9 + 3 * 0.7) / 4])


def test_what_is_no_candidate_scores_as_the_last_one(question: Question) -> None:
    dense = ranked((2, 0.9), (3, 0.5))
    found = signals(question, pool_of([0, 2], dense, ranked((0, 4.4), (3, 2.2))))
    assert found is not None
    assert found[:2].tolist() == pytest.approx([0.25, 0.5 - 0.7])


def test_nothing_stands_out_from_nothing(question: Question) -> None:
    alone = pool_of([0, 1], ranked((0, 0.9), (1, 0.2)), ranked())
    assert signals(question, alone) is None


def test_no_hit_has_no_confidence(corpus: Examiner, question: Question) -> None:
    nothing = pool_of([], ranked(), ranked())
    assert confidence(MODEL, question, nothing) is None
    # Ranked by one method only, and so not reranked.
    single = replace(pool_of([0, 1], ranked((0, 0.9)), ranked()), late=np.zeros(0, np.float32))
    assert confidence(MODEL, question, single) is None
    without_tokens = corpus.question("\u0001")
    assert corpus.signals(without_tokens, Filter()) is None


def test_probability_by_hand(question: Question) -> None:
    assert probability(MODEL, np.array([0.2, 0.1, 0.4])) == pytest.approx(
        1 / (1 + math.exp(-(2 + 0.2 + 2 - 3)))
    )
    pool = pool_of([0, 2], ranked((0, 0.9), (2, 0.4)), ranked())
    assert confidence(MODEL, question, pool) == pytest.approx(
        probability(MODEL, np.array([0, 0.5, (0.9 + 1.5) / 4]))
    )


@given(st.tuples(UNIT, UNIT, UNIT), st.integers(0, 2), st.floats(0, 1))
def test_standing_out_further_never_lowers_it(
    found: tuple[float, float, float], which: int, more: float
) -> None:
    before = np.array(found)
    after = before.copy()
    after[which] += more
    assert 0 <= probability(MODEL, before) <= probability(MODEL, after) <= 1


def loss(model: Float64, x: Float64, answered: Float64, weights: Float64) -> float:
    """What `fit` minimises, as its definition has it."""
    logits = x @ model[:3] + model[3]
    losses = np.logaddexp(0, np.where(answered == 1, -logits, logits))
    moved = model - np.array([*PRIOR.weights, PRIOR.bias])
    return float(weights @ losses + PRECISION / 2 * moved @ moved)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(0, 80), st.booleans())
def test_no_other_model_fits_better(seed: int, rows: int, separated: bool) -> None:
    random = np.random.default_rng(seed)
    x = random.uniform(-0.2, 0.9, (rows, 3))
    truth = random.normal(1, 1, 3)
    order = x @ truth + (0 if separated else random.normal(0, 0.5, rows))
    answered = (order > 0.5).astype(np.float64)
    weights = random.choice([0.5, 1.0], rows)
    model = fit(x, answered, weights)
    found = np.array([*model.weights, model.bias])
    best = loss(found, x, answered, weights)
    for size in (1e-3, 0.1, 3):
        for _ in range(10):
            other = found + random.normal(0, size, 4)
            other[:3] = np.maximum(other[:3], 0)
            assert loss(other, x, answered, weights) >= best - 1e-6


def test_without_a_question_the_prior_is_all_there_is() -> None:
    assert fit(np.zeros((0, 3)), np.zeros(0), np.zeros(0)) == PRIOR


def test_no_weight_is_negative_even_if_everything_is_upside_down() -> None:
    x = np.tile(np.linspace(0, 1, 50)[:, None], (1, 3))
    model = fit(x, (x[:, 0] < 0.5).astype(np.float64), np.ones(50))
    assert model.weights == (0, 0, 0)
    assert abs(model.bias) < 1


def test_an_index_learns_its_own(corpus: Examiner, exact: MemoryIndex) -> None:
    model = fit_confidence(corpus.index, corpus.embedder)
    assert model != PRIOR
    confidences = []
    for stored in exact.stored.values():
        question = corpus.question(stored.article.title)
        rest = Filter(without_stories=(stored.story,))
        pools = [corpus.pool(question, filter) for filter in (Filter(), rest)]
        pair = [confidence(model, question, pool) for pool in pools]
        confidences.append([each for each in pair if each is not None])
    present, removed = np.array(confidences).T
    assert np.mean(present >= THRESHOLD) > 0.8
    assert present.mean() > removed.mean() + 0.2


def test_copies_are_hidden_with_their_original(corpus: Examiner, exact: MemoryIndex) -> None:
    """The copy is of the bakery's text; both begin one story."""
    copy = exact.by_id("copy")
    assert copy is not None
    members, _ = exact.story(copy.story, 10)
    numbers = {each.number for each in members}
    assert len(numbers) == 2
    for stored in members:
        assert set(corpus.without(stored, "same", "edited").without_articles) == numbers
        assert set(corpus.without(stored).without_articles) == {stored.number}


def test_every_index_of_the_same_texts_learns_the_same(
    corpus: Examiner, exact: MemoryIndex, embedder: FakeEmbedder
) -> None:
    model, other = fit_confidence(corpus.index, embedder), fit_confidence(exact, embedder)
    assert model.weights == pytest.approx(other.weights, abs=1e-3)
    assert model.bias == pytest.approx(other.bias, abs=1e-3)


def test_a_run_keeps_what_was_learned_in_the_manifest(
    write_files: WriteFiles, index: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files(CORPUS)
    for fits, expected in ((None, False), (fit_confidence, True)):
        reindex([folder], index, embedder, fits, options=Options(full=True))
        kept = IndexFolder(index).open_current().manifest.confidence
        assert kept == (learned(index, embedder) if expected else None)
        answer = open_index(index, embedder).search(Query(text="captain of the ferry"))
        assert (answer.confidence is not None) == (answer.answerable is not None) == expected


@pytest.mark.parametrize("articles", [1, 2, 5])
def test_a_few_articles_leave_the_weights_near_the_prior(
    write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder, articles: int
) -> None:
    run(write_files(generated(articles)))
    model = learned(index, embedder)
    assert np.abs(np.array(model.weights) - PRIOR.weights).max() < 2
    assert model == learned(index, embedder)


def test_an_index_that_grew_learns_what_one_built_at_once_does(
    write_files: WriteFiles,
    run: Run,
    index: Path,
    tmp_path: Path,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Fewer than there are articles: the same ones have to be drawn.
    monkeypatch.setattr("search.ranking.fitting.QUESTIONS", 8)
    files = generated(16) | CORPUS
    run(write_files(dict(list(files.items())[::2])))
    folder = write_files(files)
    run(folder, prune=True, yes=True)
    reindex([folder], tmp_path / "at-once", embedder, None)
    grown = learned(index, embedder)
    assert grown == learned(tmp_path / "at-once", embedder)


def test_area_by_hand() -> None:
    present, removed = np.array([0.9, 0.5, 0.4]), np.array([0.5, 0.1])
    assert area(present, removed) == pytest.approx((1 + 1 + 0.5 + 1 + 0 + 1) / 6)


def test_the_benchmark_asks_with_the_article_and_without(
    corpus: Examiner, exact: MemoryIndex
) -> None:
    titles = {each.article.id: each.article.title for each in exact.stored.values()}
    judged = [Judged(each, title, {each: 1}, (title,)) for each, title in titles.items()]
    assert ask_twice(corpus, Judged("x", "who owned the bakery", {"gone": 1}, ())) is None
    pairs = [pair for each in judged if (pair := ask_twice(corpus, each))]
    assert len(pairs) == len(titles)
    assert all(not removed.judged for _, removed in pairs)
    scores = scores_of(pairs, MODEL)
    assert {values.shape for values in scores.values()} == {(len(titles), 2)}
    assert scores["confidence"][0, 0] == probability(MODEL, pairs[0][0].signals)
    assert area(*scores["confidence"].T) > 0.9


def test_the_benchmark_counts_errors_and_shares() -> None:
    confidence = np.array([[0.9, 0.9], [0.9, 0.1], [0.1, 0.1], [1.0, 0.3]])
    none = np.zeros(3)
    pairs = [
        (Answer(none, none, judged=True, holds_answer=True), Answer(none, none, False, holds))
        for holds in (True, False, True, False)
    ]
    assert [figure for _, figure in errors(pairs, confidence)] == ["25", "25", "0"]
    rows = calibration(confidence)
    assert sum(int(count) for _, count, _ in rows) == confidence.size
    assert rows[0][1:] == ("3", "33%")
    assert rows[-1][1:] == ("4", "75%")
