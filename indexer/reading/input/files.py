"""From paths to files: which lie under them, and how a location names what is in one.

A symbolic link inside a folder is not followed, and what cannot be read becomes a `Rejected` with
the reason while the rest goes on.
"""

import gzip
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from indexer.article import Rejected
from indexer.errors import InputError

_RECORD = re.compile(r":\d+$")
# Between a file and the name of a member of it: no path has two in a row.
MEMBER = "//"
_LINK = "a symbolic link: links are not followed"
_SPECIAL = "not a regular file"


def find_files(paths: Iterable[Path]) -> Iterator[Path | Rejected]:
    """Every file under the paths, each once, in the order of `order_of`.

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
    """The file of a location: without the name of a member of it and the number of a record."""
    file, inside, _ = place.partition(MEMBER)
    return file if inside else without_record(file)


def without_record(place: str) -> str:
    """The file of a location, or the member of an archive, that holds its record."""
    return _RECORD.sub("", place)


def order_of(place: str) -> tuple[str, ...]:
    """What locations are ordered by: folders and files by name, a folder's files together."""
    return PurePath(file_of(place)).parts


def is_under(place: str, roots: Iterable[str]) -> bool:
    """Whether a location is one of the files, or lies in one of the folders, named by `roots`."""
    file = file_of(place)
    return any(file == root or file.startswith(root.rstrip("/") + "/") for root in roots)


def _named(path: Path) -> Path | Rejected:
    return path if path.is_file() else Rejected(location(path), _SPECIAL)


def _walk(folder: Path) -> Iterator[Path | Rejected]:
    # A stack and no recursion: folders may be nested as deep as a path can be long.
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            if path.is_symlink():
                yield Rejected(location(path), _LINK, foreign=True)
            elif path.is_dir():
                waiting.extend(path / name for name in sorted(os.listdir(path), reverse=True))
            elif path.is_file():
                yield path
            else:
                yield Rejected(location(path), _SPECIAL, foreign=True)
        except OSError as error:
            listed = path.is_dir()
            reason = f"cannot be listed: {error.strerror}" if listed else cannot_read(error)
            yield Rejected(location(path), reason, unread=True)


def packed_size(path: Path) -> int:
    """The size of a file in bytes; 0 if it has vanished."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def location(path: Path) -> str:
    """A path as text that can be stored and printed, whatever bytes its name is made of."""
    return os.fsencode(path).decode("utf-8", "replace")


def unread(place: str, error: Exception) -> Rejected:
    """What to report for an error while reading: what is there is not known, not gone."""
    return Rejected(place, cannot_read(error), unread=True)


def cannot_read(error: Exception) -> str:
    """The reason to report for an error while reading a file."""
    if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile) and error.errno:
        return f"cannot be read: {error.strerror}"
    return f"damaged: {error}"
