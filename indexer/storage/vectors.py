"""Passage vectors: ids and numbers only. Two stores keep one contract, exact NumPy and FAISS.

Vectors are kept in half precision (cosines change by less than .0001). Scores are inner products of
unit vectors, so cosines. Up to `FLAT_UP_TO` passages every vector is compared; above, vectors lie
in inverted lists around centroids (IVF), and the lists nearest to the question are compared. Both
are a function of the vectors and their order alone, so an index that grew by many runs answers as
one that was built at once, which a graph would not.
"""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexDamaged, StorageError

Float16 = NDArray[np.float16]
Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

VectorIndexKind = Literal["flat", "ivf"]

# Up to here a scan of all vectors is as fast as the lists, and exact (docs/benchmarks.md).
FLAT_UP_TO = 30_000
# Lists: this times the square root of the number of vectors.
LISTS = 2
# Vectors that each centroid is learned from; FAISS warns below 39.
TRAINED_ON = 40
TRAINING_ROUNDS = 10
# Lists that a search without a filter compares: .998 of the exact best 10 at 67,000 real passages,
# and .983 of the best 200 (docs/benchmarks.md).
PROBES = 128
# A filter works against a question if of the vectors near to it less than this share is allowed of
# what is allowed of all. Of random filters none does, of words excluded from their own questions
# most do (docs/benchmarks.md).
AGAINST = 0.95
# Vectors read and assigned to their lists at a time.
CHUNK = 8192


class VectorStore(Protocol):
    """Finds the nearest passages of a vector."""

    def __len__(self) -> int:
        """The number of vectors."""
        ...

    def search(
        self, query: Float32, limit: int, allowed: Mask | None = None
    ) -> tuple[Int64, Float32]:
        """The `limit` best passages, best first, ties by number: numbers (k,) and scores (k,).

        query: (d,) float32, unit length
        allowed: (n,) bool; passages outside are never returned
        """
        ...


class ExactVectors:
    """Every vector compared: exact, and fast enough up to some ten thousand."""

    def __init__(self, vectors: Float32) -> None:
        """Search (n, d) float32 unit vectors, not copied."""
        self._vectors = vectors

    def __len__(self) -> int:
        """The number of vectors."""
        return len(self._vectors)

    def search(
        self, query: Float32, limit: int, allowed: Mask | None = None
    ) -> tuple[Int64, Float32]:
        """See `VectorStore.search`."""
        numbers = np.arange(len(self)) if allowed is None else np.flatnonzero(allowed)
        vectors = self._vectors if allowed is None else self._vectors[numbers]
        return best(numbers, vectors @ query, limit)


class FaissVectors:
    """FAISS: all vectors when few, inverted lists when many; safe to use from several threads."""

    def __init__(self, index: Any) -> None:
        """Search a flat or inverted-list index over inner products of half-precision vectors."""
        self._faiss = _faiss()
        self._size, self._dimension = int(index.ntotal), int(index.d)
        self._index: Any = None
        if hasattr(index, "invlists"):
            index.make_direct_map()
            self._index = index
            # The list of each vector.
            self._list_of = np.empty(self._size, np.int32)
            for number in range(index.nlist):
                self._list_of[_list_numbers(self._faiss, index.invlists, number)] = number
        else:
            # Unpacked once; half precision would be unpacked again by every search.
            self._vectors: Float32 = index.reconstruct_n(0, index.ntotal)
            self._exact = ExactVectors(self._vectors)

    @classmethod
    def open(cls, file: Path) -> "FaissVectors":
        """Read a published index.

        Raises:
            IndexDamaged: FAISS cannot read it, or it is not one of ours.
        """
        faiss = _faiss()
        try:
            index = faiss.read_index(str(file))
        except RuntimeError as error:
            raise IndexDamaged(f"{file} is damaged; run `reindex --full`") from error
        ours = (
            type(index) in (faiss.IndexScalarQuantizer, faiss.IndexIVFScalarQuantizer)
            and index.metric_type == faiss.METRIC_INNER_PRODUCT
            and index.sq.qtype == faiss.ScalarQuantizer.QT_fp16
        )
        if not ours:
            raise IndexDamaged(f"{file} is a {type(index).__name__} that this program never writes")
        if hasattr(index, "invlists"):
            lists = (_list_numbers(faiss, index.invlists, i) for i in range(index.nlist))
            numbers = np.sort(np.concatenate(list(lists)))
            if index.by_residual or not np.array_equal(numbers, np.arange(index.ntotal)):
                raise IndexDamaged(f"{file} does not hold every passage once; run `reindex --full`")
        return cls(index)

    def __len__(self) -> int:
        """The number of vectors."""
        return self._size

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return self._dimension

    def rows(self, numbers: Int64) -> Float16:
        """The vectors of some passages, (n, d), as they were written."""
        if self._index is None:
            return self._vectors[numbers].astype(np.float16)
        rows: Float32 = self._index.reconstruct_batch(np.ascontiguousarray(numbers, np.int64))
        return rows.astype(np.float16)

    def search(
        self, query: Float32, limit: int, allowed: Mask | None = None
    ) -> tuple[Int64, Float32]:
        """See `VectorStore.search`; lists give nearly always the best, and all of a narrow filter.

        A filter makes the search look into more lists, until as many allowed vectors are compared
        as without it, or into all.
        """
        if self._index is None:
            return self._exact.search(query, limit, allowed)
        faiss = self._faiss
        probes, selector = PROBES, None
        if allowed is not None:
            selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
            probes = self._probes(query, allowed)
        parameters = faiss.SearchParametersIVF(
            nprobe=min(probes, self._index.nlist), **({"sel": selector} if selector else {})
        )
        scores, numbers = self._index.search(query[None], min(limit, len(self)), params=parameters)
        found = numbers[0] >= 0
        return best(numbers[0][found], scores[0][found], limit)

    def _probes(self, query: Float32, allowed: Mask) -> int:
        """How many lists it takes to compare as many allowed vectors as without a filter.

        All of them if the filter leaves out what is near, as "-word" does: the best of the rest
        may then be in any list.
        """
        lists = self._index.nlist
        share = np.count_nonzero(allowed) / len(allowed)
        _, nearest = self._index.quantizer.search(query[None], min(PROBES, lists))
        probed = np.zeros(lists, np.bool_)
        probed[nearest[0]] = True
        near = probed[self._list_of]
        if np.count_nonzero(near & allowed) < AGAINST * share * np.count_nonzero(near):
            return int(lists)
        return math.ceil(PROBES / max(share, 1e-9))


