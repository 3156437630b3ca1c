"""The codec of a model: its axes are learned from `calibration.txt`, invented news in English."""

from importlib import resources

import numpy as np

from indexer.embedding.base import Embedder
from indexer.embedding.codec import TokenCodec
from indexer.embedding.tokenizer import PassageTokenizer


def calibrated_codec(embedder: Embedder) -> TokenCodec:
    """The codec for the token vectors of a model; the same on each call, in under a second."""
    text = resources.files("indexer.embedding").joinpath("calibration.txt").read_text("utf-8")
    tokenizer = embedder.tokenizer
    passages = [part for whole in text.split("\n\n") for part in _fitting(whole, tokenizer)]
    tokenized = tokenizer.passages([""] * len(passages), passages)
    identity = np.eye(embedder.dimension, dtype=np.float32)
    return TokenCodec.fit(np.concatenate(embedder.embed_passages(tokenized, identity).tokens))


def _fitting(text: str, tokenizer: PassageTokenizer) -> list[str]:
    """The text, halved until each part fits the model's window."""
    words = text.split()
    if len(words) < 2 or tokenizer.count([" ".join(words)])[0] <= tokenizer.max_passage_tokens:
        return [" ".join(words)]
    middle = len(words) // 2
    halves = (" ".join(words[:middle]), " ".join(words[middle:]))
    return [part for half in halves for part in _fitting(half, tokenizer)]
