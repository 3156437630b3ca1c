"""What an element of XML holds: as text, as HTML, or as the paragraphs of an article."""

import html
import re
from collections.abc import Iterator

from lxml import etree

from indexer.reading.fields import Plain
from indexer.reading.input.characters import unescaped

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_NAME = re.compile(r"[A-Za-z][\w.-]*", re.A)
# A title is cut to some thousand characters anyway, before references of many digits are read.
_LONGEST_LINE = 4000
_PARAGRAPHS = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "hl2", "li", "dt", "dd", "pre", "td", "th",
))  # fmt: skip
_NO_TEXT = frozenset((
    "media", "figure", "script", "style", "head", "aside", "note", "hedline", "byline", "dateline",
))  # fmt: skip


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace; empty of an entity."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def plain(text: str) -> Plain:
    """A line of text of one of HTML."""
    bare = unescaped(_TAG.sub("", text[:_LONGEST_LINE]), times=1)
    return Plain(" ".join(bare.split()))


def text_of(element: etree._Element | None) -> Plain:
    """The text in an element, in one line; empty if there is none."""
    return Plain("" if element is None else " ".join("".join(element.itertext()).split()))


def first(element: etree._Element, *names: str) -> etree._Element | None:
    """The first element below that has one of the names, whatever its namespace."""
    return next(element.iter(*(f"{{*}}{name}" for name in names)), None)


def markup(element: etree._Element) -> str:
    """What an element holds: a text, which may be escaped markup, or the markup itself."""
    if len(element) == 0:
        return element.text or ""
    for each in element.iterdescendants(etree.Element):
        # What has an undeclared prefix is no name to lxml.
        name = local_name(each)
        each.tag = name if _NAME.fullmatch(name) else "span"
    inside = [etree.tostring(child, encoding="unicode", method="html") for child in element]
    return "".join([html.escape(element.text or "", quote=False), *inside])


def paragraphs(element: etree._Element) -> list[str]:
    """The paragraphs below an element, headings and lists among them; media and notes left out."""
    found = list(_paragraphs(element))
    if found:
        return found
    text = "".join(element.itertext())
    return [line for part in re.split(r"\n\s*\n", text) if (line := " ".join(part.split()))]


def _paragraphs(element: etree._Element) -> Iterator[str]:
    waiting = [element]
    while waiting:
        each = waiting.pop()
        name = local_name(each)
        if name in _NO_TEXT:
            continue
        inner = [child for child in each if local_name(child) in _PARAGRAPHS]
        if name in _PARAGRAPHS and not inner:
            if text := text_of(each):
                yield text
        else:
            waiting.extend(reversed(each))
