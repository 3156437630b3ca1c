"""Word documents (.docx): one article a file."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from indexer.article import Rejected
from indexer.reading.fields import MAX_TEXT
from indexer.reading.formats.properties import a_name, a_title
from indexer.reading.formats.record import Records
from indexer.reading.formats.zipped import SAFE, Parts, parts_of, texts
from indexer.reading.input.packed import Source

# What is read of a document: its elements, and all of it unpacked. Marked up, a text is ten times
# as long.
_MOST_ELEMENTS, _MOST = 10**6, 32 * MAX_TEXT
# What is known when it ends, and forgotten.
_DONE = frozenset({"p", "tc", "tr", "tbl"})
_OFFICE = "/officeDocument"
# When the empty document was made that python-docx begins with.
_TEMPLATE = "2013-12-23T23:15"
_SPACES = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class TooLarge(Exception):
    """A document has more elements than any that was written by hand."""


def read_word(source: Source) -> Records:
    """The record of a document: its text, and what its properties say."""
    with parts_of(source, _MOST) as parts:
        if isinstance(parts, Rejected):
            yield parts
            return
        found = _text(source.place, parts, _main_part(parts))
        yield found if isinstance(found, Rejected) else (source.place, {**_about(parts), **found})


def _main_part(parts: Parts) -> str:
    related = parts.tree("_rels/.rels")
    for each in related.iter("{*}Relationship") if related is not None else ():
        if str(each.get("Type")).endswith(_OFFICE):
            return str(each.get("Target")).lstrip("/")
    return "word/document.xml"


def _about(parts: Parts) -> dict[str, str | None]:
    core = parts.tree("docProps/core.xml")
    if core is None:
        return {}

    def first(name: str) -> str:
        return next(iter(texts(core, name)), "")

    created = first("created")
    return {
        "title": a_title(first("title")),
        "author": a_name(first("creator")),
        "filecreated": None if created.startswith(_TEMPLATE) else created,
        "language": first("language"),
    }


def _text(place: str, parts: Parts, name: str) -> dict[str, str] | Rejected:
    with parts.opened(name) as part:
        if part is None:
            return Rejected(place, "damaged: a document without its text")
        lines: list[str] = []
        size = 0
        try:
            for line in _lines(part):
                size += len(line)
                lines.append(line)
                if size > MAX_TEXT:
                    break
        except etree.XMLSyntaxError as error:
            return Rejected(place, f"damaged: {error}")
        except TooLarge:
            return Rejected(place, f"too long: more than {_MOST_ELEMENTS:,} elements")
    if not size:
        return Rejected(place, "empty")
    return {"text": "\n\n".join(lines)}


def _lines(part: Any) -> Iterator[str]:
    """The paragraphs of a document, and the rows of its tables: `cell | cell`.

    Raises:
        etree.XMLSyntaxError: it is broken.
        TooLarge: it has more than `_MOST_ELEMENTS`.
    """
    # Paragraphs of the document, and of each table's cell that is open; the cells of open rows.
    open_: list[list[str]] = [[]]
    rows: list[list[list[str]]] = []
    repeated = elements = 0
    for event, element in etree.iterparse(part, events=("start", "end"), **SAFE):
        name = _name(element)
        if event == "start":
            elements += 1
            if elements > _MOST_ELEMENTS:
                raise TooLarge
            if name == "tr":
                rows.append([])
            elif name == "tc" and rows:
                open_.append([])
            # The same once more, for programs that do not know the kind of what is in it.
            repeated += name == "Fallback"
            continue
        if name == "Fallback":
            repeated -= 1
        elif name == "p" and not repeated:
            if text := _paragraph(element):
                open_[-1].append(text)
        elif name == "tc" and rows and len(open_) > 1:
            rows[-1].append(open_.pop())
        elif name == "tr" and rows:
            cells = [cell for cell in rows.pop() if cell]
            # A row of one cell is no table's, but a frame around what it holds.
            open_[-1] += cells[0] if len(cells) == 1 else [" | ".join(map(" ".join, cells))]
        if name in _DONE:
            element.clear()
            while (before := element.getprevious()) is not None:
                before.getparent().remove(before)
            if len(open_) == 1:
                yield from filter(None, open_[0])
                open_[0] = []


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _paragraph(element: Any) -> str:
    """The text of a paragraph, less that of boxes that are anchored in it, which came before."""
    parts = []
    for each in element.iter("{*}t", "{*}tab", "{*}br", "{*}cr", "{*}noBreakHyphen"):
        name = _name(each)
        parts.append(each.text or "" if name == "t" else _SPACES[name])
    return "\n".join(filter(None, (" ".join(line.split()) for line in "".join(parts).split("\n"))))
