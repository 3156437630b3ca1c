"""Days that questions name."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.question.period import period
from tests.conftest import ROOT

# A Wednesday.
TODAY = date(2024, 11, 27)


def named(text: str, today: date = TODAY) -> tuple[str, str, str] | None:
    found = period(text, today)
    if found is None:
        return None
    return found.written, found.first.isoformat(), found.last.isoformat()


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2024-11-03", "2024-11-03"),
        ("on 3 November 2024", "2024-11-03"),
        ("3rd of November 2024", "2024-11-03"),
        ("on the 3rd of November, 2024", "2024-11-03"),
        ("on 3 Nov. 2024", "2024-11-03"),
        ("November 3, 2024", "2024-11-03"),
        ("Sept 3rd 2024", "2024-09-03"),
        ("on Sunday, November 3, 2024", "2024-11-03"),
        ("on may 5 2024", "2024-05-05"),
        ("on November 3", "2024-11-03"),
        ("on November 27", "2024-11-27"),
        ("on November 28", "2023-11-28"),
        ("on 29 February", "2024-02-29"),
        ("on the 5th of May", "2024-05-05"),
        ("on Sunday, November 3", "2024-11-03"),
        ("on Wednesday", "2024-11-27"),
        ("on tuesday", "2024-11-26"),
        ("on Thursday", "2024-11-21"),
        ("last Wednesday", "2024-11-20"),
        ("today", "2024-11-27"),
        ("yesterday", "2024-11-26"),
    ],
)
def test_days(words: str, day: str) -> None:
    assert named(f"Who resigned {words}?") == (words, day, day)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("in July 2023", "2023-07-01", "2023-07-31"),
        ("July 2023", "2023-07-01", "2023-07-31"),
        ("in july of 2023", "2023-07-01", "2023-07-31"),
        ("in mid-July 2023", "2023-07-01", "2023-07-31"),
        ("at the end of February 2023", "2023-02-01", "2023-02-28"),
        ("May 2023", "2023-05-01", "2023-05-31"),
        ("in May", "2024-05-01", "2024-05-31"),
        ("in november", "2024-11-01", "2024-11-27"),
        ("in December", "2023-12-01", "2023-12-31"),
        ("in Sept.", "2024-09-01", "2024-09-30"),
        ("last November", "2023-11-01", "2023-11-30"),
        ("in September last year", "2023-09-01", "2023-09-30"),
        ("in January of this year", "2024-01-01", "2024-01-31"),
        ("last May", "2024-05-01", "2024-05-31"),
        ("this May", "2024-05-01", "2024-05-31"),
        ("in 2023", "2023-01-01", "2023-12-31"),
        ("in early 2024", "2024-01-01", "2024-11-27"),
        ("during the 2022", "2022-01-01", "2022-12-31"),
        ("of 2023", "2023-01-01", "2023-12-31"),
        ("this week", "2024-11-25", "2024-11-27"),
        ("last week", "2024-11-18", "2024-11-24"),
        ("last weekend", "2024-11-23", "2024-11-24"),
        ("this month", "2024-11-01", "2024-11-27"),
        ("last month", "2024-10-01", "2024-10-31"),
        ("this year", "2024-01-01", "2024-11-27"),
        ("last year", "2023-01-01", "2023-12-31"),
        ("the past three days", "2024-11-24", "2024-11-27"),
        ("in the last 10 days", "2024-11-17", "2024-11-27"),
        ("the last week", "2024-11-20", "2024-11-27"),
        ("past 2 weeks", "2024-11-13", "2024-11-27"),
        ("in the past month", "2024-10-27", "2024-11-27"),
        ("the past nine months", "2024-02-27", "2024-11-27"),
        ("the past year", "2023-11-27", "2024-11-27"),
        ("since March", "2024-03-01", "2024-11-27"),
        ("since 2022", "2022-01-01", "2024-11-27"),
        ("since Friday", "2024-11-22", "2024-11-27"),
        ("since last week", "2024-11-18", "2024-11-27"),
        ("after 7 October 2023", "2023-10-07", "2024-11-27"),
        ("from 2019 to 2021", "2019-01-01", "2021-12-31"),
        ("between May and July 2024", "2024-05-01", "2024-07-31"),
        ("from 3 May 2024 until Friday", "2024-05-03", "2024-11-22"),
        ("from June", "2024-06-01", "2024-06-30"),
    ],
)
def test_longer_times(words: str, first: str, last: str) -> None:
    assert named(f"What did the mayor promise {words}?") == (
        words.removeprefix("at the "),
        first,
        last,
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What may the council do?",
        "Who may march?",
        "Why this may be so",
        "Will this march end?",
        "March on the town hall",
        "Theresa May and April Jones",
        "The November vote",
        "2023 dollars",
        "How many live on 2000 dollars",
        "Fire in 2000 homes",
        "The 2023-24 season",
        "Profit in 2023-24",
        "A rise of 2023.5 points",
        "A model 2023",
        "Raid of Mar-a-Lago",
        "dismay 2023",
        "the May 2023rd",
        "February 30",
        "on February 30",
        "on 31 November 2023",
        "since February 30, 2023",
        "2023-02-29",
        "in 2031",
        "in July 2031",
        "since December 2024",
        "before March 2023",
        "until 2023",
        "by Friday",
        "from 2021 to 2019",
        "from 2019 to February 30, 2020",
        "USA Today",
        "a usa today story",
        "Who left the Today show?",
        "the last week of school",
        "this Friday",
        "this weekend",
        "in two days",
        "tomorrow",
        "“ſince 2023”",
    ],
)
def test_no_days(text: str) -> None:
    assert named(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What has she said since March about the fire on 3 May 2024?", "on 3 May 2024"),
        ("Who won in 2022 and in July 2023?", "in July 2023"),
        ("Who won in July 2023 and in August 2023 and in May 2023?", "in July 2023"),
        ("in the last week of July 2023", "of July 2023"),
    ],
)
def test_the_most_specific_counts_then_the_first(text: str, words: str) -> None:
    found = period(text, TODAY)
    assert found is not None
    assert found.written == words


@pytest.mark.parametrize(
    ("words", "today", "first", "last"),
    [
        ("last month", date(2024, 1, 31), "2023-12-01", "2023-12-31"),
        ("past month", date(2024, 3, 31), "2024-02-29", "2024-03-31"),
        ("past year", date(2024, 2, 29), "2023-02-28", "2024-02-29"),
        ("last week", date(2024, 1, 3), "2023-12-25", "2023-12-31"),
        ("on 29 February", date(2103, 5, 1), "2096-02-29", "2096-02-29"),
    ],
)
def test_ends_of_months_and_years(words: str, today: date, first: str, last: str) -> None:
    assert named(words, today) == (words, first, last)


def test_the_document() -> None:
    document = (ROOT / "docs/queries.md").read_text("utf-8")
    table = document.split("## Days in plain words")[1].split("\n## ")[0]
    rows = re.findall(r"(?m)^\| (`.*) \| (.*?) to (.*?) \|$", table)
    assert len(rows) > 9
    for examples, first, last in rows:
        for words in re.findall(r"`(.*?)`", examples):
            assert named(words) == (words, first, last)


FIRST_DAYS = st.dates(date.min, date.min + timedelta(days=9000))
WORDS = (
    "in since after before between and from to on of the last this past 999 31 29 2024 2023 1900"
    " 2024-02-29 January Feb. May march Friday, week weekend month year days two today end"
)


@given(
    st.text(max_size=1000) | st.lists(st.sampled_from(WORDS.split()), max_size=40).map(" ".join),
    st.dates() | FIRST_DAYS,
)
@example("past 999 years", date.min)
@example("last week", date.min)
@example("on 29 February", date.min)
@example("since " * 160, date.max)
def test_any_text(text: str, today: date) -> None:
    found = period(text, today)
    if found is not None:
        assert found.written == text[found.start : found.end] == found.written.strip()
        assert found.first <= found.last <= today
