"""The cursor of the next page, which is where this one ends."""

from dataclasses import replace

import pytest

from search.question.cursor import read_cursor
from search.question.query import MAX_OFFSET, Query
from search.results import Results
from tests.support.fake_searcher import FakeSearcher


def results(offset: int, hits: int, total: int) -> Results:
    searcher = FakeSearcher()
    searcher.total = hits
    found = searcher.search(Query(text="walls", limit=100))
    return replace(found, offset=offset, total=total)


@pytest.mark.parametrize(
    ("offset", "hits", "total", "following"),
    [
        (0, 10, 25, 10),
        (10, 10, 25, 20),
        (20, 5, 25, None),
        (0, 10, 10, None),
        (0, 0, 0, None),
        # Beyond the last; and none where there should be some, which would go on for ever.
        (30, 0, 25, None),
        (20, 0, 25, None),
        # There are others, which cannot be paged to.
        (390, 10, 1000, MAX_OFFSET),
        (400, 10, 1000, None),
        (391, 10, 1000, None),
    ],
)
def test_the_next_page(offset: int, hits: int, total: int, following: int | None) -> None:
    found = results(offset, hits, total)
    if following is None:
        assert found.next is None
        return
    assert found.next == found.cursor(following)
    assert read_cursor(found.query.changed(cursor=found.next), found.generation) == following
