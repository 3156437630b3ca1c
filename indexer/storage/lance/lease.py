"""One writer at a time, in a folder by the kernel's lock, in a bucket by an object.

The object `LOCK` is made where there is none, and replaced where nobody has touched it since: a
store has to offer that (conditional writes), or it is refused. Its holder renews it; one that has
died loses it after a while.
"""

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from indexer.errors import IndexBusy, StorageError
from indexer.index_url import IndexUrl
from indexer.storage.lance.trouble import failure
from indexer.storage.locking import locked

logger = logging.getLogger(__name__)

# The object that is held, and one that tells what time it is there.
LOCK, CLOCK = "LOCK", "CLOCK"
# Seconds between two renewals, and after which a lease that nobody has renewed is another's.
RENEWED, STALE = 20.0, 90.0


def plain_http() -> bool:
    """Whether the store is asked without encryption, as its endpoint says."""
    return os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")


@contextmanager
def leased(url: IndexUrl) -> Iterator[Callable[[], None]]:
    """Keep every other process from writing the index at a URL.

    Yields what raises IndexBusy if that is no longer so.

    Raises:
        IndexBusy: another process is writing it.
        IndexUnavailable: it cannot be written.
        StorageError: the store has no conditional writes.
    """
    if url.scheme == "file":
        with locked(url.folder):
            yield lambda: None
        return
    lease = _Lease(url)
    try:
        lease.take()
        yield lease.check
    finally:
        lease.release()


class _Lease:
    """The object in a bucket."""

    def __init__(self, url: IndexUrl) -> None:
        import obstore

        self._url = url
        self._obstore = obstore
        # A missing object or bucket is told as a missing file.
        self._errors = (obstore.exceptions.BaseError, OSError)
        self._refusals = (
            obstore.exceptions.AlreadyExistsError,
            obstore.exceptions.PreconditionError,
        )
        self._store = obstore.store.from_url(
            f"s3://{url.path}",
            client_options={"timeout": "20s", "connect_timeout": "5s", "allow_http": plain_http()},
            retry_config={"max_retries": 3},
        )
        self._holder = f"{socket.gethostname()} {os.getpid()} {uuid4().hex}"
        self._writes = 0
        # What the object is known by since it was last written; None if it is another's.
        self._tag: str | None = None
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._renewing = threading.Thread(target=self._renew, name="lease", daemon=True)

    def take(self) -> None:
        """Make the object, or take it over from a holder that has died."""
        try:
            self._tag = self._put("create")
            if self._tag is None:
                self._tag = self._take_over()
            elif self._put("create") is not None:
                self._obstore.delete(self._store, LOCK)
                raise StorageError(
                    f"the store of {self._url} has no conditional writes (If-None-Match): two "
                    "processes that publish at once would mix; use one that has them"
                )
        except self._errors as error:
            raise failure(self._url, error) from None
        self._renewing.start()

    def _put(self, mode: Any) -> str | None:
        """Write the object and return its tag; None if it is not as the mode wants it."""
        # No two are the same, so that the tag tells each from the one before.
        self._writes += 1
        body = f"{self._holder} {self._writes}".encode()
        try:
            return str(self._obstore.put(self._store, LOCK, body, mode=mode)["e_tag"])
        except self._refusals:
            # An answer that was lost on the way makes the library try again what was done.
            try:
                found = self._obstore.get(self._store, LOCK)
            except FileNotFoundError:
                return None
            return str(found.meta["e_tag"]) if bytes(found.bytes()) == body else None

    def _take_over(self) -> str:
        """Take the place of a holder that has not renewed it, by the clock of the store."""
        tag = None
        with contextlib.suppress(FileNotFoundError):
            held = self._obstore.head(self._store, LOCK)
            self._obstore.put(self._store, CLOCK, self._holder.encode())
            now = self._obstore.head(self._store, CLOCK)["last_modified"]
            if (now - held["last_modified"]).total_seconds() > STALE:
                tag = self._put({"e_tag": held["e_tag"]})
        if tag is None:
            raise IndexBusy(
                f"another process is writing the index at {self._url}; wait for it, or if it has "
                f"died, {STALE:.0f} seconds"
            )
        return tag

    def _renew(self) -> None:
        while not self._done.wait(RENEWED):
            try:
                self._hold()
            except self._errors as error:
                logger.warning(
                    "the lease of %s is not renewed: %s", self._url, type(error).__name__
                )

    def _hold(self) -> bool:
        """Renew it; whether it is still held."""
        with self._lock:
            if self._tag is not None:
                self._tag = self._put({"e_tag": self._tag})
            return self._tag is not None

    def check(self) -> None:
        """Make sure that it is still held.

        Raises:
            IndexBusy: another process has taken it over.
            IndexUnavailable: that cannot be told.
        """
        try:
            held = self._hold()
        except self._errors as error:
            raise failure(self._url, error) from None
        if not held:
            raise IndexBusy(f"another process has begun to write the index at {self._url}")

    def release(self) -> None:
        """Let others write."""
        self._done.set()
        if self._renewing.is_alive():
            self._renewing.join()
        if self._tag is not None:
            try:
                self._obstore.delete(self._store, LOCK)
            except self._errors as error:
                logger.warning("the lease of %s is left: %s", self._url, type(error).__name__)
