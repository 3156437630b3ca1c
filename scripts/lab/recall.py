"""How much of what an exact search finds another search finds too."""

import numpy as np

from indexer.arrays import Float32

# Scores that differ by less are equal.
TOLERANCE = 1e-6


def recall(found: Float32, exact: Float32, depth: int) -> float:
    """The share of the best `depth` that is found; among equal scores any passage will do.

    found, exact: (k,) float32 scores, best first
    """
    wanted = exact[:depth]
    last = wanted[-1] - TOLERANCE if len(wanted) else 0
    return np.count_nonzero(found[:depth] >= last) / max(len(wanted), 1)
