"""The fields of an article that a search can be narrowed by: one row for each, and nowhere else.

Filters, operators, parameters, chips and facets are made of this table.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from indexer.folding import folded
from indexer.hosts import hostname

_SCHEME = re.compile(r"\s*(?:\w+:)?//")


@dataclass(frozen=True, slots=True)
class ArticleField:
    """A field with one value an article, and what it means to ask for a value.

    name: in `Filter.values` and in the JSON of an operator
    parameter: of a request, and the operator before its colon
    column: of the table of articles that it is read from
    label: for people
    value: what of a cell is the value; None if it has none
    counted: whether hits are counted by it (a facet)
    key: what of a value is compared, computed once for each distinct value of an index
    accepts: from the values that are asked for, any of which will do, a test of a key
    example: of a value, where a name alone does not say what is asked for
    """

    name: str
    parameter: str
    column: str
    label: str
    value: Callable[[str], str | None]
    counted: bool
    key: Callable[[str], str]
    accepts: Callable[[Sequence[str]], Callable[[str], bool]]
    example: str = ""


def _same_outlet(asked: Sequence[str]) -> Callable[[str], bool]:
    return {each.casefold() for each in asked}.__contains__


def name_words(name: str) -> list[str]:
    """The words of a name, without case and accents."""
    return re.findall(r"\w+", folded(name))


def _author_key(name: str) -> str:
    return f" {' '.join(name_words(name))} "


def _has_all_words(asked: Sequence[str]) -> Callable[[str], bool]:
    names = [[f" {word} " for word in name_words(each)] for each in asked]
    return lambda key: any(words and all(word in key for word in words) for words in names)


def _same_language(asked: Sequence[str]) -> Callable[[str], bool]:
    # What follows a hyphen, the country, is not looked at.
    return {re.split("[-_]", tag.casefold())[0] for tag in asked}.__contains__


def _site(url: str) -> str | None:
    """The host of an address, in letters of its language, without `www.`."""
    return _site_of(hostname(url.strip()))


@lru_cache(maxsize=1024)
def _site_of(host: str) -> str | None:
    try:
        host = host.rstrip(".").encode("idna").decode("idna")
    except ValueError:  # an IDN that is none
        return None
    bare = host.removeprefix("www.")
    # Of www.com the rest would be every site there is.
    return (bare if "." in bare else host) or None


def _same_site_or_below(asked: Sequence[str]) -> Callable[[str], bool]:
    # A whole address may have been pasted.
    sites = (_site(each if _SCHEME.match(each) else f"//{each.strip()}") for each in asked)
    ends = tuple(f".{site}" for site in sites if site)
    return lambda site: f".{site}".endswith(ends)


FIELDS = (
    ArticleField("source", "source", "source", "Source", str, True, str.casefold, _same_outlet),
    ArticleField("author", "author", "author", "Author", str, False, _author_key, _has_all_words),
    ArticleField("language", "lang", "language", "Language", str, False, str, _same_language, "en"),
    ArticleField(
        "site", "site", "url", "Site", _site, True, str, _same_site_or_below, "example.org"
    ),
)
