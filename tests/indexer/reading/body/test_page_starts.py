"""Where the pages of a file begin in what is left of its text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Document, PageStart
from indexer.reading.body.lines import JudgedLine
from indexer.reading.body.page_starts import page_starts


def _starts(
    pages: list[str], lines: list[tuple[str, bool]], text: str | None = None
) -> tuple[PageStart, ...]:
    """Of pages as they were read, and the lines of them all, kept or not."""
    letters = [len(re.findall(r"\w", "".join(pages[:number]))) for number in range(len(pages))]
    document = Document("a.pdf", "\n".join(pages), "text", pages=tuple(letters))
    judged = [JudgedLine(line, kept, "") for line, kept in lines]
    kept = "\n\n".join(line for line, kept in lines if kept)
    return page_starts(document, judged, kept if text is None else text)


def test_pages_begin_between_paragraphs_and_inside() -> None:
    pages = ["One two.\n\nThree", "“four five.", "Six."]
    lines = [("One two.", True), ("Three “four five.", True), ("Six.", True)]
    assert _starts(pages, lines) == ((0, 0), (1, 6), (2, 0))


def test_inside_a_word() -> None:
    lines = [("The lighthouse is sold.", True)]
    assert _starts(["The light-", "house is", "(sold)."], lines) == ((0, 0), (0, 9), (0, 18))


@pytest.mark.parametrize(
    ("dropped", "expected"),
    [(0, [(0, 0), (0, 0), (1, 0)]), (1, [(0, 0), (1, 0), (1, 0)]), (2, [(0, 0), (1, 0), (2, 0)])],
)
def test_of_a_page_that_is_left_out(dropped: int, expected: list[tuple[int, int]]) -> None:
    pages = ["One.", "One.", "Two."]
    lines = [(page, number != dropped) for number, page in enumerate(pages)]
    assert list(_starts(pages, lines)) == expected


def test_a_date_that_was_taken_off() -> None:
    lines = [("4 May 1921 One two three", True)]
    assert _starts(["4 May 1921 One", "two three"], lines, "One two three") == ((0, 0), (0, 4))


@given(st.lists(st.lists(st.text("ab. “-", min_size=1, max_size=9), max_size=3), max_size=5))
def test_every_page_begins_where_its_own_first_letter_stands(pages: list[list[str]]) -> None:
    lines = [(line.strip(), True) for page in pages for line in page if line.strip()]
    text = "\n\n".join(line for line, _ in lines)
    starts = _starts(["\n".join(page) for page in pages], lines)
    assert len(starts) == len(pages)
    assert list(starts) == sorted(starts)
    paragraphs = text.split("\n\n")
    for number, (position, offset) in enumerate(starts):
        above = "".join("\n".join(page) for page in pages[:number])
        before = (
            "".join([*paragraphs[:position], paragraphs[position][:offset]])
            if lines and position < len(paragraphs)
            else text
        )
        assert len(re.findall(r"\w", before)) == len(re.findall(r"\w", above))
