"""Token codes: which of four steps each axis is in, and what is lost by keeping no more."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from indexer.arrays import Float32, UInt8
from indexer.embedding.codec import AXES, STEP, TokenCodec
from tests.support.vectors import unit_vectors as unit_vectors

CODEC = TokenCodec.fit(unit_vectors(2000, 24, seed=1), axes=16)

POINTS = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 20), st.just(16)),
    elements=st.floats(-1, 1, width=32, allow_nan=False),
)


def test_codes_by_hand() -> None:
    codec = TokenCodec(np.eye(5, dtype=np.float32), np.array([1, 2, 1, 1, 4], np.float32))
    codes = codec.encode(np.array([[-1.1, -0.1, 0, 7, 4], [0.9, 2, -9, -0.9, -4.1]], np.float32))
    assert codes.tolist() == [[0b00_01_10_11, 0b11_00_00_00], [0b10_11_00_01, 0]]
    assert codec.decode(codes).tolist() == [[-1.5, -1, 0.5, 1.5, 6], [0.5, 3, -1.5, -0.5, -6]]


@settings(deadline=None)
@given(POINTS)
def test_decoding_is_within_half_a_step_inside_the_range(points: Float32) -> None:
    projected = points * np.float32(1.999) * CODEC.step
    decoded = CODEC.decode(CODEC.encode(projected))
    assert np.all(np.abs(decoded - projected) <= CODEC.step * 0.5001)


@settings(deadline=None)
@given(POINTS)
def test_outside_the_range_the_last_step_stands_for_all(points: Float32) -> None:
    far = np.where(points < 0, points - 2, points + 2) * CODEC.step
    decoded = CODEC.decode(CODEC.encode(far))
    np.testing.assert_array_equal(
        decoded, np.where(points < 0, np.float32(-1.5), np.float32(1.5)) * CODEC.step
    )


@settings(deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.just(4))))
def test_every_code_survives_decoding(codes: UInt8) -> None:
    np.testing.assert_array_equal(CODEC.encode(CODEC.decode(codes)), codes)


@pytest.mark.parametrize(("axes", "width"), [(1, 1), (4, 1), (5, 2), (16, 4), (24, 6)])
def test_four_axes_a_byte(axes: int, width: int) -> None:
    tokens = unit_vectors(50, 24)
    codec = TokenCodec.fit(tokens, axes)
    codes = codec.encode(tokens @ codec.projection)
    assert (codec.width, codes.shape) == (width, (50, width))
    assert codec.decode(codes).shape == (50, axes)


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


def test_turned_axes_keep_more_than_the_main_ones() -> None:
    weak = np.exp(-np.arange(32) / 6)
    spread = np.random.default_rng(6).standard_normal((3000, 32)) * weak
    tokens: Float32 = spread.astype(np.float32)
    tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
    codec = TokenCodec.fit(tokens[:2000], axes=32)
    deviation = np.sqrt(np.mean(tokens[:2000] ** 2, axis=0))
    main = TokenCodec(np.eye(32, dtype=np.float32), (STEP * deviation).astype(np.float32))

    def error(by: TokenCodec) -> float:
        decoded = by.decode(by.encode(tokens[2000:] @ by.projection)) @ by.projection.T
        return float(np.std((decoded - tokens[2000:]) @ tokens[:500].T))

    assert error(codec) < 0.8 * error(main)


def test_axes_are_no_more_than_dimensions() -> None:
    assert TokenCodec.fit(unit_vectors(50, 7)).projection.shape == (7, 7)
    assert TokenCodec.fit(unit_vectors(400, 160)).projection.shape == (160, AXES)


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
