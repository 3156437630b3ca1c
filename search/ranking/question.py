"""A question as the model sees it, and how well its words are matched."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.embedder import Embedder, QueryVectors
from indexer.storage.tokens import Tokens
from search.ranking.late import token_similarities, word_weights

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is being answered.

    weights: (q,) float32, of each of its tokens
    known: its tokens against those of each passage that has been read, (q, t) float32: reranking
        and answering look at mostly the same ones
    """

    text: str
    vectors: QueryVectors
    weights: Float32
    tokens: Tokens
    known: dict[int, Float32] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, embedder: Embedder, idf: Float32, tokens: Tokens) -> "Question":
        """What the model says of a text; `idf` is (v,) float32, of every token id."""
        vectors = embedder.embed_query(text)
        return cls(text, vectors, word_weights(idf[vectors.token_ids], vectors.words), tokens)

    def similarities(self, passages: Sequence[int]) -> tuple[Float32, Int64]:
        """Its tokens against the tokens of some passages, (q, t), and where each begins, (n,).

        Raises:
            IndexDamaged: the token codes cannot be read.
        """
        missing = [number for number in passages if number not in self.known]
        if missing:
            codes, starts = self.tokens.read(missing)
            found = token_similarities(self.tokens.codec, self.vectors.tokens, codes)
            self.known.update(zip(missing, np.split(found, starts[1:], axis=1), strict=True))
        runs = [self.known[number] for number in passages]
        lengths = np.array([run.shape[1] for run in runs])
        return np.concatenate(runs, axis=1), np.cumsum(lengths) - lengths
