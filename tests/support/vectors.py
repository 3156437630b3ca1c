"""Random unit vectors, spread evenly or in clumps, and files of them."""

from pathlib import Path
from typing import get_args

import numpy as np

from indexer.arrays import Float16, Float32
from indexer.storage.manifest import VectorIndexKind
from indexer.storage.vector_writer import VectorWriter

KINDS = get_args(VectorIndexKind)


def unit_vectors(count: int, dimension: int, seed: int = 0) -> Float32:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    unit: Float32 = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def half(count: int, dimension: int, seed: int = 0) -> Float16:
    return unit_vectors(count, dimension, seed).astype(np.float16)


def clustered(count: int, dimension: int, seed: int = 0) -> Float32:
    """Unit vectors that lie in clumps, as those of passages do."""
    centres = unit_vectors(40, dimension, seed=7)
    of = np.random.default_rng(seed).integers(0, len(centres), count)
    near = centres[of] + 0.7 * unit_vectors(count, dimension, seed=seed + 1)
    unit: Float32 = near / np.linalg.norm(near, axis=1, keepdims=True)
    return unit


def write_vectors(
    file: Path, vectors: Float16, kind: VectorIndexKind | None = None, chunk: int = 1000
) -> VectorIndexKind:
    writer = VectorWriter(file, vectors.shape[1])
    for start in range(0, len(vectors), chunk):
        writer.add(vectors[start : start + chunk])
    return writer.finish(kind)
