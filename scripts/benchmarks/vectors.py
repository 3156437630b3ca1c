"""Exact scan, inverted lists and HNSW by number of vectors: what is each worth?

Random subsets of the index's own vectors, searched for `CANDIDATES` as the engine does, by three
stores in turn: NumPy, the inverted lists of `indexer/storage/vectors.py` whatever the size, and a
FAISS graph over the same half-precision vectors. The lists depend on the vectors and their order
alone, however often an index was added to, which the graph does not.
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.embedder import open_embedder
from indexer.settings import Settings
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
from scripts.lab.table import figure, mebibytes
from search.ranking.candidates import CANDIDATES

Float16 = NDArray[np.float16]
Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]

SIZES = (5_000, 10_000, 20_000, 30_000, 50_000, 100_000)
SEED = 11
ROUNDS = 3
# Questions asked of one store before it is the next one's turn.
BLOCK = 20
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
    stored = FaissVectors.open(generation.path / "vectors.faiss")
    embedder = open_embedder(Settings.from_environment(), generation.manifest.model)
    queries = [embedder.embed_query(question).vector for question in questions]
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
            "lists": _timed_build(_write_lists, vectors, files["lists"]),
            "graph": _timed_build(_write_graph, vectors, files["graph"]),
        }
        size = {name: file.stat().st_size for name, file in files.items()}
        stores: dict[str, VectorStore] = {
            "exact": ExactVectors(vectors.astype(np.float32)),
            "lists": FaissVectors.open(files["lists"]),
            "graph": Graph(_faiss().read_index(str(files["graph"]))),
        }
    medians = {name: float(np.median(times)) for name, times in _times(stores, queries).items()}
    lists, graph = (
        Measured(medians[name], _recall(stores, name, queries), build[name], size[name])
        for name in files
    )
    return Comparison(len(vectors), medians["exact"], lists, graph)


def _faiss() -> Any:
    import faiss

    return faiss


def _timed_build(write: Callable[[Float16, Path], None], vectors: Float16, file: Path) -> float:
    started = time.perf_counter()
    write(vectors, file)
    return time.perf_counter() - started


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


def _times(stores: Mapping[str, VectorStore], queries: Sequence[Float32]) -> dict[str, list[float]]:
    """Milliseconds of every search of every store."""
    for store in stores.values():
        for query in queries[:BLOCK]:
            store.search(query, CANDIDATES)
    times: dict[str, list[float]] = {name: [] for name in stores}
    for _ in range(ROUNDS):
        for start in range(0, len(queries), BLOCK):
            for name, store in stores.items():
                for query in queries[start : start + BLOCK]:
                    started = time.perf_counter()
                    store.search(query, CANDIDATES)
                    times[name].append((time.perf_counter() - started) * 1e3)
    return times


def _recall(
    stores: Mapping[str, VectorStore], name: str, queries: Sequence[Float32]
) -> list[float]:
    """The mean share of the best found at each of `DEPTHS`; of equal vectors, any will do."""
    shares = np.zeros(len(DEPTHS))
    for query in queries:
        _, wanted = stores["exact"].search(query, max(DEPTHS))
        _, found = stores[name].search(query, max(DEPTHS))
        for i, depth in enumerate(DEPTHS):
            last = wanted[:depth][-1] - 1e-6
            shares[i] += np.count_nonzero(found[:depth] >= last) / len(wanted[:depth])
    return [float(share) / len(queries) for share in shares]
