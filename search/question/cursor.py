"""Cursors: where a page of a search ended, as text that only this service reads.

A cursor belongs to one question and one generation of the index, whose order it continues. When
another generation has been published it has expired, and says so: going on in another order would
repeat hits and leave others out.
"""

import base64
import binascii
import hashlib
import re

from indexer.errors import CursorExpired, QueryError
from search.question.query import MAX_OFFSET, Query

_WRITTEN = re.compile(r"([0-9a-f]{16})\.([0-9]{1,3})\.([A-Za-z0-9-]{1,64})")


def write_cursor(query: Query, generation: str, offset: int) -> str:
    """The cursor of the hits of a question from `offset` on."""
    written = f"{_digest(query)}.{offset}.{generation}"
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def read_cursor(query: Query, generation: str) -> int:
    """The offset that a question's cursor stands for; without one, that of the question.

    Raises:
        CursorExpired: it belongs to another generation.
        QueryError: it is no cursor, or that of another question.
    """
    if query.cursor is None:
        return query.offset
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        written = base64.b64decode(padded.encode(), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        written = ""
    found = _WRITTEN.fullmatch(written)
    if not found or int(found[2]) > MAX_OFFSET:
        raise QueryError("the cursor is none that this service made; begin without one")
    if found[1] != _digest(query):
        raise QueryError("the cursor belongs to another search; begin this one without it")
    if found[3] != generation:
        raise CursorExpired(
            "the index has been renewed since this cursor was made; begin again without it"
        )
    return int(found[2])


def _digest(query: Query) -> str:
    """Of all that decides which hits there are, and in which order."""
    same = query.model_dump_json(exclude={"limit", "offset", "cursor", "explain"})
    return hashlib.blake2b(same.encode(), digest_size=8).hexdigest()
