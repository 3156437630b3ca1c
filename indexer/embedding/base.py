"""What every embedder is, and what embedders share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np

from indexer.arrays import Float32, Int64
from indexer.embedding.model import ModelFiles
from indexer.embedding.tokenizer import PassageTokenizer, TokenizedPassage, TokenizedQuery


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """What the model says of one query.

    vector: (d,) float32, unit length
    tokens: (q, d) float32, unit length, the query's own tokens in order
    token_ids: (q,) int64
    words: (q,) int64, which word of the query each token is a piece of
    offsets: (q, 2) int64, code points in the query's text
    """

    vector: Float32
    tokens: Float32
    token_ids: Int64
    words: Int64
    offsets: Int64

    @classmethod
    def of(cls, query: TokenizedQuery, vector: Float32, tokens: Float32) -> "QueryVectors":
        """From the model's outputs for one query: (d,), and (t, d) for all of its token ids."""
        own = query.own
        return cls(vector, tokens[own], query.ids[own], query.words, query.offsets)


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """What the model says of n passages.

    vectors: (n, d) float32, unit length
    tokens: n arrays (t, p) float32, the passage's own tokens, projected
    """

    vectors: Float32
    tokens: list[Float32]


class Embedder(Protocol):
    """A model that turns text into one vector and into one vector a token."""

    model: ModelFiles
    tokenizer: PassageTokenizer
    dimension: int

    def embed_query(self, text: str) -> QueryVectors:
        """Embed one question; safe to call from several threads."""

    def embed_passages(
        self, passages: Sequence[TokenizedPassage], projection: Float32
    ) -> PassageVectors:
        """Embed passages in any number; `projection` is (d, p), applied to unit token vectors."""

    def release(self) -> None:
        """Give back what embedding passages took in memory; the next call takes it again."""


def batches_by_length(passages: Sequence[TokenizedPassage], size: int) -> Iterator[list[int]]:
    """Positions of the passages in batches, longest first: a batch pads little."""
    order = iter(sorted(range(len(passages)), key=lambda i: -len(passages[i].ids)))
    while batch := list(islice(order, size)):
        yield batch


def pad(rows: Sequence[Int64], width: int | None = None) -> tuple[Int64, Int64]:
    """Token ids and attention mask of a batch, each (b, t) int64, padded on the right with 0.

    t is `width`, or the longest row.
    """
    width = width or max(len(row) for row in rows)
    ids = np.zeros((len(rows), width), np.int64)
    mask = np.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return ids, mask
