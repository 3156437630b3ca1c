"""Late interaction: how well each query token is matched by the best token of a passage.

    score = Σ_q w(q) · max_d q·d / Σ_q w(q)

ColBERT's MaxSim (Khattab & Zaharia 2020, https://arxiv.org/abs/2004.12832), zero-shot on the token
vectors of a single-vector model, each query token weighted by its inverse document frequency.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from indexer.arrays import Float32, Int64, UInt8
from indexer.embedding.base import Embedder, QueryVectors
from indexer.embedding.codec import TokenCodec
from search.index import Index


def token_similarities(codec: TokenCodec, query: Float32, codes: UInt8) -> Float32:
    """Dot products (q, t) of (q, d) query tokens with (t, w) token codes.

    The steps move into the query.
    """
    scaled = (query @ codec.projection) * codec.step  # (q, p)
    # In this order, and turned: a fifth less time than the product that is already turned.
    return np.ascontiguousarray((codec.levels(codes) @ scaled.T).T)


def word_weights(idf: Float32, words: Int64) -> Float32:
    """Weights (q,) of query tokens: each word counts once, by its rarest piece.

    A rare name is cut into several pieces; unshared, each would count as a word of its own. Sharing
    raises the right answer sentence on XQuAD from .859 to .870 (docs/evaluation.md).

    idf: (q,) float32 of each token
    words: (q,) int64, which word each token is a piece of
    """
    rarest = np.zeros(int(words.max(initial=-1)) + 1, np.float32)
    np.maximum.at(rarest, words, idf)
    pieces = np.bincount(words)
    weights: Float32 = (rarest[words] / pieces[words]).astype(np.float32)
    return weights


def best_matches(similarities: Float32, starts: Int64) -> Float32:
    """The best similarity of each query token in each of n runs of passage tokens, (q, n).

    A run without a token (a passage of invisible characters) matches nothing, at -1.

    similarities: (q, t) float32
    starts: (n,) int64, ascending, where each run begins; the last ends with the tokens
    """
    empty = np.diff(starts, append=similarities.shape[1]) == 0
    if not empty.any():
        matches: Float32 = np.maximum.reduceat(similarities, starts, axis=1)
        return matches
    matches = np.full((len(similarities), len(starts)), -1, np.float32)
    if not empty.all():
        matches[:, ~empty] = np.maximum.reduceat(similarities, starts[~empty], axis=1)
    return matches


def maxsim(matches: Float32, weights: Float32) -> Float32:
    """Weighted MaxSim (n,) from best matches (q, n) and weights (q,); a plain mean if all are 0."""
    if not weights.any():
        weights = np.ones_like(weights)
    score: Float32 = (weights / weights.sum()) @ matches
    return score


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is being answered.

    weights: (q,) float32, of each of its tokens
    also: other spellings of names in it, that are looked for as words
    known: its tokens against those of each passage that has been read, (q, t) float32: reranking
        and answering look at mostly the same ones
    """

    text: str
    vectors: QueryVectors
    weights: Float32
    index: Index
    also: tuple[str, ...] = ()
    known: dict[int, Float32] = field(default_factory=dict)

    @classmethod
    def of(
        cls, text: str, embedder: Embedder, index: Index, also: tuple[str, ...] = ()
    ) -> "Question":
        """What the model makes of a text that is asked of an index."""
        vectors = embedder.embed_query(text)
        weights = word_weights(index.idf[vectors.token_ids], vectors.words)
        return cls(text, vectors, weights, index, also)

    def similarities(self, passages: Sequence[int]) -> tuple[Float32, Int64]:
        """Its tokens against the tokens of some passages, (q, t), and where each begins, (n,).

        Raises:
            IndexDamaged: the token codes cannot be read.
        """
        missing = [number for number in passages if number not in self.known]
        if missing:
            codes, starts = self.index.codes(missing)
            found = token_similarities(self.index.codec, self.vectors.tokens, codes)
            self.known.update(zip(missing, np.split(found, starts[1:], axis=1), strict=True))
        runs = [self.known[number] for number in passages]
        lengths = np.array([run.shape[1] for run in runs])
        return np.concatenate(runs, axis=1), np.cumsum(lengths) - lengths
