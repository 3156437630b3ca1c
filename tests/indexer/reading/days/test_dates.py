"""Dates as pages print them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Numbers, Order
from indexer.reading.days.dates import find_dates, lines_with_years, month_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-11-30", "2024-11-30"),
        ("2024/11/30", "2024-11-30"),
        ("2024.1.3", "2024-01-03"),
        ("2024. 11. 30.", "2024-11-30"),
        ("2024-11-30T09:12:00+09:00", "2024-11-30T09:12:00+09:00"),
        ("2024-11-30T09:12:00+0900", "2024-11-30T09:12:00+09:00"),
        ("2024-11-30T09:12:00Z", "2024-11-30T09:12:00+00:00"),
        ("2024-11-30T09:12:00.123Z", "2024-11-30T09:12:00+00:00"),
        ("2024-11-30 09:12", "2024-11-30T09:12"),
        ("Created at 2024-11-01 13:40:15 | Updated", "2024-11-01T13:40:15"),
        ("November 30, 2024", "2024-11-30"),
        ("November 30, 2024 9:12 a.m. ET", "2024-11-30T09:12"),
        ("November 30, 2024, 9 p.m. KST", "2024-11-30T21:00+09:00"),
        ("Nov. 3 2024", "2024-11-03"),
        ("Nov. 2024", "2024-11"),
        ("May, 2024", "2024-05"),
        ("Sept 5th, 2023", "2023-09-05"),
        ("Wednesday, June 26, 2024", "2024-06-26"),
        ("Sat, 30 Nov 2024 09:12:00 GMT", "2024-11-30T09:12:00+00:00"),
        ("Sat, 30 Nov 2024 09:12:00 +0530", "2024-11-30T09:12:00+05:30"),
        ("Sat Nov 30 09:12:00 EST 2024", "2024-11-30T09:12:00-05:00"),
        ("Sat Nov 30 09:12:00 +0000 2024", "2024-11-30T09:12:00+00:00"),
        ("30 November 2024", "2024-11-30"),
        ("1st of May, 2024", "2024-05-01"),
        ("3-Mar-2024", "2024-03-03"),
        ("March 3, 2024 at 4:05 p.m.", "2024-03-03T16:05"),
        ("March 3, 2024 12:05 AM", "2024-03-03T00:05"),
        ("March 3, 2024, 12:05 pm", "2024-03-03T12:05"),
        ("10:05 PM CST, Sun March 3, 2024", "2024-03-03T22:05"),
        ("22:00, 11 July 2021 BST", "2021-07-11T22:00"),
        ("11 July 2021 10:00 GMT+5:30", "2021-07-11T10:00+05:30"),
        ("30/11/2024", "2024-11-30"),
        ("30.11.2024", "2024-11-30"),
        ("3.4.2024, 07.11 Uhr", "2024-04-03T07:11"),
        ("11/30/2024", "2024-11-30"),
        ("10/30/16 12:34PM", "2016-10-30T12:34"),
        ("3 MARCH 2024", "2024-03-03"),
        ("29 February 2024", "2024-02-29"),
        ("30 november 2024 10:00 gmt", "2024-11-30T10:00+00:00"),
        ("30 november 2024 10:00z", "2024-11-30T10:00+00:00"),
        ("30 November 2024 25:00", "2024-11-30"),
        ("30. November 2024", "2024-11-30"),
        ("le 7 août 2019 à 13h59", "2019-08-07T13:59"),
        ("1er mai 2024", "2024-05-01"),
        ("2 de mayo de 2024", "2024-05-02"),
        ("7 marzo 2024", "2024-03-07"),
        ("7 de março de 2024", "2024-03-07"),
        ("7 maart 2024", "2024-03-07"),
        ("5 ноября 2024 г.", "2024-11-05"),
        ("2024年11月30日", "2024-11-30"),
        ("2024年11月30日（土） 08時15分", "2024-11-30T08:15"),
        ("2024년 11월 30일", "2024-11-30"),
        ("2024年11月", "2024-11"),
        # Cells that a scraper glued.
        ("December 15, 20243:33 PM", "2024-12-15T15:33"),
        ("By the deskOct. 13, 2024", "2024-10-13"),
        ("30.11.2024. 12.30 Uhr", "2024-11-30"),
        ("", None),
        ("yesterday", None),
        ("30 February 2024", None),
        ("2023-02-29", None),
        ("2024/13/40", None),
        ("Nov 30", None),
        ("12024-11-30", None),
        ("2024-11-301", None),
        ("1850-01-01", None),
        ("2021-2022", None),
        ("1/3/7/8/20", None),
        ("٢٠٢٤-١١-٣٠", None),
        ("２０２４-11-30", None),
    ],
)
def test_styles(text: str, expected: str | None) -> None:
    found = next(find_dates(text), None)
    assert (found.iso if found else None) == expected


@pytest.mark.parametrize(
    ("text", "order", "readings"),
    [
        ("3/4/2024", None, [("dmy", "2024-04-03"), ("mdy", "2024-03-04")]),
        ("3/4/2024", "mdy", [("mdy", "2024-03-04")]),
        ("3/4/2024", "dmy", [("dmy", "2024-04-03")]),
        ("3/4/2024", "ymd", [("dmy", "2024-04-03"), ("mdy", "2024-03-04")]),
        ("3-4-2024", None, [("dmy", "2024-04-03"), ("mdy", "2024-03-04")]),
        ("13/4/2024", "mdy", [("dmy", "2024-04-13")]),
        # Monday is the fourth of March.
        ("Mon 3/4/2024", None, [("mdy", "2024-03-04")]),
        # Who counts to twelve mostly puts the month first.
        ("3/4/2024 5:06 pm", None, [("mdy", "2024-03-04T17:06"), ("dmy", "2024-04-03T17:06")]),
        ("3/4/24", None, [("mdy", "2024-03-04"), ("dmy", "2024-04-03")]),
        ("3/4/99", "mdy", [("mdy", "1999-03-04")]),
    ],
)
def test_order_of_day_and_month(
    text: str, order: Order | None, readings: list[tuple[Order, str]]
) -> None:
    [found] = find_dates(text, order)
    assert found.iso == readings[0][1]
    assert found.numbers == Numbers(tuple(readings))
    assert found.open == (len(readings) > 1)


def test_points_put_the_day_first() -> None:
    [found] = find_dates("3.4.2024")
    readings: tuple[tuple[Order, str], ...] = (("dmy", "2024-04-03"), ("mdy", "2024-03-04"))
    assert found.numbers == Numbers(readings, usual=True)
    assert not found.open
    assert [each.iso for each in find_dates("11.30.2024")] == ["2024-11-30"]


@pytest.mark.parametrize("text", ["4/4/2024", "2024-03-04", "4 March 2024"])
def test_a_day_of_any_order(text: str) -> None:
    [found] = find_dates(text)
    assert found.numbers is None


def test_old_years() -> None:
    assert [each.iso for each in find_dates("4 May 1871, 1605-01-02", old=True)] == [
        "1871-05-04",
        "1605-01-02",
    ]
    assert [*find_dates("4 May 1599", old=True)] == []


def test_all_dates_of_a_line_in_order() -> None:
    line = (
        "Updated 2 May 2024 10:00 | Published 2024-05-01 | Archive: Mon, June 3, 2023, July 2021."
    )
    found = list(find_dates(line))
    assert [each.iso for each in found] == [
        "2024-05-02T10:00",
        "2024-05-01",
        "2023-06-03",
        "2021-07",
    ]
    assert [line[each.start : each.end] for each in found] == [
        "2 May 2024 10:00",
        "2024-05-01",
        "Mon, June 3, 2023",
        "July 2021",
    ]


@pytest.mark.parametrize("zone", ["+99:99", "-24:00", "+12:75"])
def test_a_zone_that_does_not_exist(zone: str) -> None:
    [found] = find_dates(f"2024-11-30T09:12:00{zone}")
    assert found.iso == "2024-11-30T09:12:00"


@pytest.mark.parametrize(
    ("word", "month"), [("May", 5), ("sept", 9), ("xyzOct", 10), ("", None), ("maybe", None)]
)
def test_months(word: str, month: int | None) -> None:
    assert month_of(word) == month


@given(st.text(max_size=100) | st.text("0123456789/-.: TZ年月日Nov", max_size=60))
def test_any_line(line: str) -> None:
    end = 0
    for found in find_dates(line):
        assert date.fromisoformat(f"{found.iso}-01"[:10])
        assert end <= found.start < found.end <= len(line)
        end = found.end


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["", "A desk | ", "Posted "])
)
def test_any_day(day: date, before: str) -> None:
    for style in ("%Y-%m-%d", "%d %B %Y", "%A, %b %d, %Y", "%B %d %Y", "%d.%m.%Y", "%Y年%m月%d日"):
        [found] = find_dates(f"{before}{day.strftime(style)} | 5 min read")
        assert found.iso == day.isoformat()


@given(st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)))
def test_any_moment(moment: datetime) -> None:
    for style in ("%Y-%m-%d %H:%M", "%d %B %Y, %H:%M", "%b %d, %Y at %I:%M %p", "%H:%M, %d %b %Y"):
        [found] = find_dates(moment.strftime(style))
        assert found.iso == moment.strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("line", ["1/1/" * 250_000, "2024 " * 20_000, "Nov 30 " * 150_000])
def test_a_long_line(line: str) -> None:
    assert sum(1 for _ in find_dates(line)) == 0


@given(st.lists(st.text("12/ :9034ay年", max_size=14)))
def test_dates_are_in_lines_with_years(lines: list[str]) -> None:
    dated = {number for number, line in enumerate(lines) if any(find_dates(line))}
    assert dated <= set(lines_with_years(lines))


def test_lines_with_years() -> None:
    lines = ["Monday", "in 2024", "", "30/11/24", "12024", "9:20", "19", "99", "2019"]
    assert lines_with_years(lines) == [1, 3, 8]
