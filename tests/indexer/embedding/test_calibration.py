"""The codec of a model: learned from a text that comes with the program, the same in every run."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from indexer.arrays import Float32
from indexer.embedding.base import Embedder, PassageVectors
from indexer.embedding.calibration import calibrated_codec
from indexer.embedding.codec import AXES
from indexer.embedding.tokenizer import TokenizedPassage
from tests.support.corpus import FERRY
from tests.support.fakes import DIMENSION, MAX_TOKENS, FakeEmbedder, fake_tokenizer


class Listening(FakeEmbedder):
    """Remembers the token ids of each passage it embeds."""

    def __init__(self, max_tokens: int = MAX_TOKENS) -> None:
        super().__init__(max_tokens)
        self.heard: list[list[int]] = []

    def embed_passages(
        self, passages: Sequence[TokenizedPassage], projection: Float32
    ) -> PassageVectors:
        self.heard += [passage.ids[passage.first : passage.last].tolist() for passage in passages]
        return super().embed_passages(passages, projection)


def _heard(window: int) -> list[list[int]]:
    embedder = Listening(window)
    calibrated_codec(embedder)
    return embedder.heard


def test_the_same_each_time() -> None:
    one, other = calibrated_codec(FakeEmbedder()), calibrated_codec(FakeEmbedder())
    assert one.same_as(other)
    assert one.projection.tobytes() == other.projection.tobytes()
    assert one.step.tobytes() == other.step.tobytes()


def test_axes_and_steps() -> None:
    codec = calibrated_codec(FakeEmbedder())
    assert codec.projection.shape == (DIMENSION, DIMENSION)
    np.testing.assert_allclose(codec.projection.T @ codec.projection, np.eye(DIMENSION), atol=1e-5)
    assert np.all(np.isfinite(codec.step))
    assert np.all(codec.step > 0)


def _cosine(embedder: Embedder, text: str) -> Float32:
    """Of the tokens of a text, each with what its code stands for."""
    codec = calibrated_codec(embedder)
    tokenized = embedder.tokenizer.passages([""], [text])
    identity = np.eye(embedder.dimension, dtype=np.float32)
    (whole,) = embedder.embed_passages(tokenized, identity).tokens
    decoded = codec.decode(codec.encode(whole @ codec.projection)) @ codec.projection.T
    lengths = np.linalg.norm(whole, axis=1) * np.linalg.norm(decoded, axis=1)
    cosine: Float32 = np.sum(whole * decoded, axis=1) / lengths
    return cosine


def test_a_text_that_it_was_not_learned_from_is_coded_well() -> None:
    assert _cosine(FakeEmbedder(), " ".join(FERRY)).mean() > 0.8


@pytest.mark.model
def test_the_real_model_is_calibrated_the_same_each_time(real_embedder: Embedder) -> None:
    codec = calibrated_codec(real_embedder)
    assert codec.projection.shape == (real_embedder.dimension, AXES)
    assert codec.same_as(calibrated_codec(real_embedder))


@pytest.mark.parametrize("window", [16, 32, 64, 256])
def test_what_does_not_fit_the_window_is_halved_and_nothing_is_lost(window: int) -> None:
    whole, parts = _heard(4096), _heard(window)
    assert len(parts) > len(whole) > 20
    assert max(map(len, parts)) <= fake_tokenizer(window).max_passage_tokens
    assert [*itertools.chain(*parts)] == [*itertools.chain(*whole)]


def test_what_fits_the_window_is_left_whole() -> None:
    whole, parts = _heard(4096), _heard(MAX_TOKENS)
    fitting = [passage for passage in whole if len(passage) <= fake_tokenizer().max_passage_tokens]
    assert fitting
    assert [passage for passage in fitting if passage not in parts] == []
