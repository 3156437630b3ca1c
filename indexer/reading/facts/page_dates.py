"""The days that a web page declares: of its publication, and of its last update.

A day that is only guessed, by htmldate, is marked as uncertain.
"""

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

import htmldate
from lxml.html import HtmlElement

from indexer.article import Date
from indexer.reading.days.declared_date import read_date
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
# What programs print for want of a date: the zeros of Unix, Windows, databases and spreadsheets.
_ZEROS = frozenset(["1970-01-01", "1601-01-01", "1753-01-01", "1899-12-30", "1899-12-31"])
# A day before it that a page shows is one that its text tells of.
_EARLIEST = "1900-01-01"
_MARKED = "//*[contains(@itemprop, 'datePublished')] | //time[@pubdate]"
# So many `<time>` are looked at.
_MOST_TIMES = 50
_FRAME = ("aside", "nav", "footer", "a")
_OTHERS = re.compile(
    r"\b(?:related|teasers?|most[-_]?(?:read|popular|viewed|shared)|sidebar|recommend\w*|latest|"
    r"trending|"
    r"popular|widget|promo|cards?|read[-_]?next|also[-_]?read|feed|ticker|comments?)\b",
    re.I,
)
_UPDATE_WORD = re.compile(r"updat|modif|edit|aktuali|actuali|aggiorn|更新", re.I)

# Where a day may stand, its text, and whether it is certain; None is as certain as the text.
_Place = tuple[str, str, bool | None]


def page_published(page: Declared, url: str | None, today: date, guess: bool) -> Date | None:
    """The day of publication that a page declares, shows or has in its address.

    A date is at most one day after `today`, for pages from east of here. `guess` allows for
    htmldate, whose time grows faster than the page.
    """
    found = _first_date(_places(page, url), today)
    # Where a day is declared and refused, a guess would but bring it back.
    declared = "datePublished" in page.node or any(name in page.meta for name in _PUBLISHED)
    return _guessed_date(page.tree, today) if guess and not (found or declared) else found


def page_updated(page: Declared, today: date) -> Date | None:
    """The day of the last update that a page declares, at most one day after `today`."""
    return _first_date(_declared(page, "dateModified", _UPDATED), today)


def _places(page: Declared, url: str | None) -> Iterator[_Place]:
    """Where the day of publication may stand, the most trusted place first."""
    yield from _declared(page, "datePublished", _PUBLISHED)
    for element in page.tree.xpath(_MARKED)[:5]:
        yield "itemprop datePublished", _moment(element), None
    shown = [
        element
        for element in islice(page.tree.iter("time"), _MOST_TIMES)
        if not _is_update(element) and not _is_of_another(element)
    ][:3]
    for element in shown:
        yield "<time datetime>", _moment(element), len(shown) == 1
    if match := _URL_DAY.search(url or ""):
        yield "url", "-".join(match.groups()), False


def _declared(page: Declared, name: str, names: tuple[str, ...]) -> Iterator[_Place]:
    for text in texts_of(page.node.get(name)):
        yield f"json-ld {name}", text, None
    for meta in names:
        if meta in page.meta:
            yield f"meta {meta}", page.meta[meta][0], None


def _is_of_another(element: HtmlElement) -> bool:
    """Whether a `<time>` stands in a teaser or a list of other articles, or in the page's frame."""
    for outer in element.iterancestors():
        named = f"{outer.get('class') or ''} {outer.get('id') or ''}"[:500]
        if outer.tag in _FRAME or outer.tag == "article" or _OTHERS.search(named):
            # What holds the headline is the article itself, whatever it is called.
            headed = next(outer.iter("h1"), None) is not None
            if not headed and (outer.tag != "article" or _headed_elsewhere(outer)):
                return True
    return False


def _headed_elsewhere(article: HtmlElement) -> bool:
    """Whether another `article` of the page holds its `h1`."""
    headings = article.getroottree().iter("h1")
    return any(next(each.iterancestors("article"), None) is not None for each in headings)


def _is_update(element: HtmlElement) -> bool:
    parent = element.getparent()
    near = [element.get("class"), element.get("itemprop"), parent.get("class"), parent.text]
    return any(_UPDATE_WORD.search(text[-100:]) for text in near if text)


def _moment(element: HtmlElement) -> str:
    return str(element.get("datetime") or element.get("content") or element.text_content())[:200]


def _guessed_date(tree: HtmlElement, today: date) -> Date | None:
    """htmldate's guess, but for 1 January: that is a year found somewhere, mostly a copyright's."""
    own = copy.deepcopy(tree)
    for element in [*own.iter("aside"), *filter(_is_of_another, own.iter("time"))]:
        element.drop_tree()
    try:
        found = htmldate.find_date(
            own, original_date=True, max_date=(today + timedelta(days=1)).isoformat()
        )
    except Exception:  # noqa: BLE001 - whatever a parser makes of a hostile page
        return None
    if found is None or found.endswith("-01-01"):
        return None
    return Date(found, certain=False, line="htmldate")


def _first_date(places: Iterable[_Place], today: date) -> Date | None:
    for line, text, certain in places:
        found = read_date(text.strip(" \t\n\"'\\"), line, today)
        if isinstance(found, str) or found.iso[:10] in _ZEROS:
            continue
        if certain is None:
            return found
        if found.iso >= _EARLIEST:
            return replace(found, certain=certain)
    return None
