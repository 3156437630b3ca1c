"""From a file to what lies in it: unpacked as it is read, of an archive member by member.

What packs is told by its first bytes and never by its name. Nothing is written: a member of an
archive is a stream with a name, so no path leads out of it. Unpacking is bounded, see `MAX_RATIO`.
"""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, Protocol, cast

from backports import zstd

from indexer.article import Rejected
from indexer.reading.input.files import MEMBER, location, unread

# Text packs to a third or a tenth, pages of one template to a fiftieth; gzip can reach 1,032.
MAX_RATIO = 200
# What unpacks to no more than this does no harm, however tightly it was packed.
HARMLESS = 16 * 2**20
# The same of all members of an archive together: of 100,000 each may be harmless, and all are not.
HARMLESS_IN_ALL = 512 * 2**20
# What the kind of a file is told by, in bytes.
HEAD = 1 << 16
# Layers of packing; a tar of gzipped pages, gzipped, has three.
MAX_LAYERS = 3
# A window of 128 MB, the largest that `zstd --long` makes, and the like for xz.
_MAX_WINDOW = 27
_MAX_XZ = 256 * 2**20
# The list of a zip's members is read whole; so are the long headers of a tar.
_MAX_LIST = 64 * 2**20
# What is unpacked to a temporary file, where it is read out of order.
MAX_SPOOLED = 512 * 2**20
# Bytes that are unpacked at least before the kind of a file is told by them.
_ENOUGH = 1 << 15
_SUFFIXES = (".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz")
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zstd.ZstdError, zipfile.BadZipFile)


class TooTight(Exception):
    """A stream unpacks to far more than text ever packs into so few bytes."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a file, or a member of an archive, holds: bytes that are read once, in order.

    place: a location, without the number of a record
    name: its name without the suffix of what packed it, lower case
    stream: raises one of `DAMAGED` or `TooTight` while it is read
    position: how many bytes of the file itself have been read
    archived: whether the file holds others
    """

    place: str
    name: str
    stream: BufferedReader
    position: Callable[[], int]
    archived: bool = False

    def head(self, size: int = HEAD) -> bytes:
        """The first bytes, which stay to be read; fewer than `size` only if there are no more."""
        return self.stream.peek(size)[:size]

    def whole(self, most: int) -> bytes | Rejected:
        """All that is there, if it is at most `most` bytes."""
        content = self.stream.read(most + 1)
        if len(content) > most:
            return Rejected(self.place, f"larger than {most // 2**20} MB unpacked")
        return content

    @contextmanager
    def seekable(self) -> Iterator[IO[bytes] | Rejected]:
        """What is there as a file that can be read in any order: itself, or a temporary one."""
        if self.stream.seekable():
            self.stream.seek(0)
            yield self.stream
            return
        with tempfile.TemporaryFile() as spooled:
            size = 0
            while data := self.stream.read(1 << 20):
                size += len(data)
                if size > MAX_SPOOLED:
                    reason = f"larger than {MAX_SPOOLED // 2**20} MB unpacked"
                    yield Rejected(self.place, reason)
                    return
                spooled.write(data)
            spooled.seek(0)
            yield spooled


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class _Total:
    """The bytes that the members of an archive unpack to, against those of its file."""

    def __init__(self, file: BufferedReader) -> None:
        self._left = max(HARMLESS_IN_ALL, MAX_RATIO * os.fstat(file.fileno()).st_size)

    @property
    def spent(self) -> bool:
        return self._left < 0

    def count(self, size: int) -> None:
        self._left -= size
        if self.spent:
            raise TooTight(
                f"an archive that unpacks to more than {MAX_RATIO} times its size in all: "
                "it is not read further"
            )


class _Unpacked(io.RawIOBase):
    """Bytes of a stream as they are unpacked, counted against those that they were packed in.

    total: of the archive that the stream is a member of
    """

    def __init__(
        self, inner: _Readable, packed: Callable[[], int], total: _Total | None = None
    ) -> None:
        self._inner, self._packed, self._total = inner, packed, total
        self._count = 0
        self._error: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._error is not None:
            raise self._error
        size = 0
        while size < min(len(buffer), _ENOUGH):
            try:
                data = self._inner.read1(len(buffer) - size)
            except DAMAGED as error:
                if size == 0:
                    raise
                # What was unpacked before the damage is good.
                self._error = error
                break
            if not data:
                break
            buffer[size : size + len(data)] = data
            size += len(data)
        self._count += size
        if self._count > HARMLESS and self._count > MAX_RATIO * max(1, self._packed()):
            raise TooTight
        if self._total:
            self._total.count(size)
        return size


