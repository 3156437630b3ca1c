"""Writes vectors.faiss: all vectors flat when there are few, in inverted lists when many."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from indexer.arrays import Int64, UInt8
from indexer.embedding.vector_codec import VectorCodec
from indexer.errors import StorageError
from indexer.storage.manifest import VectorIndexKind
from indexer.storage.vectors import load_faiss

# Up to here a scan of all vectors is as fast as the lists, and exact (docs/benchmarks.md).
FLAT_UP_TO = 30_000
# Lists: this times the square root of the number of vectors.
LISTS = 2
# Vectors that each centroid is learned from; FAISS warns below 39.
TRAINED_ON = 40
TRAINING_ROUNDS = 10
# Vectors read and assigned to their lists at a time.
CHUNK = 8192


class VectorWriter:
    """Streams the codes of vectors to a scratch file, and makes an index of them at the end."""

    def __init__(self, file: Path, codec: VectorCodec) -> None:
        """Write the index to `file`, and rows meanwhile beside it."""
        self._file = file
        self._scratch = file.with_suffix(".rows")
        self._codec = codec
        self._dimension = len(codec.low)
        self._rows = 0
        self._stream = self._scratch.open("w+b")

    def add(self, codes: UInt8) -> None:
        """Append the (n, d) codes of unit vectors."""
        self._stream.write(codes.tobytes())
        self._rows += len(codes)

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
        faiss = load_faiss()
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
        kind = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexScalarQuantizer(self._dimension, kind, faiss.METRIC_INNER_PRODUCT)
        self._set_ranges(faiss, index)
        index.is_trained = True
        index.add_sa_codes(self._read(np.arange(self._rows)))
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
            faiss.ScalarQuantizer.QT_8bit,
            faiss.METRIC_INNER_PRODUCT,
            False,  # by residual: codes are the vectors themselves
        )
        index.cp.niter = TRAINING_ROUNDS
        sample = np.linspace(0, rows - 1, min(rows, lists * TRAINED_ON)).astype(np.int64)
        index.train(self._codec.decode(self._read(sample)))
        # Centroids are learned, ranges are not.
        self._set_ranges(faiss, index)
        list_of = np.empty(rows, np.int32)
        for start in range(0, rows, CHUNK):
            chunk = self._codec.decode(self._read(np.arange(start, min(start + CHUNK, rows))))
            list_of[start : start + CHUNK] = centroids.search(chunk, 1)[1][:, 0]
            done(start + len(chunk))
        # Whole lists at a time: FAISS would grow them by doubling, to twice the memory.
        order = np.argsort(list_of, kind="stable")
        ends = np.searchsorted(list_of[order], np.arange(lists), side="right")
        for number, ids in enumerate(np.split(order.astype(np.int64), ends[:-1])):
            codes = self._read(ids)
            index.invlists.add_entries(number, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(codes))
        index.ntotal = rows
        return index

    def _set_ranges(self, faiss: Any, index: Any) -> None:
        ranges = np.concatenate([self._codec.low, self._codec.width])
        faiss.copy_array_to_vector(ranges, index.sq.trained)

    def _read(self, numbers: Int64) -> UInt8:
        """Some of the rows written so far."""
        rows = np.empty((len(numbers), self._dimension), np.uint8)
        into, width = rows.reshape(-1).data, self._dimension
        at = 0
        for run in runs(numbers):
            size = len(run) * width
            os.preadv(self._stream.fileno(), [into[at : at + size]], int(run[0]) * width)
            at += size
        return rows


def runs(numbers: Int64) -> list[Int64]:
    """Numbers cut where one is not the successor of the one before: what one read can fetch."""
    return np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1) if len(numbers) else []
