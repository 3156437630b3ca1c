"""Codes of token vectors in one file, read two kilobytes a passage.

Read, not mapped: reads of 40 passages take as long either way when the file is cached, but mapped
pages count as memory of the process, half a gigabyte at 100,000 passages.

header      magic, version, crc32 of header and tables, passages, token vectors, dimension, axes,
            vocabulary size, sentences   (little-endian)
projection  (d, p) float32
step        (p,) float32
frequency   (v,) uint32: in how many passages each token id occurs
check       (n,) uint32: crc32 of each passage's codes
starts      (n + 1,) uint64: where each passage's vectors begin; the last entry is their number
first       (n + 1,) uint64: where each passage's sentences begin in the next table
sentences   (s,) uint32: where each sentence's vectors begin, counted from its passage's first
codes       (tokens, p / 4, rounded up) uint8

Every byte is checked before it is used: header and tables when the file is opened, codes when they
are read.
"""

import os
import struct
import weakref
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import Float32, Int64, UInt8
from indexer.embedding.codec import TokenCodec
from indexer.errors import IndexDamaged
from indexer.storage.shortage import raise_if_short

_HEADER = struct.Struct("<8sII6Q")
_MAGIC = b"ASTOKENS"
_VERSION = 3


@dataclass(frozen=True, slots=True)
class PassageTokens:
    """The token vectors of one passage; tokens of a sentence may share one.

    codes: (t, w) uint8, w bytes a vector
    sentences: (s,) int64, which vector begins each sentence
    """

    codes: UInt8
    sentences: Int64


def inverse_document_frequency(document_frequency: Int64, documents: int) -> Float32:
    """BM25's idf, ln(1 + (N - df + ½) / (df + ½)), as float32 of the same shape, never negative."""
    df = np.minimum(document_frequency.astype(np.float64), documents)
    return np.log1p((documents - df + 0.5) / (df + 0.5)).astype(np.float32)


class TokenWriter:
    """Streams token codes to a new file; the tables in front of them are written by `finish`."""

    def __init__(
        self, file: Path, codec: TokenCodec, passages: int, sentences: int, vocabulary: int
    ) -> None:
        """Create the file for known numbers of passages, sentences and token ids."""
        self._codec = codec
        # In how many passages each token id occurs: filled in by whoever adds the passages.
        self.frequency = np.zeros(vocabulary, np.int64)
        self._check = np.zeros(passages, np.uint32)
        self._starts = np.zeros(passages + 1, np.uint64)
        self._first = np.zeros(passages + 1, np.uint64)
        self._sentences = np.zeros(sentences, np.uint32)
        self._passages = 0
        self._stream: BinaryIO = file.open("wb")
        self._stream.seek(_HEADER.size + sum(table.nbytes for table in self._tables()))

    def _tables(self) -> list[NDArray[Any]]:
        return [
            self._codec.projection,
            self._codec.step,
            self.frequency.astype("<u4"),
            self._check,
            self._starts,
            self._first,
            self._sentences,
        ]

    @property
    def tokens(self) -> int:
        """How many tokens have been written."""
        return int(self._starts[self._passages])

    def add(self, passages: Iterable[PassageTokens]) -> None:
        """Append passages."""
        for each in passages:
            codes = each.codes.tobytes()
            self._stream.write(codes)
            n, first = self._passages, int(self._first[self._passages])
            self._check[n] = zlib.crc32(codes)
            self._starts[n + 1] = self._starts[n] + np.uint64(len(each.codes))
            self._first[n + 1] = first + len(each.sentences)
            self._sentences[first : first + len(each.sentences)] = each.sentences
            self._passages += 1

    def finish(self) -> None:
        """Write the tables and close."""
        dimension, axes = self._codec.projection.shape
        facts = (
            self._passages,
            self.tokens,
            dimension,
            axes,
            len(self.frequency),
            len(self._sentences),
        )
        tables = b"".join(table.tobytes() for table in self._tables())
        check = zlib.crc32(tables, zlib.crc32(_HEADER.pack(_MAGIC, _VERSION, 0, *facts)))
        self._stream.seek(0)
        self._stream.write(_HEADER.pack(_MAGIC, _VERSION, check, *facts))
        self._stream.write(tables)
        self._stream.close()

    def close(self) -> None:
        """Close an unfinished file."""
        self._stream.close()


