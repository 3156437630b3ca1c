"""The tokens file: what was added is read, and no byte of it is believed unchecked."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.embedding.codec import TokenCodec
from indexer.errors import IndexDamaged
from indexer.storage.tokens import PassageTokens, Tokens, TokenWriter
from tests.support.vectors import unit_vectors

VOCABULARY = 50
# Five axes: two bytes a token.
CODEC = TokenCodec.fit(unit_vectors(100, 10), 5)
# (token ids, first tokens of sentences) of each passage; one has no token.
PASSAGES = [([3, 4, 3], [0, 2]), ([], [0]), ([49], [0]), ([0, 4, 9, 3], [0, 1, 3])]
FREQUENCY = {0: 1, 3: 2, 4: 2, 9: 1, 49: 1}
HEADER = struct.Struct("<8sII6Q")


def _codes(passage: int) -> np.ndarray:
    random = np.random.default_rng(passage)
    codes: np.ndarray = random.integers(0, 256, (len(PASSAGES[passage][0]), 2), np.uint8)
    return codes


def _passage(number: int) -> PassageTokens:
    return PassageTokens(_codes(number), np.array(PASSAGES[number][1], np.int64))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tokens.bin"
    sentences = sum(len(first) for _, first in PASSAGES)
    writer = TokenWriter(file, CODEC, len(PASSAGES), sentences, VOCABULARY)
    writer.add([_passage(0)])
    writer.add([])
    writer.add(_passage(number) for number in range(1, len(PASSAGES)))
    for token, count in FREQUENCY.items():
        writer.frequency[token] += count
    writer.finish()
    assert writer.tokens == 8
    return file


def _sealed(version: int, facts: list[int], tables: bytes, codes: bytes) -> bytes:
    """A file whose checksum of header and tables is right."""
    bare = HEADER.pack(b"ASTOKENS", version, 0, *facts)
    return HEADER.pack(b"ASTOKENS", version, zlib.crc32(tables, zlib.crc32(bare)), *facts) + (
        tables + codes
    )


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


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 0], [1], [2, 2], []])
def test_rows_are_what_was_added(file: Path, order: list[int]) -> None:
    rows = Tokens(file).rows(np.array(order, np.int64))
    assert len(rows) == len(order)
    for row, number in zip(rows, order, strict=True):
        np.testing.assert_array_equal(row.codes, _codes(number))
        assert row.sentences.tolist() == PASSAGES[number][1]


def test_rows_are_written_again_byte_by_byte(file: Path, tmp_path: Path) -> None:
    tokens = Tokens(file)
    writer = TokenWriter(tmp_path / "again", tokens.codec, len(tokens), 7, VOCABULARY)
    writer.add(tokens.rows(np.arange(len(tokens))))
    writer.frequency += tokens.document_frequency
    writer.finish()
    assert (tmp_path / "again").read_bytes() == file.read_bytes()


def test_frequency(file: Path) -> None:
    frequency = Tokens(file).document_frequency
    assert {token: int(frequency[token]) for token in np.flatnonzero(frequency)} == FREQUENCY
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
    writer.add([_passage(1)])
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


def test_a_file_that_is_cut_while_it_is_open(file: Path) -> None:
    tokens = Tokens(file)
    file.write_bytes(file.read_bytes()[:-1])
    tokens.read([0, 1, 2])
    with pytest.raises(IndexDamaged, match="cut short"):
        tokens.read([3])


@pytest.mark.parametrize("bit", [0, 5])
def test_a_flipped_byte_is_found(file: Path, bit: int) -> None:
    content = file.read_bytes()
    codes_at = len(content) - 8 * 2
    owners = [number for number, (ids, _) in enumerate(PASSAGES) for _ in range(2 * len(ids))]
    for at in range(len(content)):
        damaged = bytearray(content)
        damaged[at] ^= 1 << bit
        file.write_bytes(damaged)
        if at < codes_at:
            with pytest.raises(IndexDamaged):
                Tokens(file)
            continue
        tokens = Tokens(file)
        owner = owners[at - codes_at]
        tokens.read([number for number in range(len(PASSAGES)) if number != owner])
        with pytest.raises(IndexDamaged, match=f"passage {owner} "):
            tokens.read([owner])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 2**63), min_size=6, max_size=6), st.integers(0, 5))
def test_a_header_that_lies(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], version: int
) -> None:
    file = tmp_path_factory.mktemp("lies") / "tokens.bin"
    file.write_bytes(_sealed(version, numbers, bytes(64), b""))
    with pytest.raises(IndexDamaged):
        Tokens(file)


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 4), st.integers(0, 4), st.integers(0, 4), st.data())
def test_tables_that_lie(
    tmp_path_factory: pytest.TempPathFactory,
    passages: int,
    tokens: int,
    sentences: int,
    data: st.DataObject,
) -> None:
    lengths = [("<u4", passages), ("<u8", passages + 1), ("<u8", passages + 1), ("<u4", sentences)]
    tables = CODEC.projection.tobytes() + CODEC.step.tobytes()
    for kind, length in lengths:
        numbers = data.draw(st.lists(st.integers(0, 5), min_size=length, max_size=length))
        tables += np.array(numbers, kind).tobytes()
    file = tmp_path_factory.mktemp("lies") / "tokens.bin"
    file.write_bytes(_sealed(3, [passages, tokens, 10, 5, 0, sentences], tables, bytes(tokens * 2)))
    try:
        rows = Tokens(file).rows(np.arange(passages))
    except IndexDamaged:
        return
    assert sum(len(row.codes) for row in rows) == tokens
    assert sum(len(row.sentences) for row in rows) == sentences


def test_passages_that_do_not_follow_each_other(file: Path) -> None:
    content = file.read_bytes()
    facts = HEADER.unpack(content[: HEADER.size])[3:]
    tables = bytearray(content[HEADER.size : -8 * 2])
    starts = 4 * (10 * 5 + 5 + VOCABULARY + len(PASSAGES))
    assert struct.unpack_from("<5Q", tables, starts) == (0, 3, 3, 4, 8)
    assert _sealed(3, list(facts), bytes(tables), content[-8 * 2 :]) == content
    struct.pack_into("<Q", tables, starts + 8, 5)
    file.write_bytes(_sealed(3, list(facts), bytes(tables), content[-8 * 2 :]))
    with pytest.raises(IndexDamaged, match="follow"):
        Tokens(file)
