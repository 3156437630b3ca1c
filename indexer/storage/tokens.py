"""Token codes in one file, read a few kilobytes a passage.

Read, not mapped: reads of 40 passages take as long either way when the file is cached, but mapped
pages count as memory of the process, half a gigabyte at 100,000 passages.

header      magic, version, passages, tokens, dimension, axes, vocabulary size   (little-endian)
projection  (d, p) float32
step        (p,) float32
frequency   (v,) uint32: in how many passages each token id occurs
starts      (n + 1,) uint64: where each passage's tokens begin; the last entry is their number
first       (n + 1,) uint64: where each passage's sentences begin in the next table
sentences   (s,) uint32: where each sentence's tokens begin, counted from its passage's first
codes       (tokens, p / 2) uint8
"""

import os
import struct
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.codec import TokenCodec, UInt8
from indexer.errors import IndexDamaged

Int64 = NDArray[np.int64]

_HEADER = struct.Struct("<8sI4x6Q")
_MAGIC = b"ASTOKENS"
_VERSION = 1


class TokenWriter:
    """Streams token codes to a new file; the tables in front of them are written by `finish`."""

    def __init__(
        self, file: Path, codec: TokenCodec, passages: int, sentences: int, vocabulary: int
    ) -> None:
        """Create the file for known numbers of passages and sentences."""
        self._codec = codec
        self._frequency = np.zeros(vocabulary, np.uint32)
        self._starts = np.zeros(passages + 1, np.uint64)
        self._first = np.zeros(passages + 1, np.uint64)
        self._sentences = np.zeros(sentences, np.uint32)
        self._passages = 0
        self._tokens = 0
        self._stream: BinaryIO = file.open("wb")
        self._stream.seek(_HEADER.size + sum(table.nbytes for table in self._tables()))

    def _tables(self) -> list[NDArray[Any]]:
        codec = self._codec
        return [
            codec.projection,
            codec.step,
            self._frequency,
            self._starts,
            self._first,
            self._sentences,
        ]

    @property
    def tokens(self) -> int:
        """How many tokens have been written."""
        return self._tokens

    def add(self, token_ids: Int64, codes: UInt8, sentences: Int64) -> None:
        """Append one passage: (t,) token ids, (t, p / 2) codes, (s,) first tokens of sentences."""
        self._frequency[np.unique(token_ids)] += 1
        self._stream.write(codes.tobytes())
        self._tokens += len(codes)
        first = int(self._first[self._passages])
        self._sentences[first : first + len(sentences)] = sentences
        self._passages += 1
        self._starts[self._passages] = self._tokens
        self._first[self._passages] = first + len(sentences)

    def finish(self) -> None:
        """Write the tables and close."""
        self._stream.seek(0)
        dimension, axes = self._codec.projection.shape
        self._stream.write(
            _HEADER.pack(
                _MAGIC,
                _VERSION,
                self._passages,
                self._tokens,
                dimension,
                axes,
                len(self._frequency),
                len(self._sentences),
            )
        )
        for table in self._tables():
            self._stream.write(table.tobytes())
        self._stream.close()

    def close(self) -> None:
        """Close an unfinished file."""
        self._stream.close()


class Tokens:
    """Reads a published tokens file; safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        """Open the file and read its tables.

        Raises:
            IndexDamaged: its header does not describe its content.
        """
        try:
            with file.open("rb") as stream:
                header = _HEADER.unpack(stream.read(_HEADER.size))
                magic, version, passages, tokens, dimension, axes, vocabulary, sentences = header
                codes_at = (
                    _HEADER.size
                    + 4 * (dimension * axes + axes + vocabulary + sentences)
                    + 16 * (passages + 1)
                )
                size = os.fstat(stream.fileno()).st_size
                # Before anything is allocated by what the header claims.
                if (magic, version) != (_MAGIC, _VERSION) or axes % 2:
                    raise ValueError("it is not a tokens file of this version")
                if codes_at + tokens * (axes // 2) != size:
                    raise ValueError("its header does not fit its size")
                projection = np.fromfile(stream, "<f4", dimension * axes).reshape(dimension, axes)
                step = np.fromfile(stream, "<f4", axes)
                self.document_frequency = np.fromfile(stream, "<u4", vocabulary).astype(np.int64)
                self._starts = _ascending(np.fromfile(stream, "<u8", passages + 1), tokens)
                self._first = _ascending(np.fromfile(stream, "<u8", passages + 1), sentences)
                self._sentences = np.fromfile(stream, "<u4", sentences).astype(np.int64)
        except (OSError, ValueError, struct.error) as error:
            raise IndexDamaged(f"{file} is damaged: {error}; run `reindex` again") from error
        self.codec = TokenCodec(projection, step)
        self._codes_at = codes_at
        self._width = axes // 2
        self._path = file
        self._file = os.open(file, os.O_RDONLY)
        # Closed with this object, not by a call: requests in flight hold it after a swap.
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        """The number of passages."""
        return len(self._starts) - 1

    def read(self, passages: Sequence[int] | Int64) -> tuple[UInt8, Int64]:
        """Codes (t, p / 2) of some passages one after the other, and where each begins (n,)."""
        numbers = np.asarray(passages)
        starts, ends = self._starts[numbers], self._starts[numbers + 1]
        lengths = ends - starts
        codes = np.empty(int(lengths.sum()) * self._width, np.uint8)
        begins = np.cumsum(lengths) - lengths
        into, at = codes.data, self._codes_at
        for begin, start, length in zip(
            (begins * self._width).tolist(),
            (starts * self._width).tolist(),
            (lengths * self._width).tolist(),
            strict=True,
        ):
            if os.preadv(self._file, [into[begin : begin + length]], at + start) != length:
                raise IndexDamaged(f"{self._path} was cut short; run `reindex` again")
        return codes.reshape(-1, self._width), begins

    def sentences(self, passage: int) -> Int64:
        """Where each sentence of a passage begins among its tokens, (s,)."""
        return self._sentences[self._first[passage] : self._first[passage + 1]]


def _ascending(table: NDArray[np.uint64], total: int) -> Int64:
    starts = table.astype(np.int64)
    if starts[0] != 0 or starts[-1] != total or np.any(np.diff(starts) < 0):
        raise ValueError("its passages do not follow each other")
    return starts
