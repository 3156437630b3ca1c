"""What can be asked, and within which limits: the one definition for every door.

The parameters of GET, the body of POST, the form of the page, the options of the command line, the
fields of the LangChain retriever and the arguments of the tool for agents are all made of the
fields of these classes: their names, limits, defaults and descriptions.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from indexer.errors import QueryError
from indexer.storage.fields import FIELDS, ArticleField
from indexer.storage.filter import Filter
from search.question.syntax import Parsed, parse

Mode = Literal["hybrid", "semantic", "lexical"]
Group = Literal["story", "article", "passage"]
Sort = Literal["relevance", "date"]
ReaderUse = Literal["on", "off"]

# What belongs to the results of a question, by how it is searched: what matches at least this share
# as well as the best. There is always something at rank 200.
FLOORS: dict[Mode, float] = {"hybrid": 0.4, "semantic": 0.6, "lexical": 0.4}

MAX_QUESTION = 1000
MAX_LIMIT = 100
# No question has more hits than two methods have candidates.
MAX_OFFSET = 400
# Of one filter.
MAX_VALUES = 20
MAX_CURSOR = 200

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# A question is parsed once, however often its parts are asked for.
_parse = lru_cache(maxsize=64)(parse)


def _day(value: object) -> object:
    """A day, or one as ISO text; pydantic would also take a Unix time."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("a day is written as in 2024-11-30")


