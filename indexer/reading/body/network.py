"""A small network: what the models of this package are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexer.arrays import Float32


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer; f features, h hidden units.

    hidden: (f, h); bias: (h,); output: (h,); offset: of the log-odds
    """

    hidden: Float32
    bias: Float32
    output: Float32
    offset: float

    def __call__(self, features: Float32) -> Float32:
        """The probability of each row of (n, f), (n,)."""
        units = features @ self.hidden
        units += self.bias
        odds = np.maximum(units, 0, out=units) @ self.output + self.offset
        # The logistic function, without its overflow.
        found: Float32 = np.tanh(odds / 2) / 2 + 0.5
        return found


def read_network(stage: Mapping[str, Any]) -> Network:
    """A network as its weights lie in JSON, named as its attributes are."""
    return Network(
        np.array(stage["hidden"], np.float32),
        np.array(stage["bias"], np.float32),
        np.array(stage["output"], np.float32),
        stage["offset"],
    )
