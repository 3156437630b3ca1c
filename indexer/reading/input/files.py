"""From paths to bytes: which article files lie under them, and what is in each.

Files are untrusted: a symbolic link is not followed, what is unpacked at a time is bounded (a whole
file, or one line of JSON lines), and what cannot be read becomes a `Rejected` with the reason while
the rest goes on.
"""

import gzip
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path, PurePath
from typing import IO, cast

from indexer.article import Rejected
from indexer.errors import InputError

SUFFIXES = frozenset({".txt", ".html", ".htm", ".md", ".json", ".jsonl"})

# One JSON array of articles, unpacked.
MAX_BYTES = 64 * 2**20
# Text packs to a third or a tenth, pages of one template to a fiftieth; gzip can reach 1,032.
MAX_RATIO = 200
# What unpacks to no more than this does no harm, however tightly it was packed.
HARMLESS = 16 * 2**20

_RECORD = re.compile(r"(\.jsonl?(?:\.gz)?):\d+$", re.I)
_LINK = "a symbolic link; links are not followed"


def article_suffix(path: Path) -> str | None:
    """The suffix that says how to read a file, `.gz` ignored; None if it is not one of ours."""
    name = path.name.lower().removesuffix(".gz")
    suffix = os.path.splitext(name)[1]
    return suffix if suffix in SUFFIXES else None


def find_files(paths: Iterable[Path]) -> Iterator[Path | Rejected]:
    """Every article file under the paths, each once, in the order of `order_of`.

    Files of other kinds inside a folder are passed over; one that is named itself is rejected.

    Raises:
        InputError: a path does not exist.
    """
    seen: set[tuple[int, int]] = set()
    for path in sorted(map(resolved, paths), key=lambda path: path.parts):
        for found in _walk(path) if path.is_dir() else [_named(path)]:
            if isinstance(found, Rejected):
                yield found
                continue
            try:
                status = found.stat()
            except OSError as error:
                yield unread(location(found), error)
                continue
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                yield found


def resolved(path: Path) -> Path:
    """The absolute path without links, which names a file in the same way in every run.

    Raises:
        InputError: it does not exist.
    """
    try:
        return path.resolve(strict=True)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{path} {cannot_read(error)}") from error


def file_of(place: str) -> str:
    """The file of a location: without the number of a record in it."""
    return _RECORD.sub(r"\1", place)


def order_of(place: str) -> tuple[str, ...]:
    """What locations are ordered by: folders and files by name, a folder's files together."""
    return PurePath(file_of(place)).parts


def is_under(place: str, roots: Iterable[str]) -> bool:
    """Whether a location is one of the files, or lies in one of the folders, named by `roots`."""
    file = file_of(place)
    return any(file == root or file.startswith(root.rstrip("/") + "/") for root in roots)


def _named(path: Path) -> Path | Rejected:
    if not path.is_file():
        return Rejected(location(path), "not a regular file")
    if article_suffix(path) is None:
        known = " ".join(sorted(SUFFIXES))
        return Rejected(location(path), f"not a kind of file that is read ({known}, each also .gz)")
    return path


def _walk(folder: Path) -> Iterator[Path | Rejected]:
    # A stack and no recursion: folders may be nested as deep as a path can be long.
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            if path.is_symlink():
                if path.is_dir() or article_suffix(path) is not None:
                    yield Rejected(location(path), _LINK)
            elif path.is_dir():
                waiting.extend(path / name for name in sorted(os.listdir(path), reverse=True))
            elif path.is_file() and article_suffix(path) is not None:
                yield path
        except OSError as error:
            listed = path.is_dir()
            reason = f"cannot be listed: {error.strerror}" if listed else cannot_read(error)
            yield Rejected(location(path), reason, unread=True)


def read_whole(path: Path, most: int) -> bytes | Rejected:
    """The unpacked content of a file of at most `most` bytes."""
    try:
        with open_unpacked(path) as stream:
            content = stream.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        return unread(location(path), error)
    if len(content) > most:
        return Rejected(location(path), f"larger than {most // 2**20} MB unpacked")
    return content


def open_unpacked(path: Path) -> gzip.GzipFile | BufferedReader:
    """A stream of a file's bytes, unpacked as they are read."""
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")


def packed_size(path: Path) -> int:
    """The size of a file in bytes; 0 if it has vanished."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def packed_position(stream: gzip.GzipFile | BufferedReader) -> int:
    """How many bytes of the file itself a stream of `open_unpacked` has read."""
    if isinstance(stream, gzip.GzipFile):
        return cast(IO[bytes], stream.fileobj).tell()
    return stream.tell()


def is_bomb(stream: gzip.GzipFile | BufferedReader) -> bool:
    """Whether a stream of `open_unpacked` gives far more than text ever packs into its file."""
    unpacked = stream.tell()
    return unpacked > HARMLESS and unpacked > MAX_RATIO * packed_position(stream)


def location(path: Path) -> str:
    """A path as text that can be stored and printed, whatever bytes its name is made of."""
    return os.fsencode(path).decode("utf-8", "replace")


def unread(place: str, error: Exception) -> Rejected:
    """What to report for an error while reading: what is there is not known, not gone."""
    return Rejected(place, cannot_read(error), unread=True)


def cannot_read(error: Exception) -> str:
    """The reason to report for an error while reading a file."""
    if isinstance(error, (EOFError, zlib.error, gzip.BadGzipFile)):
        return f"damaged gzip: {error}"
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"