class _Decompressed:
    """A stream of bz2 or xz, which their own modules read without a bound on memory."""

    def __init__(self, packed: BufferedReader, new: Callable[[], Any]) -> None:
        self._packed, self._new, self._unpack = packed, new, new()
        self._begun = False

    def read1(self, size: int, /) -> bytes:
        while True:
            if self._unpack.eof:
                rest = self._unpack.unused_data.lstrip(b"\0")
                more = rest or self._packed.read1(1 << 16)
                if not more:
                    return b""
                self._unpack = self._new()
            elif self._unpack.needs_input:
                more = self._packed.read1(1 << 16)
                if not more and not self._begun:
                    return b""
                if not more:
                    raise EOFError("it ends before its end was marked")
            else:
                more = b""
            self._begun = True
            if data := self._unpack.decompress(more, size):
                return cast(bytes, data)


_PACKERS: tuple[tuple[bytes, Callable[[BufferedReader], _Readable]], ...] = (
    (b"\x1f\x8b", lambda packed: gzip.GzipFile(fileobj=packed)),
    (
        b"\x28\xb5\x2f\xfd",
        lambda packed: zstd.ZstdFile(
            packed, options={zstd.DecompressionParameter.window_log_max: _MAX_WINDOW}
        ),
    ),
    (b"BZh", lambda packed: _Decompressed(packed, bz2.BZ2Decompressor)),
    (
        b"\xfd7zXZ\0",
        lambda packed: _Decompressed(packed, lambda: lzma.LZMADecompressor(memlimit=_MAX_XZ)),
    ),
)


def sources(path: Path) -> Iterator[Source | Rejected]:
    """What a file holds: one source, or of an archive its members, each to be read before the next.

    What cannot be unpacked comes as `Rejected`, here or from what reads the source.
    """
    place = location(path)
    try:
        with cast(BufferedReader, path.open("rb", buffering=HEAD)) as file:
            yield from _opened(place, path.name, file, file)
    except TooTight as error:
        yield too_tight(place, error)
    # Archives are untrusted, and the modules that open them raise whatever they stumble over.
    except Exception as error:  # noqa: BLE001
        yield unread(place, error)


def _opened(
    place: str, name: str, stream: BufferedReader, file: BufferedReader
) -> Iterator[Source | Rejected]:
    name, position = name.lower(), file.tell
    for _ in range(MAX_LAYERS):
        head = stream.peek(8)[:8]
        unpack = next((unpack for magic, unpack in _PACKERS if head.startswith(magic)), None)
        if unpack is None:
            break
        stream = _buffered(unpack(stream), position)
        name = next((name.removesuffix(each) for each in _SUFFIXES if name.endswith(each)), name)
    if is_zip(stream) and stream is file:
        yield from _zipped(place, name, file)
    elif stream.peek(512)[257:262] == b"ustar":
        yield from _tarred(place, stream, file)
    else:
        yield Source(place, name.removesuffix(".tgz"), stream, position)


def _buffered(
    inner: _Readable, packed: Callable[[], int], total: _Total | None = None
) -> BufferedReader:
    return BufferedReader(cast(io.RawIOBase, _Unpacked(inner, packed, total)), 1 << 16)


def is_zip(stream: BufferedReader) -> bool:
    """Whether a stream begins as a zip does."""
    return stream.peek(4)[:4] == b"PK\x03\x04"


