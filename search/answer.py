"""The sentence of a passage that answers: contextual MaxSim over its sentences.

Every sentence is scored by late interaction with its own tokens alone, whose vectors the model made
while it read the whole passage behind its headline, so "he" already stands for someone. On XQuAD
this finds the right sentence more often than BM25 or a vector for each sentence
(docs/evaluation.md).
"""

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.maxsim import maxsim

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]


def sentence_scores(similarities: Float32, first_tokens: Int64, weights: Float32) -> Float32:
    """A score for each sentence, (s,) float32.

    similarities: (q, t) float32, query tokens against the passage's tokens
    first_tokens: (s,) int64, ascending, which token begins each sentence
    weights: (q,) float32
    """
    # A sentence without a token of its own (only a lone symbol, say) borrows its neighbour's.
    starts = np.minimum(first_tokens, similarities.shape[1] - 1)
    return maxsim(similarities, starts, weights)
