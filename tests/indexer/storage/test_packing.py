"""Texts and sentences: what is packed is unpacked, and what was never packed is damage."""

import tracemalloc
from contextlib import suppress
from itertools import accumulate

import pytest
from backports import zstd
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.article import Span
from indexer.errors import IndexDamaged
from indexer.storage.packing import (
    LONGEST_TEXT,
    count_spans,
    pack_spans,
    pack_text,
    unpack_spans,
    unpack_text,
)

SENTENCE = "The ferry from Aldermoor was late, and nobody at the quay was told. 🦉\n\n"
PACKED = pack_text(SENTENCE * 100)


@given(st.text(st.characters(codec="utf-8")))
@example("")
@example("\0")
@example(SENTENCE * 3000)
def test_any_text_survives(text: str) -> None:
    assert unpack_text(pack_text(text)) == text


def test_a_text_is_short() -> None:
    assert len(PACKED) < 150


def _telling(length: int | None, content: bytes) -> bytes:
    """A frame of a long content that tells another length than it has, or none."""
    if length is None:
        compressor = zstd.ZstdCompressor()
        return compressor.compress(content) + compressor.flush()
    frame = zstd.compress(content)
    told = len(content).to_bytes(4, "little")
    assert told in frame[:10]
    return frame.replace(told, length.to_bytes(4, "little"), 1)


LONG = b"x" * 300_000


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"text",
        "text",
        None,
        7,
        PACKED[:-1],
        PACKED[: len(PACKED) // 2],
        PACKED[:9],
        PACKED + b"x",
        PACKED + PACKED,
        PACKED[:20] + bytes([PACKED[20] ^ 0xFF]) + PACKED[21:],
        zstd.compress(b"\xff\xfe of no letters"),
        zstd.compress("\ud800".encode("utf-8", "surrogatepass")),
        zstd.compress(b"text", zstd_dict=zstd.ZstdDict(b"a dictionary" * 9, is_raw=True))[:-2],
        _telling(None, LONG),
        _telling(len(LONG) - 1, LONG),
        _telling(len(LONG) + 1, LONG),
        _telling(LONGEST_TEXT + 1, LONG),
        _telling(2**32 - 1, LONG),
    ],
)
def test_what_is_no_text_is_damage(packed: bytes) -> None:
    with pytest.raises(IndexDamaged, match="a text is damaged"):
        unpack_text(packed)


@given(st.binary())
def test_any_bytes_are_a_text_or_damage(packed: bytes) -> None:
    with suppress(IndexDamaged):
        assert isinstance(unpack_text(packed), str)


def test_no_more_memory_is_taken_than_a_text_may_need() -> None:
    bomb = zstd.compress(bytes(40_000_000))
    tracemalloc.start()
    for lies in (bomb, _telling(1000, bytes(40_000_000))):
        tracemalloc.reset_peak()
        with pytest.raises(IndexDamaged):
            unpack_text(lies)
        assert tracemalloc.get_traced_memory()[1] < LONGEST_TEXT
    tracemalloc.stop()


def test_spans_are_the_space_before_each_and_its_length() -> None:
    spans = (Span(10, 12), Span(13, 20), Span(20, 320))
    packed = bytes([0, 2, 1, 7, 0, 0x80 | 300 & 0x7F, 300 >> 7])
    assert pack_spans(spans, 10) == packed
    assert unpack_spans(packed, 10) == spans
    assert unpack_spans(packed, 0) == (Span(0, 2), Span(3, 10), Span(10, 310))
    assert count_spans(packed) == 3
    assert (pack_spans([], 5), unpack_spans(b"", 5), count_spans(b"")) == (b"", (), 0)


@given(st.lists(st.integers(0, 2**32), max_size=9), st.integers(0, 2**32))
def test_any_spans_that_follow_each_other_survive(steps: list[int], base: int) -> None:
    places = list(accumulate(steps, initial=base))[1:]
    spans = tuple(map(Span, places[::2], places[1::2]))
    packed = pack_spans(spans, base)
    assert unpack_spans(packed, base) == spans
    assert count_spans(packed) == len(spans)


@pytest.mark.parametrize(
    "packed",
    [b"\x00", b"\x00\x80", b"\x00\x01\x80", b"\x00\x01\x02", b"\x00" + b"\xff" * 5_000_000],
)
def test_what_are_no_spans_is_damage(packed: bytes) -> None:
    with pytest.raises(IndexDamaged, match="a passage is damaged"):
        unpack_spans(packed, 0)