def _zipped(place: str, name: str, file: BufferedReader) -> Iterator[Source | Rejected]:
    if size_of_list(file) > _MAX_LIST:
        yield Rejected(place, "too large: the list of the zip's members")
        return
    if not zipfile.is_zipfile(file):
        yield Rejected(place, "damaged: it begins as a zip does, and is none")
        return
    with zipfile.ZipFile(file) as archive:
        names = {each.filename for each in archive.infolist()}
        if "mimetype" in names or "[Content_Types].xml" in names:
            # A book or a document of an office, which is a zip as far as its reader is concerned.
            file.seek(0)
            yield Source(place, name, file, file.tell)
            return
        total = _Total(file)
        for member in archive.infolist():
            if total.spent:
                return
            if member.is_dir():
                continue
            where = _member(place, member.filename)
            try:
                with archive.open(member) as packed:
                    begun = member.header_offset
                    behind = partial(_behind, file, begun)
                    unpacked = _buffered(cast(_Readable, packed), behind, total)
                    yield from _members(where, member.filename, unpacked, file.tell, total)
            except (RuntimeError, NotImplementedError) as error:
                yield Rejected(where, f"cannot be unpacked: {error}")
            except DAMAGED as error:
                yield unread(where, error)


def _behind(file: BufferedReader, begun: int) -> int:
    return max(0, file.tell() - begun)


def size_of_list(file: IO[bytes]) -> int:
    """Bytes of the list at the end of a zip, as it says; of none 0."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 22))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    found = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    # All ones: it is longer than fits, and told elsewhere.
    return found if found < 0xFFFFFFFF else size


class _Forward:
    """A stream as tarfile wants it, that reads no header of more than `_MAX_LIST` at once."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream, self._at = stream, 0

    def read(self, size: int) -> bytes:
        if size > _MAX_LIST:
            raise tarfile.ReadError("a header is too large")
        data = self._stream.read(size)
        self._at += len(data)
        return data

    def tell(self) -> int:
        return self._at

    def seek(self, to: int) -> int:
        while self._at < to and self.read(min(to - self._at, 1 << 20)):
            pass
        return self._at


def _tarred(
    place: str, stream: BufferedReader, file: BufferedReader
) -> Iterator[Source | Rejected]:
    total = _Total(file)
    try:
        with tarfile.open(fileobj=cast(IO[bytes], _Forward(stream)), mode="r:") as archive:
            while not total.spent and (member := archive.next()):
                # What tarfile keeps of the members that were read grows with their number.
                archive.members.clear()  # type: ignore[attr-defined]
                if not member.isreg():
                    continue
                where = _member(place, member.name)
                if member.issparse():
                    yield Rejected(where, "a file with holes: not read")
                    continue
                if (content := archive.extractfile(member)) is not None:
                    with closing(content):
                        unpacked = _buffered(cast(_Readable, content), lambda: 1 << 60)
                        yield from _members(where, member.name, unpacked, file.tell, total)
    except tarfile.TarError as error:
        yield Rejected(place, f"damaged tar: {error}", unread=True)


def _members(
    where: str, name: str, stream: BufferedReader, position: Callable[[], int], total: _Total
) -> Iterator[Source | Rejected]:
    """A member of an archive, unpacked once if it is packed itself."""
    head = stream.peek(8)[:8]
    unpack = next((unpack for magic, unpack in _PACKERS if head.startswith(magic)), None)
    name = name.rsplit("/", 1)[-1].lower()
    if unpack is not None:
        counted = _Counted(stream)
        inner: Any = BufferedReader(cast(io.RawIOBase, counted), 1 << 16)
        stream = _buffered(unpack(inner), lambda: counted.count, total)
        name = next((name.removesuffix(each) for each in _SUFFIXES if name.endswith(each)), name)
    if stream.peek(512)[257:262] == b"ustar":
        yield Rejected(where, "an archive inside an archive")
        return
    try:
        yield Source(where, name, stream, position, archived=True)
    except TooTight as error:
        yield too_tight(where, error)


class _Counted(io.RawIOBase):
    """A stream that counts what was read of it."""

    def __init__(self, inner: BufferedReader) -> None:
        self._inner, self.count = inner, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._inner.read1(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        return len(data)


def _member(place: str, name: str) -> str:
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    tidy = "".join(each if each.isprintable() else "?" for each in "/".join(parts)[:1000])
    return f"{place}{MEMBER}{tidy}"


def too_tight(place: str, error: TooTight) -> Rejected:
    """What to report of a bomb."""
    why = str(error) or "packed tighter than text can be: the file is not read further"
    return Rejected(place, why)
