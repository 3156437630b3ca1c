"""Random unit vectors, spread evenly or in clumps, and files of them."""

from pathlib import Path
from typing import get_args

import numpy as np

from indexer.arrays import Float32
from indexer.embedding.vector_codec import VectorCodec
from indexer.storage.manifest import VectorIndexKind
from indexer.storage.vector_writer import VectorWriter

KINDS = get_args(VectorIndexKind)


def unit_vectors(count: int, dimension: int, seed: int = 0) -> Float32:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    unit: Float32 = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def codec_of(dimension: int) -> VectorCodec:
    """A codec whose ranges hold every unit vector."""
    everywhere = np.ones(dimension, np.float32)
    return VectorCodec(-everywhere, 2 * everywhere)


def coded(vectors: Float32) -> Float32:
    """Vectors as their codes tell them."""
    codec = codec_of(vectors.shape[1])
    return codec.decode(codec.encode(vectors))


def coded_vectors(count: int, dimension: int, seed: int = 0) -> Float32:
    return coded(unit_vectors(count, dimension, seed))


def clustered(count: int, dimension: int, seed: int = 0) -> Float32:
    """Unit vectors that lie in clumps, as those of passages do."""
    centres = unit_vectors(40, dimension, seed=7)
    of = np.random.default_rng(seed).integers(0, len(centres), count)
    near = centres[of] + 0.7 * unit_vectors(count, dimension, seed=seed + 1)
    unit: Float32 = near / np.linalg.norm(near, axis=1, keepdims=True)
    return unit


def write_vectors(
    file: Path,
    vectors: Float32,
    kind: VectorIndexKind | None = None,
    chunk: int = 1000,
    codec: VectorCodec | None = None,
) -> VectorIndexKind:
    codec = codec or codec_of(vectors.shape[1])
    writer = VectorWriter(file, codec)
    for start in range(0, len(vectors), chunk):
        writer.add(codec.encode(vectors[start : start + chunk]))
    return writer.finish(kind)
