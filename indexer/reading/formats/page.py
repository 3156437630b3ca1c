"""Pages: one record a file. And what every text is before it is anything else."""

from indexer.article import Rejected
from indexer.reading.fields import MAX_PAGE
from indexer.reading.formats.record import BLANK, Records
from indexer.reading.input.decoding import decode, tidy
from indexer.reading.input.packed import Source


def read_page(source: Source) -> Records:
    """The record of a page."""
    text = whole_text(source)
    yield text if isinstance(text, Rejected) else (source.place, {"html": text})


def whole_text(source: Source) -> str | Rejected:
    """All that a page or a text holds, tidied."""
    content = source.whole(MAX_PAGE)
    if isinstance(content, Rejected):
        return content
    if (text := decode(content)) is None:
        return Rejected(source.place, "binary, not text")
    return tidy(text) if text.strip(BLANK) else Rejected(source.place, "empty")
