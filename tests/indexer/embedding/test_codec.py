"""Token codes: four bits an axis, within one step of the truth."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from indexer.arrays import Float32, UInt8
from indexer.embedding.codec import AXES, LEVELS, TokenCodec
from tests.support.vectors import unit_vectors as unit_vectors

CODEC = TokenCodec.fit(unit_vectors(2000, 24, seed=1), axes=16)

# What the codes can tell apart reaches this far from 0 on each axis.
REACH = CODEC.step * (LEVELS // 2)

POINTS = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 20), st.just(16)),
    elements=st.floats(-1, 1, width=32, allow_nan=False),
)


@settings(deadline=None)
@given(POINTS)
def test_decoding_is_within_half_a_step_inside_the_range(points: Float32) -> None:
    projected = points * REACH * np.float32(0.999)
    decoded = CODEC.decode(CODEC.encode(projected))
    assert np.all(np.abs(decoded - projected) <= CODEC.step * 0.501)


@settings(deadline=None)
@given(POINTS)
def test_outside_the_range_the_outermost_level_stands(points: Float32) -> None:
    outside = np.where(points < 0, -1, 1) * REACH * (1.01 + np.abs(points))
    decoded = CODEC.decode(CODEC.encode(outside.astype(np.float32)))
    np.testing.assert_array_equal(np.sign(decoded), np.sign(outside))
    np.testing.assert_allclose(np.abs(decoded), np.tile(REACH - CODEC.step / 2, (len(points), 1)))


@settings(deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.just(8))))
def test_every_code_survives_decoding(codes: UInt8) -> None:
    np.testing.assert_array_equal(CODEC.encode(CODEC.decode(codes)), codes)


def test_two_axes_a_byte() -> None:
    assert CODEC.encode(unit_vectors(7, 24) @ CODEC.projection).shape == (7, 8)


def test_axes_are_orthonormal_and_the_main_ones() -> None:
    # Nearly all of it along two directions.
    main = unit_vectors(2, 10, seed=3)
    weights = np.random.default_rng(4).standard_normal((500, 2)).astype(np.float32)
    tokens = weights @ main + 0.01 * unit_vectors(500, 10, seed=5)
    tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
    codec = TokenCodec.fit(tokens, axes=2)
    np.testing.assert_allclose(codec.projection.T @ codec.projection, np.eye(2), atol=1e-5)
    kept = np.linalg.norm(tokens @ codec.projection, axis=1)
    assert kept.mean() > 0.99


def test_axes_are_even_and_no_more_than_dimensions() -> None:
    assert TokenCodec.fit(unit_vectors(50, 7)).projection.shape == (7, 6)
    assert TokenCodec.fit(unit_vectors(200, 128)).projection.shape == (128, AXES)


def test_codes_of_another_codec_are_told_apart() -> None:
    again = TokenCodec.fit(unit_vectors(2000, 24, seed=1), axes=16)
    assert again.same_as(CODEC)
    assert not TokenCodec(CODEC.projection, CODEC.step * 2).same_as(CODEC)
    assert not TokenCodec(-CODEC.projection, CODEC.step).same_as(CODEC)
    assert not TokenCodec.fit(unit_vectors(2000, 24, seed=1), axes=8).same_as(CODEC)


def test_few_tokens_are_enough() -> None:
    tokens = unit_vectors(1, 8)
    codec = TokenCodec.fit(tokens)
    decoded = codec.decode(codec.encode(tokens @ codec.projection)) @ codec.projection.T
    assert np.isfinite(decoded).all()
    assert float((decoded @ tokens.T)[0, 0]) > 0.8
