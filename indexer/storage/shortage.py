"""Too few descriptors or too little memory, which says nothing about the file that was opened."""

import errno
import os

from indexer.errors import IndexUnavailable

_SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
# As libraries pass them on: as text.
_TEXTS = tuple(os.strerror(code) for code in _SHORT)


def raise_if_short(error: BaseException, what: object) -> None:
    """Raise IndexUnavailable if `what` could not be opened for such a reason; else nothing."""
    short = (
        getattr(error, "errno", None) in _SHORT
        or any(text in str(error) for text in _TEXTS)
        # Whether the file is there is known when SQLite is asked.
        or getattr(error, "sqlite_errorname", "") == "SQLITE_CANTOPEN"
    )
    if short:
        raise IndexUnavailable(f"{what} cannot be opened now: {error}; try again") from error
