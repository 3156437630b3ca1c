"""One writer at a time, and what is written kept through a loss of power."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from indexer.errors import IndexBusy, StorageError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other process from writing the index in a folder, which is made if need be.

    The lock is in its file `LOCK`, and dies with the process.

    Raises:
        IndexBusy: another process is writing it.
        StorageError: the folder cannot be written.
    """
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            sync(folder.parent)
        lock = (folder / "LOCK").open("a+b", buffering=0)
    except OSError as error:
        raise StorageError(f"cannot write an index in {folder}: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read(100).decode("ascii", "replace").strip() or "unknown"
            raise IndexBusy(
                f"process {holder} is writing the index in {folder}; wait for it or stop it"
            ) from None
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        # Whoever finds it locked would like to know; the lock itself needs no word of it.
        with contextlib.suppress(OSError):
            lock.truncate(0)
            lock.write(f"{os.getpid()} (since {now} UTC)".encode())
        yield


def sync(path: Path) -> None:
    """Have the disk keep a file, or what a folder lists.

    Raises:
        OSError: it cannot.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
