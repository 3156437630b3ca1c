"""What the errors of the libraries mean; nothing that is secret is told."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from indexer.errors import (
    ArticleSearchError,
    IndexDamaged,
    IndexUnavailable,
    StorageError,
)
from indexer.index_url import IndexUrl

# Characters of an error that are told.
_LONGEST = 300
# Of what must never be told, the store's answers hold the first.
_SECRET = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_REFUSED = (
    "accessdenied",
    "expiredtoken",
    "invalidaccesskeyid",
    "signaturedoesnotmatch",
    "unauthenticated",
    "permissiondenied",
    "403 forbidden",
    "credential",
)
_NO_BUCKET = ("nosuchbucket",)
_AWAY = ("error sending request", "retryerror", "timed out", "timeout", "connection", "slowdown")
_DAMAGE = (
    "not found",
    "corrupt",
    "invalid",
    "decode",
    "no such file",
    "unexpected end",
    "failed to fill whole buffer",
    "no longer exists",
    "panic",
)


@contextmanager
def asking(url: IndexUrl) -> Iterator[None]:
    """Make errors of ours of what LanceDB raises.

    Raises:
        IndexDamaged: a table is not as it was written.
        IndexUnavailable: the store cannot be reached, or refuses to answer.
    """
    try:
        yield
    except ArticleSearchError:
        raise
    except BaseException as error:
        # A panic of the library is no Exception, and of a class that cannot be named.
        if not isinstance(error, (RuntimeError, OSError, ValueError)) and (
            type(error).__name__ not in ("PanicException", "RustPanic")
        ):
            raise
        # What it was raised from may name keys.
        raise failure(url, error) from None


def failure(url: IndexUrl, error: BaseException) -> StorageError:
    """What an error of a library means for the index at a URL."""
    whole = f"{type(error).__name__} {error}".lower()
    # Of several lines the others are where in the library it was.
    said = (str(error).splitlines() or [type(error).__name__])[0]
    for name in _SECRET:
        if secret := os.environ.get(name):
            said = said.replace(secret, "…")
    said = said[:_LONGEST]
    if isinstance(error, OSError) and error.errno is not None:
        # Of this machine: what the libraries raise has no number.
        return StorageError(f"cannot read or write the index at {url}: {said}")
    if any(sign in whole for sign in _REFUSED):
        return IndexUnavailable(
            f"the store of {url} refuses this process: set AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY and AWS_REGION to those of who may read and write there"
        )
    if any(sign in whole for sign in _NO_BUCKET):
        return IndexUnavailable(f"there is no bucket of {url}; make it, or set AWS_ENDPOINT_URL")
    if not any(sign in whole for sign in _AWAY) and any(sign in whole for sign in _DAMAGE):
        return IndexDamaged(
            f"the index at {url} cannot be read: {said}; go back with `rollback`, or run "
            "`reindex --full`"
        )
    return IndexUnavailable(f"the index at {url} cannot be reached now: {said}")
