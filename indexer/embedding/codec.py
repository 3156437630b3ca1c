"""Token vectors as codes of two bits an axis: 112 axes of 384 dimensions, 28 bytes a token.

A token vector of unit length is projected on the main axes of the model's token vectors (PCA
without centring, so that dot products and not distances are kept). These are turned among
themselves at random, which spreads what they say evenly over all of them (as RaBitQ does, Gao &
Long 2024, https://doi.org/10.1145/3654970), and each is cut into four steps around 0. Many axes of
few bits keep more than few of many (docs/evaluation.md).

The axes are learned from a text that comes with the program, not from the corpus: so an index that
grew article by article is coded like one that was built at once.
"""

from dataclasses import dataclass

import numpy as np

from indexer.arrays import Float32, UInt8

AXES = 112
# A step, in standard deviations of an axis: the best for four levels of a normal distribution (Max
# 1960, https://doi.org/10.1109/TIT.1960.1057548).
STEP = 0.9957
# What the four levels of an axis stand for, in steps; and of which four a byte consists, (256, 4).
LEVELS = np.arange(4, dtype=np.float32) - np.float32(1.5)
BYTES = LEVELS[np.arange(256)[:, None] >> np.array([6, 4, 2, 0]) & 3]


@dataclass(frozen=True, slots=True)
class TokenCodec:
    """A projection and a step width for each axis.

    projection: (d, p) float32, orthonormal columns
    step: (p,) float32
    """

    projection: Float32
    step: Float32

    @classmethod
    def fit(cls, tokens: Float32, axes: int = AXES) -> "TokenCodec":
        """Learn the axes from (n, d) unit token vectors; p is `axes`, or d if that is less."""
        moment = (tokens.T @ tokens).astype(np.float64) / len(tokens)  # (d, d)
        _, vectors = np.linalg.eigh(moment)
        main = vectors[:, ::-1][:, :axes]  # (d, p)
        random = np.random.default_rng(0).standard_normal((main.shape[1], main.shape[1]))
        projection = np.ascontiguousarray(main @ np.linalg.qr(random)[0], np.float32)
        deviation = np.sqrt(np.mean((tokens @ projection) ** 2, axis=0))  # (p,)
        return cls(projection, (STEP * np.maximum(deviation, 1e-6)).astype(np.float32))

    @property
    def width(self) -> int:
        """Bytes of a token's code."""
        return -(-len(self.step) // 4)

    def encode(self, projected: Float32) -> UInt8:
        """Code (t, p) projected token vectors as (t, width) bytes, the first axis highest."""
        levels = np.zeros((len(projected), 4 * self.width), np.uint8)
        levels[:, : len(self.step)] = np.clip(np.floor(projected / self.step) + 2, 0, 3)
        codes: UInt8 = levels[:, 0::4]
        for place in range(1, 4):
            codes = (codes << np.uint8(2)) | levels[:, place::4]
        return codes

    def same_as(self, other: "TokenCodec") -> bool:
        """Whether codes of one can be read by the other."""
        return np.array_equal(self.projection, other.projection) and np.array_equal(
            self.step, other.step
        )

    def levels(self, codes: UInt8) -> Float32:
        """What (t, width) codes stand for on each axis, in its steps, (t, p)."""
        # Clipped, which a byte never needs: or NumPy would copy the answer to be able to refuse.
        found: Float32 = BYTES.take(codes, axis=0, mode="clip")  # (t, w, 4)
        return found.reshape(len(codes), -1)[:, : len(self.step)]

    def decode(self, codes: UInt8) -> Float32:
        """The (t, p) float32 vectors that (t, width) codes stand for: the middle of each step."""
        return self.levels(codes) * self.step
