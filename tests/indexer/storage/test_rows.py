"""Rows: what goes in comes out, and what was never written is damage."""

import struct
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import (
    Article,
    Date,
    Degree,
    Mention,
    Numbers,
    Order,
    PageStart,
    Passage,
    Removed,
    Span,
)
from indexer.errors import IndexDamaged
from indexer.storage.articles import Articles
from indexer.storage.manifest import Generation
from indexer.storage.rows import (
    ARTICLE,
    COLUMNS,
    OUTLINE,
    PASSAGE,
    WITHOUT_MENTIONS,
    WITHOUT_TEXT,
    Outline,
    StoredArticle,
    StoredPassage,
    article_row,
    passage_key,
    plain_id,
    read_article,
    read_outline,
    read_passage,
)
from tests.support.stored import ARTICLES, PASSAGES, STORIES

TEXT = st.text(max_size=20)
MAYBE = st.none() | TEXT
ORDERS: st.SearchStrategy[Order] = st.sampled_from(["dmy", "mdy", "ymd"])
READINGS = st.lists(st.tuples(ORDERS, TEXT), min_size=1, max_size=3).map(tuple)
NUMBERS = st.none() | st.builds(Numbers, READINGS, st.booleans(), st.booleans())
DATES = st.none() | st.builds(Date, TEXT.filter(bool), st.booleans(), MAYBE, NUMBERS)
PLACES = st.integers(0, 2**32 - 1)
DAYS = st.dates(date.min, date.max).map(date.isoformat)
MENTIONS = st.builds(Mention, st.builds(Span, PLACES, PLACES), DAYS, DAYS)
REMOVED = st.builds(Removed, st.integers(0), TEXT)


def _lists(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=4).map(tuple)


def _columns(article: Article, number: int, document: bytes) -> dict[str, Any]:
    """The columns of the table, by name."""
    return dict(zip(COLUMNS.split(", "), article_row(number, article, document), strict=True))


def _row(columns: dict[str, Any], story: int, degree: Degree | None) -> list[Any]:
    """What is asked of an article, beside what the corpus says of it."""
    known = columns | {"id": columns["full_id"], "story": story, "degree": degree}
    return [known[name] for name in ARTICLE.split(", ")]


@given(
    st.builds(
        Article,
        id=TEXT, title=TEXT, text=TEXT, published=DATES, source=MAYBE, url=MAYBE, author=MAYBE,
        location=TEXT, updated=DATES, agency=MAYBE, language=MAYBE, title_made=st.booleans(),
        removed=_lists(REMOVED), mentioned=_lists(MENTIONS), title_read=MAYBE, source_read=MAYBE,
        pages=_lists(st.builds(PageStart, PLACES, PLACES)),
    ),
    st.integers(0, 2**62),
    st.binary(max_size=16),
)  # fmt: skip
def test_an_article_survives_its_row(article: Article, number: int, document: bytes) -> None:
    columns = _columns(article, number, document)
    assert columns["document"] == document
    assert read_article(_row(columns, number, None)) == StoredArticle(number, article, number)
    assert read_article(_row(columns, 7, "same")) == StoredArticle(number, article, 7, "same")


@pytest.mark.parametrize(
    ("columns", "lacking"),
    [
        (ARTICLE, {}),
        (WITHOUT_MENTIONS, {"mentioned": ()}),
        (WITHOUT_TEXT, {"mentioned": (), "text": "", "removed": ()}),
    ],
)
def test_less_of_an_article_is_read_as_such(
    stored: Generation, columns: str, lacking: dict[str, Any]
) -> None:
    rows = Articles(stored).database.rows(f"SELECT {columns} FROM articles ORDER BY number")
    assert [read_article(row) for row in rows] == [
        StoredArticle(number, replace(article, **lacking), *place)
        for number, (article, place) in enumerate(zip(ARTICLES, STORIES, strict=True))
    ]


def test_outlines_and_passages_are_read(stored: Generation) -> None:
    database = Articles(stored).database
    (row,) = database.rows(f"SELECT {OUTLINE} FROM articles WHERE number = 0")
    assert read_outline(row) == Outline(
        0, "a", "Title", "Echo", "Island Press", "https://e.example/1",
        Date("2024-03-01T09:00:00+09:00", False, "Published 1 March"), "same",
    )  # fmt: skip
    rows = database.rows(f"SELECT {PASSAGE} FROM passages ORDER BY number")
    owners = [0, 0, 1, 2]
    assert [read_passage(row) for row in rows] == [
        StoredPassage(number, owners[number], passage)
        for number, passage in enumerate(chain(*PASSAGES))
    ]


def _mention(*numbers: int) -> bytes:
    return struct.pack("<4I", *numbers)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("removed", "{"),
        ("removed", "7"),
        ("removed", "[[1]]"),
        ("removed", "[[1, 2, 3]]"),
        ("mentioned", b"x"),
        ("mentioned", _mention(0, 1, 2, 3)[:-4]),
        ("mentioned", _mention(0, 1, 0, 1)),
        ("mentioned", _mention(0, 1, 1, 2**32 - 1)),
        ("mentioned", "text"),
    ],
)
def test_a_damaged_column_is_told(column: str, value: object) -> None:
    row = _row(_columns(ARTICLES[0], 7, b"") | {column: value}, 7, None)
    with pytest.raises(IndexDamaged, match="article 7 is damaged"):
        read_article(row)


def test_the_key_is_of_all_that_the_model_reads() -> None:
    article, passage = ARTICLES[0], PASSAGES[0][0]
    key = passage_key(article, passage)
    assert key == passage_key(replace(article, id="x", source=None, location="b"), passage)
    moved = Passage(Span(3, 23), (Span(3, 12), Span(13, 23)))
    assert key == passage_key(replace(article, text=f"abc{article.text}"), moved)
    others = [
        passage_key(replace(article, title="Other"), passage),
        passage_key(replace(article, title="", text=f"Title\n{article.text}"), passage),
        passage_key(replace(article, text=article.text.upper()), passage),
        passage_key(article, Passage(Span(0, 20), (Span(0, 20),))),
        passage_key(article, Passage(Span(0, 19), (Span(0, 9), Span(10, 19)))),
    ]
    assert len({key, *others}) == len(others) + 1


@pytest.mark.parametrize(
    ("full_id", "declared"),
    [
        ("1@0123456789ab", "1"),
        ("a@b@0123456789ab", "a@b"),
        ("1@0123456789AB", "1@0123456789AB"),
        ("1@0123456789abc", "1@0123456789abc"),
        ("1@0123456789ab\n", "1@0123456789ab\n"),
        ("0123456789ab", "0123456789ab"),
        ("@0123456789ab", ""),
        ("", ""),
    ],
)
def test_a_plain_id_is_what_was_declared(full_id: str, declared: str) -> None:
    assert plain_id(full_id) == declared
