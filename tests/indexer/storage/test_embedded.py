"""What has been embedded in a run that was killed: whole pieces, found by key, of one model."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from indexer.embedding.codec import TokenCodec
from indexer.errors import StorageError
from indexer.storage.embedded import EmbeddedPassage, EmbeddedPassages, forget
from indexer.storage.tokens import PassageTokens
from tests.conftest import flipped
from tests.support.vectors import unit_vectors

CODEC = TokenCodec.fit(unit_vectors(100, 10), 5)
OTHER = TokenCodec.fit(unit_vectors(100, 10, seed=5), 5)
MODEL = "f" * 64
KEYS = [b"first", b"second", b"third"]


def _passage(number: int) -> EmbeddedPassage:
    tokens = 3 * number
    codes = np.random.default_rng(number).integers(0, 256, (tokens, 2), np.uint8)
    return EmbeddedPassage(
        unit_vectors(1, 6, seed=number)[0],
        PassageTokens(codes, np.arange(number + 1)),
        np.arange(tokens) * 7,
    )


def _pragma(file: Path, name: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _calibrate() -> TokenCodec:
    return CODEC


def _uncalled() -> TokenCodec:
    raise AssertionError("calibrated, where there is a codec")


def _open(file: Path, model: str = MODEL, live: TokenCodec | None = None) -> EmbeddedPassages:
    return EmbeddedPassages(file, model, live, _calibrate)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three passages that an earlier run has left."""
    with closing(_open(tmp_path / "embedded.db")) as embedded:
        embedded.add(KEYS[:2], [_passage(0), _passage(1)])
        embedded.add([], [])
        embedded.add(KEYS[2:], [_passage(2)])
    return tmp_path / "embedded.db"


def test_what_is_added_is_found_again(file: Path) -> None:
    with closing(EmbeddedPassages(file, MODEL, None, _uncalled)) as embedded:
        assert embedded.codec.same_as(CODEC)
        assert embedded.missing([*KEYS, b"fourth", b"fifth"]) == {b"fourth", b"fifth"}
        for number, key in enumerate(KEYS):
            _assert_same(embedded.get(key), _passage(number))


def test_a_codec_of_the_live_generation_is_used(tmp_path: Path) -> None:
    with closing(EmbeddedPassages(tmp_path / "e", MODEL, OTHER, _uncalled)) as embedded:
        assert embedded.codec is OTHER


def test_a_piece_is_added_whole_or_not_at_all(file: Path) -> None:
    with closing(_open(file)) as embedded:
        embedded.add([b"more"], [_passage(3)])
        with pytest.raises((sqlite3.IntegrityError, StorageError)):
            embedded.add([b"new", b"twice", b"twice"], [_passage(n) for n in (3, 4, 5)])
    with closing(_open(file)) as embedded:
        assert embedded.missing([b"new", b"twice"]) == {b"new", b"twice"}


@pytest.mark.parametrize(
    ("model", "live", "kept"),
    [(MODEL, None, True), (MODEL, CODEC, True), (MODEL, OTHER, False), ("0" * 64, CODEC, False)],
)
def test_what_another_model_or_codec_left_is_not_used(
    file: Path, model: str, live: TokenCodec | None, kept: bool
) -> None:
    with closing(_open(file, model, live)) as embedded:
        assert embedded.missing(KEYS) == (set() if kept else set(KEYS))
        assert embedded.codec.same_as(live or CODEC)
        embedded.add([b"new"], [_passage(3)])
    with closing(_open(file, model, live)) as embedded:
        assert embedded.missing([b"new"]) == set()


def test_what_another_version_left_is_not_used(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with closing(_open(file)) as embedded:
        assert embedded.missing(KEYS) == set(KEYS)


def test_a_file_that_was_only_just_made(tmp_path: Path) -> None:
    (tmp_path / "e").write_bytes(b"")
    with closing(_open(tmp_path / "e")) as embedded:
        embedded.add(KEYS[:1], [_passage(0)])
        assert list(embedded.keys()) == KEYS[:1]
    with closing(sqlite3.connect(tmp_path / "half")) as connection:
        connection.execute(f"PRAGMA user_version = {_pragma(tmp_path / 'e', 'user_version')}")
    with closing(_open(tmp_path / "half")) as embedded:
        embedded.add(KEYS[:1], [_passage(0)])


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_garbage_is_discarded_with_a_warning(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "e").write_bytes(content)
    with closing(_open(tmp_path / "e")) as embedded:
        assert embedded.missing(KEYS) == set(KEYS)
        embedded.add(KEYS[:1], [_passage(0)])
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "embedded again" in record.getMessage()
    with closing(_open(tmp_path / "e")) as embedded:
        assert embedded.missing(KEYS) == set(KEYS[1:])


def _believed(file: Path) -> None:
    """Go on with a damaged file: it tells what was added, asks for it again, or is given up."""
    try:
        with closing(_open(file)) as embedded:
            list(embedded.keys())
            missing = sorted(embedded.missing(KEYS))
            embedded.add(missing, [_passage(KEYS.index(key)) for key in missing])
            found = [embedded.get(key) for key in KEYS]
    except StorageError:
        assert not file.exists()
        return
    for number, each in enumerate(found):
        _assert_same(each, _passage(number))


def _assert_same(found: EmbeddedPassage, expected: EmbeddedPassage) -> None:
    assert found.vector.dtype == np.float32
    np.testing.assert_array_equal(found.vector, expected.vector.astype(np.float16))
    np.testing.assert_array_equal(found.tokens.codes, expected.tokens.codes)
    np.testing.assert_array_equal(found.tokens.sentences, expected.tokens.sentences)
    np.testing.assert_array_equal(found.ids, expected.ids)


def test_a_cut_file_is_never_believed(file: Path) -> None:
    content = file.read_bytes()
    for size in range(0, len(content), len(content) // 30):
        file.write_bytes(content[:size])
        _believed(file)


def test_a_flipped_byte_is_never_believed(file: Path) -> None:
    content = file.read_bytes()
    used = [at for at in range(len(content)) if content[at]]
    pages = range(0, len(content), _pragma(file, "page_size"))
    heads = [page + at for page in pages for at in range(3, 10)]
    # What SQLite keeps before the columns of a row: the kind and length of each.
    codec = content.index(CODEC.projection.tobytes()) - len(MODEL)
    vector = content.index(_passage(2).vector.astype(np.float16).tobytes()) - len(KEYS[2])
    rows = [at for row in (codec, vector) for at in range(row - 12, row)]
    indexed = content.rindex(KEYS[2])
    for at in [*used[::13], *heads, *rows, *range(indexed - 4, indexed + 4)]:
        file.write_bytes(flipped(content, at))
        _believed(file)
    for at in rows:
        file.write_bytes(content[:at] + bytes([content[at] ^ 128]) + content[at + 1 :])
        _believed(file)


def test_it_is_removed_with_what_sqlite_keeps_beside_it(file: Path) -> None:
    file.with_name("embedded.db-journal").write_bytes(b"")
    forget(file)
    assert list(file.parent.iterdir()) == []
    forget(file)
