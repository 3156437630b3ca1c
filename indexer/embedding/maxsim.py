"""Late interaction: how well each query token is matched by the best token of a passage.

    score = Σ_q w(q) · max_d q·d / Σ_q w(q)

ColBERT's MaxSim (Khattab & Zaharia 2020, https://arxiv.org/abs/2004.12832), zero-shot on the token
vectors of a single-vector model, each query token weighted by its inverse document frequency.
"""

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.codec import LEVELS, TokenCodec, UInt8

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]


def inverse_document_frequency(document_frequency: Int64, documents: int) -> Float32:
    """BM25's idf, ln(1 + (N - df + ½) / (df + ½)), (q,) float32, never negative."""
    df = np.minimum(document_frequency.astype(np.float64), documents)
    return np.log1p((documents - df + 0.5) / (df + 0.5)).astype(np.float32)


def token_similarities(codec: TokenCodec, query: Float32, codes: UInt8) -> Float32:
    """Dot products (q, t) of (q, d) query tokens with (t, p / 2) token codes.

    The codes are never decoded: the step width moves into the query, the middle of the range into
    one constant a query token.
    """
    scaled = (query @ codec.projection) * codec.step  # (q, p)
    half = scaled.shape[1] // 2
    low = (codes & 15).astype(np.float32)  # (t, p / 2)
    high = (codes >> 4).astype(np.float32)
    middle = np.float32((LEVELS - 1) / 2) * scaled.sum(axis=1, keepdims=True)  # (q, 1)
    similarities: Float32 = scaled[:, :half] @ low.T + scaled[:, half:] @ high.T - middle
    return similarities


def maxsim(similarities: Float32, starts: Int64, weights: Float32) -> Float32:
    """Weighted MaxSim (n,) of n runs of passage tokens.

    similarities: (q, t) float32
    starts: (n,) int64, where each run of passage tokens starts; none is empty
    weights: (q,) float32
    """
    best = np.maximum.reduceat(similarities, starts, axis=1)  # (q, n)
    total = float(weights.sum())
    if total <= 0:
        mean: Float32 = best.mean(axis=0)
        return mean
    score: Float32 = (weights @ best) / np.float32(total)
    return score