def _without_fraction(value: object) -> object:
    """JSON has one kind of number: 5.0 is 5, also where "5" and true are refused."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(value: object, info: ValidationInfo) -> object:
    """Text of the same process may hold half a surrogate pair, which is read as a question mark.

    In strict JSON it is an error.
    """
    if not isinstance(value, str):
        return value
    read = value.encode("utf-8", "replace").decode("utf-8")
    if read != value and info.config is not None and info.config.get("strict"):
        raise ValueError("it holds half of a surrogate pair")
    return read


# What a class that is strict need not be strict about: lists for tuples, text for days.
_Day = Annotated[date, Field(strict=False), BeforeValidator(_day)]
_Value = Annotated[str, BeforeValidator(_text)]
_Values = Annotated[tuple[_Value, ...], Field(max_length=MAX_VALUES, strict=False)]
# Last in a list of annotations: limits belong to the number inside.
_WHOLE = BeforeValidator(_without_fraction)
_Grouping = Annotated[Group, Field(description="What there is one hit for each of")]


def what_is_wrong(errors: Iterable[ErrorDetails], skip: int = 0) -> str:
    """Errors of pydantic in one line, each with the name of its field as it was written.

    skip: parts of the place of an error that come before that name
    """
    return "; ".join(
        f"{'.'.join(map(str, each['loc'][skip:] or each['loc']))}: {_reason(each)}"
        for each in errors
    )


def _reason(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return "there is no such parameter"
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    # Who asks sends lists; that they are kept as tuples is of no interest outside.
    return error["msg"].replace("Tuple", "List").replace("tuple", "list")


class SearchOptions(
    BaseModel, frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True
):
    """How to search, whatever is asked: what narrows the articles, and which hits are wanted.

    published_from, published_to: inclusive

    Raises:
        QueryError: a field is outside of its limits.
    """

    sources: Annotated[_Values, Field(alias="source", description="Only of these outlets")] = ()
    authors: Annotated[_Values, Field(alias="author", description="Only by these people")] = ()
    languages: Annotated[
        _Values, Field(alias="lang", description="Only in these languages, as in `en`")
    ] = ()
    sites: Annotated[
        _Values, Field(alias="site", description="Only from these hosts and those below them")
    ] = ()
    published_from: Annotated[
        _Day | None, Field(alias="from", description="Published on this day or later")
    ] = None
    published_to: Annotated[
        _Day | None, Field(alias="to", description="Published on this day or before")
    ] = None
    mode: Annotated[Mode, Field(description="By vectors and words, or by one of them")] = "hybrid"
    group: _Grouping = "article"
    sort: Annotated[Sort, Field(description="Which hits come first")] = "relevance"
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Hits at most"), _WHOLE] = 10

    @model_validator(mode="wrap")
    @classmethod
    def _refuse(cls, values: Any, check: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return check(values)
        except ValidationError as error:
            raise QueryError(what_is_wrong(error.errors())) from error

    def changed(self, **changes: Any) -> Self:
        """The same with other values of some fields, checked as all are.

        Raises:
            QueryError: one of them is outside of its limits.
        """
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return self.model_validate({**kept, **changes}, by_name=True)

    def values_of(self, field: ArticleField) -> tuple[str, ...]:
        """The values that are asked for of a field of articles, beside those in the question."""
        values: tuple[str, ...] = getattr(self, ATTRIBUTES[field.parameter])
        return values


def kind_of(field: FieldInfo) -> object:
    """What a field holds where it is not None: str, int, bool, date, tuple or Literal."""
    kind: Any = field.annotation
    if get_origin(kind) is UnionType or get_origin(kind) is Union:
        kind = get_args(kind)[0]
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return get_origin(kind) or kind


def choices_of(field: FieldInfo) -> tuple[str, ...]:
    """The values that a field may have, if they can be counted."""
    return get_args(field.annotation) if kind_of(field) is Literal else ()


# The name of a field of a search by the name of its parameter.
ATTRIBUTES = {info.alias or name: name for name, info in SearchOptions.model_fields.items()}


class StoryOptions(SearchOptions, frozen=True):
    """The options where people and agents read: what many outlets print comes once."""

    group: _Grouping = "story"


class _Question(BaseModel, frozen=True):
    text: Annotated[
        str,
        Field(
            alias="q",
            max_length=MAX_QUESTION,
            description="A question, with operators; without one, what filters leave is listed",
        ),
        BeforeValidator(_text),
    ] = ""


class Query(SearchOptions, _Question, frozen=True):
    """What is asked. In lists of the fields, those of the last base come first.

    text: the question as it was written, operators (search/question/syntax.py) included
    cursor: goes on where another page of the same search ended, in place of `offset`
    explain: whether hits say what their scores are made of, and where the question's words are
    floor: a share of how well the best passage matches; None is the floor of the mode

    Raises:
        QueryError: a field is outside of its limits, or the fields do not go together.
    """

    offset: Annotated[int, Field(ge=0, le=MAX_OFFSET, description="Hits to pass over"), _WHOLE] = 0
    cursor: Annotated[
        str | None, Field(max_length=MAX_CURSOR, description="`next` of a former page")
    ] = None
    explain: Annotated[bool, Field(description="Say what scores are made of, and mark words")] = (
        False
    )
    floor: Annotated[
        float | None,
        Field(ge=0, le=1, description="Only what matches this share as well as the best; 0: all"),
    ] = None

    reader: Annotated[
        ReaderUse,
        Field(description="Whether the reader judges which sentence answers, and whether one does"),
    ] = "on"

    @model_validator(mode="after")
    def _check(self) -> Self:
        first, last = self.published_from, self.published_to
        if not self.words and self.filter == Filter():
            raise QueryError("the question is empty; ask something, or narrow what is listed")
        if first is not None and last is not None and first > last:
            raise QueryError(f"from {first} is after to {last}")
        if self.cursor is not None and self.offset:
            raise QueryError("send a cursor or an offset, not both")
        return self

    @property
    def parsed(self) -> Parsed:
        """The question taken apart."""
        return _parse(self.text)

    @property
    def words(self) -> str:
        """What is asked in plain words: one line, no operator, no control character."""
        return self.parsed.words

    @property
    def least(self) -> float:
        """The floor: what was asked for, else that of the mode."""
        return FLOORS[self.mode] if self.floor is None else self.floor

    def _operands(self, name: str) -> tuple[str, ...]:
        """What is said in the question with one operator; dates as ISO days."""
        return tuple(str(each.value) for each in self.parsed.operators if each.name == name)

    @property
    def first_day(self) -> date | None:
        """The later of `published_from` and what the question says with `after:`."""
        said = [date.fromisoformat(day) for day in self._operands("from")]
        return max([*said, *([self.published_from] if self.published_from else [])], default=None)

    @property
    def last_day(self) -> date | None:
        """The earlier of `published_to` and what the question says with `before:`."""
        said = [date.fromisoformat(day) for day in self._operands("to")]
        return min([*said, *([self.published_to] if self.published_to else [])], default=None)

    @property
    def filter(self) -> Filter:
        """What the search is limited to, by the options and by the operators in the question."""
        asked = {
            field.name: tuple(filter(None, (*self.values_of(field), *self._operands(field.name))))
            for field in FIELDS
        }
        return Filter(
            values={name: values for name, values in asked.items() if values},
            first_day=self.first_day,
            last_day=self.last_day,
            phrases=self._operands("phrase"),
            titles=self._operands("title"),
            excluded=self._operands("exclude"),
        )
