"""What the benchmark of confidence counts."""

from pathlib import Path

import numpy as np
import pytest

from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import ConfidenceModel
from scripts.benchmarks.confidence import Answer, area, ask_twice, calibration, errors, scores_of
from search.evaluation import JudgedQuestion as Judged
from search.ranking.confidence import probability
from tests.search.ranking.conftest import opened
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex

MODEL = ConfidenceModel((10.0, 2.0, 5.0), -3.0)


def test_area_by_hand() -> None:
    present, removed = np.array([0.9, 0.5, 0.4]), np.array([0.5, 0.1])
    assert area(present, removed) == pytest.approx((1 + 1 + 0.5 + 1 + 0 + 1) / 6)


def test_the_benchmark_asks_with_the_article_and_without(
    corpus_index: Path, embedder: FakeEmbedder
) -> None:
    corpus = opened(corpus_index, embedder)
    exact = MemoryIndex(IndexFolder(corpus_index).open_current(), embedder)
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
