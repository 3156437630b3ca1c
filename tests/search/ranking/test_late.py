"""Late interaction against loops that are plainly right."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.arrays import Float32
from indexer.embedding.codec import TokenCodec
from indexer.storage.tokens import inverse_document_frequency
from search.ranking.late import best_matches, maxsim, token_similarities, word_weights
from tests.indexer.embedding.test_codec import unit_vectors


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 12), st.integers(1, 60), st.sampled_from([2, 8, 9, 16]), st.integers(0, 99))
def test_similarities_are_those_of_the_decoded_tokens(
    queries: int, tokens: int, axes: int, seed: int
) -> None:
    codec = TokenCodec.fit(unit_vectors(300, 16, seed), axes)
    query, passage = unit_vectors(queries, 16, seed + 1), unit_vectors(tokens, 16, seed + 2)
    codes = codec.encode(passage @ codec.projection)
    expected = query @ codec.projection @ codec.decode(codes).T
    np.testing.assert_allclose(token_similarities(codec, query, codes), expected, atol=1e-5)


def test_codes_keep_the_similarities() -> None:
    codec = TokenCodec.fit(unit_vectors(500, 16), 16)
    query, passage = unit_vectors(10, 16, 1), unit_vectors(200, 16, 2)
    codes = codec.encode(passage @ codec.projection)
    error = token_similarities(codec, query, codes) - query @ passage.T
    # Of unit vectors that are spread evenly, four levels leave .119 of the variance: .345 / √16.
    assert np.sqrt(np.mean(error**2)) < 0.095


def naive(similarities: Float32, starts: list[int], weights: Float32) -> list[float]:
    ends = [*starts[1:], similarities.shape[1]]
    return [
        sum(w * max(row[start:end]) for w, row in zip(weights, similarities, strict=True))
        / sum(weights)
        for start, end in zip(starts, ends, strict=True)
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(1, 8), st.integers(0, 999))
def test_maxsim_is_the_loop(lengths: list[int], queries: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    similarities = random.uniform(-1, 1, (queries, sum(lengths))).astype(np.float32)
    weights = random.uniform(0.1, 5, queries).astype(np.float32)
    starts = np.cumsum([0, *lengths[:-1]])
    np.testing.assert_allclose(
        maxsim(best_matches(similarities, starts), weights),
        naive(similarities, starts.tolist(), weights),
        atol=1e-5,
    )


def test_without_any_weight_every_token_counts_the_same() -> None:
    similarities = np.array([[0.5, 0.1], [0.2, 0.4]], np.float32)
    score = maxsim(best_matches(similarities, np.array([0, 1])), np.zeros(2, np.float32))
    np.testing.assert_allclose(score, [0.35, 0.25])


def test_a_word_counts_once_by_its_rarest_piece() -> None:
    idf = np.array([1.0, 4.0, 2.0, 3.0, 0.0], np.float32)
    words = np.array([0, 2, 2, 5, 5])
    np.testing.assert_allclose(word_weights(idf, words), [1, 2, 2, 1.5, 1.5])
    assert len(word_weights(idf[:0], words[:0])) == 0


@pytest.mark.parametrize("frequency", [0, 1, 7, 99, 100])
def test_idf(frequency: int) -> None:
    expected = math.log(1 + (100 - frequency + 0.5) / (frequency + 0.5))
    (idf,) = inverse_document_frequency(np.array([frequency]), 100)
    assert idf == pytest.approx(expected, rel=1e-6)
    assert idf > 0


def test_idf_of_a_damaged_frequency_is_not_negative() -> None:
    assert inverse_document_frequency(np.array([2**32 - 1]), 100)[0] >= 0
