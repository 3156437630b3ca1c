"""One contract for every vector store; the exact one is the oracle of the lists."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import faiss
import numpy as np
import pytest

from indexer.arrays import Float16, Float32, Mask
from indexer.errors import IndexDamaged
from indexer.storage.exact import ExactVectors
from indexer.storage.manifest import VectorIndexKind
from indexer.storage.vectors import FaissVectors
from tests.support.vectors import KINDS, clustered, half, unit_vectors, write_vectors

Store = ExactVectors | FaissVectors

Open = Callable[[Float16], Store]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.9])
def test_a_filter_may_leave_out_all_that_is_near(tmp_path: Path, share: float) -> None:
    vectors = clustered(20_000, 16).astype(np.float16)
    write_vectors(tmp_path / "v", vectors, "ivf")
    store, exact = FaissVectors.open(tmp_path / "v"), ExactVectors(vectors.astype(np.float32))
    found = []
    for query in clustered(20, 16, seed=3):
        cosines = vectors.astype(np.float32) @ query
        allowed = cosines <= np.quantile(cosines, share)
        expected, _ = exact.search(query, 10, allowed)
        numbers, _ = store.search(query, 10, allowed)
        assert allowed[numbers].all()
        found.append(len(set(numbers.tolist()) & set(expected.tolist())) / 10)
    assert np.mean(found) > 0.99


@pytest.fixture(params=("exact", *KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_store(kind: Literal["exact"] | VectorIndexKind, tmp_path: Path) -> Open:
    def opened(vectors: Float16) -> Store:
        if kind == "exact":
            return ExactVectors(vectors.astype(np.float32))
        assert write_vectors(tmp_path / "v", vectors, kind) == kind
        return FaissVectors.open(tmp_path / "v")

    return opened


def _sorted(scores: Float32, limit: int) -> list[int]:
    return sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:limit]


def test_best_first(open_store: Open) -> None:
    vectors = half(200, 16)
    exact = vectors.astype(np.float32)
    store = open_store(vectors)
    assert len(store) == 200
    for query in unit_vectors(10, 16, seed=9):
        numbers, scores = store.search(query, 10)
        assert numbers.dtype == np.int64
        assert scores.dtype == np.float32
        assert numbers.tolist() == _sorted(exact @ query, 10)
        np.testing.assert_allclose(scores, (exact @ query)[numbers], atol=1e-6)


def test_scores_are_cosines(open_store: Open) -> None:
    vectors = unit_vectors(50, 16)
    store = open_store(vectors.astype(np.float16))
    numbers, scores = store.search(vectors[7], 50)
    assert numbers[0] == 7
    np.testing.assert_allclose(scores, (vectors @ vectors[7])[numbers], atol=2e-4)


def test_ties_by_number(open_store: Open, kind: str) -> None:
    one, two = half(2, 8)
    query = one.astype(np.float32)
    vectors = np.array([two, one, one, two, one, one, two, one])
    store = open_store(vectors)
    for limit in range(1, 9):
        numbers, scores = store.search(query, limit)
        if kind == "ivf":
            # Which ties of the last place the lists give is not promised.
            cosines = vectors.astype(np.float32) @ query
            assert numbers.tolist() == sorted(numbers, key=lambda n: (-cosines[n], n))
        else:
            assert numbers.tolist() == [1, 2, 4, 5, 7, 0, 3, 6][:limit]
        assert len(numbers) == len(scores) == limit


def test_more_than_there_are(open_store: Open) -> None:
    vectors = half(5, 8)
    numbers, scores = open_store(vectors).search(vectors[0].astype(np.float32), 100)
    assert sorted(numbers.tolist()) == list(range(5))
    assert len(scores) == 5


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 1])
def test_a_mask_is_exact(open_store: Open, share: float) -> None:
    vectors = half(300, 16)
    allowed = np.random.default_rng(2).random(300) < share
    store = open_store(vectors)
    for query in unit_vectors(5, 16, seed=3):
        numbers, _ = store.search(query, 20, allowed)
        scores = np.where(allowed, vectors.astype(np.float32) @ query, -np.inf)
        assert numbers.tolist() == _sorted(scores, min(20, int(allowed.sum())))


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_as_they_were_added(tmp_path: Path, kind: VectorIndexKind) -> None:
    vectors = half(301, 16)
    write_vectors(tmp_path / "v", vectors, kind, chunk=7)
    store = FaissVectors.open(tmp_path / "v")
    for order in ([300, 0, 7, 7, 150], [], range(301)):
        numbers = np.array(order, np.int64)
        rows = store.rows(numbers)
        assert rows.dtype == np.float16
        np.testing.assert_array_equal(rows, vectors[numbers])


def _recall(store: Store, vectors: Float16, allowed: Mask | None) -> float:
    exact = ExactVectors(vectors.astype(np.float32))
    found = 0
    for query in clustered(50, vectors.shape[1], seed=5):
        numbers, _ = store.search(query, 10, allowed)
        assert allowed is None or allowed[numbers].all()
        found += len(set(numbers.tolist()) & set(exact.search(query, 10, allowed)[0].tolist()))
    return found / 500


def test_few_lists_hold_nearly_all_of_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = clustered(4000, 32).astype(np.float16)
    write_vectors(tmp_path / "v", vectors, "ivf")
    store = FaissVectors.open(tmp_path / "v")
    monkeypatch.setattr("indexer.storage.vectors.PROBES", 1)
    assert _recall(store, vectors, None) < 0.95
    monkeypatch.setattr("indexer.storage.vectors.PROBES", 25)
    assert _recall(store, vectors, None) >= 0.95


@pytest.mark.parametrize(("share", "recall"), [(0.5, 0.95), (0.01, 1)])
def test_a_filter_looks_into_more_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float, recall: float
) -> None:
    monkeypatch.setattr("indexer.storage.vectors.PROBES", 25)
    vectors = clustered(4000, 32).astype(np.float16)
    write_vectors(tmp_path / "v", vectors, "ivf")
    allowed = np.random.default_rng(0).random(4000) < share
    assert _recall(FaissVectors.open(tmp_path / "v"), vectors, allowed) >= recall


def test_a_damaged_file(tmp_path: Path) -> None:
    file = tmp_path / "v"
    with pytest.raises(IndexDamaged):
        FaissVectors.open(file)
    write_vectors(file, half(20, 4))
    content = file.read_bytes()
    for damaged in (b"", b"garbage", content[:-5], b"\xff" * len(content)):
        file.write_bytes(damaged)
        with pytest.raises(IndexDamaged):
            FaissVectors.open(file)


@pytest.mark.parametrize(
    "factory", ["Flat", "IVF2,Flat", "SQfp16", "SQ8", "IVF2,SQ8", "HNSW8", "IVF2,SQfp16"]
)
def test_another_kind_of_index_is_refused(tmp_path: Path, factory: str) -> None:
    vectors = unit_vectors(100, 4)
    metric = faiss.METRIC_L2 if "fp16" in factory else faiss.METRIC_INNER_PRODUCT
    index = faiss.index_factory(4, factory, metric)
    index.train(vectors)
    index.add(vectors)
    faiss.write_index(index, str(tmp_path / "v"))
    with pytest.raises(IndexDamaged, match="never writes"):
        FaissVectors.open(tmp_path / "v")


def _altered_lists(file: Path, alter: Callable[[Any], None]) -> None:
    index = faiss.read_index(str(file))
    alter(index)
    faiss.write_index(index, str(file))


@pytest.mark.parametrize("number", [-1, 3, 100, 2**62])
def test_lists_with_an_altered_number_are_refused(tmp_path: Path, number: int) -> None:
    def alter(index: Any) -> None:
        lists = index.invlists
        fullest = max(range(index.nlist), key=lists.list_size)
        ids = faiss.rev_swig_ptr(lists.get_ids(fullest), lists.list_size(fullest))
        ids[0 if ids[0] != number else 1] = number

    write_vectors(tmp_path / "v", half(100, 4), "ivf")
    _altered_lists(tmp_path / "v", alter)
    with pytest.raises(IndexDamaged, match="every passage once"):
        FaissVectors.open(tmp_path / "v")


def test_lists_of_residuals_are_refused(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v", half(100, 4), "ivf")
    _altered_lists(tmp_path / "v", lambda index: setattr(index, "by_residual", True))
    with pytest.raises(IndexDamaged):
        FaissVectors.open(tmp_path / "v")
