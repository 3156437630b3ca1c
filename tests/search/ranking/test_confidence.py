"""Confidence against figures by hand, and learned from indexes of the fake model."""

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from indexer.embedding.base import Embedder
from indexer.errors import IndexDamaged
from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from scripts.benchmarks.confidence import Answer, area, ask_twice, calibration, errors, scores_of
from search.evaluation import Question as Judged
from search.ranking.candidates import Pool
from search.ranking.confidence import LONGEST_FILE, PRIOR, THRESHOLD, Confidence, signals
from search.ranking.fitting import PRECISION, Examiner, calibrate, fit, learn
from search.ranking.late import Question
from tests.conftest import Run, WriteFiles
from tests.support.corpus import CORPUS, generated
from tests.support.fakes import FakeEmbedder

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

MODEL = Confidence((10.0, 2.0, 5.0), -3.0)
UNIT = st.floats(-1, 1)


@pytest.fixture(scope="module")
def corpus(corpus_index: Path, embedder: FakeEmbedder) -> Examiner:
    return opened(corpus_index, embedder)


def opened(index: Path, embedder: Embedder) -> Examiner:
    return Examiner.open(IndexFolder(index).open_current().path, embedder)


def ranked(*scores: tuple[int, float]) -> tuple[Int64, NDArray[np.float32]]:
    """Candidates of one method, as they come."""
    numbers = np.array([number for number, _ in scores], np.int64)
    return numbers, np.array([score for _, score in scores], np.float32)


def pool_of(
    passages: list[int],
    dense: tuple[Int64, NDArray[np.float32]],
    lexical: tuple[Int64, NDArray[np.float32]],
) -> Pool:
    numbers = np.array(passages, np.int64)
    scores = np.linspace(1, 0.5, len(passages)).astype(np.float32)
    return Pool(numbers, scores, dense, lexical, scores, scores, complete=True)


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


# Of the passages: 0 and 1 are of two articles of one story, each of the others of its own.
STORY_OF = np.array([0, 0, 2, 3, 4, 5, 6, 7, 8])


def test_signals_by_hand(question: Question) -> None:
    dense = ranked((2, 0.9), (1, 0.8), (0, 0.7), (3, 0.6), (4, 0.5), (5, 0.4), (6, 0.1), (7, 0.0))
    lexical = ranked((0, 8.8), (1, 6.6), (2, 4.4), (3, 2.2))
    found = signals(question, pool_of([0, 2, 1, 3], dense, lexical), STORY_OF)
    assert found is not None
    # BM25 of at most 2.2 · (1 + 3); late interaction over the passages 0 and 1: .9 and .7.
    assert found.tolist() == pytest.approx([(8.8 - 3.3) / 8.8, 0.8 - 0.5, (0.9 + 3 * 0.7) / 4])


def test_what_is_no_candidate_scores_as_the_last_one(question: Question) -> None:
    dense = ranked((2, 0.9), (3, 0.5))
    found = signals(question, pool_of([0, 2], dense, ranked((0, 4.4), (3, 2.2))), STORY_OF)
    assert found is not None
    assert found[:2].tolist() == pytest.approx([0.25, 0.5 - 0.7])


def test_nothing_stands_out_from_nothing(question: Question) -> None:
    alone = pool_of([0, 1], ranked((0, 0.9), (1, 0.2)), ranked())
    assert signals(question, alone, STORY_OF) is None


def test_no_hit_has_no_confidence(corpus: Examiner, question: Question) -> None:
    nothing = pool_of([], ranked(), ranked())
    assert MODEL.of(question, nothing, STORY_OF) is None
    # Ranked by one method only, and so not reranked.
    single = replace(pool_of([0, 1], ranked((0, 0.9)), ranked()), late=np.zeros(0, np.float32))
    assert MODEL.of(question, single, STORY_OF) is None
    without_tokens = corpus.question("\u0001")
    assert corpus.signals(without_tokens, None) is None


def test_probability_by_hand(question: Question) -> None:
    assert MODEL.probability(np.array([0.2, 0.1, 0.4])) == pytest.approx(
        1 / (1 + math.exp(-(2 + 0.2 + 2 - 3)))
    )
    pool = pool_of([0, 2], ranked((0, 0.9), (2, 0.4)), ranked())
    assert MODEL.of(question, pool, STORY_OF) == pytest.approx(
        MODEL.probability(np.array([0, 0.5, (0.9 + 1.5) / 4]))
    )


@given(st.tuples(UNIT, UNIT, UNIT), st.integers(0, 2), st.floats(0, 1))
def test_standing_out_further_never_lowers_it(
    found: tuple[float, float, float], which: int, more: float
) -> None:
    before = np.array(found)
    after = before.copy()
    after[which] += more
    assert 0 <= MODEL.probability(before) <= MODEL.probability(after) <= 1


