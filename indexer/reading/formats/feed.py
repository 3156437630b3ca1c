"""Items of feeds: RSS of all versions, Atom, and the export of WordPress, which is RSS.

The names of a record are those of the elements, with their usual prefix (`content:encoded`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from indexer.reading.fields import Plain
from indexer.reading.formats.markup import first, local_name, markup, plain, text_of

# What WordPress calls that of which articles are made; sites add types of their own.
_POSTS = frozenset(("post", "page", "article", "articles", "news", "story", "stories"))
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MAIL = re.compile(r"\s*\S+@\S+\s*(?:\(([^()]*)\)\s*)?")
_BLOCK = re.compile(r"<(?:p|div|h[1-6]|ul|ol|table|blockquote)\b", re.I)
# [caption …]…[/caption] and [gallery ids="…"]
_SHORT_CODE = re.compile(
    r"\[(caption|wp_caption|embed|audio|video|playlist)\b[^\[\]]{0,2000}\][^\[]{0,5000}\[/\1\]"
    r"|\[(?:gallery|audio|video|playlist|embed)\b[^\[\]]{0,2000}\]"
)


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of all of its items.

    authors: names, by what WordPress knows them as
    """

    title: str | None
    language: str | None
    authors: Mapping[str, str]


def read_feed(about: etree._Element | str) -> Feed:
    """What a feed says of itself, before its first item."""
    if isinstance(about, str):
        return Feed(None, None, {})
    channel = about if local_name(about) in ("feed", "channel") else first(about, "channel")
    channel = about if channel is None else channel
    told = {local_name(each): each for each in reversed(channel)}
    authors: dict[str, str] = {}
    for each in channel.iter("{*}author"):
        fields = {local_name(field): text_of(field) for field in each}
        if login := fields.get("author_login"):
            authors[login] = fields.get("author_display_name") or login
    language = text_of(told.get("language")) or channel.get(_LANG) or about.get(_LANG)
    title = told.get("title")
    return Feed(None if title is None else _line(title) or None, language, authors)


def read_entry(item: etree._Element, feed: Feed) -> dict[str, Any] | str:
    """The record of an item, or why it is none."""
    record: dict[str, Any] = {"feed": {"title": feed.title}, "language": feed.language}
    authors: list[str] = []
    for element in item:
        name = _name(element, item)
        if name in ("author", "dc:creator"):
            authors.append(_author(element, feed))
        elif name == "link":
            if address := _address(element):
                record.setdefault("link", address)
        elif name in ("title", "source"):
            inner = first(element, "title") if name == "source" else None
            if line := _line(element if inner is None else inner):
                record.setdefault(name, line)
        elif name and (told := markup(element)).strip():
            record.setdefault(name, told)
    if kind := record.get("wp:post_type"):
        status = record.get("wp:status", "publish")
        if kind not in _POSTS or status != "publish":
            what = kind if kind not in _POSTS else status
            return f"{' '.join(what.split())[:40]}: not a post of WordPress that is published"
        record["date"] = record.get("wp:post_date")
        record["content:encoded"] = _paragraphed(record.get("content:encoded", ""))
    if not record.keys() & {"pubDate", "published", "issued", "date"}:
        dates = (record.get(f"{prefix}{name}") for prefix, name in _DATES)
        record["date"] = next(filter(None, dates), None)
    if language := item.get(_LANG) or record.get("dc:language"):
        record["language"] = language
    if names := list(dict.fromkeys(filter(None, authors))):
        record["author"] = names
    if address := record.get("feedburner:origLink") or (
        record.get("guid", "") if "link" not in record else ""
    ):
        record["link"] = address
    return record


_DATES = (
    ("dc:", "date"),
    ("dcterms:", "issued"),
    ("dcterms:", "created"),
    ("dcterms:", "modified"),
)


def _name(element: etree._Element, item: etree._Element) -> str:
    """The name of an element, with its prefix if it is of another namespace than the item."""
    name = local_name(element)
    if not name or element.tag.rpartition("}")[0] == item.tag.rpartition("}")[0]:
        return name
    return f"{element.prefix}:{name}" if element.prefix else name


def _line(element: etree._Element) -> Plain:
    """A title: of RSS it is HTML, of Atom as it says, and a text if it says nothing."""
    html = element.get("type") in ("html", "text/html") or element.get("mode") == "escaped"
    atom = "atom" in element.tag.lower()
    return plain(markup(element)) if html or not atom else text_of(element)


def _author(element: etree._Element, feed: Feed) -> str:
    """A name; of "desk@skerry.example (Ann Ek)" that in brackets."""
    name = first(element, "name")
    text = plain(text_of(element)) if name is None else text_of(name)
    # Of a longer one the time would grow with the square.
    address = _MAIL.fullmatch(text) if len(text) < 200 else None
    return Plain((address[1] or "").strip()) if address else feed.authors.get(text, text)


def _address(element: etree._Element) -> str | None:
    """Where an item leads to: a text in RSS, an attribute in Atom."""
    if element.get("rel", "alternate") != "alternate":
        return None
    return text_of(element) or element.get("href")


def _paragraphed(text: str) -> str:
    """A post as WordPress shows it: blank lines part paragraphs where no markup does."""
    text = _SHORT_CODE.sub("", text)
    if _BLOCK.search(text):
        return text
    parts = re.split(r"\n[ \t\r]*\n", text)
    return "\n".join(f"<p>{part}</p>" for part in parts if part.strip())
