"""Words that name days, and the days that they name."""

from datetime import date

import pytest

from indexer.day_words import (
    MONTH_NAMES,
    MONTHS,
    MONTHS_OF_ALL_LANGUAGES,
    RELATIVE_UNITS,
    WEEKDAYS,
    named,
    number_of,
    same_day,
    unit_after,
)

WEDNESDAY = date(2024, 11, 27)


def test_months_have_their_numbers() -> None:
    assert [MONTHS[name] for name in ("january", "may", "sep", "sept", "dec")] == [1, 5, 9, 9, 12]
    words = "januari février März abr mag июня lug ago settembre okt нояб dezembro"
    assert [MONTHS_OF_ALL_LANGUAGES[word.lower()] for word in words.split()] == [*range(1, 13)]


def test_each_language_has_twelve_months() -> None:
    assert {len(names.split()) for names in MONTH_NAMES} == {12}
    # "mar" is March in all that have it, and so are all other names of one month alone.
    for names in MONTH_NAMES:
        assert [MONTHS_OF_ALL_LANGUAGES[name] for name in names.split()] == [*range(1, 13)]


def test_weekdays_are_numbered_as_in_the_calendar() -> None:
    days = [date(2024, 11, 25 + number) for number in range(6)] + [date(2024, 12, 1)]
    assert [day.weekday() for day in days] == list(WEEKDAYS.values())
    assert [f"{day:%A}".lower() for day in days] == list(WEEKDAYS)


@pytest.mark.parametrize(("word", "number"), [("a", 1), ("an", 1), ("one", 1), ("ten", 10),
                                              ("007", 7)])  # fmt: skip
def test_numbers(word: str, number: int) -> None:
    assert number_of(word) == number


@pytest.mark.parametrize(
    ("unit", "count", "first", "last"),
    [
        ("day", -27, "2024-10-31", "2024-10-31"),
        ("night", -1, "2024-11-26", "2024-11-26"),
        ("week", 0, "2024-11-25", "2024-12-01"),
        ("week", 1, "2024-12-02", "2024-12-08"),
        ("weekend", -1, "2024-11-23", "2024-11-24"),
        ("month", 3, "2025-02-01", "2025-02-28"),
        ("month", -9, "2024-02-01", "2024-02-29"),
        ("year", -1, "2023-01-01", "2023-12-31"),
    ],
)
def test_units(unit: str, count: int, first: str, last: str) -> None:
    assert unit_after(WEDNESDAY, unit, count) == (
        date.fromisoformat(first),
        date.fromisoformat(last),
    )


@pytest.mark.parametrize("unit", ["day", "week", "weekend", "month", "year"])
def test_the_calendar_ends(unit: str) -> None:
    for day, count in ((date.min, -1), (date.max, 1)):
        with pytest.raises((ValueError, OverflowError)):
            unit_after(day, unit, count)


@pytest.mark.parametrize(
    ("word", "which", "ahead", "first"),
    [
        ("wednesday", None, False, "2024-11-27"),
        ("wednesday", None, True, "2024-11-27"),
        ("wednesday", "last", False, "2024-11-20"),
        ("wednesday", "this", False, "2024-11-27"),
        ("wednesday", "next", False, "2024-12-04"),
        ("friday", None, False, "2024-11-22"),
        ("friday", None, True, "2024-11-29"),
        ("friday", "last", True, "2024-11-22"),
        ("friday", "this", False, "2024-11-29"),
        ("monday", "this", False, "2024-11-25"),
        ("monday", "next", False, "2024-12-02"),
        ("november", None, False, "2024-11-01"),
        ("november", "last", False, "2023-11-01"),
        ("november", "next", False, "2025-11-01"),
        ("dec", None, False, "2023-12-01"),
        ("dec", None, True, "2024-12-01"),
        ("sept", "this", False, "2024-09-01"),
        ("sept", None, True, "2025-09-01"),
    ],
)
def test_what_is_meant_on_a_day(word: str, which: str | None, ahead: bool, first: str) -> None:
    assert named(word, WEDNESDAY, RELATIVE_UNITS[which] if which else None, ahead)[
        0
    ] == date.fromisoformat(first)


def test_a_day_of_several_years() -> None:
    assert same_day(2, 29, range(2024, 2015, -1)) == [
        date(2024, 2, 29),
        date(2020, 2, 29),
        date(2016, 2, 29),
    ]
    assert same_day(2, 30, [2024]) == same_day(5, 5, [0, 10_000]) == []
