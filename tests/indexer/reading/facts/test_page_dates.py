"""The day of publication that a page declares."""

import pytest

from indexer.article import Date
from tests.support.ferry import PARAGRAPHS, about, html_of


def test_a_time_element_that_is_not_of_an_update() -> None:
    times = (
        "<p>Updated <time datetime='2024-05-01T10:00:00Z'>1 May</time></p>"
        "<p><time datetime='2024-03-12T07:15:00Z'>12 March</time></p>"
    )
    told = about(html_of(body=times + PARAGRAPHS))
    assert told.published == Date("2024-03-12T07:15:00+00:00", True, "<time datetime>")


OTHERS = "<a href='/wall'>Council votes</a> <time datetime='2024-05-01'>1 May</time>"


@pytest.mark.parametrize(
    "others",
    [
        f"<aside><ul><li>{OTHERS}</li></ul></aside>",
        f"<section class='most-read'>{OTHERS}</section>",
        f"<div class='teaser'>{OTHERS}</div>",
        f"<article><h2>Council</h2>{OTHERS}</article>",
        f"<footer>{OTHERS}</footer>",
        "<a href='/wall'>Council votes <time datetime='2024-05-01'>1 May</time></a>",
    ],
)
def test_the_time_of_another_article(others: str) -> None:
    alone = html_of().replace("<body>", f"<body>{others}")
    assert about(alone).published is None
    own = "<time datetime='2009-03-04'>4 March</time>"
    both = html_of(body=own + PARAGRAPHS).replace("<body>", f"<body>{others}")
    assert about(both).published == Date("2009-03-04", True, "<time datetime>")


def test_the_time_of_an_article_in_a_card() -> None:
    page = html_of(body="<time datetime='2009-03-04'>4 March</time>" + PARAGRAPHS)
    carded = page.replace("<article>", "<article class='card'>")
    assert about(carded).published == Date("2009-03-04", True, "<time datetime>")


def test_the_day_in_an_address_is_not_certain() -> None:
    told = about(html_of(), "https://courier.example/2024/03/12/ferry")
    assert told.published == Date("2024-03-12", False, "url")


@pytest.mark.parametrize("day", ["2024-12-02", "1970-01-01", "2024-02-30", "soon"])
def test_no_such_day(day: str) -> None:
    head = f"<meta property='article:published_time' content='{day}'>"
    assert about(html_of(head)).published is None


def test_tomorrow_is_today_in_the_east() -> None:
    head = "<meta property='article:published_time' content='2024-12-01'>"
    assert about(html_of(head)).published == Date("2024-12-01", True, "meta article:published_time")


def test_a_year_in_a_copyright_line_is_no_date() -> None:
    assert about(html_of()).published is None
