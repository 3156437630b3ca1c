"""A question with its options, checked once, before anything is looked up."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, get_args

from indexer.errors import QueryError
from indexer.storage.filter import Filter
from search.question.syntax import Parsed, parse

Mode = Literal["hybrid", "semantic", "lexical"]
Group = Literal["story", "article", "passage"]
Sort = Literal["relevance", "date"]

MAX_QUESTION = 1000
MAX_LIMIT = 100
# No question has more hits than two methods have candidates.
MAX_OFFSET = 400
# Of one filter: sources, authors, languages.
MAX_VALUES = 20

# A question is parsed once, however often its parts are asked for.
_parse = lru_cache(maxsize=64)(parse)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked.

    text: the question as it was written, operators (search/question/syntax.py) included
    published_from, published_to: inclusive
    cursor: goes on where another page of the same search ended, in place of `offset`
    explain: whether hits say what their scores are made of
    mark: whether hits say where the words of the question are
    """

    text: str
    limit: int = 10
    offset: int = 0
    mode: Mode = "hybrid"
    group: Group = "article"
    sources: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sort: Sort = "relevance"
    cursor: str | None = None
    explain: bool = False
    mark: bool = False

    def __post_init__(self) -> None:
        """Check the limits.

        Raises:
            QueryError: one of them is exceeded.
        """
        if len(self.text) > MAX_QUESTION:
            raise QueryError(
                f"the question has {len(self.text)} characters; at most {MAX_QUESTION} are read"
            )
        if not self.words:
            beside = " beside what narrows the search" if self.parsed.operators else ""
            raise QueryError(f"the question is empty; ask something{beside}")
        if not 1 <= self.limit <= MAX_LIMIT:
            raise QueryError(f"limit is {self.limit}; it must be from 1 to {MAX_LIMIT}")
        if not 0 <= self.offset <= MAX_OFFSET:
            raise QueryError(f"offset is {self.offset}; it must be from 0 to {MAX_OFFSET}")
        for name, value, choices in (
            ("mode", self.mode, get_args(Mode)),
            ("group", self.group, get_args(Group)),
            ("sort", self.sort, get_args(Sort)),
        ):
            if value not in choices:
                raise QueryError(f"{name} is {value!r}; choose one of {', '.join(choices)}")
        for name, values in (
            ("sources", self.sources),
            ("authors", self.authors),
            ("languages", self.languages),
        ):
            if len(values) > MAX_VALUES:
                raise QueryError(f"{len(values)} {name}, at most {MAX_VALUES}")
        if (
            self.published_from is not None
            and self.published_to is not None
            and self.published_from > self.published_to
        ):
            raise QueryError(f"from {self.published_from} is after to {self.published_to}")
        if self.cursor is not None and self.offset:
            raise QueryError("send a cursor or an offset, not both")

    @property
    def parsed(self) -> Parsed:
        """The question taken apart, without broken surrogates."""
        return _parse(self.text.encode("utf-8", "replace").decode("utf-8"))

    @property
    def words(self) -> str:
        """What is asked in plain words: one line, no operator, no control character."""
        return self.parsed.words

    def operators(self, name: str) -> list[str]:
        """What is said in the question with one operator; dates as ISO days."""
        return [str(each.value) for each in self.parsed.operators if each.name == name]

    @property
    def filter(self) -> Filter:
        """What narrows the search: the parameters and the operators of the question."""
        parameters = {"source": self.sources, "author": self.authors, "language": self.languages}
        values = {
            name: tuple(filter(None, (*given, *self.operators(name))))
            for name, given in parameters.items()
        }
        return Filter(
            {name: asked for name, asked in values.items() if asked},
            self.first_day,
            self.last_day,
            tuple(self.operators("phrase")),
            tuple(self.operators("title")),
            tuple(self.operators("exclude")),
        )

    @property
    def first_day(self) -> date | None:
        """The later of `published_from` and what the question says with `after:`."""
        said = [date.fromisoformat(day) for day in self.operators("from")]
        return max([*said, *([self.published_from] if self.published_from else [])], default=None)

    @property
    def last_day(self) -> date | None:
        """The earlier of `published_to` and what the question says with `before:`."""
        said = [date.fromisoformat(day) for day in self.operators("to")]
        return min([*said, *([self.published_to] if self.published_to else [])], default=None)
