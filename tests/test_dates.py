"""Dates as pages print them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.dates import dateline_date, find_dates, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-11-30", "2024-11-30"),
        ("2024/11/30", "2024-11-30"),
        ("2024.1.3", "2024-01-03"),
        ("2024-11-30T09:12:00+09:00", "2024-11-30T09:12:00+09:00"),
        ("2024-11-30T09:12:00+0900", "2024-11-30T09:12:00+09:00"),
        ("2024-11-30T09:12:00Z", "2024-11-30T09:12:00+00:00"),
        ("2024-11-30T09:12:00.123Z", "2024-11-30T09:12:00+00:00"),
        ("2024-11-30 09:12", "2024-11-30T09:12:00"),
        ("Created at 2024-11-01 13:40:15 | Updated", "2024-11-01T13:40:15"),
        ("November 30, 2024", "2024-11-30"),
        ("Nov. 3 2024", "2024-11-03"),
        ("Sept 5th, 2023", "2023-09-05"),
        ("Wednesday, June 26, 2024", "2024-06-26"),
        ("Sat, 30 Nov 2024 09:12:00 GMT", "2024-11-30T09:12:00+00:00"),
        ("Sat, 30 Nov 2024 09:12:00 +0530", "2024-11-30T09:12:00+05:30"),
        ("30 November 2024", "2024-11-30"),
        ("1st of May, 2024", "2024-05-01"),
        ("3-Mar-2024", "2024-03-03"),
        ("March 3, 2024 at 4:05 p.m.", "2024-03-03T16:05:00"),
        ("March 3, 2024 12:05 AM", "2024-03-03T00:05:00"),
        ("March 3, 2024, 12:05 pm", "2024-03-03T12:05:00"),
        ("30/11/2024", "2024-11-30"),
        ("30.11.2024", "2024-11-30"),
        ("11/30/2024", "2024-11-30"),
        ("3 MARCH 2024", "2024-03-03"),
        ("29 February 2024", "2024-02-29"),
        ("30 november 2024 10:00 gmt", "2024-11-30T10:00:00+00:00"),
        ("30 november 2024 10:00 utc", "2024-11-30T10:00:00+00:00"),
        ("30 november 2024 10:00z", "2024-11-30T10:00:00+00:00"),
        ("", None),
        ("yesterday", None),
        ("30 February 2024", None),
        ("2023-02-29", None),
        ("Nov 30", None),
        ("1234567890", None),
        ("12024-11-30", None),
        ("2024-11-301", None),
        ("1850-01-01", None),
    ],
)
def test_styles(text: str, expected: str | None) -> None:
    assert parse_date(text) == expected


def test_all_dates_of_a_line_in_order() -> None:
    line = "Updated 2 May 2024 10:00 | Published 2024-05-01 | Archive: June 3, 2023."
    found = list(find_dates(line))
    assert [each.iso for each in found] == ["2024-05-02T10:00:00", "2024-05-01", "2023-06-03"]
    assert [line[each.start : each.end].strip() for each in found] == [
        "2 May 2024 10:00",
        "2024-05-01",
        "June 3, 2023",
    ]


@given(st.text(max_size=100))
def test_any_line(line: str) -> None:
    for found in find_dates(line):
        assert date.fromisoformat(found.iso[:10])
        assert 0 <= found.start < found.end <= len(line)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_any_day(day: date) -> None:
    for style in ("%Y-%m-%d", "%d %B %Y", "%A, %b %d, %Y", "%B %d %Y"):
        assert parse_date(day.strftime(style)) == day.isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Seoul, Nov 30 (IANS): The minister came, media reported on Saturday.", "2024-11-30"),
        ("LOWICK, 12 March – The ferry ran aground on Tuesday.", "2024-03-12"),
        ("Seoul, Nov 30 (IANS): The minister came.", None),
        ("Seoul, Nov 31 (IANS): The minister came on Saturday.", None),
        ("Seoul, Nov 30, 2023 (IANS): The minister came on Saturday.", None),
        ("", None),
    ],
)
def test_dateline(monkeypatch: pytest.MonkeyPatch, text: str, expected: str | None) -> None:
    class Today(date):
        @classmethod
        def today(cls) -> "Today":
            return cls(2025, 6, 15)

    monkeypatch.setattr("indexer.reading.dates.date", Today)
    assert dateline_date(text) == expected


@pytest.mark.parametrize("zone", ["+99:99", "-24:00", "+12:75"])
def test_a_zone_that_does_not_exist(zone: str) -> None:
    assert parse_date(f"2024-11-30T09:12:00{zone}") == "2024-11-30T09:12:00"
