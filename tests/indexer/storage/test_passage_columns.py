"""Filters and columns of passages, against what the articles say."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.article import Article, Date
from indexer.errors import IndexDamaged
from indexer.storage.articles import Articles
from indexer.storage.fields import FIELDS
from indexer.storage.filter import Filter
from indexer.storage.manifest import Generation
from indexer.storage.passage_columns import PassageColumns
from tests.support.stored import STORIES, TOLD, Told, one_passage, passages, write_generation


def _columns(generation: Generation) -> PassageColumns:
    return PassageColumns(Articles(generation).database)


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
def test_filters(stored: Generation, chosen: Filter, passages: list[int] | None) -> None:
    assert _numbers(_columns(stored), chosen) == passages


def _dated(folder: Path, dates: Sequence[str | None]) -> PassageColumns:
    """One article of one passage for each date."""
    told = [
        one_passage(Article(str(number), "", "x", Date(iso) if iso else None))
        for number, iso in enumerate(dates)
    ]
    return _columns(write_generation(folder, told))


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
    columns = _dated(tmp_path_factory.mktemp("dates") / "x", dates)
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
    columns = _dated(tmp_path / "x", ["0001-01-01", "9999-12-31", "1969-12", "1970-01-01"])
    found = columns.of(np.array([3, 2, 1, 0]))
    assert found.month.tolist() == [1970 * 12, 1969 * 12 + 11, 9999 * 12 + 11, 12]


def test_columns_of_some_passages_in_their_order(stored: Generation) -> None:
    found = _columns(stored).of(np.array([3, 0, 2, 1]))
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
def test_what_is_left_out(stored: Generation, chosen: Filter, passages: list[int]) -> None:
    assert _numbers(_columns(stored), chosen) == passages


@pytest.mark.parametrize(
    ("chosen", "passages"),
    [
        (Filter({"source": ("echo", "écho")}), [0, 1, 3]),
        (Filter({"language": ("sr",)}), [3]),
        (Filter(first_day=date(2024, 2, 29)), [0, 1, 3]),
        (Filter(last_day=date(2024, 2, 29)), [3]),
    ],
)
def test_of_two_segments(worn: Generation, chosen: Filter, passages: list[int]) -> None:
    columns = _columns(worn)
    assert len(columns) == 4
    assert columns.alive.tolist() == [True, True, False, True]
    mask = columns.mask(chosen)
    assert mask is not None
    assert np.flatnonzero(mask & columns.alive).tolist() == passages


def test_what_is_gone_has_no_value_but_its_place(worn: Generation) -> None:
    found = _columns(worn).of(np.array([2, 3, 0, 1]))
    assert found.article.tolist() == [1, 2, 0, 0]
    assert found.place.tolist() == [0, 0, 0, 1]
    assert found.story.tolist() == [-1, 2, 2, 2]
    assert (found.day[0], found.month[0]) == (-1, -1)
    assert [values.codes[0] for values in found.values.values()] == [-1] * len(found.values)
    # And none of its values is one of the rest.
    assert found.values["source"].names == ["Echo", "ÉCHO"]


def test_the_last_articles_may_be_gone(tmp_path: Path) -> None:
    columns = _columns(write_generation(tmp_path / "x", TOLD[:1], TOLD[1:], gone={0, 2}))
    assert columns.alive.tolist() == [False, False, True, False]
    assert columns.of(np.arange(4)).story.tolist() == [-1, -1, 1, -1]
    assert columns.newest(9, None).tolist() == [2]


def test_nothing_may_be_left(tmp_path: Path) -> None:
    columns = _columns(write_generation(tmp_path / "x", TOLD, gone={0, 1, 2}))
    assert columns.alive.tolist() == [False] * 4
    assert columns.newest(9, None).tolist() == []


@pytest.mark.parametrize("cut", [3, 1, 2])
def test_newest_of_each_article_first(tmp_path: Path, cut: int) -> None:
    told = [Told(article, document, passages((0, 5), (5, 9))) for article, document, _ in TOLD]
    told[1] = told[1]._replace(article=replace(told[1].article, published=Date("2024-03")))
    generation = write_generation(tmp_path / "x", told[:cut], told[cut:], stories=STORIES)
    columns = _columns(generation)
    assert columns.newest(9, None).tolist() == [0, 2, 4]
    assert columns.newest(2, None).tolist() == [0, 2]
    allowed = np.array([0, 1, 0, 0, 1, 1], np.bool_)
    assert columns.newest(9, allowed).tolist() == [1, 4]
    gone = write_generation(tmp_path / "y", told[:cut], told[cut:], gone={0})
    assert _columns(gone).newest(9, None).tolist() == [2, 4]


def _altered(generation: Generation, change: str) -> None:
    with closing(sqlite3.connect(generation.path / "segments" / "0" / "articles.db")) as connection:
        connection.execute(change)
        connection.commit()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE articles SET published = '2024-13-01' WHERE number = 1", "month"),
        ("UPDATE passages SET article = 2 WHERE number = 0", "order of their articles"),
    ],
)
def test_what_was_never_written(stored: Generation, change: str, told: str) -> None:
    _altered(stored, change)
    with pytest.raises(IndexDamaged, match=told):
        _columns(stored)


def test_an_empty_file(stored: Generation) -> None:
    (stored.path / "segments" / "0" / "articles.db").write_bytes(b"")
    with pytest.raises(IndexDamaged):
        _columns(stored)
