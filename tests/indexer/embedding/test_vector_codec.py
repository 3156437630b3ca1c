"""Vector codes: a byte a dimension, within half a step of the truth, and coded again the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from indexer.arrays import Float32, UInt8
from indexer.embedding.vector_codec import LEAST_DEVIATION, RANGE, VectorCodec
from tests.support.vectors import codec_of, unit_vectors

D = 12


def _lopsided(seed: int) -> Float32:
    """Unit vectors as models have them: one dimension always large, one always the same."""
    vectors = unit_vectors(200, D, seed) * np.float32(0.3)
    vectors[:, 3] -= 3
    vectors[:, 5] = 0.5
    unit: Float32 = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


CODECS = [VectorCodec.fit(unit_vectors(200, D)), VectorCodec.fit(_lopsided(1)), codec_of(D)]
# What a codec can be that a file may have: of unit vectors, and dimensions that never change.
FITTED = st.builds(
    lambda mean, deviation: VectorCodec.fit(mean + deviation * np.array([[-1], [1]], np.float32)),
    hnp.arrays(np.float32, D, elements=st.floats(-1, 1, width=32)),
    hnp.arrays(np.float32, D, elements=st.floats(0, 1, width=32)),
)


@settings(deadline=None)
@given(st.sampled_from(CODECS) | FITTED, hnp.arrays(np.uint8, (5, D)))
def test_what_was_decoded_is_coded_as_it_was(codec: VectorCodec, codes: UInt8) -> None:
    assert codec.sane
    np.testing.assert_array_equal(codec.encode(codec.decode(codes)), codes)


@pytest.mark.parametrize("codec", CODECS)
def test_every_code_survives(codec: VectorCodec) -> None:
    codes = np.repeat(np.arange(256, dtype=np.uint8)[:, None], D, axis=1)
    np.testing.assert_array_equal(codec.encode(codec.decode(codes)), codes)


@pytest.mark.parametrize("vectors", [unit_vectors(500, D, seed=4), _lopsided(5)])
def test_inside_the_range_codes_are_within_half_a_step(vectors: Float32) -> None:
    codec = VectorCodec.fit(vectors)
    decoded = codec.decode(codec.encode(vectors))
    assert np.all(np.abs(decoded - vectors) <= 0.501 * codec.width / 255)


def test_outside_the_range_the_outermost_level_stands() -> None:
    codec = VectorCodec(np.zeros(2, np.float32), np.ones(2, np.float32))
    beyond = np.array([[-9, 9], [-0.001, 1.01]], np.float32)
    assert codec.encode(beyond).tolist() == [[0, 255], [0, 255]]


def test_levels_begin_at_the_low_end() -> None:
    codec = VectorCodec(np.array([-1, 0], np.float32), np.array([2.55, 0.255], np.float32))
    assert codec.encode(np.array([[-0.985, 0.1005]], np.float32)).tolist() == [[1, 100]]
    np.testing.assert_allclose(codec.decode(np.array([[1, 100]], np.uint8)), [[-0.985, 0.1005]])


def test_ranges_are_around_the_mean_of_each_dimension() -> None:
    vectors = np.array([[0.6, 0.2, 0.5], [0.8, 0.4, 0.5]], np.float32)
    codec = VectorCodec.fit(vectors)
    half = RANGE * np.array([0.1, 0.1, LEAST_DEVIATION])
    np.testing.assert_allclose(codec.low, np.array([0.7, 0.3, 0.5]) - half, rtol=1e-5)
    np.testing.assert_allclose(codec.width, 2 * half * 255 / 256, rtol=1e-5)


def test_a_large_dimension_costs_the_others_nothing() -> None:
    vectors = _lopsided(9)
    codec = VectorCodec.fit(_lopsided(2))
    error = codec.decode(codec.encode(vectors)) @ vectors[:50].T - vectors @ vectors[:50].T
    assert np.abs(error).max() < 0.003
