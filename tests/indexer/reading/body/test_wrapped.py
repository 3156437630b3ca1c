"""Lines of a fixed width become the paragraphs that they were."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.body.wrapped import unwrapped
from tests.support.lighthouse import BODY

LONG = " ".join(BODY)
COLUMN = """\
KEEPER OF GULL POINT TO
LEAVE HIS LAMP

The keeper of Gull Point an-
nounced on Sunday that he will dis-
continue his watch. Odd Halvorsen,
who has kept the lamp for years, is
to move inland.
{indent}Ships were told on Monday that
the lamp is dark. The well-
known tower becomes a hostel, ac-
cording to the harbour master.
"""
PARAGRAPHS = [
    "KEEPER OF GULL POINT TO LEAVE HIS LAMP",
    "The keeper of Gull Point announced on Sunday that he will discontinue his watch. Odd "
    "Halvorsen, who has kept the lamp for years, is to move inland.",
    "Ships were told on Monday that the lamp is dark. The well-known tower becomes a hostel, "
    "according to the harbour master.",
]


@pytest.mark.parametrize("indent", ["", "   "])
def test_a_narrow_column(indent: str) -> None:
    assert unwrapped(COLUMN.format(indent=indent).split("\n")) == PARAGRAPHS


@pytest.mark.parametrize("byline", ["", "\nBy Ann Ek", "\nMarch 3, 1931"])
def test_a_headline_of_several_lines_in_a_narrow_column(byline: str) -> None:
    head = COLUMN.replace(
        "KEEPER OF GULL POINT TO\nLEAVE HIS LAMP", f"Keeper to\nLeave His Lamp{byline}"
    )
    found = unwrapped(head.format(indent="").split("\n"))
    assert found == ["Keeper to Leave His Lamp", *byline.split("\n")[1:], *PARAGRAPHS[1:]]


def test_a_divided_word_in_a_short_line() -> None:
    lines = [
        "The well-",
        "known keeper of the lamp at Gull",
        "point, who was told on Monday that",
        "he may go.",
    ]
    assert unwrapped(lines) == [
        "The well-known keeper of the lamp at Gull point, who was told on Monday that he may go."
    ]


@pytest.mark.parametrize("width", [30, 36, 45, 60, 72, 90, 120])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_every_width(width: int, between: str) -> None:
    text = between.join(textwrap.fill(paragraph, width) for paragraph in (LONG, LONG))
    found = unwrapped(text.split("\n"))
    # "switched off for the last time on Sunday" may end a line of just that width.
    assert " ".join(found) == f"{LONG} {LONG}"
    if between == "\n\n":
        assert found == [LONG, LONG]


@pytest.mark.parametrize("indent", ["  ", "    ", "\t  "])
def test_first_lines_that_are_set_in(indent: str) -> None:
    lines = "\n".join(textwrap.fill(text, 40, initial_indent=indent) for text in (*BODY, *BODY))
    assert unwrapped(lines.split("\n")) == [*BODY, *BODY]


def test_other_lines_stay() -> None:
    for lines in (["Home", "News", "Sport"], [LONG, "and a short line"], [""], list(BODY)):
        assert unwrapped(lines) == lines


@given(st.lists(st.text(alphabet="ab .-A\n", max_size=50), min_size=1, max_size=12))
def test_nothing_but_space_and_hyphens_is_lost(lines: list[str]) -> None:
    found = "".join("".join(unwrapped(lines)).split())
    assert found.replace("-", "") == "".join("".join(lines).split()).replace("-", "")


def test_a_sentence_goes_on_with_a_number() -> None:
    lines = [
        "The ferry company said that a process of less than six months was over and that the boats",
        "would sail again as soon as the harbour was free. The assembly approved the contract on",
        "24 October and the council on 6 November, and the mayor put her name to it two days later",
        "in the hall of the old auction, before some forty guests.",
    ]
    assert list(unwrapped(lines)) == [" ".join(lines)]
