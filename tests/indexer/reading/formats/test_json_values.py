"""JSON text, and the values of an array one after another."""

import tracemalloc

import pytest

from indexer.reading.formats.json_values import MAX_VALUE, is_array, parse_json, values


def test_what_is_an_array() -> None:
    assert is_array(" \t\r\n[")
    assert not any(map(is_array, ("", "{}", "x[", "\u00a0[")))


def test_a_value() -> None:
    assert parse_json('{"a": [1, 2.5, "line\nend"]}') == {"a": [1, 2.5, "line\nend"]}
    # Python refuses to read so long a number, and it is an id at most.
    assert parse_json("9" * 5000) == "9" * 5000


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("[1", "Expecting ',' delimiter: line 1 column 3 (char 2)"),
        ("[" * 100_000, "nested too deeply"),
        ("1" + " " * MAX_VALUE, "longer than 16 million characters"),
    ],
    ids=["nothing", "half", "deep", "long"],
)
def test_what_is_no_value(text: str, reason: str) -> None:
    error = parse_json(text)
    assert isinstance(error, ValueError)
    assert str(error) == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", []),
        (" [ ] ", []),
        ('[1, "two", [3], {"four": 4}, null]', [1, "two", [3], {"four": 4}, None]),
        ("[12345]", [12345]),
    ],
)
def test_the_values_of_an_array(text: str, expected: list[object]) -> None:
    assert list(values(text)) == expected


def test_a_value_longer_than_the_first_window() -> None:
    long = "x" * 300_000
    assert list(values(f'["{long}", 7]')) == [long, 7]


@pytest.mark.parametrize(
    ("text", "whole", "reason"),
    [
        ("[1, 2", 2, "Expecting ',' delimiter: line 1 column 6 (char 5)"),
        ("[1, oops]", 1, "Expecting value: line 1 column 5 (char 4)"),
        ("[1] 2", 1, "Extra data: line 1 column 4 (char 3)"),
        ("[1, " + "[" * 100_000, 1, "nested too deeply"),
    ],
    ids=["half", "word", "more", "deep"],
)
def test_a_broken_array_ends_with_the_error(text: str, whole: int, reason: str) -> None:
    *found, error = values(text)
    assert found == [1, 2][:whole]
    assert isinstance(error, ValueError)
    assert str(error) == reason


def test_an_array_is_parsed_value_by_value() -> None:
    # Parsed at once, these lists would take 15 MB.
    text = "[" + "[],[],[]," * (1 << 16) + "[]]"
    tracemalloc.start()
    try:
        assert sum(value == [] for value in values(text)) == 3 * (1 << 16) + 1
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
