"""Passage vectors as 8-bit codes: one byte a dimension, half of float16, at little loss.

Each dimension is cut into 256 equal steps over six standard deviations either side of its mean. The
mean matters: a dimension that is large in every vector, as some models have them, would else take
the steps from all that tells vectors apart. What is out of the range gets the outermost level.

Ranges are those of a model, learned as the axes of `codec.py` are, and not of a corpus: vectors
that were coded in different runs have the same codes, and what was decoded is coded as it was.
"""

from dataclasses import dataclass

import numpy as np

from indexer.arrays import Float32, UInt8

LEVELS = 256
# Half-width of the coded range, in standard deviations of a dimension.
RANGE = 6
# Of a dimension that is always the same: float32 must tell the steps apart.
LEAST_DEVIATION = 1e-3


@dataclass(frozen=True, slots=True)
class VectorCodec:
    """A range for each dimension.

    low: (d,) float32, where the first level begins
    width: (d,) float32, 255 steps, as FAISS counts them
    """

    low: Float32
    width: Float32

    @classmethod
    def fit(cls, vectors: Float32) -> "VectorCodec":
        """Learn the ranges from (n, d) unit vectors."""
        half = RANGE * np.maximum(vectors.std(axis=0, dtype=np.float64), LEAST_DEVIATION)
        low = vectors.mean(axis=0, dtype=np.float64) - half
        width = 2 * half * (LEVELS - 1) / LEVELS
        return cls(low.astype(np.float32), width.astype(np.float32))

    @property
    def sane(self) -> bool:
        """Whether unit vectors may have these ranges."""
        least = 2 * RANGE * LEAST_DEVIATION * (LEVELS - 2) / LEVELS
        low, width = (
            np.abs(self.low) <= 1 + RANGE,
            (least <= self.width) & (self.width <= 2 * RANGE),
        )
        return bool(low.all() and width.all())

    def encode(self, vectors: Float32) -> UInt8:
        """The (n, d) codes of (n, d) vectors."""
        levels = np.floor((vectors - self.low) / self.width * np.float32(LEVELS - 1))
        codes: UInt8 = np.clip(levels, 0, LEVELS - 1).astype(np.uint8)
        return codes

    def decode(self, codes: UInt8) -> Float32:
        """The (n, d) float32 vectors that (n, d) codes stand for: the middle of each step."""
        middles = (codes + np.float32(0.5)) / np.float32(LEVELS - 1)
        vectors: Float32 = self.low + middles * self.width
        return vectors
