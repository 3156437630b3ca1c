"""Filters and columns of passages, against what the articles say."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.article import Article, Date
from indexer.errors import IndexDamaged
from indexer.storage.article_writer import ArticleWriter
from indexer.storage.database import Database
from indexer.storage.fields import FIELDS
from indexer.storage.filter import Filter
from indexer.storage.passage_columns import PassageColumns
from tests.support.stored import add, passages


def _columns(file: Path) -> PassageColumns:
    return PassageColumns(Database(file))


def _numbers(columns: PassageColumns, chosen: Filter) -> list[int] | None:
    mask = columns.mask(chosen)
    return None if mask is None else np.flatnonzero(mask).tolist()


@pytest.mark.parametrize(
    ("chosen", "passages"),
    [
        (Filter(), None),
        (Filter({"source": ("echo",)}), [0, 1]),
        (Filter({"source": ("écho", "nobody")}), [3]),
        (Filter({"source": ("Echo", "écho")}), [0, 1, 3]),
        (Filter({"source": ("Island Press",)}), []),
        (Filter({"source": ("ech",)}), []),
        (Filter({"author": ("ruth",)}), [0, 1]),
        (Filter({"author": ("Lee Kim", "nobody")}), [3]),
        (Filter({"author": ("kim POE",)}), [3]),
        (Filter({"author": ("kim ruth",)}), []),
        (Filter({"author": ("ki",)}), []),
        (Filter({"author": ("Lee", "Ruth")}), [0, 1, 3]),
        (Filter({"language": ("EN-gb",)}), [0, 1]),
        (Filter({"language": ("de", "sr_Latn")}), [3]),
        (Filter({"language": ("e",)}), []),
        (Filter(first_day=date(2024, 3, 1)), [0, 1]),
        (Filter(last_day=date(2024, 2, 29)), [3]),
        (Filter(first_day=date(2024, 2, 29), last_day=date(2024, 3, 1)), [0, 1, 3]),
        (Filter({"source": ("Echo",)}, last_day=date(2024, 2, 29)), []),
        (Filter({"source": ("Echo",), "author": ("ruth",), "language": ("en",)}), [0, 1]),
    ],
)
def test_filters(file: Path, chosen: Filter, passages: list[int] | None) -> None:
    assert _numbers(_columns(file), chosen) == passages


def _dated(file: Path, dates: Sequence[str | None]) -> PassageColumns:
    """One article of one passage for each date."""
    with closing(ArticleWriter(file)) as writer:
        for number, iso in enumerate(dates):
            article = Article(str(number), "", "x", Date(iso) if iso else None)
            add(writer, article, str(number).encode(), passages((0, 1)))
        writer.finish()
    return _columns(file)


def _span(iso: str) -> tuple[str, str]:
    """The first and last day of a date, as text: no month has a later day than the 31st."""
    return (f"{iso}-01", f"{iso}-31") if len(iso) == 7 else (iso[:10], iso[:10])


DAYS = st.dates(date(2023, 12, 1), date(2024, 3, 31))
DATES = st.one_of(
    st.none(),
    DAYS.map(lambda day: day.isoformat()),
    DAYS.map(lambda day: day.isoformat()[:7]),
    st.datetimes(datetime(2023, 12, 1), datetime(2024, 3, 31)).map(
        lambda moment: moment.isoformat(timespec="minutes") + "+09:00"
    ),
)


@given(st.lists(DATES, max_size=8), DAYS, DAYS)
@example(["2024-02", "2024-02-29T23:59", "2024-02-29T00:00:00-05:00"], *[date(2024, 2, 29)] * 2)
@example(["2024-02"], date(2024, 3, 1), date(2024, 3, 1))
@example(["2024-02"], date(2024, 1, 31), date(2024, 1, 31))
def test_dates(
    tmp_path_factory: pytest.TempPathFactory, dates: list[str | None], first: date, last: date
) -> None:
    columns = _dated(tmp_path_factory.mktemp("dates") / "a.db", dates)
    spans = [_span(iso) if iso else None for iso in dates]
    after = {i for i, span in enumerate(spans) if span and span[1] >= first.isoformat()}
    before = {i for i, span in enumerate(spans) if span and span[0] <= last.isoformat()}
    assert _numbers(columns, Filter(first_day=first)) == sorted(after)
    assert _numbers(columns, Filter(last_day=last)) == sorted(before)
    both = Filter(first_day=first, last_day=last)
    assert _numbers(columns, both) == sorted(after & before)
    found = columns.of(np.arange(len(dates)))
    months = [int(iso[:4]) * 12 + int(iso[5:7]) - 1 if iso else -1 for iso in dates]
    assert found.month.tolist() == months
    ordinals = [date.fromisoformat(span[0]).toordinal() if span else -1 for span in spans]
    assert found.day.tolist() == ordinals
    assert found.day.dtype == np.int32


def test_the_first_and_last_days_that_there_are(tmp_path: Path) -> None:
    columns = _dated(tmp_path / "a.db", ["0001-01-01", "9999-12-31", "1969-12", "1970-01-01"])
    found = columns.of(np.array([3, 2, 1, 0]))
    assert found.month.tolist() == [1970 * 12, 1969 * 12 + 11, 9999 * 12 + 11, 12]


def test_columns_of_some_passages_in_their_order(file: Path) -> None:
    found = _columns(file).of(np.array([3, 0, 2, 1]))
    assert found.article.tolist() == [2, 0, 1, 0]
    assert found.story.tolist() == [2, 2, 1, 2]
    assert found.story.dtype == found.article.dtype == np.int64
    assert set(found.values) == {field.name for field in FIELDS if field.counted}
    sources = found.values["source"]
    assert [sources.names[code] if code >= 0 else None for code in sources.codes] == [
        "ÉCHO", "Echo", None, "Echo"
    ]  # fmt: skip
    assert sources.codes.dtype == np.int32
    some = found.at(np.array([2, 0]))
    assert (some.article.tolist(), some.story.tolist()) == ([1, 2], [1, 2])
    assert some.values["source"].codes.tolist() == [-1, sources.codes[0]]
    assert some.day.tolist() == found.day[[2, 0]].tolist()


@pytest.mark.parametrize(
    ("chosen", "passages"),
    [
        (Filter(without_passages=(0, 3)), [1, 2]),
        (Filter(without_articles=(0,)), [2, 3]),
        (Filter(without_articles=(1, 2)), [0, 1]),
        (Filter(without_stories=(2,)), [2]),
        (Filter({"source": ("echo",)}, without_passages=(1,)), [0]),
    ],
)
def test_what_is_left_out(file: Path, chosen: Filter, passages: list[int]) -> None:
    assert _numbers(_columns(file), chosen) == passages


def test_a_date_that_is_none(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE articles SET published = '2024-13-01' WHERE number = 1")
        connection.commit()
    with pytest.raises(IndexDamaged):
        _columns(file)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "articles.db").touch()
    with pytest.raises(IndexDamaged):
        _columns(tmp_path / "articles.db")
