"""Declared dates, as people and programs write them."""

from datetime import date, datetime

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Date, Numbers, Order
from indexer.reading.days.declared_date import read_date

TODAY = date(2025, 6, 15)


def iso(text: str, language: str | None = None) -> str:
    """The date that a text is read as, or why it is none."""
    found = read_date(text, "created", TODAY, lambda: language)
    return found if isinstance(found, str) else found.iso


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" 2024-11-30 ", "2024-11-30"),
        ("2024-11", "2024-11"),
        ("November 2024", "2024-11"),
        ("20241130", "2024-11-30"),
        ("202411300912", "2024-11-30T09:12:00"),
        ("20241130091207", "2024-11-30T09:12:07"),
        ("20241130T091207Z", "2024-11-30T09:12:07+00:00"),
        ("1732957920", "2024-11-30T09:12:00+00:00"),
        ("1732957920000", "2024-11-30T09:12:00+00:00"),
        ("1732957920000000", "2024-11-30T09:12:00+00:00"),
        ("1732957920000000000", "2024-11-30T09:12:00+00:00"),
        ("1732957920.25", "2024-11-30T09:12:00+00:00"),
        ("Sat, 30 Nov 2024 09:12:00 GMT", "2024-11-30T09:12:00+00:00"),
        ("Saturday, 30-Nov-24 09:12:00 GMT", "2024-11-30T09:12:00+00:00"),
        ("30/Nov/2024:09:12:00 +0100", "2024-11-30T09:12:00+01:00"),
        ("30-Nov-24", "2024-11-30"),
        ("30 Nov '24", "2024-11-30"),
        ("30.11.24", "2024-11-30"),
        ("30.11.2024 kl. 09.12", "2024-11-30T09:12"),
        ("15.3.68", "1968-03-15"),
        ("4 May 1871", "1871-05-04"),
        ("1871-05-04", "1871-05-04"),
        ("13/05/1871", "1871-05-13"),
        ("2024", "names no day"),
        ("1871", "names no day"),
        ("soon", "cannot be read"),
        ("3 hours ago", "cannot be read"),
        ("30 February 2024", "cannot be read"),
        ("0001-01-01T00:00:00", "cannot be read"),
        ("15 marts", "cannot be read"),
        ("9" * 5000, "cannot be read"),
        ("2025-06-16", "2025-06-16"),
        ("2025-06-17", "is in the future"),
        ("1850000000", "is in the future"),
        ("13/10/2025", "is in the future"),
        ("2999-01-01", "is in the future"),
    ],
)
def test_styles(text: str, expected: str) -> None:
    assert iso(text) == expected


def test_what_it_was_read_from() -> None:
    assert read_date("30 Nov 2024", "created", TODAY) == Date("2024-11-30", line="created")


@pytest.mark.parametrize(
    "text",
    [
        "15. marts 2024",
        "fredag den 15. marts 2024",
        "15. maaliskuuta 2024",
        "15 marca 2024",
        "2024. március 15., péntek",
        "15 Mart 2024 Cuma",
        "15 Μαρτίου 2024",
        "15 березня 2024 р.",
        "15 бер. 24",
        "١٥ مارس ٢٠٢٤",
        "15 במרץ 2024",
        "15 मार्च 2024",
        "२०२४ मार्च १५",
        "15 de març del 2024",
        "15. ožujka 2024.",
        "2024 m. kovo 15 d.",
        "2024. gada 15. marts",
        "2024(e)ko martxoaren 15(a)",
        "15 tháng 3 năm 2024",
        "15 มี.ค. 2567",
        "15 มี.ค. 67",
        "15 MARTIE 2024",
        "15 brezna 2024",
    ],
)
def test_languages(text: str) -> None:
    assert iso(text) == "2024-03-15"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fredag den 15. marts 2024 kl. 10.30", "2024-03-15T10:30"),
        ("10:30, 15. marts 2024", "2024-03-15T10:30"),
        ("15 marca 2024, 10:30:05 +0100", "2024-03-15T10:30:05+01:00"),
    ],
)
def test_the_time_is_kept(text: str, expected: str) -> None:
    assert iso(text) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("pl", "2024-11-15"),
        ("hr", "2024-10-15"),
        (None, "names a month that is another one in other languages"),
    ],
)
def test_a_month_that_another_language_has_elsewhere(language: str | None, expected: str) -> None:
    assert iso("15 listopada 2024", language) == expected


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("03/04/2024", [("dmy", "2024-04-03"), ("mdy", "2024-03-04")]),
        ("03/25/2024", [("mdy", "2024-03-25")]),
        ("15-3-24", [("dmy", "2024-03-15"), ("ymd", "2015-03-24")]),
        ("24-03-15", [("ymd", "2024-03-15"), ("dmy", "2015-03-24")]),
        ("99/03/15", [("ymd", "1999-03-15")]),
        # The sixth of October 2025 is not past.
        ("06/10/2025", [("mdy", "2025-06-10")]),
    ],
)
def test_numbers_of_which_any_may_be_first(text: str, readings: list[tuple[Order, str]]) -> None:
    first, sure = readings[0][1], len(readings) == 1
    assert read_date(text, "date", TODAY) == Date(first, sure, "date", Numbers(tuple(readings)))


@given(
    st.dates(date(1970, 1, 1), date(2024, 12, 31)),
    st.sampled_from(
        ["da", "fi", "pl", "hu", "tr", "el", "uk", "ar", "he", "hi", "id", "ca", "et", "vi"]
    ),
    st.sampled_from(["long", "full"]),
)
def test_any_day_in_words(day: date, language: str, style: str) -> None:
    assert iso(format_date(day, style, locale=language), language) == day.isoformat()


@given(st.datetimes(datetime(1970, 1, 1), datetime(2024, 12, 31)))
def test_any_moment(moment: datetime) -> None:
    expected = moment.isoformat(timespec="seconds")
    for style in ("%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S", "%A, %d-%b-%y %H:%M:%S"):
        assert iso(moment.strftime(style)) == expected


@given(st.text(max_size=100) | st.text("0123456789/-.: TZ年月日Nov", max_size=60))
def test_any_text(text: str) -> None:
    found = read_date(text, "date", TODAY)
    if isinstance(found, Date):
        assert date.fromisoformat(f"{found.iso}-01"[:10]) <= date(2025, 6, 16)
