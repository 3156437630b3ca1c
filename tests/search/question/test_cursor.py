"""A cursor goes on with one search of one generation, and is read by nobody else."""

import base64
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import CursorExpired, QueryError
from search.question.cursor import read_cursor, write_cursor
from search.question.query import MAX_CURSOR, MAX_OFFSET, Query


@given(st.text(max_size=300))
def test_any_text_is_refused_as_a_cursor(text: str) -> None:
    with pytest.raises(QueryError, match="cursor"):
        read_cursor(Query(text="q", cursor=text), "20240101-000000-abc")


def test_a_cursor_beyond_the_last_page_is_refused() -> None:
    query = Query(text="q", cursor="x")
    for written in (f"{'0' * 16}.{MAX_OFFSET + 1}.a", "0.1.a", f"{'0' * 16}.-1.a"):
        cursor = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")
        with pytest.raises(QueryError, match="none that this service made"):
            read_cursor(query.changed(cursor=cursor), "a")


QUERY = Query(text="who closed the bridge", sources=("Echo",), limit=5)
generations = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=64)


@given(st.integers(0, MAX_OFFSET), generations)
def test_what_is_written_is_read(offset: int, generation: str) -> None:
    cursor = write_cursor(QUERY, generation, offset)
    assert len(cursor) <= MAX_CURSOR
    assert set(cursor) <= set(string.ascii_letters + string.digits + "-_")
    assert read_cursor(QUERY.changed(cursor=cursor), generation) == offset


def test_without_a_cursor_the_offset_counts() -> None:
    assert read_cursor(QUERY, "g1") == 0
    assert read_cursor(QUERY.changed(offset=30), "g1") == 30


@pytest.mark.parametrize(
    "change",
    [{"text": "who closed the bridges"}, {"sources": ()}, {"sites": ("echo.example",)},
     {"mode": "lexical"}, {"group": "passage"}, {"sort": "date"}, {"published_from": "2024-01-01"}],
)  # fmt: skip
def test_another_question_is_told_apart(change: dict[str, Any]) -> None:
    cursor = write_cursor(QUERY, "g1", 10)
    with pytest.raises(QueryError, match="another search"):
        read_cursor(QUERY.changed(cursor=cursor, **change), "g1")


def test_how_hits_are_shown_may_change_from_page_to_page() -> None:
    cursor = write_cursor(QUERY, "g1", 10)
    assert read_cursor(QUERY.changed(cursor=cursor, limit=50, explain=True), "g1") == 10


def test_another_generation_has_renewed_the_index() -> None:
    cursor = write_cursor(QUERY, "g1", 10)
    with pytest.raises(CursorExpired, match="renewed"):
        read_cursor(QUERY.changed(cursor=cursor), "g2")
    # Of another question that is the lesser mistake.
    with pytest.raises(QueryError, match="another search"):
        read_cursor(QUERY.changed(cursor=cursor, text="x"), "g2")


@given(st.data())
def test_a_cursor_that_was_tampered_with_goes_nowhere_else(data: st.DataObject) -> None:
    cursor = write_cursor(QUERY, "g1", 10)
    at = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_="))
    changed = cursor[:at] + other + cursor[at + 1 :]
    try:
        offset = read_cursor(QUERY.changed(cursor=changed), "g1")
    except QueryError:
        return
    # The offset is no secret: a page further on is one that could have been asked for.
    assert 0 <= offset <= MAX_OFFSET
