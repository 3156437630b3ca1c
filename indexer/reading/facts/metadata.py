"""What a page declares of its article: headline, days, author, site, language, address.

JSON-LD (schema.org), Open Graph and other meta tags, microdata and `<time>` are read from one
parsed tree. What is declared wins over what trafilatura and htmldate guess; a guessed date is
marked as one.
"""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import urlsplit

import htmldate
import trafilatura
from lxml.html import HtmlElement

from indexer.article import Date
from indexer.reading.days.dates import parse_date
from indexer.reading.input.decoding import tidy

# Pages beyond these are read without the guesses, whose time grows faster than the page.
_LONGEST_FIELD = 500
# JSON-LD of more nodes than this is a catalogue.
_MOST_NODES = 5_000

_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|Report|Review|NewsArticle\w*)$")
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
_TITLES = ("og:title", "twitter:title", "headline", "sailthru.title", "parsely-title", "dc.title")
_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
_SEPARATOR = re.compile(r"\s[|–—·•»:-]{1,2}\s|[｜：:_|]")
_URL_DAY = re.compile(r"/((?:19|20)[0-9]{2})[/-]?(0[1-9]|1[0-2])[/-]?([0-2][0-9]|3[01])(?![0-9])")
# What programs print for want of a date.
_UNIX_ZERO = "1970-01-01"
# Before it there was no page; programs print the year 1.
_EARLIEST = "1900-01-01"
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2})(?![A-Za-z])")
# Two titles at least this much alike are of one article.
_SAME = 0.6
_UPDATE_WORD = re.compile(r"updat|modif|edit|aktuali|actuali|aggiorn|更新", re.I)
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"[^\W\d_][^\d·|/;,]{1,60}")
# A subheading of so many words that is a part of the title is the headline.
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of an article but for its text; None is unknown.

    language: ISO 639-1
    url: absolute, http or https
    """

    title: str | None
    titles: frozenset[str]
    published: Date | None
    updated: Date | None
    source: str | None
    author: str | None
    language: str | None
    url: str | None


def read_metadata(tree: HtmlElement, url: str | None, today: date, guess: bool = True) -> Metadata:
    """Read a parsed page; `url` is where it came from, if known.

    A date is at most one day after `today`, for pages from east of here. `guess` allows for the
    guesses of trafilatura and htmldate, whose time grows faster than the page.
    """
    meta = _meta(tree)
    headings = _headings(tree)
    node = _article_node(tree, {heading.casefold() for heading in headings})
    address = _address(tree, meta, node) or url
    source = _first(meta, "og:site_name") or _name(node.get("publisher"))
    author = _author(meta, node)
    declared = _declared_titles(tree, meta, node)
    title = _title(declared, headings, _subheadings(tree), source, address)
    published = _published(tree, meta, node, address, today, guess)
    updated = _declared_date(meta, node, "dateModified", _UPDATED, today)
    if updated and published and updated.iso[:10] < published.iso[:10]:
        updated = None
    if guess and not (title and author and source):
        guessed = _guesses(tree, address)
        title = title or _line(guessed.title)
        # Several names, or something beside a name, are mostly a byline taken whole.
        author = author or (
            _line(guessed.author) if _NAME.fullmatch(guessed.author or "") else None
        )
        source = source or _line(guessed.sitename)
    return Metadata(
        title=title,
        titles=frozenset(key_of(text) for text in [title or "", *declared, *headings[:3]]),
        published=published,
        updated=updated,
        source=source,
        author=author,
        language=_language(tree, meta, node),
        url=address,
    )


def _meta(tree: HtmlElement) -> dict[str, list[str]]:
    """The contents of meta tags by name in lower case; `value` stands in for `content`."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        text = _line(element.get("content") or element.get("value"))
        if text is None:
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if name := element.get(attribute):
                found.setdefault(name.strip().lower(), []).append(text)
    return found


def _first(meta: dict[str, list[str]], *names: str) -> str | None:
    return next((meta[name][0] for name in names if name in meta), None)


