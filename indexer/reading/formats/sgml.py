"""Collections of articles in SGML: of TREC and the agencies' (`<DOC>`), and Reuters-21578."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

# Their names for fields that are known by others.
_NAMES = {"head": "title", "docno": "id", "docid": "id", "newid": "id", "contenttitle": "title"}
_TEXTS = frozenset(("text", "body", "content"))
# Inside a text they are not of it.
_APART = frozenset(("title", "head", "headline", "author", "byline", "dateline"))
_PARAGRAPHS = frozenset(("p", "lp", "para"))


def read_sgml(item: etree._Element) -> dict[str, Any]:
    """The record of a document: its attributes, its elements by name, and its text."""
    record: dict[str, Any] = {}
    for name, value in item.attrib.items():
        record.setdefault(_named(str(name)), value)
    elements = [(_tag(each), each) for each in item.iter()]
    for tag, each in elements[1:]:
        told = " ".join(" ".join(each.itertext()).split())
        if tag not in _TEXTS | _PARAGRAPHS and told:
            record.setdefault(_named(tag), told)
    texts = [each for tag, each in elements if tag == "body"]
    texts = texts or [each for tag, each in elements if tag in _TEXTS]
    text = "\n\n".join("".join(_text(each)).strip() for each in texts or [item])
    # A document without an element for its text has it beside the others.
    record["text"] = text if texts else "".join(_beside(item))
    # The place and day that a text begins with stand before it.
    if texts and (dateline := record.pop("dateline", None)):
        record["text"] = f"{dateline} {text}"
    return record


def _named(name: str) -> str:
    return _NAMES.get(name.lower(), name.lower())


def _tag(element: etree._Element) -> str:
    return str(etree.QName(element).localname).lower()


def _text(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        tag = _tag(child)
        if tag in _PARAGRAPHS:
            yield "\n\n"
        if tag not in _APART:
            yield from _text(child)
        yield child.tail or ""


def _beside(item: etree._Element) -> Iterator[str]:
    yield item.text or ""
    for child in item:
        if _tag(child) in _PARAGRAPHS:
            yield from ("\n\n", *_text(child))
        yield child.tail or ""
