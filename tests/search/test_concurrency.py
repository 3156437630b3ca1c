"""Many threads on one searcher: the answers are those of one thread."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer.embedding.base import Embedder
from indexer.pipeline import reindex
from search.engine import Searcher
from search.question.query import Query
from tests.conftest import open_index, write_tree
from tests.support.corpus import generated
from tests.support.fakes import FakeEmbedder

THREADS = 16
QUESTIONS = (
    "old harbour bridge repaired",
    "which doctor found the copper lantern after the storm of the northern winter market",
    "volcano island ferry",
    "northern library election",
    "dragon",
    "who " * 60,
)


def _answers(searcher: Searcher, query: Query) -> list[tuple[str, int, float]]:
    return [(hit.article.id, hit.answer.start, hit.score) for hit in searcher.search(query).hits]


def _same_in_threads(searcher: Searcher) -> None:
    queries = [
        Query(text=question, limit=20, mode=mode, sources=sources)
        for question in QUESTIONS
        for mode in ("hybrid", "semantic", "lexical")
        for sources in ((), ("Source 1",))
    ]
    alone = [_answers(searcher, query) for query in queries]
    assert any(alone)
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda query: _answers(searcher, query), queries * 6))
    assert together == alone * 6


def test_flat_vectors(tmp_path: Path, embedder: FakeEmbedder) -> None:
    reindex([write_tree(tmp_path / "a", generated(60))], tmp_path / "index", embedder, None)
    _same_in_threads(open_index(tmp_path / "index", embedder))


def test_inverted_lists(
    tmp_path: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.storage.vector_writer.FLAT_UP_TO", 50)
    reindex([write_tree(tmp_path / "a", generated(60))], tmp_path / "index", embedder, None)
    searcher = open_index(tmp_path / "index", embedder)
    (segment,) = searcher.generation.manifest.segments
    assert segment.vector_index == "ivf"
    _same_in_threads(searcher)


@pytest.mark.model
def test_the_real_model(sample_index: Path, real_embedder: Embedder) -> None:
    _same_in_threads(open_index(sample_index, real_embedder))
