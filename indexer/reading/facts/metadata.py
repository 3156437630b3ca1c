"""What a web page tells of its article: headline, days, author, site, language, address.

What the page declares wins over what trafilatura and htmldate guess.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import trafilatura
from lxml.html import HtmlElement

from indexer.article import Date
from indexer.reading.facts.address import original_address
from indexer.reading.facts.declared import (
    Declared,
    field_of,
    names_of,
    read_declared,
    text_of,
)
from indexer.reading.facts.language import language_code
from indexer.reading.facts.page_dates import page_published, page_updated
from indexer.reading.facts.page_title import declared_titles, page_title

_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
_NAME = re.compile(r"[^\W\d_][^\d·|/;,]{1,60}")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document tells of its article; None is unknown.

    titles: all that it declares as its headline
    headings: what it shows as such
    is_article: it declares to be one
    language: ISO 639-1
    url: absolute, http or https
    """

    title: str | None = None
    titles: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    is_article: bool = False
    published: Date | None = None
    updated: Date | None = None
    source: str | None = None
    author: str | None = None
    language: str | None = None
    url: str | None = None


def read_metadata(tree: HtmlElement, url: str | None, today: date, guess: bool = True) -> Metadata:
    """Read a parsed page; `url` is where it came from, if known.

    A date is at most one day after `today`, for pages from east of here. `guess` allows for the
    guesses of trafilatura and htmldate, whose time grows faster than the page.
    """
    page = read_declared(tree)
    address = _address(page) or url
    source = page.first("og:site_name") or names_of(page.node.get("publisher"))
    author = _author(page)
    title = page_title(page, source, address)
    published = page_published(page, address, today, guess)
    updated = page_updated(page, today)
    if updated and published and updated.iso[:10] < published.iso[:10]:
        updated = None
    if guess and not (title and author and source):
        guessed = _guesses(tree, address)
        title = title or field_of(guessed.title)
        # Several names, or something beside a name, are mostly a byline taken whole.
        author = author or (
            field_of(guessed.author) if _NAME.fullmatch(guessed.author or "") else None
        )
        # Its guess may be the host, for which what the page prints is a better name.
        name = field_of(guessed.sitename)
        source = source or (name if name and "." not in name else None)
    return Metadata(
        title=title,
        titles=tuple(filter(None, [title, *declared_titles(page)])),
        headings=tuple(page.headings[:3]),
        is_article=bool(page.node) or page.first("og:type") == "article",
        published=published,
        updated=updated,
        source=source,
        author=author,
        language=_language(page),
        url=address,
    )


def _address(page: Declared) -> str | None:
    links = [e.get("href") for e in page.tree.iter("link") if e.get("rel") == "canonical"][:3]
    for text in [*links, page.first("og:url"), text_of(page.node.get("url"))]:
        original = original_address(text) if text and len(text) <= 2000 else None
        if original and re.match(r"https?://[^\s/]", original):
            return original
    return None


def _author(page: Declared) -> str | None:
    if declared := names_of(page.node.get("author")):
        return declared
    for name in _AUTHORS:
        named = page.meta.get(name, [])
        if names := [text for text in named if "://" not in text and len(text) <= 100]:
            return ", ".join(dict.fromkeys(names[:10]))
    return None


def _language(page: Declared) -> str | None:
    declared = text_of(page.node.get("inLanguage"))
    named = page.first("og:locale", "content-language", "language")
    texts = (page.tree.get("lang"), page.tree.get("xml:lang"), declared, named)
    return next((code for text in texts if (code := language_code(text))), None)


def _guesses(tree: HtmlElement, url: str | None) -> Any:
    """What trafilatura finds; its long search for a date is left out: declared ones come first."""
    try:
        return trafilatura.extract_metadata(
            tree, default_url=url, date_config={"extensive_search": False, "original_date": True}
        )
    except Exception:  # noqa: BLE001 - whatever a parser makes of a hostile page
        return trafilatura.settings.Document()
