"""Exact scan against HNSW by number of vectors: where does the graph begin to pay?

Random subsets of the index's own vectors, searched for 300 as the engine does, by three stores in
turn: NumPy, FAISS flat and FAISS HNSW.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.embedder import open_embedder
from indexer.settings import Settings
from indexer.storage.generation import Generation
from indexer.storage.vectors import ExactVectors, FaissVectors, VectorStore, write_vectors
from scripts.benchmark_process import say
from scripts.benchmark_table import figure
from search.engine import CANDIDATES

Float32 = NDArray[np.float32]

SIZES = (5_000, 10_000, 20_000, 30_000, 50_000, 100_000)
SEED = 11
ROUNDS = 3
# Questions asked of one store before it is the next one's turn.
BLOCK = 20
DEPTH = 10
HEADER = (
    "vectors",
    "exact, NumPy: p50",
    "exact, IndexFlatIP: p50",
    "HNSW: p50",
    f"HNSW: recall@{DEPTH}",
    "HNSW: build",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians in milliseconds, recall of the graph against the exact scan, its build in seconds."""

    vectors: int
    exact: float
    flat: float
    hnsw: float
    recall: float
    build: float

    def cells(self) -> list[str]:
        """A row under `HEADER`."""
        return [
            f"{self.vectors:,}",
            *(f"{figure(time)} ms" for time in (self.exact, self.flat, self.hnsw)),
            f"{self.recall:.3f}",
            f"{figure(self.build)} s",
        ]


def compare_scans(
    generation: Generation, questions: Sequence[str], sizes: Sequence[int] = SIZES
) -> list[Comparison]:
    """One comparison for each size that the index has vectors for."""
    vectors = _all_vectors(generation.path / "vectors.faiss")
    embedder = open_embedder(Settings.from_environment(), generation.manifest.model)
    queries = [embedder.embed_query(question).vector for question in questions]
    random = np.random.default_rng(SEED)
    comparisons = []
    for size in sizes:
        if size <= len(vectors):
            say(f"exact scan against HNSW, {size:,} vectors")
            chosen = np.sort(random.choice(len(vectors), size, replace=False))
            comparisons.append(_compare(vectors[chosen], queries))
    return comparisons


def _all_vectors(file: Path) -> Float32:
    import faiss

    index = faiss.read_index(str(file))
    vectors: Float32 = index.reconstruct_n(0, index.ntotal)
    return vectors


def _compare(vectors: Float32, queries: Sequence[Float32]) -> Comparison:
    with tempfile.TemporaryDirectory(prefix="benchmark-vectors-") as folder:
        flat, hnsw = Path(folder, "flat"), Path(folder, "hnsw")
        write_vectors(vectors, flat, kind="flat")
        started = time.perf_counter()
        write_vectors(vectors, hnsw, kind="hnsw")
        build = time.perf_counter() - started
        stores: dict[str, VectorStore] = {
            "exact": ExactVectors(vectors),
            "flat": FaissVectors.open(flat),
            "hnsw": FaissVectors.open(hnsw),
        }
    medians = {name: float(np.median(times)) for name, times in _times(stores, queries).items()}
    recall = np.mean([_recall(stores["exact"], stores["hnsw"], query) for query in queries])
    return Comparison(
        len(vectors), medians["exact"], medians["flat"], medians["hnsw"], float(recall), build
    )


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


def _recall(exact: VectorStore, store: VectorStore, query: Float32) -> float:
    """The share of the best ten found; of vectors that are the same, any will do."""
    _, best = exact.search(query, CANDIDATES)
    _, found = store.search(query, CANDIDATES)
    depth = min(DEPTH, len(best))
    return min(1.0, float(np.count_nonzero(found[:DEPTH] >= best[depth - 1] - 1e-6)) / depth)