class Tokens:
    """Reads a published tokens file; safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        """Open the file and read its tables.

        Raises:
            IndexDamaged: its header does not describe its content, or a table was altered.
        """
        try:
            with file.open("rb") as stream:
                header = _HEADER.unpack(stream.read(_HEADER.size))
                magic, version, check, *facts = header
                passages, tokens, dimension, axes, vocabulary, sentences = facts
                codes_at = (
                    _HEADER.size
                    + 4 * (dimension * axes + axes + vocabulary + passages + sentences)
                    + 16 * (passages + 1)
                )
                size = os.fstat(stream.fileno()).st_size
                # Before anything is allocated by what the header claims.
                if (magic, version) != (_MAGIC, _VERSION):
                    raise ValueError("it is not a tokens file of this version")
                width = -(-axes // 4)
                if codes_at + tokens * width != size:
                    raise ValueError("its header does not fit its size")
                tables = stream.read(codes_at - _HEADER.size)
        except (OSError, ValueError, struct.error) as error:
            raise_if_short(error, file)
            raise _damaged(file, str(error)) from error
        unchecked = _HEADER.pack(magic, version, 0, *facts)
        if zlib.crc32(tables, zlib.crc32(unchecked)) != check:
            raise _damaged(file, "its tables are not as they were written")
        lengths = [
            ("<f4", dimension * axes),
            ("<f4", axes),
            ("<u4", vocabulary),
            ("<u4", passages),
            ("<u8", passages + 1),
            ("<u8", passages + 1),
            ("<u4", sentences),
        ]
        content = BytesIO(tables)
        projection, step, frequency, checks, starts, first, begins = (
            np.frombuffer(content.read(length * np.dtype(kind).itemsize), kind)
            for kind, length in lengths
        )
        self.codec = TokenCodec(projection.reshape(dimension, axes), step)
        self.document_frequency = frequency.astype(np.int64)
        self._check = checks
        self._starts = starts.astype(np.int64)
        self._first = first.astype(np.int64)
        self._sentences = begins.astype(np.int64)
        for table, total in ((self._starts, tokens), (self._first, sentences)):
            if table[0] != 0 or table[-1] != total or np.any(np.diff(table) < 0):
                raise _damaged(file, "its passages do not follow each other")
        self._codes_at = codes_at
        self._width = width
        self._path = file
        try:
            self._file = os.open(file, os.O_RDONLY)
        except OSError as error:
            raise_if_short(error, file)
            raise _damaged(file, str(error)) from error
        # Closed with this object, not by a call: requests in flight hold it after a swap.
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        """The number of passages."""
        return len(self._starts) - 1

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return int(self._starts[-1])

    def read(self, passages: Sequence[int] | Int64) -> tuple[UInt8, Int64]:
        """Codes (t, w) of some passages one after the other, and where each begins (n,).

        Raises:
            IndexDamaged: the file was cut short or altered.
        """
        numbers = np.asarray(passages)
        starts, ends = self._starts[numbers], self._starts[numbers + 1]
        lengths = ends - starts
        codes = np.empty(int(lengths.sum()) * self._width, np.uint8)
        begins = np.cumsum(lengths) - lengths
        into, at = codes.data, self._codes_at
        for number, check, begin, start, length in zip(
            numbers.tolist(),
            self._check[numbers].tolist(),
            (begins * self._width).tolist(),
            (starts * self._width).tolist(),
            (lengths * self._width).tolist(),
            strict=True,
        ):
            piece = into[begin : begin + length]
            if os.preadv(self._file, [piece], at + start) != length:
                raise _damaged(self._path, "it was cut short")
            if zlib.crc32(piece) != check:
                raise _damaged(self._path, f"passage {number} is not as it was written")
        return codes.reshape(-1, self._width), begins

    def sentences(self, passage: int) -> Int64:
        """Where each sentence of a passage begins among its tokens, (s,)."""
        return self._sentences[self._first[passage] : self._first[passage + 1]]

    def sentences_of(self, passages: Sequence[int]) -> list[Int64]:
        """`sentences` of some passages."""
        return [self.sentences(number) for number in passages]

    def rows(self, numbers: Int64) -> list[PassageTokens]:
        """All there is of some passages."""
        if len(numbers) == 0:
            return []
        codes, begins = self.read(numbers)
        pieces = np.split(codes, begins[1:])
        return [
            PassageTokens(piece, self.sentences(number))
            for piece, number in zip(pieces, numbers.tolist(), strict=True)
        ]


def _damaged(file: Path, what: str) -> IndexDamaged:
    return IndexDamaged(
        f"{file} is damaged: {what}; go back with `rollback` or run `reindex --full`"
    )
