"""The confidence learned: no other fits better, and every index learns its own."""

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
from indexer.storage.filter import Filter, Narrowed
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import ConfidenceModel, Generation
from indexer.storage.rows import StoredArticle
from search.ranking.confidence import PRIOR, THRESHOLD, confidence
from search.ranking.fitting import PRECISION, Examiner, fit, fit_confidence
from tests.conftest import Run, WriteFiles
from tests.search.ranking.conftest import opened
from tests.support.corpus import CORPUS, generated
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex


def learned(index: Path, embedder: Embedder) -> ConfidenceModel:
    return fit_confidence(opened(index, embedder).index, embedder)


def loss(model: Float64, x: Float64, answered: Float64, weights: Float64) -> float:
    """What `fit` minimises, as its definition has it."""
    logits = x @ model[:3] + model[3]
    losses = np.logaddexp(0, np.where(answered == 1, -logits, logits))
    moved = model - np.array([*PRIOR.weights, PRIOR.bias])
    return float(weights @ losses + PRECISION / 2 * moved @ moved)


@settings(max_examples=30, deadline=None)
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


def test_an_index_learns_its_own(corpus: Examiner, corpus_exact: MemoryIndex) -> None:
    model = fit_confidence(corpus.index, corpus.embedder)
    assert model != PRIOR
    confidences = []
    for stored in corpus_exact.stored.values():
        question = corpus.question(stored.article.title)
        rest = Filter(without_stories=(stored.story,))
        pools = [corpus.pool(question, filter) for filter in (Filter(), rest)]
        pair = [confidence(model, question, pool) for pool in pools]
        confidences.append([each for each in pair if each is not None])
    present, removed = np.array(confidences).T
    assert np.mean(present >= THRESHOLD) > 0.8
    assert present.mean() > removed.mean() + 0.2


def test_copies_are_hidden_with_their_original(corpus: Examiner, corpus_exact: MemoryIndex) -> None:
    """The copy is of the bakery's text; both begin one story."""
    copy = corpus_exact.by_id("copy")
    assert copy is not None
    members, _ = corpus_exact.story(copy.story, 10)
    numbers = {each.number for each in members}
    assert len(numbers) == 2
    for stored in members:
        assert set(corpus.without(stored, "same", "edited").without_articles) == numbers
        assert set(corpus.without(stored).without_articles) == {stored.number}


def test_every_index_of_the_same_texts_learns_the_same(
    corpus: Examiner, corpus_exact: MemoryIndex, embedder: FakeEmbedder
) -> None:
    model, other = fit_confidence(corpus.index, embedder), fit_confidence(corpus_exact, embedder)
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


EDITED, EVENT = 1000, 2000


class Watched(MemoryIndex):
    """Remembers what it was narrowed to; every story has an edited copy, and another report."""

    def __init__(self, generation: Generation, embedder: Embedder) -> None:
        super().__init__(generation, embedder)
        self.asked: list[Filter] = []

    def narrow(self, filter: Filter) -> Narrowed:
        self.asked.append(filter)
        return super().narrow(filter)

    def story(self, number: int, limit: int) -> tuple[list[StoredArticle], int]:
        members, count = super().story(number, limit)
        edited = replace(members[0], number=EDITED + number, degree="edited")
        event = replace(members[0], number=EVENT + number, degree="event")
        return [*members, edited, event], count + 2


def test_each_question_is_asked_with_its_passage_without_it_and_without_its_article(
    exact: MemoryIndex, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.ranking.fitting.QUESTIONS", 12)
    watched = Watched(exact.generation, embedder)
    fit_confidence(watched, embedder)
    sample = exact.sample(12)
    assert len(watched.asked) == 3 * len(sample) == 36
    alone = 0
    for passage, (whole, rest, gone) in zip(
        sample, zip(*[iter(watched.asked)] * 3, strict=True), strict=True
    ):
        assert whole == Filter()
        single = len(exact.passages_of(passage.article, 2)) == 1
        assert rest == (Filter() if single else Filter(without_passages=(passage.number,)))
        story = exact.stored[passage.article].story
        assert {passage.article, EDITED + story} <= set(gone.without_articles)
        assert EVENT + story not in gone.without_articles
        assert gone == Filter(without_articles=gone.without_articles)
        alone += single
    assert alone < len(sample)


def test_one_answered_question_by_hand() -> None:
    """Signals of 0 teach the bias alone: its slope, p − 1 + PRECISION · (b + 3), is 0."""
    model = fit(np.zeros((1, 3)), np.ones(1), np.ones(1))
    assert model.weights == pytest.approx(PRIOR.weights)
    p = 1 / (1 + math.exp(-model.bias))
    assert p - 1 + PRECISION * (model.bias - PRIOR.bias) == pytest.approx(0, abs=1e-4)
    assert PRIOR.bias < model.bias < 0.5
