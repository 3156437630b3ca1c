"""The values of a JSON array, or in a row, in memory bounded by the largest of them."""

import json
import re
from collections.abc import Iterator
from typing import Any

# The longest value that is parsed, in characters: parsing needs up to 30 times as many bytes.
MAX_VALUE = 16 * 2**20
_MILLIONS = f"{MAX_VALUE // 2**20} million characters"
# Python refuses to read longer whole numbers, for the time that it takes.
_MAX_DIGITS = 4000
# How much of an array is parsed at first, when the length of its values is not known.
_WINDOW = 1 << 16

_SPACE = re.compile(r"[ \t\n\r]*")


def _whole_number(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


# Line ends and tabs inside strings are against the standard, and often there.
_DECODER = json.JSONDecoder(strict=False, parse_int=_whole_number)


def is_array(text: str) -> bool:
    """Whether JSON text holds an array."""
    return text.startswith("[", _after_space(text, 0))


def parse_json(text: str) -> Any:
    """The value that JSON text holds, or the error as an exception object."""
    try:
        if len(text) > MAX_VALUE:
            raise ValueError(f"longer than {_MILLIONS}")
        return _DECODER.decode(text)
    except ValueError as error:
        return error
    except RecursionError:
        return ValueError("nested too deeply")


def values(text: str) -> Iterator[Any]:
    """The values of the array that JSON text holds; where it is broken, the error and no more."""
    yield from _values(text, _after_space(text, _after_space(text, 0) + 1), "]")


def values_in_a_row(text: str) -> Iterator[Any]:
    """The values that JSON text holds one after the other; where it is broken, the error."""
    yield from _values(text, _after_space(text, 0), "")


def _values(text: str, at: int, closing: str) -> Iterator[Any]:
    """Values from an offset on: up to a closing bracket, or to the end of the text."""
    window = _WINDOW
    try:
        while not (text.startswith(closing, at) if closing else at == len(text)):
            value, end = _value(text, at, window)
            yield value
            # The values of a file are much of a length.
            window = 2 * (end - at) + 64
            at = _after_space(text, end)
            if text.startswith(",", at):
                at = _after_space(text, at + 1)
            elif closing and not text.startswith(closing, at):
                raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
        if closing and _after_space(text, at + 1) < len(text):
            raise json.JSONDecodeError("Extra data", text, at + 1)
    except ValueError as error:
        yield error
    except RecursionError:
        yield ValueError("nested too deeply")


def _value(text: str, at: int, window: int) -> tuple[Any, int]:
    """The value that begins at an offset of the text, and the offset after it.

    Only a window of the text is shown to the parser, so that it never builds more than that.

    Raises:
        ValueError: there is none.
    """
    failed = -1
    while True:
        part = text[at : at + window]
        last = window >= MAX_VALUE or at + window >= len(text)
        try:
            value, end = _DECODER.raw_decode(part)
        except json.JSONDecodeError as error:
            # An error that the window's edge did not cause stays where it is when the window grows.
            stays = error.pos == failed and not error.msg.startswith("Unterminated string")
            if stays or at + window >= len(text):
                raise json.JSONDecodeError(error.msg, text, at + error.pos) from None
            if last:
                line = text.count("\n", 0, at) + 1
                raise ValueError(f"line {line}: longer than {_MILLIONS}") from None
            failed = error.pos
        else:
            # At the edge a number may go on.
            if end < len(part) or last:
                return value, at + end
        window = min(4 * window, MAX_VALUE)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
