"""One contract for every vector store; the exact one is the oracle of the lists."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import faiss
import numpy as np
import pytest

from indexer.arrays import Float32, Mask
from indexer.embedding.vector_codec import VectorCodec
from indexer.errors import IndexDamaged
from indexer.storage.exact import ExactVectors
from indexer.storage.manifest import VectorIndexKind
from indexer.storage.vectors import FaissVectors
from tests.support.vectors import (
    KINDS,
    clustered,
    coded,
    coded_vectors,
    unit_vectors,
    write_vectors,
)

Store = ExactVectors | FaissVectors

Open = Callable[[Float32], Store]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.9])
def test_a_filter_may_leave_out_all_that_is_near(tmp_path: Path, share: float) -> None:
    vectors = coded(clustered(20_000, 16))
    write_vectors(tmp_path / "v", vectors, "ivf")
    store, exact = FaissVectors.open(tmp_path / "v"), ExactVectors(vectors)
    found = []
    for query in clustered(20, 16, seed=3):
        cosines = vectors @ query
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
    def opened(vectors: Float32) -> Store:
        if kind == "exact":
            return ExactVectors(vectors)
        assert write_vectors(tmp_path / "v", vectors, kind) == kind
        return FaissVectors.open(tmp_path / "v")

    return opened


def _sorted(scores: Float32, limit: int) -> list[int]:
    return sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:limit]


def test_best_first(open_store: Open) -> None:
    vectors = coded_vectors(200, 16)
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
    numbers, scores = store.search(vectors[7], 50)
    assert numbers[0] == 7
    np.testing.assert_allclose(scores, (vectors @ vectors[7])[numbers], atol=0.01)


def test_ties_by_number(open_store: Open, kind: str) -> None:
    one, two = coded_vectors(2, 8)
    vectors = np.array([two, one, one, two, one, one, two, one])
    store = open_store(vectors)
    for limit in range(1, 9):
        numbers, scores = store.search(one, limit)
        if kind == "ivf":
            # Which ties of the last place the lists give is not promised.
            cosines = vectors @ one
            assert numbers.tolist() == sorted(numbers, key=lambda n: (-cosines[n], n))
        else:
            assert numbers.tolist() == [1, 2, 4, 5, 7, 0, 3, 6][:limit]
        assert len(numbers) == len(scores) == limit


def test_more_than_there_are(open_store: Open) -> None:
    vectors = coded_vectors(5, 8)
    numbers, scores = open_store(vectors).search(vectors[0], 100)
    assert sorted(numbers.tolist()) == list(range(5))
    assert len(scores) == 5


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 1])
def test_a_mask_is_exact(open_store: Open, share: float) -> None:
    vectors = coded_vectors(300, 16)
    allowed = np.random.default_rng(2).random(300) < share
    store = open_store(vectors)
    for query in unit_vectors(5, 16, seed=3):
        numbers, _ = store.search(query, 20, allowed)
        scores = np.where(allowed, vectors @ query, -np.inf)
        assert numbers.tolist() == _sorted(scores, min(20, int(allowed.sum())))


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_as_they_were_added(tmp_path: Path, kind: VectorIndexKind) -> None:
    vectors = coded_vectors(301, 16)
    write_vectors(tmp_path / "v", vectors, kind, chunk=7)
    store = FaissVectors.open(tmp_path / "v")
    for order in ([300, 0, 7, 7, 150], [], range(301)):
        numbers = np.array(order, np.int64)
        rows = store.rows(numbers)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(rows, vectors[numbers].reshape(-1, 16), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_codes_find_what_whole_vectors_do(tmp_path: Path, kind: VectorIndexKind) -> None:
    vectors = clustered(4000, 64)
    # Learned from others, as a model's is.
    write_vectors(tmp_path / "v", vectors, kind, codec=VectorCodec.fit(clustered(300, 64, seed=8)))
    assert _recall(FaissVectors.open(tmp_path / "v"), vectors, None) >= 0.95


def _recall(store: Store, vectors: Float32, allowed: Mask | None) -> float:
    exact = ExactVectors(vectors)
    found = 0
    for query in clustered(50, vectors.shape[1], seed=5):
        numbers, _ = store.search(query, 10, allowed)
        assert allowed is None or allowed[numbers].all()
        found += len(set(numbers.tolist()) & set(exact.search(query, 10, allowed)[0].tolist()))
    return found / 500


def test_few_lists_hold_nearly_all_of_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = coded(clustered(4000, 32))
    write_vectors(tmp_path / "v", vectors, "ivf")

    def recall_of(fewest: int, one_in: int) -> float:
        monkeypatch.setattr("indexer.storage.vectors.FEWEST", fewest)
        monkeypatch.setattr("indexer.storage.vectors.ONE_IN", one_in)
        return _recall(FaissVectors.open(tmp_path / "v"), vectors, None)

    assert recall_of(1, 126) < 0.95
    assert recall_of(25, 126) >= 0.95
    assert recall_of(1, 5) >= 0.95


@pytest.mark.parametrize(("share", "recall"), [(0.5, 0.95), (0.01, 1)])
def test_a_filter_looks_into_more_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float, recall: float
) -> None:
    monkeypatch.setattr("indexer.storage.vectors.FEWEST", 25)
    vectors = coded(clustered(4000, 32))
    write_vectors(tmp_path / "v", vectors, "ivf")
    allowed = np.random.default_rng(0).random(4000) < share
    assert _recall(FaissVectors.open(tmp_path / "v"), vectors, allowed) >= recall


def test_a_damaged_file(tmp_path: Path) -> None:
    file = tmp_path / "v"
    with pytest.raises(IndexDamaged):
        FaissVectors.open(file)
    write_vectors(file, coded_vectors(20, 4))
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
    metric = faiss.METRIC_L2 if "SQ8" in factory else faiss.METRIC_INNER_PRODUCT
    index = faiss.index_factory(4, factory, metric)
    index.train(vectors)
    index.add(vectors)
    faiss.write_index(index, str(tmp_path / "v"))
    with pytest.raises(IndexDamaged, match="never writes"):
        FaissVectors.open(tmp_path / "v")


def _altered(file: Path, alter: Callable[[Any], None]) -> None:
    index = faiss.read_index(str(file))
    alter(index)
    faiss.write_index(index, str(file))


# Of four dimensions: four lows, four widths.
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "ranges",
    [
        [],
        [-1, -1, -1, -1, 2, 2, 2],
        [-1, -1, -1, -1, 2, 2, 2, 2, 2],
        [-1, -1, -1, -1, 2, 2, 0, 2],
        [-1, -1, -1, -1, 2, 2, -2, 2],
        [-1, -1, -1, -1, 2, 2, 1e-4, 2],
        [-1, -1, -1, -1, 2, 2, 1e30, 2],
        [-1, -1, -1, -1, 2, 2, np.nan, 2],
        [-1, np.nan, -1, -1, 2, 2, 2, 2],
        [-1, -np.inf, -1, -1, 2, 2, 2, 2],
        [-1, 100, -1, -1, 2, 2, 2, 2],
    ],
)
def test_ranges_that_no_codec_has_are_refused(
    tmp_path: Path, ranges: list[float], kind: VectorIndexKind
) -> None:
    def alter(index: Any) -> None:
        faiss.copy_array_to_vector(np.array(ranges, np.float32), index.sq.trained)

    write_vectors(tmp_path / "v", coded_vectors(100, 4), kind)
    FaissVectors.open(tmp_path / "v")
    _altered(tmp_path / "v", alter)
    with pytest.raises(IndexDamaged):
        FaissVectors.open(tmp_path / "v")


@pytest.mark.parametrize("number", [-1, 3, 100, 2**62])
def test_lists_with_an_altered_number_are_refused(tmp_path: Path, number: int) -> None:
    def alter(index: Any) -> None:
        lists = index.invlists
        fullest = max(range(index.nlist), key=lists.list_size)
        ids = faiss.rev_swig_ptr(lists.get_ids(fullest), lists.list_size(fullest))
        ids[0 if ids[0] != number else 1] = number

    write_vectors(tmp_path / "v", coded_vectors(100, 4), "ivf")
    _altered(tmp_path / "v", alter)
    with pytest.raises(IndexDamaged, match="every passage once"):
        FaissVectors.open(tmp_path / "v")


def test_lists_of_residuals_are_refused(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v", coded_vectors(100, 4), "ivf")
    _altered(tmp_path / "v", lambda index: setattr(index, "by_residual", True))
    with pytest.raises(IndexDamaged):
        FaissVectors.open(tmp_path / "v")
