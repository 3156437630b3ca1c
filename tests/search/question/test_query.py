"""A question is checked once, and its limits are exactly these."""

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from indexer.errors import QueryError
from search.question.query import (
    MAX_LIMIT,
    MAX_OFFSET,
    MAX_QUESTION,
    MAX_VALUES,
    Query,
)
from search.question.syntax import parse


@given(st.integers(-5, MAX_LIMIT + 5), st.integers(-5, MAX_OFFSET + 5))
@example(1, 0)
@example(MAX_LIMIT, MAX_OFFSET)
@example(0, 0)
@example(MAX_LIMIT + 1, 0)
@example(1, -1)
@example(1, MAX_OFFSET + 1)
def test_limits(limit: int, offset: int) -> None:
    if 1 <= limit <= MAX_LIMIT and 0 <= offset <= MAX_OFFSET:
        assert Query(text="q", limit=limit, offset=offset).limit == limit
    else:
        with pytest.raises(QueryError, match="limit" if not 1 <= limit <= MAX_LIMIT else "offset"):
            Query(text="q", limit=limit, offset=offset)


# What operators take out of the words is told in test_syntax.py.
@given(st.text(max_size=MAX_QUESTION).filter(lambda text: not parse(text).operators))
@example("-¹")
def test_words_are_one_clean_line(text: str) -> None:
    try:
        words = Query(text=text).words
    except QueryError:
        assert not any(character.isalnum() for character in text)
        return
    words.encode("utf-8")
    assert words == words.strip() != ""
    assert "\n" not in words
    assert "\x00" not in words
    assert "  " not in words
    # Nothing that can be seen is lost.
    kept = [character for character in text if character.isalnum()]
    assert [character for character in words if character.isalnum()] == kept


def test_length_is_counted_in_code_points() -> None:
    assert Query(text="🦉" * MAX_QUESTION).text
    with pytest.raises(QueryError, match=r"text: .* at most 1000 characters"):
        Query(text="🦉" * (MAX_QUESTION + 1))


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b", "\x00", "\u2028\ufeff"])
def test_empty(text: str) -> None:
    with pytest.raises(QueryError, match="empty"):
        Query(text=text)
    assert Query(text=text, sources=("Echo",)).words == ""
    assert Query(text=text, published_from=date(2024, 1, 1)).words == ""


@pytest.mark.parametrize("text", ["source:Echo", "-museum", "after:2024-01", '-"old museum"'])
def test_what_narrows_needs_no_question(text: str) -> None:
    assert Query(text=text).words == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "magic"}, "mode: .*'hybrid', 'semantic' or 'lexical'"),
        ({"group": "day"}, "group: .*'story', 'article' or 'passage'"),
        ({"sources": ("a",) * (MAX_VALUES + 1)}, "sources: .* at most 20 items"),
        (
            {"published_from": date(2024, 2, 2), "published_to": date(2024, 2, 1)},
            "2024-02-02 is after to 2024-02-01",
        ),
    ],
)
def test_wrong_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        Query(text="q", **options)


def test_one_day_is_a_range() -> None:
    day = date(2024, 2, 1)
    assert Query(text="q", published_from=day, published_to=day).published_from == day


def test_a_query_cannot_be_changed() -> None:
    query = Query(text="q")
    with pytest.raises(ValidationError, match="frozen"):
        query.limit = 5  # type: ignore[misc]


def test_a_cursor_and_an_offset_do_not_go_together() -> None:
    with pytest.raises(QueryError, match="not both"):
        Query(text="q", offset=5, cursor="x")


def test_both_ends_of_a_period_count() -> None:
    query = Query(text="bridge after:2023-03 before:2024", published_from=date(2022, 1, 1))
    assert (query.first_day, query.last_day) == (date(2023, 3, 1), date(2024, 12, 31))
    narrower = query.changed(published_from=date(2024, 2, 1))
    assert narrower.first_day == date(2024, 2, 1)


def test_half_a_surrogate_pair_is_a_question_mark_wherever_it_stands() -> None:
    query = Query(text="bridge \ud800", sources=("\udfffEcho",), sites=("\ud800",))
    assert (query.words, query.sources, query.sites) == ("bridge ?", ("?Echo",), ("?",))
