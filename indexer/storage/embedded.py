"""What the model has said of passages so far, kept while a run lasts: a killed run goes on from it.

One SQLite file beside the generations. Passages are added in pieces, each in one transaction, so
whatever ends the run, what is there is whole. It is found again by key, and gone once a generation
is published.
"""

import logging
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.arrays import Float32, Int64
from indexer.embedding.codec import TokenCodec
from indexer.errors import StorageError
from indexer.storage.tokens import PassageTokens

logger = logging.getLogger(__name__)


# Another number, and what an earlier version left is not used.
_VERSION = 4
_SCHEMA = f"""
PRAGMA page_size = 65536;
PRAGMA user_version = {_VERSION};
CREATE TABLE codec (
    model TEXT NOT NULL,
    projection BLOB NOT NULL,
    step BLOB NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE passages (
    number INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    vector BLOB NOT NULL,
    codes BLOB NOT NULL,
    sentences BLOB NOT NULL,
    ids BLOB NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
"""


_NO_DAMAGE = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")
# As blobs, whatever type a damaged row claims to have.
_FIND = """
SELECT
    coalesce(CAST(vector AS BLOB), x''),
    coalesce(CAST(codes AS BLOB), x''),
    coalesce(CAST(sentences AS BLOB), x''),
    coalesce(CAST(ids AS BLOB), x''),
    checksum
FROM passages WHERE key = ?
"""


@dataclass(frozen=True, slots=True)
class EmbeddedPassage:
    """All that an index keeps of what the model says of one passage.

    vector: (d,) float32, unit length
    ids: (u,) int64, its distinct token ids
    """

    vector: Float32
    tokens: PassageTokens
    ids: Int64


class EmbeddedPassages:
    """Embedded passages by key, in a file that survives its process."""

    def __init__(
        self,
        file: Path,
        model_sha256: str,
        live: TokenCodec | None,
        calibrate: Callable[[], TokenCodec],
    ) -> None:
        """Open what an earlier run left, or begin anew if it is of another model or codec.

        live: the codec of the live generation, if passages of that are to be kept
        calibrate: makes a codec where there is none yet
        """
        self._file = file
        found = self._open(model_sha256, live)
        if found is None:
            forget(file)
            codec = live or calibrate()
            connection = sqlite3.connect(file)
            connection.executescript(_SCHEMA)
            blobs = codec.projection.tobytes(), codec.step.tobytes()
            row = (model_sha256, *blobs, zlib.crc32(b"".join(blobs)))
            connection.execute("INSERT INTO codec VALUES (?, ?, ?, ?)", row)
            connection.commit()
            found = connection, codec
        self._connection, self.codec = found

    def _open(
        self, model_sha256: str, live: TokenCodec | None
    ) -> tuple[sqlite3.Connection, TokenCodec] | None:
        if not self._file.exists():
            return None
        connection = sqlite3.connect(self._file)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            row = version == _VERSION and connection.execute("SELECT * FROM codec").fetchone()
            if row and zlib.crc32(row[1] + row[2]) == row[3]:
                model, projection, step, _ = row
                axes = np.frombuffer(step, np.float32)
                codec = TokenCodec(
                    np.frombuffer(projection, np.float32).reshape(-1, len(axes)), axes
                )
                if model == model_sha256 and (live is None or live.same_as(codec)):
                    connection.execute("SELECT count(*) FROM passages")
                    return connection, codec
        except (sqlite3.DatabaseError, ValueError, TypeError) as error:
            logger.warning("%s is damaged, what it holds is embedded again: %s", self._file, error)
        connection.close()
        return None

    def missing(self, keys: Iterable[bytes]) -> set[bytes]:
        """The keys that have not been added, or whose passage is not as it was added.

        Raises:
            StorageError: the file is damaged.
        """
        return {key for key in keys if self._find(key) is None}

    def add(self, keys: Sequence[bytes], passages: Sequence[EmbeddedPassage]) -> None:
        """Add passages, all of them or none.

        Raises:
            StorageError: the file is damaged.
        """
        rows = [
            (key, *blobs, zlib.crc32(b"".join([key, *blobs])))
            for key, blobs in zip(keys, map(_packed, passages), strict=True)
        ]
        with self._damage(), self._connection:
            # What is there of them was missing all the same, so it is damaged.
            self._connection.executemany(
                "DELETE FROM passages WHERE key = ?", zip(keys, strict=True)
            )
            self._connection.executemany(
                "INSERT INTO passages (key, vector, codes, sentences, ids, checksum) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )

    def get(self, key: bytes) -> EmbeddedPassage:
        """A passage that has been added.

        Raises:
            StorageError: it is not as it was added.
        """
        found = self._find(key)
        if found is None:
            raise self._damaged()
        return found

    def _find(self, key: bytes) -> EmbeddedPassage | None:
        with self._damage():
            row = self._connection.execute(_FIND, (key,)).fetchone()
        if row is None or zlib.crc32(b"".join([key, *row[:4]])) != row[4]:
            return None
        vector, codes, sentences, ids = row[:4]
        return EmbeddedPassage(
            np.frombuffer(vector, np.float16).astype(np.float32),
            PassageTokens(
                np.frombuffer(codes, np.uint8).reshape(-1, self.codec.width),
                np.frombuffer(sentences, np.uint32).astype(np.int64),
            ),
            np.frombuffer(ids, np.uint32).astype(np.int64),
        )

    @contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            # A full disk, say, is no damage.
            if getattr(error, "sqlite_errorname", "").startswith(_NO_DAMAGE):
                raise
            raise self._damaged() from error

    def _damaged(self) -> StorageError:
        forget(self._file)
        return StorageError(
            f"{self._file} was damaged and is removed; run `reindex` again, which embeds anew what "
            "it held"
        )

    def keys(self) -> Iterator[bytes]:
        """The keys of all passages that have been added.

        Raises:
            StorageError: the file is damaged.
        """
        with self._damage():
            for (key,) in self._connection.execute("SELECT CAST(key AS BLOB) FROM passages"):
                yield key

    def close(self) -> None:
        """Close the file; what was added stays."""
        self._connection.close()


def _packed(passage: EmbeddedPassage) -> list[bytes]:
    return [
        passage.vector.astype(np.float16).tobytes(),
        passage.tokens.codes.tobytes(),
        passage.tokens.sentences.astype(np.uint32).tobytes(),
        passage.ids.astype(np.uint32).tobytes(),
    ]


def forget(file: Path) -> None:
    """Delete the file if it is there, and what SQLite keeps beside it to undo a transaction."""
    for suffix in ("", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
