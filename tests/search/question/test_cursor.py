"""A cursor goes on with one search of one generation, and is read by nobody else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import QueryError
from search.question.cursor import read_cursor
from search.question.query import MAX_OFFSET, Query


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
