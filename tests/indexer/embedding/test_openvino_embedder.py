"""The model by OpenVINO: what it says, however passages are batched."""

import numpy as np
import pytest

from indexer.embedding.base import Embedder
from tests.support.corpus import BAKERY, EMOJI, FERRY

pytestmark = pytest.mark.model

# sentence-transformers 6.2, float32, normalised: encode("hello world")[:5].
HELLO_WORLD = [-0.034477, 0.031023, 0.006735, 0.026109, -0.039362]

PASSAGES = ["\n\n".join(BAKERY), " ".join(FERRY), " ".join(EMOJI), "Short."]


def test_golden_vector(real_embedder: Embedder) -> None:
    vectors = real_embedder.embed_query("hello world")
    np.testing.assert_allclose(vectors.vector[:5], HELLO_WORLD, atol=0.015)
    assert vectors.vector.shape == (384,)
    assert vectors.tokens.shape == (2, 384)
    assert vectors.words.tolist() == [0, 1]
    assert vectors.offsets.tolist() == [[0, 5], [6, 11]]
    np.testing.assert_allclose(np.linalg.norm(vectors.tokens, axis=1), 1, atol=1e-2)
    assert np.linalg.norm(vectors.vector) == pytest.approx(1, abs=1e-2)


def test_batching_changes_nothing(real_embedder: Embedder) -> None:
    texts = PASSAGES * 7
    identity = np.eye(384, dtype=np.float32)
    together = real_embedder.embed_passages(
        real_embedder.tokenizer.passages([""] * len(texts), texts), identity
    )
    for i in (0, 1, 2, 3):
        (alone,) = real_embedder.embed_passages(
            real_embedder.tokenizer.passages([""], [texts[i]]), identity
        ).vectors
        assert (together.vectors[i::4] @ alone).min() >= 0.999
    empty = real_embedder.embed_passages([], identity)
    assert (empty.vectors.shape, empty.tokens) == ((0, 384), [])


def test_nearer_in_meaning_is_nearer(real_embedder: Embedder) -> None:
    def vector(text: str) -> np.ndarray:
        return real_embedder.embed_query(text).vector

    question = vector("how much does bread cost")
    assert question @ vector("the price of a loaf") > question @ vector("the price of a ferry")


def test_what_is_released_is_taken_again(real_embedder: Embedder) -> None:
    passages = real_embedder.tokenizer.passages(["Storm"], ["The harbour was closed by a storm."])
    projection = np.eye(real_embedder.dimension, 16, dtype=np.float32)
    before = real_embedder.embed_passages(passages, projection)
    real_embedder.release()
    after = real_embedder.embed_passages(passages, projection)
    np.testing.assert_array_equal(after.vectors, before.vectors)
    np.testing.assert_array_equal(after.tokens[0], before.tokens[0])
