"""The codec of a model: learned from a text that comes with the program, the same in every run."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from indexer.arrays import Float32
from indexer.embedding.base import Embedder, PassageVectors
from indexer.embedding.calibration import calibrated_codecs
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
    calibrated_codecs(embedder)
    return embedder.heard


def test_the_same_each_time() -> None:
    one, other = calibrated_codecs(FakeEmbedder()), calibrated_codecs(FakeEmbedder())
    assert one.tokens.same_as(other.tokens)
    assert one.tokens.projection.tobytes() == other.tokens.projection.tobytes()
    assert one.tokens.step.tobytes() == other.tokens.step.tobytes()
    assert one.vectors.low.tobytes() == other.vectors.low.tobytes()
    assert one.vectors.width.tobytes() == other.vectors.width.tobytes()


def test_axes_and_steps() -> None:
    codec = calibrated_codecs(FakeEmbedder()).tokens
    assert codec.projection.shape == (DIMENSION, DIMENSION)
    np.testing.assert_allclose(codec.projection.T @ codec.projection, np.eye(DIMENSION), atol=1e-5)
    assert np.all(np.isfinite(codec.step))
    assert np.all(codec.step > 0)


def _cosine(embedder: Embedder, text: str) -> Float32:
    """Of the tokens of a text, each with what its code stands for."""
    codec = calibrated_codecs(embedder).tokens
    tokenized = embedder.tokenizer.passages([""], [text])
    identity = np.eye(embedder.dimension, dtype=np.float32)
    (whole,) = embedder.embed_passages(tokenized, identity).tokens
    decoded = codec.decode(codec.encode(whole @ codec.projection)) @ codec.projection.T
    lengths = np.linalg.norm(whole, axis=1) * np.linalg.norm(decoded, axis=1)
    cosine: Float32 = np.sum(whole * decoded, axis=1) / lengths
    return cosine


def test_a_text_that_it_was_not_learned_from_is_coded_well() -> None:
    assert _cosine(FakeEmbedder(), " ".join(FERRY)).mean() > 0.8


def test_passages_of_another_text_lie_in_the_ranges() -> None:
    embedder = FakeEmbedder()
    codec = calibrated_codecs(embedder).vectors
    assert codec.sane
    assert codec.low.shape == codec.width.shape == (DIMENSION,)
    tokenized = embedder.tokenizer.passages([""] * len(FERRY), FERRY)
    vectors = embedder.embed_passages(tokenized, np.eye(DIMENSION, dtype=np.float32)).vectors
    steps = codec.width / 255
    assert np.all(np.abs(codec.decode(codec.encode(vectors)) - vectors) <= 0.501 * steps)


@pytest.mark.model
def test_the_real_model_is_calibrated_the_same_each_time(real_embedder: Embedder) -> None:
    codec = calibrated_codecs(real_embedder).tokens
    assert codec.projection.shape == (real_embedder.dimension, AXES)
    assert codec.same_as(calibrated_codecs(real_embedder).tokens)


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
