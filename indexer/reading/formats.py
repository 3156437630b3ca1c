"""From files to documents: plain text, Markdown, HTML, JSON and JSON lines, each also packed."""

import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from indexer.article import Document, Rejected
from indexer.reading.decoding import decode, tidy
from indexer.reading.files import (
    MAX_BYTES,
    article_suffix,
    location,
    open_unpacked,
    packed_position,
    read_whole,
    unread,
)

# The longest line of JSON that is parsed: json.loads needs several times its size in memory.
MAX_LINE = 16 * 2**20
# A field of metadata that is longer than this is not metadata.
MAX_FIELD = 2000


def read_documents(
    path: Path, reached: Callable[[int], None] = lambda position: None
) -> Iterator[Document | Rejected]:
    """Every document that a file holds; what cannot be read comes as `Rejected`, never raised.

    `reached` is told, while a file of JSON lines is read, how many of its bytes have been.
    """
    suffix = article_suffix(path)
    if suffix == ".jsonl":
        yield from _json_lines(path, reached)
        return
    content = read_whole(path)
    if isinstance(content, Rejected):
        yield content
        return
    text = decode(content)
    if text is None:
        yield Rejected(location(path), "binary, not text")
    elif not text.strip():
        yield Rejected(location(path), "empty")
    elif suffix == ".json":
        yield from _json(path, text)
    else:
        kind: Literal["html", "text"] = "html" if suffix in (".html", ".htm") else "text"
        yield Document(location(path), text, kind)


def _json(path: Path, text: str) -> Iterator[Document | Rejected]:
    value = _parse(text)
    if value == []:
        yield Rejected(location(path), "an empty list")
    elif isinstance(value, list):
        for number, record in enumerate(value, start=1):
            yield _document(f"{location(path)}:{number}", record)
    else:
        yield _document(location(path), value)


def _json_lines(path: Path, reached: Callable[[int], None]) -> Iterator[Document | Rejected]:
    number = 0
    try:
        with open_unpacked(path) as stream:
            while line := stream.readline(MAX_LINE + 1):
                number += 1
                reached(packed_position(stream))
                where = f"{location(path)}:{number}"
                if len(line) > MAX_LINE:
                    while line and not line.endswith(b"\n"):
                        line = stream.readline(MAX_BYTES)
                    yield Rejected(where, f"line longer than {MAX_LINE // 2**20} MB")
                    continue
                text = decode(line)
                if text is None:
                    yield Rejected(where, "binary, not text")
                elif text.strip():
                    yield _document(where, _parse(text))
    except (OSError, EOFError, zlib.error) as error:
        yield unread(f"{location(path)}:{number + 1}", error)
    if number == 0:
        yield Rejected(location(path), "empty")


def _parse(text: str) -> Any:
    """The parsed value, or the error as an exception object."""
    try:
        return json.loads(text)
    except ValueError as error:
        return error
    except RecursionError:
        return ValueError("nested too deeply")


def _document(where: str, record: Any) -> Document | Rejected:
    if isinstance(record, ValueError):
        return Rejected(where, f"not JSON: {record}")
    if not isinstance(record, dict):
        return Rejected(where, "not a JSON object")
    html, text = record.get("html"), record.get("text")
    if isinstance(text, str) and text.strip():
        content, kind = text, "text"
    elif isinstance(html, str) and html.strip():
        content, kind = html, "html"
    else:
        return Rejected(where, "has neither a text nor an html field")
    identities = (record.get("_id"), record.get("id"))
    return Document(
        where,
        tidy(content),
        "html" if kind == "html" else "text",
        id=next((_field(str(each)) for each in identities if _is_id(each)), None),
        title=_field(record.get("title")),
        date=_field(record.get("date")),
        source=_field(record.get("source")),
        url=_field(record.get("url")),
        author=_field(record.get("author")),
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""


def _field(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return " ".join(tidy(value).split())[:MAX_FIELD] or None
