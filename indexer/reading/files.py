"""From paths to bytes: which files there are, and their content, bounded and never outside.

Files are untrusted: a symbolic link is not followed, what is unpacked at a time is bounded (a whole
file, or one line of JSON lines), and what cannot be read becomes a `Rejected` with the reason while
the rest goes on.
"""

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from indexer.article import Rejected
from indexer.errors import InputError

SUFFIXES = frozenset({".txt", ".html", ".htm", ".md", ".json", ".jsonl"})

# One article, or one JSON array of articles, unpacked. The longest news pages are under 10 MB.
MAX_BYTES = 64 * 2**20

_LINK = "a symbolic link; links are not followed"


def article_suffix(path: Path) -> str | None:
    """The suffix that says how to read a file, `.gz` ignored; None if it is not one of ours."""
    name = path.name.lower().removesuffix(".gz")
    suffix = os.path.splitext(name)[1]
    return suffix if suffix in SUFFIXES else None


def find_files(paths: Iterable[Path]) -> Iterator[Path | Rejected]:
    """Every article file under the paths, folders in order of name, each file once.

    Files of other kinds inside a folder are passed over; one that is named itself is rejected.

    Raises:
        InputError: a path does not exist.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        try:
            path.stat()
        except FileNotFoundError as error:
            raise InputError(f"{path} does not exist") from error
        except (OSError, ValueError) as error:
            raise InputError(f"{path} {cannot_read(error)}") from error
        for found in _walk(path) if path.is_dir() else [_named(path)]:
            if isinstance(found, Rejected):
                yield found
                continue
            try:
                status = found.stat()
            except OSError as error:
                yield Rejected(location(found), cannot_read(error))
                continue
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                yield found


def _named(path: Path) -> Path | Rejected:
    if not path.is_file():
        return Rejected(location(path), "not a regular file")
    if article_suffix(path) is None:
        known = " ".join(sorted(SUFFIXES))
        return Rejected(location(path), f"not a kind of file that is read ({known}, each also .gz)")
    return path


def _walk(folder: Path) -> Iterator[Path | Rejected]:
    failures: list[Rejected] = []

    def failed(error: OSError) -> None:
        reason = f"cannot be listed: {error.strerror}"
        failures.append(Rejected(location(Path(error.filename)), reason))

    for here, folders, names in os.walk(folder, onerror=failed, followlinks=False):
        yield from failures
        failures.clear()
        folders.sort()
        articles = [name for name in sorted(names) if article_suffix(Path(name)) is not None]
        # A folder is reported here if it is a link; os.walk goes into the others by itself.
        for name in [*folders, *articles]:
            yield from _entry(Path(here, name))
    yield from failures


def _entry(path: Path) -> Iterator[Path | Rejected]:
    try:
        if path.is_symlink():
            yield Rejected(location(path), _LINK)
        elif path.is_file():
            yield path
    except OSError as error:
        yield Rejected(location(path), cannot_read(error))


def read_whole(path: Path) -> bytes | Rejected:
    """The unpacked content of a file of at most `MAX_BYTES`."""
    try:
        with open_unpacked(path) as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        return Rejected(location(path), cannot_read(error))
    if len(content) > MAX_BYTES:
        return Rejected(location(path), f"larger than {MAX_BYTES // 2**20} MB unpacked")
    return content


def open_unpacked(path: Path) -> IO[bytes]:
    """A stream of a file's bytes, unpacked as they are read."""
    if path.name.lower().endswith(".gz"):
        return cast(IO[bytes], gzip.open(path, "rb"))
    return path.open("rb")


def packed_size(path: Path) -> int:
    """The size of a file in bytes; 0 if it has vanished."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def packed_position(stream: IO[bytes]) -> int:
    """How many bytes of the file itself a stream of `open_unpacked` has read."""
    return stream.fileobj.tell() if isinstance(stream, gzip.GzipFile) else stream.tell()


def location(path: Path) -> str:
    """A path as text that can be stored and printed, whatever bytes its name is made of."""
    return os.fsencode(path).decode("utf-8", "replace")


def cannot_read(error: Exception) -> str:
    """The reason to report for an error while reading a file."""
    if isinstance(error, (EOFError, zlib.error, gzip.BadGzipFile)):
        return f"damaged gzip: {error}"
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"
