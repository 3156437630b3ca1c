"""Exact scan and FAISS indexes by the number of vectors: how fast, how right, how large.

Random subsets of the index's own vectors are searched for `CANDIDATES`, as a search does, by four
stores in turn: NumPy, the inverted lists of `indexer/storage/vectors.py` whatever the size, a FAISS
graph over the same vectors in half precision, and as many lists with one bit a number, the best of
which are compared again in half precision (RaBitQ). However often an index was added to, its lists
depend on nothing but the vectors and their order; a graph depends on how it was built too.
"""

import math
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from indexer.arrays import Float32, Int64
from indexer.embedding.embedder import open_embedder
from indexer.embedding.vector_codec import VectorCodec
from indexer.settings import Settings
from indexer.storage.exact import ExactVectors, best
from indexer.storage.manifest import Generation
from indexer.storage.parts import Parts
from indexer.storage.vector_writer import LISTS, TRAINED_ON, TRAINING_ROUNDS, VectorWriter
from indexer.storage.vectors import FEWEST, ONE_IN, FaissVectors
from scripts.lab.measure import milliseconds_in_turn, recall, say, timed
from scripts.lab.table import figure, mebibytes
from search.ranking.candidates import CANDIDATES

Search = Callable[[Float32, int], tuple[Int64, Float32]]
"""The `limit` best of a query: numbers (k,) and scores (k,), best first."""

SIZES = (5_000, 10_000, 20_000, 30_000, 50_000, 100_000)
SEED = 11
ROUNDS = 3
DEPTHS = (10, 200)
# The graph that the lists are compared with.
LINKS, EF_CONSTRUCTION, EF_SEARCH = 32, 120, 200
# Candidates by bits for each result that are compared again.
REFINED = 4
# Vectors written or added at a time.
CHUNK = 8192
HEADER = (
    "vectors",
    "exact, NumPy: p50",
    *(
        f"{store}: {column}"
        for store in ("IVF", "HNSW", "RaBitQ")
        for column in ("p50", *(f"recall@{depth}" for depth in DEPTHS), "build", "size")
    ),
)


def compare_stores(
    generation: Generation, questions: Sequence[str], sizes: Sequence[int] = SIZES
) -> list[list[str]]:
    """A row under `HEADER` for each size that the index has vectors for."""
    parts = Parts.open(generation)
    stored, codec = parts.vectors, parts.segments[0].vectors.codec
    embedder = open_embedder(Settings.from_environment(), generation.manifest.model)
    queries = [embedder.embed_query(question).vector for question in questions]
    random = np.random.default_rng(SEED)
    rows = []
    for size in sizes:
        if size <= len(stored):
            say(f"vector stores, {size:,} vectors")
            chosen = np.sort(random.choice(len(stored), size, replace=False))
            rows.append(_compare(stored.rows(chosen), codec, queries))
    return rows


def _compare(vectors: Float32, codec: VectorCodec, queries: Sequence[Float32]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="benchmark-vectors-") as folder:
        lists, graph, bits = (Path(folder, name) for name in ("lists", "graph", "bits"))
        builds = [
            timed(_write_lists, vectors, codec, lists)[0],
            timed(_write_graph, vectors, graph)[0],
            timed(_write_bits, vectors, bits)[0],
        ]
        sizes = [file.stat().st_size for file in (lists, graph, bits)]
        exact: Search = ExactVectors(vectors).search
        others: dict[str, Search] = {
            "lists": FaissVectors.open(lists).search,
            "graph": partial(_search, _faiss().read_index(str(graph)), None),
            "bits": _search_bits(_faiss().read_index(str(bits))),
        }
    searches = {name: partial(_search_wide, each) for name, each in {"": exact, **others}.items()}
    times = milliseconds_in_turn(searches, queries, ROUNDS)
    medians = {name: f"{figure(float(np.median(each)))} ms" for name, each in times.items()}
    cells = [f"{len(vectors):,}", medians[""]]
    for (name, search), build, size in zip(others.items(), builds, sizes, strict=True):
        found = [f"{each:.3f}" for each in _recall(search, exact, queries)]
        cells += [medians[name], *found, f"{figure(build)} s", mebibytes(size)]
    return cells


def _faiss() -> Any:
    import faiss

    return faiss


def _write_lists(vectors: Float32, codec: VectorCodec, file: Path) -> None:
    writer = VectorWriter(file, codec)
    for start in range(0, len(vectors), CHUNK):
        writer.add(codec.encode(vectors[start : start + CHUNK]))
    writer.finish("ivf")


def _write_graph(vectors: Float32, file: Path) -> None:
    faiss = _faiss()
    fp16 = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexHNSWSQ(vectors.shape[1], fp16, LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = EF_CONSTRUCTION
    index.hnsw.efSearch = EF_SEARCH
    index.train(vectors[:1])  # half precision has nothing to learn
    _fill(index, vectors, file)


def _write_bits(vectors: Float32, file: Path) -> None:
    faiss = _faiss()
    lists = max(1, min(LISTS * math.isqrt(len(vectors)), len(vectors) // TRAINED_ON))
    factory = f"IVF{lists},RaBitQ,Refine(SQfp16)"
    index = faiss.index_factory(vectors.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    faiss.downcast_index(index.base_index).cp.niter = TRAINING_ROUNDS
    sample = np.linspace(0, len(vectors) - 1, min(len(vectors), TRAINED_ON * lists))
    index.train(vectors[sample.astype(np.int64)])
    _fill(index, vectors, file)


def _fill(index: Any, vectors: Float32, file: Path) -> None:
    for start in range(0, len(vectors), CHUNK):
        index.add(vectors[start : start + CHUNK])
    _faiss().write_index(index, str(file))


def _search_bits(index: Any) -> Search:
    faiss = _faiss()
    base = faiss.IVFRaBitQSearchParameters()
    base.nprobe = max(FEWEST, faiss.downcast_index(index.base_index).nlist // ONE_IN)
    parameters = faiss.IndexRefineSearchParameters(k_factor=REFINED, base_index_params=base)
    return partial(_search, index, parameters)


def _search(index: Any, parameters: Any, query: Float32, limit: int) -> tuple[Int64, Float32]:
    scores, numbers = index.search(query[None], limit, params=parameters)
    found = numbers[0] >= 0
    return best(numbers[0][found], scores[0][found], limit)


def _search_wide(search: Search, query: Float32) -> object:
    return search(query, CANDIDATES)


def _recall(search: Search, exact: Search, queries: Sequence[Float32]) -> list[float]:
    """The mean recall at each of `DEPTHS`."""
    pairs = [(search(query, max(DEPTHS))[1], exact(query, max(DEPTHS))[1]) for query in queries]
    return [float(np.mean([recall(*pair, depth) for pair in pairs])) for depth in DEPTHS]
