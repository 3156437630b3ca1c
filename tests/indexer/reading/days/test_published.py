"""The day of publication, among the dates that a page prints."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Date, Numbers, Order
from indexer.reading.days.published import Published, publication, without_leading_date

TODAY = date(2025, 6, 15)
BODY = (
    "The ferry to Lowick ran aground in the mouth of the harbour, and all who were aboard came "
    "ashore in boats before the tide turned, the harbour master wrote to the council."
)
MORE = (
    "Nobody was hurt, and the crossing will be closed until divers have seen the hull, which had "
    "been painted and inspected in the spring, as its owners were quick to point out."
)
HEADLINE = "Ferry to Lowick runs aground in fog"


def of(*lines: str, url: str | None = None, declared: Date | None = None) -> Published:
    body = [number for number, line in enumerate(lines) if BODY in line or MORE in line]
    return publication(lines, body, url=url, declared=declared, today=TODAY)


def iso(*lines: str, url: str | None = None) -> str | None:
    found = of(*lines, url=url).published
    return found.iso if found else None


@pytest.mark.parametrize(
    "line",
    [
        "Published: Nov. 30, 2024",
        "By Ada Quill | November 30, 2024",
        "30 November 2024 by Ada Quill",
        "First published on 30 November 2024 in our morning edition",
        "2024-11-30",
        "Publié le 30 novembre 2024",
        "2024年11月30日 公開",
    ],
)
def test_a_line_between_headline_and_body(line: str) -> None:
    assert of("Home News Sport Weather", HEADLINE, line, BODY, MORE) == Published(
        Date("2024-11-30", line=line)
    )


def test_both_dates_of_a_line() -> None:
    line = "By Ada Quill | Created at 2024-11-01 13:40:15 | Updated at 2024-11-02 15:31:47"
    assert of(HEADLINE, line, BODY, MORE) == Published(
        Date("2024-11-01T13:40:15", line=line), Date("2024-11-02T15:31:47", line=line)
    )


def test_a_label_on_the_line_before() -> None:
    lines = (HEADLINE, "Last updated", "2 Dec 2024", "Published", "30 Nov 2024", BODY, MORE)
    assert of(*lines) == Published(
        Date("2024-11-30", line="30 Nov 2024"), Date("2024-12-02", line="2 Dec 2024")
    )


def test_an_update_alone_may_be_the_day() -> None:
    line = "Updated: Nov 30, 2024 2:57 PM UTC"
    assert of(HEADLINE, line, BODY) == Published(
        Date("2024-11-30T14:57+00:00", certain=False, line=line),
        Date("2024-11-30T14:57+00:00", line=line),
    )


def test_an_update_before_publication_is_anothers() -> None:
    assert of(HEADLINE, "Published 30 Nov 2024 | Updated 2 May 2019", BODY).updated is None


def test_the_date_at_the_article_before_that_of_the_masthead() -> None:
    assert iso("Sunday, 8 June 2025", "Home", HEADLINE, "2024-11-30 03:04", BODY) == (
        "2024-11-30T03:04"
    )


def test_a_masthead_alone_is_uncertain() -> None:
    lines = ("Saturday, November 30, 2024", HEADLINE, BODY, MORE)
    assert of(*lines).published == Date("2024-11-30", certain=False, line=lines[0])


@pytest.mark.parametrize(
    "line",
    [
        "© 2019-11-30 Lowick Times",
        "Joined 2 May 2019",
        "Our terms, effective 2 May 2019, apply to all who read these pages or any of their parts",
        "3 hours ago",
        "Published Nov 30, 2027",
        "May 2019",
    ],
)
def test_what_is_no_day_of_publication(line: str) -> None:
    assert of(HEADLINE, line, BODY, MORE) == Published()


def test_lists_and_comments_are_not_the_article() -> None:
    teasers = [text for day in range(1, 9) for text in ("A pier was sold", f"May {day}, 2025")]
    comments = [f"Reader on June {day}, 2025 at 5:0{day} pm" for day in range(1, 9)]
    byline = "By Ada Quill, Nov 30, 2024"
    assert iso(HEADLINE, byline, BODY, MORE, *teasers, "Comments", *comments) == "2024-11-30"
    assert iso(HEADLINE, BODY, MORE, "Comments", *comments) is None


def test_dates_within_the_text_are_not_its_own() -> None:
    told = f"{BODY} It had last happened on 2 May 2019."
    assert iso(HEADLINE, "Nov 30, 2024", told, MORE) == "2024-11-30"
    assert iso(HEADLINE, told, MORE) is None


def test_a_date_leads_the_body() -> None:
    assert iso(f"date 2024-11-04 (LOWICK) {BODY}", MORE) == "2024-11-04"


def test_tomorrow_is_possible_in_another_time_zone() -> None:
    assert iso(HEADLINE, "Published 16 June 2025", BODY) == "2025-06-16"
    assert iso(HEADLINE, "Published 17 June 2025", BODY) is None


@pytest.mark.parametrize(
    ("lines", "readings"),
    [
        (("3/4/2024",), [("dmy", "2024-04-03"), ("mdy", "2024-03-04")]),
        (("3/4/2024", "Seen 3/25/2024"), [("mdy", "2024-03-04")]),
        (("3/4/2024", "Seen 25/3/2024"), [("dmy", "2024-04-03")]),
        # The tenth of June 2025 is past, the sixth of October is not.
        (("6/10/2025",), [("mdy", "2025-06-10")]),
    ],
)
def test_the_order_of_day_and_month(
    lines: tuple[str, ...], readings: list[tuple[Order, str]]
) -> None:
    first, *after = lines
    assert of(HEADLINE, first, BODY, *after).published == Date(
        readings[0][1], len(readings) == 1, first, Numbers(tuple(readings))
    )


@pytest.mark.parametrize(
    "path", ["2024/11/30/ferry", "news/2024-11-30-ferry", "2024/nov/30/ferry", "20241130-ferry"]
)
def test_the_address(path: str) -> None:
    url = f"https://lowick.example/{path}"
    assert of(HEADLINE, BODY, url=url).published == Date("2024-11-30", line="url")
    assert iso(HEADLINE, "Nov 30, 2024 9:12 pm", BODY, url=url) == "2024-11-30T21:12"
    assert iso(HEADLINE, "May 2, 2025 9:12 pm", BODY, url=url) == "2024-11-30"


def test_what_the_file_declares_wins() -> None:
    declared = Date("2024-11-30T09:12:00+00:00", line="date")
    assert of(HEADLINE, "Published 2 May 2019", BODY, declared=declared).published == declared


def test_the_code_of_an_agency() -> None:
    code = "LOWNEWS30112024000045017169ID1109793436"
    assert of(HEADLINE, BODY, code).published == Date("2024-11-30", certain=False, line=code)
    masthead = "Sunday, 8 June 2025"
    assert iso(masthead, HEADLINE, "Nov 30, 2024", BODY, code) == "2024-11-30"


@pytest.mark.parametrize(
    ("paragraph", "rest"),
    [
        ("date 2024-11-04 (LOWICK) The ferry sank.", "(LOWICK) The ferry sank."),
        ("Nov 4, 2024 9:12 am – The ferry sank.", "The ferry sank."),
        ("On Nov 4, 2024 the ferry sank.", "On Nov 4, 2024 the ferry sank."),
        ("The ferry sank.", "The ferry sank."),
        ("", ""),
    ],
)
def test_leading_date(paragraph: str, rest: str) -> None:
    assert without_leading_date(paragraph) == rest


LINES = [
    "Nov 30, 2024",
    "Updated",
    "3/4/2025 at 5 pm",
    "Home",
    HEADLINE,
    BODY,
    "© 2024",
    "May 2024",
]


@given(st.lists(st.sampled_from(LINES) | st.text(max_size=60)), st.data())
def test_any_page(lines: list[str], data: st.DataObject) -> None:
    numbers = st.sets(st.integers(0, len(lines) - 1)) if lines else st.just(set[int]())
    found = publication(lines, sorted(data.draw(numbers)), url=data.draw(st.text()), today=TODAY)
    for each in (found.published, found.updated):
        assert each is None or each.iso <= "2025-06-16~"


@pytest.mark.parametrize(
    "lines",
    [["Posted 3/4/2024 at 5 pm by A"] * 5_000, ["12 May 2024 " * 400_000], ["1/" * 500_000]],
)
def test_a_page_of_dates(lines: list[str]) -> None:
    publication(lines, [0], today=TODAY)


@pytest.mark.parametrize(
    ("seed", "published", "updated"),
    [
        ("000", Date("2024-11-01T13:40:15"), "2024-11-01T15:31:47"),
        ("001", Date("2024-11-04"), None),
        ("002", Date("2025-07-13T03:04:10"), None),
        ("003", Date("2024-06-26", certain=False), None),
        ("004", Date("2024-11-30"), None),
    ],
)
def test_seeds(shared: Path, seed: str, published: Date, updated: str | None) -> None:
    [file] = (shared / "seeds").glob(f"{seed}_*.txt")
    lines = [" ".join(line.split()) for line in file.read_text("utf-8").split("\n")]
    lines = [line for line in lines if line]
    body = [number for number, line in enumerate(lines) if len(line) > 100]
    found = publication(lines, body, today=date(2026, 11, 22))
    assert found.published is not None
    assert (found.published.iso, found.published.certain) == (published.iso, published.certain)
    assert (found.updated.iso if found.updated else None) == updated


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("The Skerry Post, 4 March 1889", "1889-03-04"),
        ("March 4, 1889", "1889-03-04"),
        ("Skerry, Monday, 4 March 1889.", "1889-03-04"),
        ("By Ada Quill, 17 May 1742", "1742-05-17"),
        ("The Skerry Post, established 4 March 1889", None),
        ("The Skerry Post, est. 4 March 1889", None),
        ("Since March 4, 1889", None),
        ("March 1889", None),
        ("The old lighthouse was opened by the queen on 4 March 1889 in fog", None),
    ],
)
def test_a_day_before_1900_above_the_body(line: str, day: str | None) -> None:
    assert iso(HEADLINE, line, BODY, MORE) == day


def test_a_day_before_1900_elsewhere() -> None:
    assert iso(HEADLINE, BODY, MORE, "The Skerry Post, 4 March 1889") is None
    assert iso(HEADLINE, f"On 4 March 1889, {BODY}", MORE) is None
    assert iso("The Skerry Post, 4 March 1889", HEADLINE, "30 November 2024", BODY) == "2024-11-30"
    assert without_leading_date("March 4, 1889") == ""
    assert without_leading_date("4 March 1889 was a cold day") == "4 March 1889 was a cold day"
