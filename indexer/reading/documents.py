"""From a file to documents: what it is, who reads it, and what its records are.

    file → sources (packed.py) → kind (kinds.py) → records (formats) → documents (fields.py)

What cannot be read comes as `Rejected`, and the rest of the file goes on.
"""

from collections.abc import Callable, Iterator
from json import dumps
from pathlib import Path

from indexer.article import Document, Rejected
from indexer.reading.fields import KNOWN, MAX_TEXT, Fields
from indexer.reading.formats.apart import read_apart
from indexer.reading.formats.epub import read_epub
from indexer.reading.formats.json import read_json, read_json_lines
from indexer.reading.formats.mail import read_mail
from indexer.reading.formats.mailbox import read_mailbox
from indexer.reading.formats.page import read_page
from indexer.reading.formats.record import Records
from indexer.reading.formats.table import read_table
from indexer.reading.formats.text import read_text
from indexer.reading.formats.warc import read_warc
from indexer.reading.formats.word import read_word
from indexer.reading.formats.xml import read_xml
from indexer.reading.input.files import location, unread
from indexer.reading.input.kinds import Foreign, kind_of
from indexer.reading.input.packed import Source, TooTight, sources, too_tight
from indexer.reading.input.response import response_headers

# Records of a file that are reported one by one; of a million the report would fill the memory.
MAX_REPORTED = 1000


def read_documents(
    path: Path,
    fields: Fields = KNOWN,
    reached: Callable[[int], None] = lambda position: None,
) -> Iterator[Document | Rejected]:
    """Every document that a file holds; what cannot be read comes as `Rejected`, never raised.

    Of records that are rejected so many are told one by one as `MAX_REPORTED`, then their number.

    fields: which field of a record is what
    reached: is told, while a file of many records is read, how many of its bytes have been
    """
    rejected = 0
    for found in read_all(path, fields, reached):
        if isinstance(found, Rejected) and not found.unread:
            rejected += 1
            if rejected > MAX_REPORTED:
                continue
        yield found
    if rejected > MAX_REPORTED:
        more = rejected - MAX_REPORTED
        yield Rejected(location(path), f"{more:,} more of its records are no articles")


def read_all(
    path: Path,
    fields: Fields = KNOWN,
    reached: Callable[[int], None] = lambda position: None,
) -> Iterator[Document | Rejected]:
    """As `read_documents`, but each record that is rejected is told."""
    for source in sources(path):
        if isinstance(source, Rejected):
            yield source
            continue
        last = source.place
        try:
            for found in _records(source, fields, reached):
                last = found.location if isinstance(found, Rejected) else found[0]
                yield found if isinstance(found, Rejected) else fields.document(*found)
        except TooTight as error:
            yield too_tight(last, error)
        # Files are untrusted, and what reads them raises whatever it stumbles over.
        except Exception as error:  # noqa: BLE001
            yield unread(_after(last, source.place), error)


def _after(last: str, place: str) -> str:
    """The location behind the last that was read of a source."""
    number = last.removeprefix(f"{place}:")
    return f"{place}:{int(number) + 1}" if number != last else place


def _records(source: Source, fields: Fields, reached: Callable[[int], None]) -> Records:
    head = source.head()
    headers, status = response_headers(head)
    if status >= 300:
        yield Rejected(source.place, "no article: error page")
        return
    source.stream.read(headers)
    kind = kind_of(head[headers:], source.name)
    if isinstance(kind, Foreign):
        yield Rejected(source.place, f"{kind.name}: not a kind of file that is read", foreign=True)
    elif kind == "html":
        yield from read_page(source)
    elif kind == "text":
        yield from read_text(source)
    elif kind == "json":
        yield from read_json(source, fields.has_text)
    elif kind == "json lines":
        yield from read_json_lines(source, fields.has_text, reached)
    elif kind == "table":
        yield from read_table(source, fields, reached)
    elif kind == "xml":
        yield from read_xml(source, reached)
    elif kind == "mail":
        yield from read_mail(source)
    elif kind == "mailbox":
        yield from read_mailbox(source, reached)
    elif kind == "warc":
        yield from read_warc(source, reached)
    elif kind == "parquet" or kind == "arrow":
        yield from read_apart(source, "parquet", dumps(dict(fields.mapped)))
    elif kind == "pdf":
        yield from read_apart(source, "pdf", str(MAX_TEXT))
    elif kind == "word":
        yield from read_word(source)
    else:
        yield from read_epub(source)
