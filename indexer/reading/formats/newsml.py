"""Items of news agencies: NITF, NewsML-G2, which may hold NITF, and NewsML 1."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lxml import etree

from indexer.reading.formats.markup import first, local_name, paragraphs, text_of

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_WITHDRAWN = ("canceled", "withheld")


def read_nitf(item: etree._Element) -> dict[str, Any]:
    """The record of an article in NITF."""
    head, top, data = first(item, "head"), first(item, "body.head"), first(item, "docdata")
    body = first(item, "body.content", "body")
    headline = _text(top, "hl1") or _text(top, "hedline") or _text(head, "title")
    date, release = _of(data, "date.issue", "norm"), _of(data, "date.release", "norm")
    published = _of(head, "pubdata", "date.publication")
    return _record(
        title=headline,
        text=paragraphs(body) if body is not None else [],
        date=date or release or published or _of(top, "story.date", "norm"),
        author=_byline(top),
        source=_of(head, "pubdata", "name") or _text(top, "distributor"),
        id=_of(data, "doc-id", "id-string"),
        url=_of(head, "pubdata", "ex-ref"),
        language=item.get(_LANG) or (body.get(_LANG) if body is not None else None),
    )


def read_news_item(item: etree._Element) -> dict[str, Any] | str:
    """The record of an item of NewsML-G2, or why it is none."""
    about, content = first(item, "itemMeta"), first(item, "contentMeta")
    status = _of(about, "pubStatus", "qcode") or ""
    if status.endswith(_WITHDRAWN):
        return f"{status.rpartition(':')[2]}: not an item that is to be published"
    holder = first(item, "contentSet")
    inside = first(holder, "inlineXML", "inlineData") if holder is not None else None
    if inside is None:
        kind = (_of(about, "itemClass", "qcode") or local_name(item)).rpartition(":")[2]
        return f"{kind[:40]}: an item without a text of its own"
    nitf = first(inside, "nitf")
    found = read_nitf(nitf) if nitf is not None else _record(text=_paragraphs(inside))
    language = first(content, "language") if content is not None else None
    return found | _record(
        title=_text(content, "headline") or _text(about, "title") or found.get("title"),
        date=_text(content, "contentCreated") or _text(about, "firstCreated")
        or _text(about, "versionCreated") or found.get("date"),
        author=_texts(content, "by") or _texts(content, "creator") or found.get("author"),
        source=_party(about, "provider") or _party(content, "infoSource") or found.get("source"),
        id=item.get("guid") or found.get("id"),
        language=language.get("tag") if language is not None else found.get("language")
        or inside.get(_LANG) or item.get(_LANG),
    )  # fmt: skip


def read_news_item_1(item: etree._Element) -> dict[str, Any] | str:
    """The record of an item of NewsML 1: of its contents that with the longest text."""
    contents = [
        paragraphs(body if (body := first(each, "body.content", "body")) is not None else each)
        for each in item.iter("{*}DataContent")
    ]
    text = max(contents, key=lambda each: sum(map(len, each)), default=[])
    if not text:
        return "NewsItem: an item without a text of its own"
    return _record(
        title=_text(item, "HeadLine") or _text(item, "hl1"),
        text=text,
        date=_text(item, "FirstCreated") or _text(item, "DateId"),
        author=_text(item, "ByLine") or _byline(item),
        source=_of(first(item, "Provider"), "Party", "FormalName") or _text(item, "ProviderId"),
        id=_text(item, "PublicIdentifier") or _text(item, "NewsItemId"),
        language=_of(item, "Language", "FormalName") or item.get(_LANG),
    )


def _record(**fields: Any) -> dict[str, Any]:
    found = {name: value for name, value in fields.items() if value}
    if "date" in found:
        found["date"] = _moment(found["date"])
    return found


def _moment(text: str) -> str:
    """A date; that of agencies, 20240315T063000Z, as others write it."""
    try:
        return datetime.fromisoformat(text).isoformat() if "T" in text else text
    except ValueError:
        return text


def _paragraphs(inside: etree._Element) -> list[str]:
    body = first(inside, "body")
    return paragraphs(inside if body is None else body)


def _text(element: etree._Element | None, name: str) -> str:
    return text_of(first(element, name)) if element is not None else ""


def _texts(element: etree._Element | None, name: str) -> list[str]:
    """The names of persons, as text or in an element of their own."""
    found: Iterable[etree._Element] = [] if element is None else element.iter(f"{{*}}{name}")
    return [text for each in found if (text := _text(each, "name") or text_of(each))][:20]


def _byline(element: etree._Element | None) -> str:
    """Who wrote it: of a byline the person, if one is named."""
    line = first(element, "byline") if element is not None else None
    return (_text(line, "person") or text_of(line)) if line is not None else ""


def _of(element: etree._Element | None, name: str, attribute: str) -> str | None:
    found = first(element, name) if element is not None else None
    return found.get(attribute) if found is not None else None


def _party(element: etree._Element | None, name: str) -> str | None:
    """An organization by its name, or else by its code."""
    found = first(element, name) if element is not None else None
    if found is None:
        return None
    named = _text(found, "name") or found.get("literal")
    return named or (found.get("qcode") or "").rpartition(":")[2] or None
