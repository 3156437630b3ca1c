"""What a page says of itself, as it says it: meta tags, JSON-LD (schema.org) and headings."""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from indexer.letters import UNSPACED
from indexer.reading.input.characters import unescaped
from indexer.reading.input.decoding import tidy

# Characters; what is longer is no headline, name or day.
LONGEST_FIELD = 500
# JSON-LD of more nodes than this is a catalogue.
_MOST_NODES = 5_000
_ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|Report|Review|NewsArticle\w*)$")
# What in JSON-LD is of other articles: lists of them, parts and what is spoken of.
_OTHERS = frozenset((
    "itemListElement", "hasPart", "isPartOf", "mentions", "citation", "comment", "relatedLink",
))  # fmt: skip
_WORD = re.compile(r"\w+")
# The beginning of a word that is long enough to be of the topic.
_STEM = re.compile(r"(?<!\w)\w{4,5}")


@dataclass(frozen=True, slots=True)
class Declared:
    """A parsed page, and what it says of itself.

    meta: the contents of its meta tags, by name in lower case
    node: the JSON-LD object of its article, empty if there is none
    headings: what it shows as its headline
    """

    tree: HtmlElement
    meta: dict[str, list[str]]
    node: dict[str, Any]
    headings: list[str]

    def first(self, *names: str) -> str | None:
        """The content of the first of these meta tags that the page has."""
        return next((self.meta[name][0] for name in names if name in self.meta), None)


def read_declared(tree: HtmlElement) -> Declared:
    """What a parsed page says of itself."""
    headings, meta, nodes = _headings(tree), _meta(tree), json_ld(tree)
    folded = {heading.casefold() for heading in headings}
    # Of several articles it is the first that a heading of the page names.
    named = (node for node in nodes if (text_of(node.get("headline")) or "").casefold() in folded)
    title = field_of(tree.findtext(".//title"))
    titles = [*headings, *meta.get("og:title", []), *([title] if title else [])]
    first = next((node for node in nodes if _is_of(node, titles)), {})
    return Declared(tree, meta, next(named, first), headings)


def _is_of(node: dict[str, Any], titles: list[str]) -> bool:
    """Whether an article may be the page's: its headline, if any, has a word of a title."""
    words, known = _stems(text_of(node.get("headline")) or ""), _stems(" ".join(titles))
    return not words or not known or not words.isdisjoint(known)


def _stems(text: str) -> set[str]:
    return {*_STEM.findall(text.casefold()), *UNSPACED.findall(text)}


def _meta(tree: HtmlElement) -> dict[str, list[str]]:
    """The contents of meta tags by name in lower case; `value` stands in for `content`."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        text = field_of(element.get("content") or element.get("value"))
        if text is None:
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if name := element.get(attribute):
                found.setdefault(name.strip().lower(), []).append(text)
    return found


def _headings(tree: HtmlElement) -> list[str]:
    """Each `h1`, then what microdata mark as a headline."""
    elements = [*tree.iter("h1")][:20] + tree.xpath(
        "//*[contains(@itemprop, 'headline')][not(self::meta)]"
    )[:5]
    lines = [field_of(" ".join(element.itertext())) for element in elements]
    return list(dict.fromkeys(line for line in lines if line))


def json_ld(tree: HtmlElement) -> list[dict[str, Any]]:
    """The objects that a page's JSON-LD scripts declare to be articles (schema.org)."""
    return [
        node
        for element in tree.iter("script")
        if "ld+json" in (element.get("type") or "").lower()
        for node in _nodes(element.text or "")
        if any(_ARTICLE_TYPE.search(kind) for kind in texts_of(node.get("@type")))
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
            queue.extend(
                child
                for name, child in value.items()
                if isinstance(child, dict | list) and name not in _OTHERS
            )
        elif isinstance(value, list):
            queue.extend(value[:_MOST_NODES])


def texts_of(value: object) -> list[str]:
    """The texts of a value of JSON-LD, which may be one or a list."""
    values = value if isinstance(value, list) else [value]
    return [text for item in values if (text := text_of(item))]


def text_of(value: object) -> str | None:
    """The text of a value of JSON-LD in one line; None if it is none, or too long."""
    return field_of(value) if isinstance(value, str) else None


def names_of(value: object) -> str | None:
    """The names of a person or organization, or of several, as JSON-LD gives them."""
    values = value if isinstance(value, list) else [value]
    names = [text_of(item.get("name") if isinstance(item, dict) else item) for item in values[:10]]
    kept = [name for name in names if name and "://" not in name]
    return ", ".join(dict.fromkeys(kept)) or None


def field_of(text: str | None) -> str | None:
    """A text in one line; None if there is none, or if it is too long."""
    if not text or len(text) > 10 * LONGEST_FIELD:
        return None
    line = " ".join(tidy(unescaped(text)).split())
    return line if 0 < len(line) <= LONGEST_FIELD else None


def key_of(text: str) -> str:
    """The words of a text, case folded, by which two titles are compared."""
    return " ".join(_WORD.findall(text.casefold()))
