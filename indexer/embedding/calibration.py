"""What is learned of a model before any article: from `calibration.txt`, invented English news."""

from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

import numpy as np

from indexer.embedding.base import Embedder
from indexer.embedding.codec import TokenCodec
from indexer.embedding.tokenizer import PassageTokenizer, TokenizedPassage
from indexer.embedding.vector_codec import VectorCodec


class Codecs(NamedTuple):
    """What codes the vectors of tokens and of passages."""

    tokens: TokenCodec
    vectors: VectorCodec


def calibrated_codecs(embedder: Embedder) -> Codecs:
    """The codecs for the vectors of a model; the same on each call, in under a second."""
    tokenized = calibration_passages(embedder.tokenizer)
    identity = np.eye(embedder.dimension, dtype=np.float32)
    said = embedder.embed_passages(tokenized, identity)
    return Codecs(TokenCodec.fit(np.concatenate(said.tokens)), VectorCodec.fit(said.vectors))


def calibration_passages(tokenizer: PassageTokenizer) -> Sequence[TokenizedPassage]:
    """The passages of `calibration.txt`, without headlines, none longer than the window."""
    text = resources.files("indexer.embedding").joinpath("calibration.txt").read_text("utf-8")
    passages = [part for whole in text.split("\n\n") for part in _fitting(whole, tokenizer)]
    return tokenizer.passages([""] * len(passages), passages)


def _fitting(text: str, tokenizer: PassageTokenizer) -> list[str]:
    """The text, halved until each part fits the model's window."""
    words = text.split()
    if len(words) < 2 or tokenizer.count([" ".join(words)])[0] <= tokenizer.max_passage_tokens:
        return [" ".join(words)]
    middle = len(words) // 2
    halves = (" ".join(words[:middle]), " ".join(words[middle:]))
    return [part for half in halves for part in _fitting(half, tokenizer)]
