"""The day of a dateline without a year."""

from datetime import date

import pytest

from indexer.article import Date
from indexer.reading.days.dateline import dateline

TODAY = date(2025, 6, 15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LOWICK, Nov 30 (Agency): The ferry sank, it was reported on Saturday.", "2024-11-30"),
        ("LOWICK, 12 March – The ferry ran aground on Tuesday.", "2024-03-12"),
        ("LOWICK, Thursday 3 April (Agency): The ferry sank.", "2025-04-03"),
        ("LOWICK, Wednesday, April 3 – They spoke on Monday.", "2024-04-03"),
        ("LOWICK, Dec. 2 (Agency) — A week after Tuesday, they said on Monday.", "2024-12-02"),
    ],
)
def test_a_weekday_settles_the_year_of_a_dateline(text: str, expected: str) -> None:
    assert dateline(text, [], TODAY) == Date(expected, line=text)


def test_a_year_that_nothing_settles_is_uncertain() -> None:
    text = "LOWICK, Nov 30 (Agency): The ferry sank."
    assert dateline(text, [], TODAY) == Date("2024-11-30", certain=False, line=text)
    # It is the day before in 2024, the day itself in none of the last years.
    late = "LOWICK, Dec 1 (Agency): The ferry sank, they said on Saturday."
    assert dateline(late, [], TODAY) == Date("2024-12-01", certain=False, line=late)


def test_another_date_settles_the_year_of_a_dateline() -> None:
    text = "LOWICK, Nov 30 (Agency): The ferry sank."
    assert dateline(text, [date(2022, 12, 5)], TODAY) == Date("2022-11-30", line=text)


@pytest.mark.parametrize(
    "text",
    [
        "LOWICK, Nov 31 (Agency): The ferry sank on Saturday.",
        "LOWICK, Nov 30, 2023 (Agency): The ferry sank on Saturday.",
        "The ferry sank on Saturday.",
        "",
    ],
)
def test_no_dateline(text: str) -> None:
    assert dateline(text, [], TODAY) is None
