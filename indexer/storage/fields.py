"""The fields of an article that a search can be narrowed by: one row for each, and nowhere else.

Filters, operators, parameters, chips and facets are made of this table.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from indexer.folding import folded
from indexer.hosts import hostname

_SCHEME = re.compile(r"\s*(?:\w+:)?//")
# How the key of an article is compared with a wish: equal to it, has all of its words, or is it or
# something below it ("news.echo.example" of "echo.example").
Match = Literal["equal", "words", "below"]


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
    wish: what of a value that is asked for keys are compared with; empty if it asks for nothing
    match: how they are compared
    example: of a value, where a name alone does not say what is asked for
    """

    name: str
    parameter: str
    column: str
    label: str
    value: Callable[[str], str | None]
    counted: bool
    key: Callable[[str], str]
    wish: Callable[[str], str]
    match: Match
    example: str = ""

    def wishes(self, asked: Sequence[str]) -> list[str]:
        """What keys are compared with, of the values that are asked for, any of which will do."""
        return [wish for each in asked if (wish := self.wish(each))]

    def accepts(self, asked: Sequence[str]) -> Callable[[str], bool]:
        """A test of a key: whether it is of one of the values that are asked for."""
        wishes = self.wishes(asked)
        if self.match == "equal":
            return set(wishes).__contains__
        if self.match == "words":
            names = [[f" {word} " for word in wish.split()] for wish in wishes]
            return lambda key: any(all(word in key for word in words) for words in names)
        ends = tuple(f".{wish}" for wish in wishes)
        return lambda key: f".{key}".endswith(ends)


def name_words(name: str) -> list[str]:
    """The words of a name, without case and accents."""
    return re.findall(r"\w+", folded(name))


def _author(name: str) -> str:
    return " ".join(name_words(name))


def _author_key(name: str) -> str:
    return f" {_author(name)} "


def _language(tag: str) -> str:
    # What follows a hyphen, the country, is not looked at.
    return re.split("[-_]", tag.casefold())[0]


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


def _asked_site(asked: str) -> str:
    # A whole address may have been pasted.
    return _site(asked if _SCHEME.match(asked) else f"//{asked.strip()}") or ""


FIELDS = (
    ArticleField(
        "source", "source", "source", "Source", str, True, str.casefold, str.casefold, "equal"
    ),
    ArticleField("author", "author", "author", "Author", str, False, _author_key, _author, "words"),
    ArticleField(
        "language", "lang", "language", "Language", str, False, str, _language, "equal", "en"
    ),
    ArticleField(
        "site", "site", "url", "Site", _site, True, str, _asked_site, "below", "example.org"
    ),
)
