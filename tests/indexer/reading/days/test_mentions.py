"""Days that an article names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Date
from indexer.reading.days.mentions import MAX_MENTIONS, mentioned

SATURDAY = Date("2024-11-30T09:12")


def days(text: str, published: Date | None = SATURDAY) -> list[tuple[str, str, str]]:
    return [(each.span.of(text), each.first, each.last) for each in mentioned(text, published)]


def one_day(text: str, words: str, day: str) -> bool:
    return days(text) == [(words, day, day)]


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("The mayor resigned on Friday.", "Friday", "2024-11-29"),
        ("The mayor resigned on Saturday.", "Saturday", "2024-11-30"),
        ("The mayor resigned Sunday, the council said.", "Sunday", "2024-11-24"),
        ("The ferry will sail on Sunday.", "Sunday", "2024-12-01"),
        ("The ferry will sail on Saturday.", "Saturday", "2024-11-30"),
        ("The ferry is expected to sail on Monday.", "Monday", "2024-12-02"),
        ("It will sail soon, the harbour master said on Monday.", "Monday", "2024-11-25"),
        ("It will sail soon. The harbour closed on Monday.", "Monday", "2024-11-25"),
        ("He resigned last Saturday.", "last Saturday", "2024-11-23"),
        ("They meet next Saturday.", "next Saturday", "2024-12-07"),
        ("They meet this Sunday.", "this Sunday", "2024-12-01"),
        ("They met yesterday.", "yesterday", "2024-11-29"),
        ("Yesterday they met.", "Yesterday", "2024-11-29"),
        ("They meet tomorrow.", "tomorrow", "2024-12-01"),
        ("It burned last night.", "last night", "2024-11-29"),
        ("It burned two days ago.", "two days ago", "2024-11-28"),
        ("It burned 12 days ago.", "12 days ago", "2024-11-18"),
        ("It burned on November 28.", "November 28", "2024-11-28"),
        ("It burned on 28 Nov.", "28 Nov", "2024-11-28"),
        ("It burned on May 5.", "May 5", "2024-05-05"),
        ("It opens on Dec. 12.", "Dec. 12", "2024-12-12"),
        ("It will open on May 5.", "May 5", "2025-05-05"),
        ("It burned on May 5, 2019.", "May 5, 2019", "2019-05-05"),
    ],
)
def test_days(text: str, words: str, day: str) -> None:
    assert one_day(text, words, day), days(text)


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("They meet on Thursday 3 April.", "Thursday 3 April", "2025-04-03"),
        ("They meet on Thursday, April 3, at noon.", "Thursday, April 3", "2025-04-03"),
        ("They met on Wednesday, April 3.", "Wednesday, April 3", "2024-04-03"),
        (
            "They will meet on Wednesday the 3rd of April.",
            "Wednesday the 3rd of April",
            "2024-04-03",
        ),
        # In none of the years around.
        ("They met on Monday 3 April.", "Monday 3 April", "2024-04-03"),
        ("They met on 3 April.", "3 April", "2024-04-03"),
        ("They met on Thursday in April.", "Thursday", "2025-01-09"),
    ],
)
def test_a_weekday_tells_the_year(text: str, words: str, day: str) -> None:
    assert days(text, Date("2025-01-14"))[0] == (words, day, day)


@pytest.mark.parametrize(
    ("text", "words", "first", "last"),
    [
        ("It closed last week.", "last week", "2024-11-18", "2024-11-24"),
        ("It closes this week.", "this week", "2024-11-25", "2024-12-01"),
        ("It opens next month.", "next month", "2024-12-01", "2024-12-31"),
        ("It opened last year.", "last year", "2023-01-01", "2023-12-31"),
        ("It opened last weekend.", "last weekend", "2024-11-23", "2024-11-24"),
        ("It was signed in June.", "June", "2024-06-01", "2024-06-30"),
        ("It was signed in December.", "December", "2023-12-01", "2023-12-31"),
        ("It will be signed in June.", "June", "2025-06-01", "2025-06-30"),
        ("It was signed last November.", "last November", "2023-11-01", "2023-11-30"),
        ("They sign next November.", "next November", "2025-11-01", "2025-11-30"),
        ("It was signed in June 2023.", "June 2023", "2023-06-01", "2023-06-30"),
        ("It closed two weeks ago.", "two weeks ago", "2024-11-11", "2024-11-17"),
        ("It closed ten months ago.", "ten months ago", "2024-01-01", "2024-01-31"),
        ("It closed a year ago.", "a year ago", "2023-01-01", "2023-12-31"),
    ],
)
def test_longer_times(text: str, words: str, first: str, last: str) -> None:
    assert days(text) == [(words, first, last)]


@pytest.mark.parametrize(
    "text",
    [
        "The panel may march.",
        "March on! May it rain.",
        "Harbour Today reports.",
        "An hour ago it rained.",
        "Many days ago it rained.",
        "Prices, August 12%.",
        "Freitag und Samstag",
        "",
    ],
)
def test_no_days(text: str) -> None:
    assert days(text) == []


def test_without_a_day_of_publication_only_whole_dates() -> None:
    text = "On Friday it rained, as on 2 May 2019 and in June 2020; last week too."
    whole = [("2 May 2019", "2019-05-02", "2019-05-02"), ("June 2020", "2020-06-01", "2020-06-30")]
    assert days(text, None) == days(text, Date("2024-11")) == whole
    assert [words for words, _, _ in days(text)] == [
        "Friday",
        "2 May 2019",
        "June 2020",
        "last week",
    ]


def test_a_page_of_days() -> None:
    assert len(mentioned("Monday 2024-11-30 " * 10_000, SATURDAY)) == MAX_MENTIONS


WORD_LISTS = ["last", "next", "May", "31", "Monday", "a", "year", "ago", "Feb.", "29", "2023", "in"]


@given(
    st.text() | st.lists(st.sampled_from(WORD_LISTS)).map(" ".join),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
)
def test_any_text(text: str, published: date) -> None:
    end = 0
    for each in mentioned(text, Date(published.isoformat())):
        assert end <= each.span.start < each.span.end <= len(text)
        assert date.fromisoformat(each.first) <= date.fromisoformat(each.last)
        end = each.span.end
