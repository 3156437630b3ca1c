"""The search form: everything the page knows about a search, kept in its URL and nowhere else."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar, get_args
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from indexer.article import Span
from indexer.errors import QueryError
from search.question.cursor import MAX_CURSOR
from search.question.query import MAX_OFFSET, MAX_QUESTION, MAX_VALUES, Group, Mode, Query, Sort
from search.question.syntax import Operator, one_line, parse, without

T = TypeVar("T")

PAGE_SIZE = 10
# Of an outlet, an author or a language.
LONGEST_VALUE = 200
LAST_PAGE = MAX_OFFSET // PAGE_SIZE + 1

MODES: dict[Mode, str] = {
    "hybrid": "Meaning + words",
    "semantic": "Meaning only",
    "lexical": "Words only",
}
GROUPS: dict[Group, str] = {
    "story": "One per story",
    "article": "One per article",
    "passage": "Every passage",
}
SORTS: dict[Sort, str] = {"relevance": "Most relevant", "date": "Newest first"}

_OPERATING = re.compile(r"^-|:")


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The fields of the form; `problems` says which parameters were wrong and fell back.

    cursor: opaque, of the page that is asked for; without one, `page` is counted off
    """

    q: str = ""
    page: int = 1
    cursor: str | None = None
    mode: Mode = "hybrid"
    group: Group = "story"
    sort: Sort = "relevance"
    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
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
                problems.append(f"{name} is “{value[:LONGEST_VALUE]}”; it must be {expected}")
                return default

        def every(name: str) -> tuple[str, ...]:
            values = list(dict.fromkeys(filter(None, map(str.strip, parameters.getlist(name)))))
            if len(values) > MAX_VALUES:
                problems.append(
                    f"{name} is there {len(values)} times; at most {MAX_VALUES} are read"
                )
            if any(len(value) > LONGEST_VALUE for value in values):
                problems.append(f"{name} is longer than {LONGEST_VALUE} characters")
            # Whatever is wrong, a page is made of it: no address may make that large.
            return tuple(value[:LONGEST_VALUE] for value in values[:MAX_VALUES])

        day = "a day, as in 2024-11-30"
        q, cursor = parameters.get("q", ""), parameters.get("cursor", "")
        if len(q) > MAX_QUESTION:
            problems.append(
                f"the question has {len(q)} characters; at most {MAX_QUESTION} are read"
            )
        form = cls(
            q=q[:MAX_QUESTION],
            page=read("page", _page, 1, f"a number from 1 to {LAST_PAGE}"),
            cursor=cursor[: MAX_CURSOR + 1] or None,
            mode=read("mode", _one_of(get_args(Mode)), "hybrid", f"one of {', '.join(MODES)}"),
            group=read("group", _one_of(get_args(Group)), "story", f"one of {', '.join(GROUPS)}"),
            sort=read("sort", _one_of(get_args(Sort)), "relevance", f"one of {', '.join(SORTS)}"),
            sources=every("source"),
            authors=every("author"),
            languages=every("lang"),
            published_from=read("from", _day, None, day),
            published_to=read("to", _day, None, day),
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
            0 if self.cursor else self._offset,
            self.mode,
            self.group,
            self.sources,
            self.published_from,
            self.published_to,
            self.authors,
            self.languages,
            self.sort,
            self.cursor,
            mark=True,
        )

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators in the question."""
        return parse(self.q).operators

    @property
    def url(self) -> str:
        """The address of this search."""
        page = [("page", self.page)] if self.page > 1 else []
        cursor = [("cursor", self.cursor)] if self.cursor else []
        return "/?" + urlencode([*self._fields(), *page, *cursor])

    @property
    def json_url(self) -> str:
        """The address of the same search as JSON, where hits are grouped by article unless told."""
        fields = [field for field in self._fields() if field[0] != "group"]
        place = ("cursor", self.cursor) if self.cursor else ("offset", self._offset)
        return "/v1/search?" + urlencode(
            [*fields, ("group", self.group), ("limit", PAGE_SIZE), place]
        )

    def feed_url(self, name: str) -> str:
        """The address of a feed of this search."""
        return f"/{name}?" + urlencode(self._fields())

    def article_url(self, article_id: str) -> str:
        """The address of an article that knows the way back."""
        return f"/article/{quote(article_id, safe='')}{self.url[1:]}"

    def passage_url(self, article_id: str, passage: Span, answer: Span) -> str:
        """The address of an article, opened at a passage, that knows the way back."""
        where = f"passage={passage.start}-{passage.end}&answer={answer.start}-{answer.end}"
        return f"{self.article_url(article_id)}&{where}#passage"

    def at(self, page: int, cursor: str | None = None) -> "SearchForm":
        """The same search on another page."""
        return replace(self, page=page, cursor=cursor if page > 1 else None)

    @property
    def first(self) -> "SearchForm":
        """The same search from its beginning."""
        return self.at(1)

    def asking(self, q: str) -> "SearchForm":
        """Another question with the same options."""
        return replace(self.first, q=q)

    def without(self, operator: Operator) -> "SearchForm":
        """The same search without an operator of its question.

        What would leave nothing to ask leaves its words, no longer as a phrase.
        """
        rest = without(self.q, operator)
        if not parse(rest).words:
            # Words that would be an operator themselves, were they not quoted, are so no more.
            value = _OPERATING.sub(" ", str(operator.value))
            rest = f"{self.q[: operator.start]}{value}{self.q[operator.end :]}"
        return self.asking(rest if parse(rest).words else self.q)

    def as_written(self, words: Iterable[str]) -> "SearchForm":
        """The same search with some words of the question quoted: those are read as they are."""
        word = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(each) for each in words)})(?!\w)")
        pieces, end = [], 0
        for operator in self.operators:
            pieces += [word.sub(r' "\g<0>" ', self.q[end : operator.start]), operator.written]
            end = operator.end
        return self.asking(one_line("".join([*pieces, word.sub(r' "\g<0>" ', self.q[end:])])))

    def only(self, source: str) -> "SearchForm":
        """The same search in one source."""
        return replace(self.first, sources=(source,))

    def between(self, first: date | None, last: date | None) -> "SearchForm":
        """The same search among articles of these days."""
        return replace(self.first, published_from=first, published_to=last)

    def sorted(self, sort: Sort) -> "SearchForm":
        """The same search in another order."""
        return replace(self.first, sort=sort)

    @property
    def unfiltered(self) -> "SearchForm":
        """The same words with nothing that narrows the search."""
        return SearchForm(parse(self.q).words)

    @property
    def _offset(self) -> int:
        return (self.page - 1) * PAGE_SIZE

    def _fields(self) -> list[tuple[str, object]]:
        """What differs from the defaults, but for the page."""
        fields: list[tuple[str, object]] = [("q", self.q)] if self.q else []
        for name, values in (
            ("source", self.sources),
            ("author", self.authors),
            ("lang", self.languages),
        ):
            fields += [(name, value) for value in values]
        for name, value, default in (
            ("from", self.published_from, None),
            ("to", self.published_to, None),
            ("mode", self.mode, "hybrid"),
            ("group", self.group, "story"),
            ("sort", self.sort, "relevance"),
        ):
            if value != default:
                fields.append((name, value))
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
    day = date.fromisoformat(value)
    # It takes weeks, and days without hyphens, as well.
    if day.isoformat() != value:
        raise ValueError
    return day


def _one_of(options: tuple[T, ...]) -> Callable[[str], T]:
    def choose(value: str) -> T:
        for option in options:
            if option == value:
                return option
        raise ValueError

    return choose
