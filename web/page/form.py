"""The search form: everything the page knows about a search, kept in its URL and nowhere else."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from pydantic.fields import FieldInfo
from starlette.datastructures import QueryParams

from indexer.article import Span
from indexer.errors import QueryError
from indexer.storage.fields import FIELDS, ArticleField
from search.question.query import (
    ATTRIBUTES,
    MAX_CURSOR,
    MAX_OFFSET,
    MAX_QUESTION,
    MAX_VALUES,
    Group,
    Mode,
    Query,
    Sort,
    StoryOptions,
    choices_of,
    kind_of,
)
from search.question.syntax import Operator, one_line, parse, without

PAGE_SIZE = 10
# Characters of a value to narrow by.
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

# What a form that is not filled in asks for.
DEFAULTS = StoryOptions()
# Parameter and attribute of what can be chosen; how many hits a page has cannot.
_CHOSEN = {name: each for name, each in ATTRIBUTES.items() if each != "limit"}
# Attributes that narrow what is listed.
_NARROWING = [ATTRIBUTES[name] for name in (*(field.parameter for field in FIELDS), "from", "to")]
_OPERATING = re.compile(r"^-|:")


class SearchForm(StoryOptions, frozen=True):
    """The fields of the form; `problems` says which parameters were wrong and fell back.

    cursor: opaque, of the page that is asked for; without one, `page` is counted off
    """

    q: str = ""
    page: int = 1
    cursor: str | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def parse(cls, parameters: QueryParams) -> "SearchForm":
        """Read a query string; an empty parameter is the same as none."""
        problems: list[str] = []
        q, cursor = parameters.get("q", ""), parameters.get("cursor", "")
        if len(q) > MAX_QUESTION:
            problems.append(
                f"the question has {len(q)} characters; at most {MAX_QUESTION} are read"
            )
        page = _page(parameters.get("page", "").strip(), problems)
        options: dict[str, Any] = {}
        for name, attribute in _CHOSEN.items():
            field = cls.model_fields[attribute]
            values = [each.strip() for each in parameters.getlist(name)]
            if kind_of(field) is tuple:
                options[attribute] = _several(name, values, problems)
            # Of several, the last one counts, as everywhere.
            elif values and values[-1]:
                options |= _one(name, attribute, values[-1], field, problems)
        return cls(
            q=q[:MAX_QUESTION],
            page=page,
            cursor=cursor[: MAX_CURSOR + 1] or None,
            problems=tuple(problems),
            **options,
        )

    @property
    def is_blank(self) -> bool:
        """Whether nothing is asked and nothing chosen that narrows."""
        chosen = any(getattr(self, each) for each in _NARROWING)
        return not (self.q or self.problems or chosen)

    def query(self) -> Query:
        """The question that this form asks, with all that hits are shown with.

        Raises:
            QueryError: a parameter is wrong.
        """
        if self.problems:
            raise QueryError("; ".join(self.problems))
        return Query(
            text=self.q,
            limit=PAGE_SIZE,
            offset=0 if self.cursor else self._offset,
            cursor=self.cursor,
            explain=True,
            **{attribute: getattr(self, attribute) for attribute in _CHOSEN.values()},
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

    def passage_url(self, article_id: str, passage: Span, answer: Span | None) -> str:
        """The address of an article, opened at a passage, that knows the way back."""
        where = f"passage={passage.start}-{passage.end}"
        if answer:
            where += f"&answer={answer.start}-{answer.end}"
        return f"{self.article_url(article_id)}&{where}#passage"

    def at(self, page: int, cursor: str | None = None) -> "SearchForm":
        """The same search on another page."""
        return self.changed(page=page, cursor=cursor if page > 1 else None)

    @property
    def first(self) -> "SearchForm":
        """The same search from its beginning."""
        return self.at(1)

    def asking(self, q: str) -> "SearchForm":
        """Another question with the same options."""
        return self.first.changed(q=q)

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

    def only(self, field: ArticleField, value: str) -> "SearchForm":
        """The same search among articles with one value of a field."""
        return self.first.changed(**{ATTRIBUTES[field.parameter]: (value,)})

    def between(self, first: date | None, last: date | None) -> "SearchForm":
        """The same search among articles of these days."""
        return self.first.changed(published_from=first, published_to=last)

    def sorted(self, sort: Sort) -> "SearchForm":
        """The same search in another order."""
        return self.first.changed(sort=sort)

    @property
    def unfiltered(self) -> "SearchForm":
        """The same words with nothing that narrows the search."""
        return SearchForm(q=parse(self.q).words)

    @property
    def _offset(self) -> int:
        return (self.page - 1) * PAGE_SIZE

    def _fields(self) -> list[tuple[str, object]]:
        """What differs from the defaults, but for the page."""
        fields: list[tuple[str, object]] = [("q", self.q)] if self.q else []
        for name, attribute in _CHOSEN.items():
            value = getattr(self, attribute)
            if isinstance(value, tuple):
                fields += [(name, each) for each in value]
            elif value != getattr(DEFAULTS, attribute):
                fields.append((name, value))
        return fields


def _page(value: str, problems: list[str]) -> int:
    # int() alone takes "+1", "1_0" and digits of every script, and is slow on very long ones.
    page = int(value) if value.isascii() and value.isdigit() and len(value) <= 3 else 0
    if 1 <= page <= LAST_PAGE:
        return page
    if value:
        problems.append(_is_wrong("page", value, f"a number from 1 to {LAST_PAGE}"))
    return 1


def _several(name: str, values: list[str], problems: list[str]) -> tuple[str, ...]:
    distinct = list(dict.fromkeys(filter(None, values)))
    if len(distinct) > MAX_VALUES:
        problems.append(f"{name} is there {len(distinct)} times; at most {MAX_VALUES} are read")
    if any(len(value) > LONGEST_VALUE for value in distinct):
        problems.append(f"{name} is longer than {LONGEST_VALUE} characters")
    # Whatever is wrong, a page is made of it: no address may make that large.
    return tuple(value[:LONGEST_VALUE] for value in distinct[:MAX_VALUES])


def _one(
    name: str, attribute: str, value: str, field: FieldInfo, problems: list[str]
) -> dict[str, object]:
    """The one value of a parameter, or none if it is wrong."""
    try:
        return {attribute: getattr(StoryOptions.model_validate({name: value}), attribute)}
    except QueryError:
        choices = choices_of(field)
        expected = f"one of {', '.join(choices)}" if choices else "a day, as in 2024-11-30"
        problems.append(_is_wrong(name, value, expected))
        return {}


def _is_wrong(name: str, value: str, expected: str) -> str:
    return f"{name} is “{value[:LONGEST_VALUE]}”; it must be {expected}"