def _faiss() -> Any:
    # Imported when a store is opened, and untyped: its stubs lag behind its SWIG classes.
    import faiss

    return faiss


def _list_numbers(faiss: Any, lists: Any, number: int) -> Int64:
    size = lists.list_size(number)
    ids: Int64 = faiss.rev_swig_ptr(lists.get_ids(number), size) if size else np.zeros(0, np.int64)
    return ids


def best(numbers: Int64, scores: Float32, limit: int) -> tuple[Int64, Float32]:
    """The `limit` highest scores, best first, ties by number."""
    if 0 < limit < len(scores):
        # Keep every tie of the last place, so that the order by number decides between them.
        threshold = np.partition(scores, -limit)[-limit]
        keep = scores >= threshold
        numbers, scores = numbers[keep], scores[keep]
    order = np.lexsort((numbers, -scores))[:limit]
    return numbers[order].astype(np.int64), scores[order].astype(np.float32)


class VectorWriter:
    """Streams vectors to a scratch file, and makes an index of them at the end."""

    def __init__(self, file: Path, dimension: int) -> None:
        """Write the index to `file`, and rows meanwhile beside it."""
        self._file = file
        self._scratch = file.with_suffix(".rows")
        self._dimension = dimension
        self._rows = 0
        self._stream = self._scratch.open("w+b")

    def add(self, vectors: Float16) -> None:
        """Append (n, d) unit vectors."""
        self._stream.write(np.ascontiguousarray(vectors).tobytes())
        self._rows += len(vectors)

    def finish(
        self,
        kind: VectorIndexKind | None = None,
        done: Callable[[int], None] = lambda vectors: None,
    ) -> VectorIndexKind:
        """Write the index; returns its kind.

        `done` is told how many vectors have found their list.

        Raises:
            StorageError: it cannot be written.
        """
        faiss = _faiss()
        self._stream.flush()
        kind = kind or ("flat" if self._rows <= FLAT_UP_TO else "ivf")
        index = self._flat(faiss) if kind == "flat" else self._inverted_lists(faiss, done)
        try:
            faiss.write_index(index, str(self._file))
        except RuntimeError as error:
            raise StorageError(f"cannot write {self._file}: {error}") from error
        self._stream.close()
        self._scratch.unlink()
        return kind

    def close(self) -> None:
        """Close an unfinished file."""
        self._stream.close()

    def _flat(self, faiss: Any) -> Any:
        fp16 = faiss.ScalarQuantizer.QT_fp16
        index = faiss.IndexScalarQuantizer(self._dimension, fp16, faiss.METRIC_INNER_PRODUCT)
        index.add(self._read(np.arange(self._rows)).astype(np.float32))
        return index

    def _inverted_lists(self, faiss: Any, done: Callable[[int], None]) -> Any:
        rows, dimension = self._rows, self._dimension
        lists = max(1, min(LISTS * math.isqrt(rows), rows // TRAINED_ON))
        # A flat index of centroids is part of the file and outlives this reference.
        centroids = faiss.IndexFlatIP(dimension)
        index = faiss.IndexIVFScalarQuantizer(
            centroids,
            dimension,
            lists,
            faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT,
            False,  # by residual: codes are the vectors themselves
        )
        index.cp.niter = TRAINING_ROUNDS
        sample = np.linspace(0, rows - 1, min(rows, lists * TRAINED_ON)).astype(np.int64)
        index.train(self._read(sample).astype(np.float32))
        list_of = np.empty(rows, np.int32)
        for start in range(0, rows, CHUNK):
            chunk = self._read(np.arange(start, min(start + CHUNK, rows))).astype(np.float32)
            list_of[start : start + CHUNK] = centroids.search(chunk, 1)[1][:, 0]
            done(start + len(chunk))
        # Whole lists at a time: FAISS would grow them by doubling, to twice the memory.
        order = np.argsort(list_of, kind="stable")
        ends = np.searchsorted(list_of[order], np.arange(lists), side="right")
        for number, ids in enumerate(np.split(order.astype(np.int64), ends[:-1])):
            codes = self._read(ids).view(np.uint8)
            index.invlists.add_entries(number, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(codes))
        index.ntotal = rows
        return index

    def _read(self, numbers: Int64) -> Float16:
        """Some of the rows written so far."""
        rows = np.empty((len(numbers), self._dimension), np.float16)
        into, width = rows.reshape(-1).view(np.uint8).data, 2 * self._dimension
        at = 0
        for run in runs(numbers):
            size = len(run) * width
            os.preadv(self._stream.fileno(), [into[at : at + size]], int(run[0]) * width)
            at += size
        return rows


def runs(numbers: Int64) -> list[Int64]:
    """Numbers cut where one is not the successor of the one before: what one read can fetch."""
    return np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1) if len(numbers) else []
