"""Exact scan, inverted lists and HNSW by the number of vectors: how fast, how right, how large.

Random subsets of the index's own vectors are searched for `CANDIDATES`, as a search does, by three
stores in turn: NumPy, the inverted lists of `indexer/storage/vectors.py` whatever the size, and a
FAISS graph over the same half-precision vectors. However often an index was added to, its lists
depend on nothing but the vectors and their order; a graph depends on how it was built as well.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.storage.folder import Generation
from indexer.storage.vectors import (
    ExactVectors,
    FaissVectors,
    Mask,
    VectorStore,
    VectorWriter,
    best,
)
from scripts.lab.process import say
from scripts.lab.recall import recall
from scripts.lab.table import figure, mebibytes
from scripts.lab.timing import milliseconds_in_turn, timed
from scripts.parts import open_parts
from search.ranking.candidates import CANDIDATES

Float16 = NDArray[np.float16]
Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]

SIZES = (5_000, 10_000, 20_000, 30_000, 50_000, 100_000)
SEED = 11
ROUNDS = 3
DEPTHS = (10, 200)
# The graph that the lists are compared with.
LINKS, EF_CONSTRUCTION, EF_SEARCH = 32, 120, 200
# Vectors written or added at a time.
CHUNK = 8192
HEADER = (
    "vectors",
    "exact, NumPy: p50",
    *(
        f"{store}: {column}"
        for store in ("IVF", "HNSW")
        for column in ("p50", *(f"recall@{depth}" for depth in DEPTHS), "build", "size")
    ),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A store: median in milliseconds, recall at each of `DEPTHS`, build in seconds, bytes."""

    median: float
    recall: list[float]
    build: float
    size: int

    def cells(self) -> list[str]:
        """The cells of one store under `HEADER`."""
        return [
            f"{figure(self.median)} ms",
            *(f"{recall:.3f}" for recall in self.recall),
            f"{figure(self.build)} s",
            mebibytes(self.size),
        ]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The median of the exact scan in milliseconds, and both stores that are not exact."""

    vectors: int
    exact: float
    lists: Measured
    graph: Measured

    def cells(self) -> list[str]:
        """A row under `HEADER`."""
        exact = f"{figure(self.exact)} ms"
        return [f"{self.vectors:,}", exact, *self.lists.cells(), *self.graph.cells()]


class Graph:
    """FAISS's HNSW over half-precision vectors; meets `VectorStore`, but takes no filter."""

    def __init__(self, index: Any) -> None:
        """Search a graph."""
        self._index = index

    def __len__(self) -> int:
        """The number of vectors."""
        return int(self._index.ntotal)

    def search(
        self, query: Float32, limit: int, allowed: Mask | None = None
    ) -> tuple[Int64, Float32]:
        """See `VectorStore.search`."""
        assert allowed is None
        scores, numbers = self._index.search(query[None], limit)
        found = numbers[0] >= 0
        return best(numbers[0][found], scores[0][found], limit)


def compare_scans(
    generation: Generation, questions: Sequence[str], sizes: Sequence[int] = SIZES
) -> list[Comparison]:
    """One comparison for each size that the index has vectors for."""
    parts = open_parts(generation)
    stored = parts.vectors
    queries = [parts.embedder.embed_query(question).vector for question in questions]
    random = np.random.default_rng(SEED)
    comparisons = []
    for size in sizes:
        if size <= len(stored):
            say(f"exact scan, inverted lists and HNSW, {size:,} vectors")
            chosen = np.sort(random.choice(len(stored), size, replace=False))
            comparisons.append(_compare(stored.rows(chosen), queries))
    return comparisons


def _compare(vectors: Float16, queries: Sequence[Float32]) -> Comparison:
    with tempfile.TemporaryDirectory(prefix="benchmark-vectors-") as folder:
        files = {"lists": Path(folder, "lists.faiss"), "graph": Path(folder, "graph.faiss")}
        build = {
            "lists": timed(_write_lists, vectors, files["lists"])[0],
            "graph": timed(_write_graph, vectors, files["graph"])[0],
        }
        size = {name: file.stat().st_size for name, file in files.items()}
        stores: dict[str, VectorStore] = {
            "exact": ExactVectors(vectors.astype(np.float32)),
            "lists": FaissVectors.open(files["lists"]),
            "graph": Graph(_faiss().read_index(str(files["graph"]))),
        }
    searches = {name: partial(_search, store) for name, store in stores.items()}
    times = milliseconds_in_turn(searches, queries, ROUNDS)
    medians = {name: float(np.median(each)) for name, each in times.items()}
    lists, graph = (
        Measured(medians[name], _recall(stores, name, queries), build[name], size[name])
        for name in files
    )
    return Comparison(len(vectors), medians["exact"], lists, graph)


def _faiss() -> Any:
    import faiss

    return faiss


def _write_lists(vectors: Float16, file: Path) -> None:
    writer = VectorWriter(file, vectors.shape[1])
    for start in range(0, len(vectors), CHUNK):
        writer.add(vectors[start : start + CHUNK])
    writer.finish("ivf")


def _write_graph(vectors: Float16, file: Path) -> None:
    faiss = _faiss()
    fp16 = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexHNSWSQ(vectors.shape[1], fp16, LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = EF_CONSTRUCTION
    index.hnsw.efSearch = EF_SEARCH
    index.train(vectors[:1].astype(np.float32))  # half precision has nothing to learn
    for start in range(0, len(vectors), CHUNK):
        index.add(vectors[start : start + CHUNK].astype(np.float32))
    faiss.write_index(index, str(file))


def _search(store: VectorStore, query: Float32) -> object:
    return store.search(query, CANDIDATES)


def _recall(
    stores: Mapping[str, VectorStore], name: str, queries: Sequence[Float32]
) -> list[float]:
    """The mean recall at each of `DEPTHS`."""
    deepest = max(DEPTHS)
    pairs = [
        (stores[name].search(query, deepest)[1], stores["exact"].search(query, deepest)[1])
        for query in queries
    ]
    return [
        float(np.mean([recall(found, exact, depth) for found, exact in pairs])) for depth in DEPTHS
    ]
