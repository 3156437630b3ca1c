"""Pages and texts: one record a file."""

from typing import Literal

from indexer.article import Rejected
from indexer.reading.fields import MAX_PAGE
from indexer.reading.formats.record import Records
from indexer.reading.input.decoding import decode, tidy
from indexer.reading.input.packed import Source


def read_page(source: Source, kind: Literal["html", "text"]) -> Records:
    """The record of a page or of a text."""
    content = source.whole(MAX_PAGE)
    if isinstance(content, Rejected):
        yield content
    elif (text := decode(content)) is None:
        yield Rejected(source.place, "binary, not text")
    elif not (text := tidy(text)).strip():
        yield Rejected(source.place, "empty")
    else:
        yield source.place, {kind: text}
