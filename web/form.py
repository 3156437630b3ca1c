"""The search form: everything the page knows about a search, kept in its URL and nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar, get_args
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from indexer.article import Span
from indexer.errors import QueryError
from search.query import MAX_OFFSET, Group, Mode, Query

T = TypeVar("T")

PAGE_SIZE = 10
LAST_PAGE = MAX_OFFSET // PAGE_SIZE + 1

MODES: dict[Mode, str] = {
    "hybrid": "Meaning + words",
    "semantic": "Meaning only",
    "lexical": "Words only",
}
GROUPS: dict[Group, str] = {
    "article": "One per article",
    "story": "One per story",
    "passage": "Every passage",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """An option that narrows the search, and the address of the search without it."""

    name: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The fields of the form; `problems` says which parameters were wrong and fell back."""

    q: str = ""
    page: int = 1
    mode: Mode = "hybrid"
    group: Group = "article"
    sources: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def parse(cls, parameters: QueryParams) -> "SearchForm":
        """Read a query string; an empty parameter is the same as none."""
        problems: list[str] = []

        def read(name: str, convert: Callable[[str], T], default: T, expected: str) -> T:
            value = parameters.get(name, "").strip()
            if not value:
                return default
            try:
                return convert(value)
            except ValueError:
                problems.append(f"{name} is “{value}”; it must be {expected}")
                return default

        day = "a day, as in 2024-11-30"
        form = cls(
            parameters.get("q", ""),
            read("page", _page, 1, f"a number from 1 to {LAST_PAGE}"),
            read("mode", _one_of(get_args(Mode)), "hybrid", f"one of {', '.join(MODES)}"),
            read("group", _one_of(get_args(Group)), "article", f"one of {', '.join(GROUPS)}"),
            tuple(dict.fromkeys(filter(None, parameters.getlist("source")))),
            read("from", _day, None, day),
            read("to", _day, None, day),
        )
        return replace(form, problems=tuple(problems))

    def query(self) -> Query:
        """The question that this form asks.

        Raises:
            QueryError: a parameter is wrong.
        """
        if self.problems:
            raise QueryError("; ".join(self.problems))
        return Query(
            self.q,
            PAGE_SIZE,
            (self.page - 1) * PAGE_SIZE,
            self.mode,
            self.group,
            self.sources,
            self.published_from,
            self.published_to,
        )

    @property
    def url(self) -> str:
        """The address of this search."""
        page = [("page", self.page)] if self.page > 1 else []
        return "/?" + urlencode([*self._fields(), *page])

    @property
    def json_url(self) -> str:
        """The address of the same search as JSON."""
        paging = [("limit", PAGE_SIZE), ("offset", (self.page - 1) * PAGE_SIZE)]
        return "/v1/search?" + urlencode([*self._fields(), *paging])

    def article_url(self, article_id: str) -> str:
        """The address of an article that knows the way back."""
        return f"/article/{quote(article_id, safe='')}{self.url[1:]}"

    def passage_url(self, article_id: str, passage: Span, answer: Span) -> str:
        """The address of an article, opened at a passage, that knows the way back."""
        where = f"passage={passage.start}-{passage.end}&answer={answer.start}-{answer.end}"
        return f"{self.article_url(article_id)}&{where}#passage"

    def at(self, page: int) -> "SearchForm":
        """The same search on another page."""
        return replace(self, page=page)

    def only(self, source: str) -> "SearchForm":
        """The same search in one source."""
        return replace(self, sources=(source,), page=1)

    @property
    def filters(self) -> list[Filter]:
        """What narrows this search, beyond the question."""
        found = [
            ("Source", source, replace(self, sources=tuple(s for s in self.sources if s != source)))
            for source in self.sources
        ]
        if self.published_from:
            found.append(("From", str(self.published_from), replace(self, published_from=None)))
        if self.published_to:
            found.append(("Until", str(self.published_to), replace(self, published_to=None)))
        if self.mode != "hybrid":
            found.append(("Match", MODES[self.mode], replace(self, mode="hybrid")))
        if self.group != "article":
            found.append(("Show", GROUPS[self.group], replace(self, group="article")))
        return [Filter(name, value, without.at(1).url) for name, value, without in found]

    @property
    def unfiltered(self) -> "SearchForm":
        """The same question with nothing that narrows it."""
        return SearchForm(self.q)

    def _fields(self) -> list[tuple[str, object]]:
        """What differs from the defaults."""
        fields: list[tuple[str, object]] = [("q", self.q)] if self.q else []
        fields += [("source", source) for source in self.sources]
        if self.published_from:
            fields.append(("from", self.published_from))
        if self.published_to:
            fields.append(("to", self.published_to))
        if self.mode != "hybrid":
            fields.append(("mode", self.mode))
        if self.group != "article":
            fields.append(("group", self.group))
        return fields


def _page(value: str) -> int:
    # int() alone takes "+1", "1_0" and digits of every script, and is slow on very long ones.
    if not (value.isascii() and value.isdigit() and len(value) <= 3):
        raise ValueError
    page = int(value)
    if not 1 <= page <= LAST_PAGE:
        raise ValueError
    return page


def _day(value: str) -> date | None:
    return date.fromisoformat(value)


def _one_of(options: tuple[T, ...]) -> Callable[[str], T]:
    def choose(value: str) -> T:
        for option in options:
            if option == value:
                return option
        raise ValueError

    return choose
