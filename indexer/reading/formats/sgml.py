"""Collections of articles in SGML: of TREC and the agencies' (`<DOC>`), and Reuters-21578."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from indexer.reading.fields import Plain

# The elements that are articles.
SGML = ("DOC", "doc", "REUTERS")
# Their names for fields that are known by others.
_NAMES = {
    **dict.fromkeys(("head", "contenttitle", "ti"), "title"),
    **dict.fromkeys(("docno", "docid", "newid"), "id"),
    "date1": "date",
    "pub": "source",
}
_TEXTS = frozenset(("text", "body", "content"))
# Inside a text they are not of it.
_APART = frozenset(("title", "head", "headline", "author", "byline", "dateline"))
_PARAGRAPHS = frozenset(("p", "lp", "para"))
_VALUE = r"\"[^\"<]*\"|'[^'<]*'|[^\s\"'<>=][^\s\"'<>]*"
_ATTRIBUTE = re.compile(rf"\s+([A-Za-z][\w.-]{{0,100}})(?:\s*+=\s*+({_VALUE}))?")
_START = re.compile(rf"<([A-Za-z][\w.-]{{0,100}})((?:{_ATTRIBUTE.pattern})++)?\s*+(/?)>")
_END = re.compile(r"</([A-Za-z][\w.-]{0,100})\s*>")


def as_xml(text: str) -> str:
    """The text of a document with its tags as XML has them, so that none is read as text.

    In SGML a value needs no quotes (`<F P=100>`), and an element no end (`<ROWRULE>`).
    """
    closed = set(_END.findall(text))

    def tag(found: re.Match[str]) -> str:
        attributes = _ATTRIBUTE.sub(_quoted, found[2] or "")
        return f"<{found[1]}{attributes}{'' if found[1] in closed and not found[5] else '/'}>"

    return _START.sub(tag, text)


def _quoted(attribute: re.Match[str]) -> str:
    name, value = attribute[1], attribute[2] or attribute[1]
    return f" {name}={value}" if value[0] in "\"'" else f' {name}="{value}"'


def read_sgml(item: etree._Element) -> dict[str, Any]:
    """The record of a document: its attributes, its elements by name, and its text."""
    record: dict[str, Any] = {}
    for name, value in item.attrib.items():
        record.setdefault(_named(str(name)), value)
    elements = [(_tag(each), each) for each in item.iter()]
    for tag, each in elements[1:]:
        told = Plain(" ".join(" ".join(each.itertext()).split()))
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