def _article_node(tree: HtmlElement, headings: set[str]) -> dict[str, Any]:
    """The JSON-LD node of the article: of several, the first that a heading of the page names."""
    nodes = json_ld(tree)
    named = (node for node in nodes if (_text(node.get("headline")) or "").casefold() in headings)
    return next(named, nodes[0] if nodes else {})


def json_ld(tree: HtmlElement) -> list[dict[str, Any]]:
    """The objects that a page's JSON-LD scripts declare to be articles (schema.org)."""
    return [
        node
        for element in tree.iter("script")
        if "ld+json" in (element.get("type") or "").lower()
        for node in _nodes(element.text or "")
        if any(_ARTICLE_TYPE.search(kind) for kind in _texts(node.get("@type")))
    ]


def _nodes(source: str) -> Iterator[dict[str, Any]]:
    """Every object in a JSON-LD script, outer ones first, within bounds; none if it is no JSON."""
    try:
        queue = deque([json.loads(source.strip().rstrip(";"), strict=False)])
    except (ValueError, RecursionError):
        return
    for _ in range(_MOST_NODES):
        if not queue:
            return
        value = queue.popleft()
        if isinstance(value, dict):
            yield value
            queue.extend(child for child in value.values() if isinstance(child, dict | list))
        elif isinstance(value, list):
            queue.extend(value[:_MOST_NODES])


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for item in values if (text := _text(item))]


def _text(value: object) -> str | None:
    return _line(value) if isinstance(value, str) else None


def _name(value: object) -> str | None:
    """The names of a person or organization, or of several, as JSON-LD gives them."""
    values = value if isinstance(value, list) else [value]
    names = [_text(item.get("name") if isinstance(item, dict) else item) for item in values[:10]]
    kept = [name for name in names if name and "://" not in name]
    return ", ".join(dict.fromkeys(kept)) or None


def _line(text: str | None) -> str | None:
    """Text in one line, None if there is none or too much for a field."""
    if not text or len(text) > 10 * _LONGEST_FIELD:
        return None
    line = " ".join(tidy(text).split())
    return line if 0 < len(line) <= _LONGEST_FIELD else None


def host_of(url: str | None) -> str:
    """The host of an address without `www.`, empty if there is none."""
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def key_of(text: str) -> str:
    """The words of a text, case folded: what two titles are compared by."""
    return " ".join(_WORD.findall(text.casefold()))


# --- headline -------------------------------------------------------------------------------------


def _headings(tree: HtmlElement) -> list[str]:
    """What the page shows as its headline: `h1`, then microdata."""
    elements = [*tree.iter("h1")][:20] + tree.xpath(
        "//*[contains(@itemprop, 'headline')][not(self::meta)]"
    )[:5]
    lines = [_line(" ".join(element.itertext())) for element in elements]
    return list(dict.fromkeys(line for line in lines if line))


def _subheadings(tree: HtmlElement) -> set[str]:
    """The keys of longer headings of the second and third degree."""
    texts = (element.text_content()[:_LONGEST_FIELD] for element in tree.iter("h2", "h3"))
    return {key_of(text) for text in texts if len(_WORD.findall(text)) >= _LEAST_WORDS}


def _declared_titles(
    tree: HtmlElement, meta: dict[str, list[str]], node: dict[str, Any]
) -> list[str]:
    title = next(tree.iter("title"), None)
    found = [_text(node.get("headline")), *(_first(meta, name) for name in _TITLES)]
    found.append(_line(title.text_content()) if title is not None else None)
    return [text for text in found if text]