@pytest.mark.parametrize("model", [MODEL, PRIOR, Confidence((0, 1 / 3, 1e300), -1e-300)])
def test_written_and_read(tmp_path: Path, model: Confidence) -> None:
    model.write(tmp_path / "confidence.json")
    assert Confidence.read(tmp_path / "confidence.json") == model


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"7",
        b"\xff\xfe",
        b"{}",
        b'{"weights": [1, 2, 3]}',
        b'{"weights": [1, 2], "bias": 0}',
        b'{"weights": [1, 2, 3, 4], "bias": 0}',
        b'{"weights": 1, "bias": 0}',
        b'{"weights": [1, 2, "x"], "bias": 0}',
        b'{"weights": [1, 2, null], "bias": 0}',
        b'{"weights": [1, 2, -0.1], "bias": 0}',
        b'{"weights": [1, 2, NaN], "bias": 0}',
        b'{"weights": [1, 2, Infinity], "bias": 0}',
        b'{"weights": [1, 2, 3], "bias": NaN}',
        b'{"weights": [1, 2, 3], "bias": 1e999}',
        b'{"weights": [1, 2, 3], "bias": ' + b"9" * 400 + b"}",
        b'{"weights": [1, 2, 3], "bias": ' + b" " * LONGEST_FILE + b"0}",
        b"[" * 4000,
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "confidence.json"
    file.write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"confidence\.json is damaged"):
        Confidence.read(file)


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged):
        Confidence.read(tmp_path / "confidence.json")


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


def test_an_index_learns_its_own(corpus: Examiner) -> None:
    model = learn(corpus)
    assert model != PRIOR
    articles = [stored for stored, _ in corpus.articles.everything()]
    confidences = []
    for stored in articles:
        question = corpus.question(stored.article.title)
        rest = corpus.articles.story_of != stored.story
        pools = [corpus.pool(question, allowed) for allowed in (None, rest)]
        pair = [model.of(question, pool, corpus.articles.story_of) for pool in pools]
        confidences.append([each for each in pair if each is not None])
    present, removed = np.array(confidences).T
    assert np.mean(present >= THRESHOLD) > 0.8
    assert present.mean() > removed.mean() + 0.2


def test_copies_are_hidden_with_their_original(corpus: Examiner) -> None:
    """The copy is of the bakery's text; both begin one story."""
    numbers = {}
    for stored, passages in corpus.articles.everything():
        numbers[stored.article.id] = {passage.number for passage, _ in passages}
    copy = corpus.articles.by_id("copy")
    assert copy is not None
    members, _ = corpus.articles.story(copy.story, 10)
    ids = {each.article.id for each in members}
    assert len(ids) == 2
    for stored in members:
        hidden = set(np.flatnonzero(~corpus.without(stored, "same", "edited")).tolist())
        assert hidden == set.union(*(numbers[each] for each in ids))
        alone = set(np.flatnonzero(~corpus.without(stored)).tolist())
        assert alone == numbers[stored.article.id]


def test_calibrate_writes_what_was_learned(
    tmp_path: Path, corpus_index: Path, embedder: FakeEmbedder, corpus: Examiner
) -> None:
    folder = tmp_path / "generation"
    shutil.copytree(IndexFolder(corpus_index).open_current().path, folder)
    before = {file.relative_to(folder) for file in folder.rglob("*")}
    calibrate(folder, embedder)
    assert Confidence.read(folder / "confidence.json") == learn(corpus)
    after = {file.relative_to(folder) for file in folder.rglob("*")}
    assert after - before == {Path("confidence.json")}


@pytest.mark.parametrize("articles", [1, 2, 5])
def test_a_few_articles_leave_the_weights_near_the_prior(
    write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder, articles: int
) -> None:
    run(write_files(generated(articles)))
    model = learn(opened(index, embedder))
    assert np.abs(np.array(model.weights) - PRIOR.weights).max() < 2
    assert model == learn(opened(index, embedder))


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
    grown = learn(opened(index, embedder))
    assert grown == learn(opened(tmp_path / "at-once", embedder))


def test_area_by_hand() -> None:
    present, removed = np.array([0.9, 0.5, 0.4]), np.array([0.5, 0.1])
    assert area(present, removed) == pytest.approx((1 + 1 + 0.5 + 1 + 0 + 1) / 6)


def test_the_benchmark_asks_with_the_article_and_without(corpus: Examiner) -> None:
    titles = {stored.article.id: stored.article.title for stored, _ in corpus.articles.everything()}
    judged = [Judged(each, title, {each: 1}, (title,)) for each, title in titles.items()]
    assert ask_twice(corpus, Judged("x", "who owned the bakery", {"gone": 1}, ())) is None
    pairs = [pair for each in judged if (pair := ask_twice(corpus, each))]
    assert len(pairs) == len(titles)
    assert all(not removed.judged for _, removed in pairs)
    scores = scores_of(pairs, MODEL)
    assert {values.shape for values in scores.values()} == {(len(titles), 2)}
    assert scores["confidence"][0, 0] == MODEL.probability(pairs[0][0].signals)
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
