"""One contract for every vector store; the exact one is the oracle of the graph."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.errors import IndexDamaged
from indexer.storage.vectors import (
    FLAT_UP_TO,
    ExactVectors,
    FaissVectors,
    VectorIndexKind,
    VectorStore,
    best,
    write_vectors,
)
from tests.test_codec import unit_vectors

Float32 = NDArray[np.float32]
Open = Callable[[Float32], VectorStore]

STORES = ("exact", *get_args(VectorIndexKind))


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_store(kind: Literal["exact"] | VectorIndexKind, tmp_path: Path) -> Open:
    def opened(vectors: Float32) -> VectorStore:
        if kind == "exact":
            return ExactVectors(vectors)
        assert write_vectors(vectors, tmp_path / "v", kind) == kind
        return FaissVectors.open(tmp_path / "v")

    return opened


def _sorted(scores: Float32, limit: int) -> list[int]:
    return sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:limit]


def test_best_first(open_store: Open) -> None:
    vectors = unit_vectors(200, 16)
    store = open_store(vectors)
    assert len(store) == 200
    for query in unit_vectors(10, 16, seed=9):
        numbers, scores = store.search(query, 10)
        assert numbers.dtype == np.int64
        assert scores.dtype == np.float32
        assert numbers.tolist() == _sorted(vectors @ query, 10)
        np.testing.assert_allclose(scores, (vectors @ query)[numbers], atol=1e-6)


def test_scores_are_cosines(open_store: Open) -> None:
    vectors = unit_vectors(50, 16)
    store = open_store(vectors)
    numbers, scores = store.search(vectors[7], 1)
    assert numbers.tolist() == [7]
    assert scores[0] == pytest.approx(1, abs=1e-5)


def test_ties_by_number(open_store: Open, kind: str) -> None:
    one, two = unit_vectors(2, 8)
    vectors = np.array([two, one, one, two, one, one, two, one])
    store = open_store(vectors)
    for limit in range(1, 9):
        numbers, scores = store.search(one, limit)
        if kind == "hnsw":
            # Which ties of the last place a graph finds is not promised.
            assert numbers.tolist() == sorted(numbers, key=lambda n: (-(vectors[n] @ one), n))
        else:
            assert numbers.tolist() == [1, 2, 4, 5, 7, 0, 3, 6][:limit]
        assert len(numbers) == len(scores) == limit


def test_more_than_there_are(open_store: Open) -> None:
    vectors = unit_vectors(5, 8)
    numbers, scores = open_store(vectors).search(vectors[0], 100)
    assert sorted(numbers.tolist()) == list(range(5))
    assert len(scores) == 5


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 1])
def test_a_mask_is_exact(open_store: Open, share: float) -> None:
    vectors = unit_vectors(300, 16)
    allowed = np.random.default_rng(2).random(300) < share
    store = open_store(vectors)
    for query in unit_vectors(5, 16, seed=3):
        numbers, _ = store.search(query, 20, allowed)
        scores = np.where(allowed, vectors @ query, -np.inf)
        assert numbers.tolist() == _sorted(scores, min(20, int(allowed.sum())))


def test_a_graph_finds_nearly_all(tmp_path: Path) -> None:
    vectors = unit_vectors(3000, 48)
    write_vectors(vectors, tmp_path / "v", "hnsw")
    store = FaissVectors.open(tmp_path / "v")
    exact = ExactVectors(vectors)
    found = 0
    for query in unit_vectors(100, 48, seed=1):
        numbers, _ = store.search(query, 10)
        found += len(set(numbers.tolist()) & set(exact.search(query, 10)[0].tolist()))
    assert found / 1000 >= 0.95


def test_a_graph_with_a_wide_mask_returns_only_what_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.storage.vectors.EXACT_UP_TO", 100)
    vectors = unit_vectors(2001, 16)
    write_vectors(vectors, tmp_path / "v", "hnsw")
    store, exact = FaissVectors.open(tmp_path / "v"), ExactVectors(vectors)
    allowed = np.random.default_rng(0).random(2001) < 0.5
    found = 0
    for query in unit_vectors(50, 16, seed=1):
        numbers, _ = store.search(query, 10, allowed)
        assert allowed[numbers].all()
        found += len(set(numbers.tolist()) & set(exact.search(query, 10, allowed)[0].tolist()))
    assert found / 500 >= 0.95


def test_small_is_flat_and_large_is_a_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FLAT_UP_TO >= 10_000
    monkeypatch.setattr("indexer.storage.vectors.FLAT_UP_TO", 50)
    assert write_vectors(unit_vectors(50, 4), tmp_path / "a") == "flat"
    assert write_vectors(unit_vectors(51, 4), tmp_path / "b") == "hnsw"
    assert FaissVectors.open(tmp_path / "b").dimension == 4


def test_a_damaged_file(tmp_path: Path) -> None:
    file = tmp_path / "v"
    with pytest.raises(IndexDamaged):
        FaissVectors.open(file)
    write_vectors(unit_vectors(20, 4), file)
    content = file.read_bytes()
    for damaged in (b"", b"garbage", content[:-5], b"\xff" * len(content)):
        file.write_bytes(damaged)
        with pytest.raises(IndexDamaged):
            FaissVectors.open(file)


@pytest.mark.parametrize("kind", ["l2", "ivf"])
def test_another_kind_of_index_is_refused(tmp_path: Path, kind: str) -> None:
    import faiss

    vectors = unit_vectors(100, 4)
    index: Any = faiss.IndexFlatL2(4)
    if kind == "ivf":
        index = faiss.index_factory(4, "IVF2,Flat", faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
    index.add(vectors)
    faiss.write_index(index, str(tmp_path / "v"))
    with pytest.raises(IndexDamaged, match="never writes"):
        FaissVectors.open(tmp_path / "v")


def test_best_of_none() -> None:
    numbers, scores = best(np.zeros(0, np.int64), np.zeros(0, np.float32), 5)
    assert (len(numbers), len(scores)) == (0, 0)
