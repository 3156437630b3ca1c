"""The tokens file: what was added is read, and a damaged header is never believed."""

import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.embedding.codec import TokenCodec
from indexer.errors import IndexDamaged
from indexer.storage.tokens import Tokens, TokenWriter
from tests.test_codec import unit_vectors

VOCABULARY = 50
CODEC = TokenCodec.fit(unit_vectors(100, 6), 4)
# (token ids, first tokens of sentences) of each passage; one has no token.
PASSAGES = [([3, 4, 3], [0, 2]), ([], [0]), ([49], [0]), ([0, 4, 9, 3], [0, 1, 3])]


def _codes(passage: int) -> np.ndarray:
    random = np.random.default_rng(passage)
    codes: np.ndarray = random.integers(0, 256, (len(PASSAGES[passage][0]), 2), np.uint8)
    return codes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tokens.bin"
    sentences = sum(len(first) for _, first in PASSAGES)
    writer = TokenWriter(file, CODEC, len(PASSAGES), sentences, VOCABULARY)
    for number, (ids, first) in enumerate(PASSAGES):
        writer.add(np.array(ids, np.int64), _codes(number), np.array(first, np.int64))
    writer.finish()
    assert writer.tokens == 8
    return file


def test_what_is_written_is_read(file: Path) -> None:
    tokens = Tokens(file)
    assert len(tokens) == len(PASSAGES)
    for order in ([0, 1, 2, 3], [3, 0], [2], [1, 2, 1], [3, 3]):
        codes, starts = tokens.read(order)
        np.testing.assert_array_equal(codes, np.concatenate([_codes(number) for number in order]))
        lengths = [len(PASSAGES[number][0]) for number in order]
        assert starts.tolist() == np.cumsum([0, *lengths[:-1]]).tolist()
    for number, (_, first) in enumerate(PASSAGES):
        assert tokens.sentences(number).tolist() == first
    np.testing.assert_array_equal(tokens.codec.projection, CODEC.projection)
    np.testing.assert_array_equal(tokens.codec.step, CODEC.step)


def test_frequency_counts_passages_not_tokens(file: Path) -> None:
    frequency = Tokens(file).document_frequency
    assert {token: int(frequency[token]) for token in np.flatnonzero(frequency)} == {
        0: 1, 3: 2, 4: 2, 9: 1, 49: 1
    }  # fmt: skip
    assert len(frequency) == VOCABULARY


def test_threads(file: Path) -> None:
    tokens = Tokens(file)
    expected = tokens.read([3, 0, 2])[0].tobytes()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: tokens.read([3, 0, 2])[0].tobytes(), range(200))) == {
            expected
        }


def test_no_token_at_all(tmp_path: Path) -> None:
    writer = TokenWriter(tmp_path / "t", CODEC, 1, 1, VOCABULARY)
    writer.add(np.zeros(0, np.int64), np.zeros((0, 2), np.uint8), np.array([0]))
    writer.finish()
    codes, starts = Tokens(tmp_path / "t").read([0])
    assert (codes.shape, starts.tolist()) == ((0, 2), [0])


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match="reindex"):
        Tokens(tmp_path / "tokens.bin")


def test_a_cut_or_longer_file(file: Path) -> None:
    content = file.read_bytes()
    for size in [*range(0, len(content), 11), len(content) - 1]:
        file.write_bytes(content[:size])
        with pytest.raises(IndexDamaged):
            Tokens(file)
    file.write_bytes(content + b"\0")
    with pytest.raises(IndexDamaged):
        Tokens(file)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 2**63), min_size=6, max_size=6), st.integers(0, 5))
def test_a_header_that_lies(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], version: int
) -> None:
    file = tmp_path_factory.mktemp("lies") / "tokens.bin"
    file.write_bytes(struct.pack("<8sI4x6Q", b"ASTOKENS", version, *numbers) + bytes(64))
    with pytest.raises(IndexDamaged):
        Tokens(file)


def test_passages_that_do_not_follow_each_other(file: Path) -> None:
    content = bytearray(file.read_bytes())
    starts = struct.Struct("<8sI4x6Q").size + 4 * (6 * 4 + 4 + VOCABULARY)
    assert struct.unpack_from("<5Q", content, starts) == (0, 3, 3, 4, 8)
    struct.pack_into("<Q", content, starts + 8, 5)
    file.write_bytes(content)
    with pytest.raises(IndexDamaged, match="follow"):
        Tokens(file)
