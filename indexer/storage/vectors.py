"""Passage vectors: ids and numbers only. Two stores keep one contract, exact NumPy and FAISS.

Scores are inner products of unit vectors, so cosines. The exact store is the oracle of every test
of the other, and what a narrow filter is searched with.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexDamaged

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

VectorIndexKind = Literal["flat", "hnsw"]

# Up to here a scan of all vectors is as fast as the graph, and exact (docs/benchmarks.md).
FLAT_UP_TO = 30_000
HNSW_LINKS = 32
HNSW_EF_CONSTRUCTION = 120
# A filter that lets through fewer passages than this is searched exactly: a graph search would
# walk mostly over passages that it may not return.
EXACT_UP_TO = 20_000


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
    """FAISS: a flat scan when small, an HNSW graph when large; safe to use from several threads."""

    def __init__(self, index: Any) -> None:
        """Search a flat or HNSW index over inner products."""
        self._faiss = _faiss()
        self._index = index
        self._is_graph = hasattr(index, "hnsw")
        storage = self._faiss.downcast_index(index.storage) if self._is_graph else index
        self._vectors: Float32 = self._faiss.rev_swig_ptr(
            storage.get_xb(), index.ntotal * index.d
        ).reshape(index.ntotal, index.d)
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
            raise IndexDamaged(f"{file} is damaged; run `reindex` again") from error
        if type(index) not in (faiss.IndexFlatIP, faiss.IndexFlat, faiss.IndexHNSWFlat) or (
            index.metric_type != faiss.METRIC_INNER_PRODUCT
        ):
            raise IndexDamaged(f"{file} is a {type(index).__name__} that this program never writes")
        return cls(index)

    def __len__(self) -> int:
        """The number of vectors."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of each vector."""
        return int(self._index.d)

    def search(
        self, query: Float32, limit: int, allowed: Mask | None = None
    ) -> tuple[Int64, Float32]:
        """See `VectorStore.search`; in a graph the best are found, nearly always, not certainly."""
        # NumPy scans as fast as FAISS's flat index, and breaks ties by number.
        narrow = allowed is not None and np.count_nonzero(allowed) <= EXACT_UP_TO
        if narrow or not self._is_graph:
            return self._exact.search(query, limit, allowed)
        parameters = self._faiss.SearchParametersHNSW()
        parameters.efSearch = max(limit, 64)
        if allowed is not None:
            bitmap = np.packbits(allowed, bitorder="little")
            parameters.sel = self._faiss.IDSelectorBitmap(bitmap)
        scores, numbers = self._index.search(query[None], min(limit, len(self)), params=parameters)
        found = numbers[0] >= 0
        return best(numbers[0][found], scores[0][found], limit)


def _faiss() -> Any:
    # Imported when a store is opened, and untyped: its stubs lag behind its SWIG classes.
    import faiss

    return faiss


def best(numbers: Int64, scores: Float32, limit: int) -> tuple[Int64, Float32]:
    """The `limit` highest scores, best first, ties by number."""
    if 0 < limit < len(scores):
        # Keep every tie of the last place, so that the order by number decides between them.
        threshold = np.partition(scores, -limit)[-limit]
        keep = scores >= threshold
        numbers, scores = numbers[keep], scores[keep]
    order = np.lexsort((numbers, -scores))[:limit]
    return numbers[order].astype(np.int64), scores[order].astype(np.float32)


def write_vectors(
    vectors: Float32,
    file: Path,
    kind: VectorIndexKind | None = None,
    done: Callable[[int], None] = lambda vectors: None,
) -> str:
    """Build and write the index over (n, d) unit vectors; returns its kind.

    `done` is told how many vectors have been added.
    """
    faiss = _faiss()
    kind = kind or ("flat" if len(vectors) <= FLAT_UP_TO else "hnsw")
    dimension = vectors.shape[1]
    if kind == "flat":
        index = faiss.IndexFlatIP(dimension)
        index.add(np.ascontiguousarray(vectors))
    else:
        index = faiss.IndexHNSWFlat(dimension, HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = HNSW_EF_CONSTRUCTION
        for start in range(0, len(vectors), 8192):
            index.add(np.ascontiguousarray(vectors[start : start + 8192]))
            done(index.ntotal)
    faiss.write_index(index, str(file))
    return kind