def _title(
    declared: list[str],
    headings: list[str],
    subheadings: set[str],
    source: str | None,
    url: str | None,
) -> str | None:
    """The heading most like what is declared, else what is declared, the site's name cut off."""
    site = {key_of(source or ""), key_of(host_of(url))}
    shown = [heading for heading in headings if key_of(heading) not in site]
    if not declared:
        return shown[0] if shown else None
    plain = [_without_site(text, declared, site, subheadings) for text in declared]
    likeness = [sum(_likeness(heading, text) for text in plain) for heading in shown]
    best = shown[likeness.index(max(likeness))] if shown else ""
    if max(_likeness(best, text) for text in plain) >= _SAME:
        return best
    # A heading that is one part of the title and not like the whole is the site's name.
    site |= {key_of(heading) for heading in shown}
    return _without_site(declared[0], declared, site, subheadings)


def _likeness(one: str, other: str) -> float:
    """How far two titles are the same, 0 to 1, by their longest common runs of characters."""
    one, other = key_of(one)[:200], key_of(other)[:200]
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if one and other else 0.0


def _without_site(text: str, declared: list[str], site: set[str], subheadings: set[str]) -> str:
    """A title less what a separator divides from it: a name of the site, or what others lack."""
    others = {key_of(other) for other in declared} - {key_of(text)} | subheadings
    for match in _SEPARATOR.finditer(text):
        before, after = text[: match.start()].strip(), text[match.end() :].strip()
        if before and (key_of(after) in site or key_of(before) in others):
            return before
        if after and (key_of(before) in site or key_of(after) in others):
            return after
    return text


# --- days -----------------------------------------------------------------------------------------


def _published(
    tree: HtmlElement,
    meta: dict[str, list[str]],
    node: dict[str, Any],
    url: str | None,
    today: date,
    guess: bool,
) -> Date | None:
    found = (
        _declared_date(meta, node, "datePublished", _PUBLISHED, today)
        or _microdata_date(tree, today)
        or _shown_date(tree, today)
        or _url_date(url, today)
    )
    # Where a day is declared and refused, a guess would but bring it back.
    declared = "datePublished" in node or any(name in meta for name in _PUBLISHED)
    return _guessed_date(tree, today) if guess and not (found or declared) else found


def _declared_date(
    meta: dict[str, list[str]], node: dict[str, Any], name: str, names: tuple[str, ...], today: date
) -> Date | None:
    candidates = [(f"json-ld {name}", text) for text in _texts(node.get(name))]
    candidates += [(f"meta {name}", meta[name][0]) for name in names if name in meta]
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
    """htmldate's guess; one of 1 January is a year found somewhere, a copyright line's mostly."""
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
    """The first that is a day, not later than tomorrow: a page may be from east of here."""
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


# --- the rest -------------------------------------------------------------------------------------


def _address(tree: HtmlElement, meta: dict[str, list[str]], node: dict[str, Any]) -> str | None:
    links = [e.get("href") for e in tree.iter("link") if e.get("rel") == "canonical"][:3]
    for text in [*links, _first(meta, "og:url"), _text(node.get("url"))]:
        if text and len(text) <= 2000 and re.match(r"https?://[^\s/]", text):
            return str(text)
    return None


def _author(meta: dict[str, list[str]], node: dict[str, Any]) -> str | None:
    if declared := _name(node.get("author")):
        return declared
    for name in _AUTHORS:
        names = [text for text in meta.get(name, []) if "://" not in text and len(text) <= 100]
        if names:
            return ", ".join(dict.fromkeys(names[:10]))
    return None


def _language(tree: HtmlElement, meta: dict[str, list[str]], node: dict[str, Any]) -> str | None:
    declared = [tree.get("lang"), tree.get("xml:lang"), _text(node.get("inLanguage"))]
    declared += [_first(meta, "og:locale", "content-language", "language")]
    for text in declared:
        if match := _LANGUAGE.match(text or ""):
            return match[1].lower()
    return None


def _guesses(tree: HtmlElement, url: str | None) -> Any:
    """What trafilatura finds; its long search for a date is left out: declared ones come first."""
    try:
        return trafilatura.extract_metadata(
            tree, default_url=url, date_config={"extensive_search": False, "original_date": True}
        )
    except Exception:  # noqa: BLE001 - whatever a parser makes of a hostile page
        return trafilatura.settings.Document()
