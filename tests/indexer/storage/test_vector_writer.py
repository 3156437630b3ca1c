"""The file of vectors: flat or in lists, a function of the vectors alone."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.embedding.vector_codec import VectorCodec
from indexer.errors import StorageError
from indexer.storage.manifest import VectorIndexKind
from indexer.storage.vector_writer import FLAT_UP_TO, VectorWriter, runs
from indexer.storage.vectors import FaissVectors
from tests.support.vectors import KINDS, clustered, codec_of, coded, coded_vectors, write_vectors


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_a_function_of_its_vectors(tmp_path: Path, kind: VectorIndexKind) -> None:
    vectors = coded_vectors(900, 16)
    write_vectors(tmp_path / "a", vectors, kind, chunk=900)
    write_vectors(tmp_path / "b", vectors, kind, chunk=13)
    read = FaissVectors.open(tmp_path / "a").rows(np.arange(900))
    write_vectors(tmp_path / "c", read, kind)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() == (tmp_path / "c").read_bytes()


def test_lists_do_not_depend_on_the_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = coded_vectors(900, 16)
    write_vectors(tmp_path / "a", vectors, "ivf")
    monkeypatch.setattr("indexer.storage.vector_writer.CHUNK", 101)
    write_vectors(tmp_path / "b", vectors, "ivf")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_few_are_flat_and_many_are_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FLAT_UP_TO >= 10_000
    monkeypatch.setattr("indexer.storage.vector_writer.FLAT_UP_TO", 50)
    assert write_vectors(tmp_path / "a", coded_vectors(50, 4)) == "flat"
    assert write_vectors(tmp_path / "b", coded_vectors(51, 4)) == "ivf"
    assert FaissVectors.open(tmp_path / "b").dimension == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_progress_of_the_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.storage.vector_writer.CHUNK", 20)
    writer = VectorWriter(tmp_path / "v", codec_of(4))
    writer.add(np.zeros((50, 4), np.uint8))
    seen: list[int] = []
    writer.finish("ivf", seen.append)
    assert seen == [20, 40, 50]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    writer = VectorWriter(tmp_path / "v", codec_of(4))
    writer.add(np.zeros((5, 4), np.uint8))
    (tmp_path / "v").mkdir()
    with pytest.raises(StorageError, match="cannot write"):
        writer.finish()
    writer.close()


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], []),
        ([4], [[4]]),
        ([3, 4, 5], [[3, 4, 5]]),
        ([3, 5, 6, 2, 1], [[3], [5, 6], [2], [1]]),
        ([7, 7], [[7], [7]]),
    ],
)
def test_runs(numbers: list[int], expected: list[list[int]]) -> None:
    assert [run.tolist() for run in runs(np.array(numbers, np.int64))] == expected


@given(st.lists(st.integers(-9, 9)))
def test_runs_are_the_longest_that_one_read_can_fetch(numbers: list[int]) -> None:
    found = [run.tolist() for run in runs(np.array(numbers, np.int64))]
    assert [number for run in found for number in run] == numbers
    assert all(run == list(range(run[0], run[0] + len(run))) for run in found)
    assert all(run[-1] + 1 != following[0] for run, following in pairwise(found))


# 2 √n lists, but none that is learned from fewer than 40 vectors.
@pytest.mark.parametrize(("count", "lists"), [(1, 1), (79, 1), (100, 2), (900, 22), (7000, 166)])
def test_lists_hold_every_vector_once_each_in_the_list_nearest_to_it(
    tmp_path: Path, count: int, lists: int
) -> None:
    vectors = coded(clustered(count, 8))
    assert write_vectors(tmp_path / "v", vectors, "ivf") == "ivf"
    index: Any = faiss.read_index(str(tmp_path / "v"))
    assert (index.ntotal, index.nlist) == (count, lists)
    nearest = index.quantizer.search(vectors, 1)[1][:, 0]
    seen = []
    for number in range(lists):
        size = index.invlists.list_size(number)
        if size == 0:
            continue
        ids = faiss.rev_swig_ptr(index.invlists.get_ids(number), size).copy()
        codes = faiss.rev_swig_ptr(index.invlists.get_codes(number), size * 8).copy()
        np.testing.assert_array_equal(codes.reshape(size, 8), codec_of(8).encode(vectors[ids]))
        assert set(nearest[ids].tolist()) == {number}
        seen += ids.tolist()
    assert sorted(seen) == list(range(count))


@pytest.mark.parametrize("kind", KINDS)
def test_a_codec_with_ranges_far_from_zero_is_read_and_written_again(
    tmp_path: Path, kind: VectorIndexKind
) -> None:
    # Wide, narrow as a dimension that never changes, and both ends of what unit vectors have.
    mean = np.array([0, 0.9, -0.9, 0.5, -0.05, 1], np.float32)
    deviation = np.array([0.3, 0, 0, 0.02, 0.002, 0], np.float32)
    codec = VectorCodec.fit(mean + deviation * np.array([[-1], [1]], np.float32))
    codes = np.random.default_rng(5).integers(0, 256, (300, 6), np.uint8)
    file = tmp_path / "v"
    write_vectors(file, codec.decode(codes), kind, codec=codec)
    first = file.read_bytes()
    for _ in range(3):
        store = FaissVectors.open(file)
        np.testing.assert_array_equal(store.codec.encode(store.rows(np.arange(300))), codes)
        write_vectors(file, store.rows(np.arange(300)), kind, codec=store.codec)
        assert file.read_bytes() == first
