"""From files to documents: plain text, Markdown, HTML, JSON and JSON lines, each also packed."""

import zlib
from collections.abc import Callable, Iterator
from gzip import GzipFile
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import Any, Literal

from indexer.article import Document, Rejected
from indexer.reading.input.decoding import decode, tidy, utf_16
from indexer.reading.input.files import (
    MAX_BYTES,
    article_suffix,
    is_bomb,
    location,
    open_unpacked,
    packed_position,
    read_whole,
    unread,
)
from indexer.reading.input.records import is_array, parse_json, values

# The longest line of JSON that is parsed, in bytes.
MAX_LINE = 16 * 2**20
# The longest pages of news, pictures inside them and all, are under 10 MB; the longest texts are
# under 1 MB, and cutting one into sentences takes some 400 times its size.
MAX_PAGE = 10 * 2**20
MAX_TEXT = 2 * 2**20
# A field of metadata that is longer than this is not metadata.
MAX_FIELD = 2000
# What may stand around a JSON value; zeros are left at the end by a disk that failed.
_BLANK = "\ufeff\0 \t\r\n"
# Records of a file that are reported one by one; of a million the report would fill the memory.
MAX_REPORTED = 1000


def read_documents(
    path: Path, reached: Callable[[int], None] = lambda position: None
) -> Iterator[Document | Rejected]:
    """Every document that a file holds; what cannot be read comes as `Rejected`, never raised.

    `reached` is told, while a file of JSON lines is read, how many of its bytes have been.
    """
    rejected = 0
    for found in _read(path, reached):
        if isinstance(found, Rejected) and not found.unread:
            rejected += 1
            if rejected > MAX_REPORTED:
                continue
        yield found
    if rejected > MAX_REPORTED:
        more = rejected - MAX_REPORTED
        yield Rejected(location(path), f"{more:,} more of its records are no articles")


def _read(path: Path, reached: Callable[[int], None]) -> Iterator[Document | Rejected]:
    suffix = article_suffix(path)
    if suffix == ".jsonl":
        yield from _json_lines(path, reached)
        return
    where = location(path)
    content = read_whole(path, MAX_BYTES if suffix == ".json" else MAX_PAGE)
    if isinstance(content, Rejected):
        yield content
        return
    text = decode(content)
    if text is None:
        yield Rejected(where, "binary, not text")
    elif suffix == ".json":
        yield from _json(where, text.strip(_BLANK))
    elif not (text := tidy(text)).strip():
        yield Rejected(where, "empty")
    else:
        yield _sized(Document(where, text, "html" if suffix in (".html", ".htm") else "text"))


def _json(where: str, text: str) -> Iterator[Document | Rejected]:
    if not text:
        yield Rejected(where, "empty")
    elif not is_array(text):
        yield _document(where, parse_json(text))
    else:
        number = 0
        for number, record in enumerate(values(text), start=1):
            yield _document(f"{where}:{number}", record)
        if number == 0:
            yield Rejected(where, "an empty list")


def _json_lines(path: Path, reached: Callable[[int], None]) -> Iterator[Document | Rejected]:
    place = location(path)
    number = records = 0
    try:
        with open_unpacked(path) as stream:
            read_line = _line_reader(stream)
            while line := read_line(MAX_LINE + 1):
                number += 1
                # Of a bomb of blank lines there are too many to look each time.
                if len(line) <= MAX_LINE and line.isspace() and number % 1000:
                    continue
                reached(packed_position(stream))
                found = _json_line(f"{place}:{number}", line)
                while line and not line.endswith(b"\n") and not is_bomb(stream):
                    line = read_line(1 << 20)
                if is_bomb(stream):
                    reason = "packed tighter than text can be: the file is not read further"
                    yield Rejected(f"{place}:{number}", reason)
                    return
                if found:
                    records += 1
                    yield found
    except (OSError, EOFError, zlib.error) as error:
        records += 1
        yield unread(f"{place}:{number + 1}", error)
    if records == 0:
        yield Rejected(place, "empty")


def _line_reader(stream: GzipFile | BufferedReader) -> Callable[[int], bytes]:
    """What reads the next line, of at most so many bytes; one in UTF-16 comes as UTF-8."""
    encoding = utf_16(stream.peek(1024)[:1024])
    if encoding is None:
        return stream.readline
    lines = TextIOWrapper(stream, encoding, "replace", newline="\n")
    return lambda most: lines.readline(most).encode("utf-8", "replace")


def _json_line(where: str, line: bytes) -> Document | Rejected | None:
    """The document in a line of JSON; None if the line is blank."""
    if len(line) > MAX_LINE:
        return Rejected(where, f"line longer than {MAX_LINE // 2**20} MB")
    text = decode(line)
    if text is None:
        return Rejected(where, "binary, not text")
    text = text.strip(_BLANK)
    return _document(where, parse_json(text)) if text else None


def _document(where: str, record: Any) -> Document | Rejected:
    if isinstance(record, ValueError):
        return Rejected(where, f"not JSON: {record}")
    if not isinstance(record, dict):
        return Rejected(where, "not a JSON object")
    html, text = record.get("html"), record.get("text")
    kind: Literal["html", "text"]
    if isinstance(text, str) and text.strip():
        content, kind = text, "text"
    elif isinstance(html, str) and html.strip():
        content, kind = html, "html"
    else:
        return Rejected(where, "has neither a text nor an html field")
    identities = (record.get("_id"), record.get("id"))
    return _sized(
        Document(
            where,
            tidy(content[: MAX_PAGE + 1]),
            kind,
            id=next((_field(str(each)) for each in identities if _is_id(each)), None),
            title=_field(record.get("title")),
            date=_field(_moment(record.get("date"))),
            source=_field(record.get("source")),
            url=_field(record.get("url")),
            author=_field(record.get("author")),
        )
    )


def _sized(document: Document) -> Document | Rejected:
    """The document, unless it is longer than an article can be."""
    most = MAX_PAGE if document.format == "html" else MAX_TEXT
    if len(document.content) <= most:
        return document
    return Rejected(document.location, f"{document.format} longer than {most // 2**20} MB")


def _is_id(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""


def _moment(value: Any) -> Any:
    """A number as text: seconds or milliseconds since 1970."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(int(value)) if number and 0 < value < 10**14 else value


def _field(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    # Space is a part of it only between words, so a field may be cut before it is tidied.
    return " ".join(tidy(value.strip()[: 2 * MAX_FIELD]).split())[:MAX_FIELD] or None
