"""Dates and periods as people write them."""

from datetime import date

import pytest

from web.page.days import readable_date, readable_period


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("2024-11-30", "2024-11-30", "30 November 2024"),
        ("2024-02-01", "2024-02-29", "February 2024"),
        ("2024-02-01", "2024-02-28", "1 February 2024 – 28 February 2024"),
        ("2024-01-01", "2024-12-31", "2024"),
        ("1990-01-01", "1999-12-31", "1990–1999"),
        ("2024-11-01", "2025-01-31", "1 November 2024 – 31 January 2025"),
        ("2024-11-01", None, "from 1 November 2024"),
        (None, "2024-11-01", "until 1 November 2024"),
        ("0001-01-01", "0001-12-31", "1"),
    ],
)
def test_a_period_is_named_as_people_would(first: str | None, last: str | None, shown: str) -> None:
    days = [date.fromisoformat(day) if day else None for day in (first, last)]
    assert readable_period(*days) == shown


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        ("2024-11-30", "30 November 2024"),
        ("2024-11", "November 2024"),
        ("2024-11-05T09:12:00+09:00", "5 November 2024"),
        ("0987-03-09", "9 March 987"),
        ("2024-13", "2024-13"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_a_date_is_as_precise_as_it_is_known(iso: str, shown: str) -> None:
    assert readable_date(iso) == shown
