"""A question with its options, checked once, before anything is looked up."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from indexer.errors import QueryError

Mode = Literal["hybrid", "semantic", "lexical"]
Group = Literal["story", "article", "passage"]

MAX_QUESTION = 1000
MAX_LIMIT = 100
# No question has more hits than two methods have candidates.
MAX_OFFSET = 400
MAX_SOURCES = 20

_SPACE = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked.

    `text` is plain words: no character in it is an operator. `published_from` and `published_to`
    are inclusive.
    """

    text: str
    limit: int = 10
    offset: int = 0
    mode: Mode = "hybrid"
    group: Group = "article"
    sources: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None

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
            raise QueryError("the question is empty; ask something")
        if not 1 <= self.limit <= MAX_LIMIT:
            raise QueryError(f"limit is {self.limit}; it must be from 1 to {MAX_LIMIT}")
        if not 0 <= self.offset <= MAX_OFFSET:
            raise QueryError(f"offset is {self.offset}; it must be from 0 to {MAX_OFFSET}")
        if self.mode not in get_args(Mode):
            raise QueryError(f"mode is {self.mode!r}; choose one of {', '.join(get_args(Mode))}")
        if self.group not in get_args(Group):
            raise QueryError(f"group is {self.group!r}; choose one of {', '.join(get_args(Group))}")
        if len(self.sources) > MAX_SOURCES:
            raise QueryError(f"{len(self.sources)} sources, at most {MAX_SOURCES}")
        if (
            self.published_from is not None
            and self.published_to is not None
            and self.published_from > self.published_to
        ):
            raise QueryError(f"from {self.published_from} is after to {self.published_to}")

    @property
    def words(self) -> str:
        """The question on one line, without control characters and broken surrogates."""
        return _SPACE.sub(" ", self.text.encode("utf-8", "replace").decode("utf-8")).strip()
