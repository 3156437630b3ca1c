"""The days that a web page declares: of its publication, and of its last update.

A day that is only guessed, by htmldate, is marked as uncertain.
"""

import re
from datetime import date, datetime, timedelta

import htmldate
from lxml.html import HtmlElement

from indexer.article import Date
from indexer.reading.days.dates import parse_date
from indexer.reading.facts.declared import Declared, texts_of

_PUBLISHED = (
    "article:published_time", "article:published", "og:published_time", "datepublished",
    "published",
    "article.published", "rnews:datepublished", "parsely-pub-date", "sailthru.date", "pubdate",
    "pub_date", "publishdate", "publish-date", "publish_date", "publication_date",
    "iso-8601-publish-date", "article_date_original", "originalpublicationdate", "ptime",
    "cxenseparse:recs:publishtime", "citation_publication_date", "citation_date", "dc.date.issued",
    "dcterms.issued", "dc.date.created", "dcterms.created", "datecreated", "article:post_date",
    "displaydate", "dc.date", "dcterms.date", "date",
)  # fmt: skip
_UPDATED = (
    "article:modified_time", "og:updated_time", "article:modified", "datemodified", "modified",
    "lastmod", "last-modified", "dcterms.modified", "dc.date.modified", "article:updated_time",
)  # fmt: skip
_URL_DAY = re.compile(r"/((?:19|20)[0-9]{2})[/-]?(0[1-9]|1[0-2])[/-]?([0-2][0-9]|3[01])(?![0-9])")
# What programs print for want of a date.
_UNIX_ZERO = "1970-01-01"
# Before it there was no page; programs print the year 1.
_EARLIEST = "1900-01-01"
_UPDATE_WORD = re.compile(r"updat|modif|edit|aktuali|actuali|aggiorn|更新", re.I)


def page_published(page: Declared, url: str | None, today: date, guess: bool) -> Date | None:
    """The day of publication that a page declares, shows or has in its address.

    A date is at most one day after `today`, for pages from east of here. `guess` allows for
    htmldate, whose time grows faster than the page.
    """
    found = (
        _declared_date(page, "datePublished", _PUBLISHED, today)
        or _microdata_date(page.tree, today)
        or _shown_date(page.tree, today)
        or _url_date(url, today)
    )
    # Where a day is declared and refused, a guess would but bring it back.
    declared = "datePublished" in page.node or any(name in page.meta for name in _PUBLISHED)
    return _guessed_date(page.tree, today) if guess and not (found or declared) else found


def page_updated(page: Declared, today: date) -> Date | None:
    """The day of the last update that a page declares, at most one day after `today`."""
    return _declared_date(page, "dateModified", _UPDATED, today)


def _declared_date(page: Declared, name: str, names: tuple[str, ...], today: date) -> Date | None:
    candidates = [(f"json-ld {name}", text) for text in texts_of(page.node.get(name))]
    candidates += [(f"meta {name}", page.meta[name][0]) for name in names if name in page.meta]
    return _first_date(candidates, today)


def _microdata_date(tree: HtmlElement, today: date) -> Date | None:
    elements = tree.xpath("//*[contains(@itemprop, 'datePublished')] | //time[@pubdate]")[:5]
    return _first_date([("itemprop datePublished", _moment(e)) for e in elements], today)


def _shown_date(tree: HtmlElement, today: date) -> Date | None:
    """The first `<time>` of the page that does not say that it is of an update."""
    elements = [element for element in tree.iter("time") if not _is_update(element)][:3]
    found = _first_date([("<time datetime>", _moment(element)) for element in elements], today)
    return Date(found.iso, certain=len(elements) == 1, line=found.line) if found else None


def _is_update(element: HtmlElement) -> bool:
    parent = element.getparent()
    near = [element.get("class"), element.get("itemprop"), parent.get("class"), parent.text]
    return any(_UPDATE_WORD.search(text[-100:]) for text in near if text)


def _moment(element: HtmlElement) -> str:
    return str(element.get("datetime") or element.get("content") or element.text_content())[:200]


def _url_date(url: str | None, today: date) -> Date | None:
    match = _URL_DAY.search(url or "")
    return _first_date([("url", "-".join(match.groups()))], today, False) if match else None


def _guessed_date(tree: HtmlElement, today: date) -> Date | None:
    """htmldate's guess, but for 1 January: that is a year found somewhere, mostly a copyright's."""
    try:
        found = htmldate.find_date(
            tree, original_date=True, max_date=(today + timedelta(days=1)).isoformat()
        )
    except Exception:  # noqa: BLE001 - whatever a parser makes of a hostile page
        return None
    if found is None or found.endswith("-01-01"):
        return None
    return Date(found, certain=False, line="htmldate")


def _first_date(
    candidates: list[tuple[str, str]], today: date, certain: bool = True
) -> Date | None:
    """The first text that is a day, and not later than tomorrow; each with where it is from."""
    latest = (today + timedelta(days=1)).isoformat()
    for line, text in candidates:
        found = _date(text)
        if found and found.iso[:10] != _UNIX_ZERO and _EARLIEST <= found.iso[:10] <= latest:
            return Date(found.iso, certain and found.certain, line)
    return None


def _date(text: str) -> Date | None:
    text = text.strip(" \t\n\"'\\")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return parse_date(text)
    if len(text) <= len("2024-11-30"):
        return Date(moment.date().isoformat())
    return Date(moment.isoformat(timespec="seconds"))
