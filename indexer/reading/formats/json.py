"""JSON in every shape that news comes in: lines, an array, objects in a row, one around a list.

Lines are read one at a time; the other shapes whole, up to `MAX_BYTES`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any

from indexer.article import Rejected
from indexer.reading.formats.json_values import is_array, parse_json, values, values_in_a_row
from indexer.reading.formats.lines import line_reader, skip_line
from indexer.reading.formats.record import BLANK, Found, Records
from indexer.reading.input.decoding import decode
from indexer.reading.input.packed import HEAD, Source

# A file of JSON that is not read by line, unpacked.
MAX_BYTES = 64 * 2**20
# The longest line of JSON that is parsed, in bytes.
MAX_LINE = 16 * 2**20
# How far an object is searched for its records, and how deep: {"response": {"results": [...]}};
# and how many of them are looked at to know them.
_MOST_OBJECTS, _DEEP, _LOOKED_AT = 1000, 3, 20

HasText = Callable[[Mapping[str, Any]], bool]
"""Whether a record is an article's."""


def read_json(source: Source, has_text: HasText) -> Records:
    """The records of a file of one or more JSON values."""
    content = source.whole(MAX_BYTES)
    if isinstance(content, Rejected):
        yield content
        return
    text = decode(content)
    if text is None:
        yield Rejected(source.place, "binary, not text")
        return
    text = text.strip(BLANK)
    if not text:
        yield Rejected(source.place, "empty")
    elif is_array(text):
        yield from _numbered(source.place, values(text), "an empty list")
    else:
        yield from _objects(source.place, text, has_text)


def read_json_lines(source: Source, has_text: HasText, reached: Callable[[int], None]) -> Records:
    """The records of a file of one JSON value a line; a broken line is skipped."""
    number = records = 0
    if inner := _of_one_line(source.head(), has_text):
        yield from _numbered(source.place, inner, "")
        return
    read_line = line_reader(source)
    while line := read_line(MAX_LINE + 1):
        number += 1
        # Of a bomb of blank lines there are too many to look each time.
        if len(line) <= MAX_LINE and line.isspace() and number % 1000:
            continue
        reached(source.position())
        found = _line(f"{source.place}:{number}", line)
        skip_line(read_line, line)
        if found is not None:
            records += 1
            yield found
    if records == 0:
        yield Rejected(source.place, "empty")


def _of_one_line(head: bytes, has_text: HasText) -> list[dict[str, Any]] | None:
    """The records inside the only line of a short file; None if it has more, or is one."""
    line = head.strip()
    if b"\n" in line or len(line) >= HEAD:
        return None
    value = parse_json((decode(line) or "").strip(BLANK))
    return _inside(value, has_text) if isinstance(value, dict) else None


def _line(place: str, line: bytes) -> Found | None:
    """The record in a line of JSON; None if the line is blank."""
    if len(line) > MAX_LINE:
        return Rejected(place, f"line longer than {MAX_LINE // 2**20} MB")
    text = decode(line)
    if text is None:
        return Rejected(place, "binary, not text")
    text = text.strip(BLANK)
    return _record(place, parse_json(text)) if text else None


def _record(place: str, value: Any) -> Found:
    if isinstance(value, ValueError):
        return Rejected(place, f"not JSON: {value}")
    if not isinstance(value, dict):
        return Rejected(place, "not a JSON object")
    return place, value


def _numbered(place: str, found: Iterable[Any], none: str) -> Records:
    number = 0
    for number, value in enumerate(found, start=1):
        yield _record(f"{place}:{number}", value)
    if number == 0:
        yield Rejected(place, none)


def _objects(place: str, text: str, has_text: HasText) -> Records:
    """One object, of an article or around some, or several in a row."""
    found = values_in_a_row(text)
    first = next(found)
    second = next(found, None)
    if second is not None:
        yield from _numbered(place, chain([first, second], found), "")
    elif isinstance(first, dict) and (inner := _inside(first, has_text)):
        yield from _numbered(place, inner, "")
    else:
        yield _record(place, first)


def _inside(outer: dict[str, Any], has_text: HasText) -> list[dict[str, Any]] | None:
    """The records that an object holds: in a list somewhere inside, or column by column."""
    if (columns := _columns(outer)) is not None and any(map(has_text, columns[:_LOOKED_AT])):
        return columns
    if has_text(outer):
        return None
    waiting: deque[tuple[Any, int]] = deque([(outer, 0)])
    for _ in range(_MOST_OBJECTS):
        if not waiting:
            return None
        value, depth = waiting.popleft()
        if isinstance(value, list):
            records = [each for each in value if isinstance(each, dict)]
            if any(map(has_text, records[:_LOOKED_AT])):
                about = {"feed": {"title": outer.get("title")}}
                return [{**about, **each} for each in records] if _is_feed(outer) else records
        elif isinstance(value, dict) and depth < _DEEP:
            keyed = [each for each in value.values() if isinstance(each, dict)]
            if depth and has_text(value):
                about = {name: each for name, each in outer.items() if not isinstance(each, dict)}
                return [{**about, **value}]
            # {"a1": {...}, "a2": {...}}: by id, or by address.
            if len(keyed) > 1 and all(map(has_text, keyed[:_LOOKED_AT])):
                return [{"id": name, **each} for name, each in value.items() if each in keyed]
            waiting.extend((inner, depth + 1) for inner in value.values())
    return None


def _is_feed(outer: dict[str, Any]) -> bool:
    return str(outer.get("version", "")).startswith("https://jsonfeed.org/")


def _columns(outer: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of a table that is written column by column, as pandas does; None if it is none.

    {"title": {"0": "…"}, "text": {"0": "…"}}, the same with lists, or columns, index and data.
    """
    names, rows = outer.get("columns"), outer.get("data")
    if isinstance(names, list) and isinstance(rows, list):
        named = [str(name) for name in names]
        return [dict(zip(named, row, strict=False)) for row in rows if isinstance(row, list)]
    columns = list(outer.values())
    if len(columns) < 2:
        return None
    if all(isinstance(each, list) for each in columns) and len({*map(len, columns)}) == 1:
        return [dict(zip(outer, row, strict=True)) for row in zip(*columns, strict=True)]
    if all(isinstance(each, dict) for each in columns):
        keys = dict.fromkeys(key for each in columns for key in each)
        # The columns of a table have the same rows; of others there would be a cell for each pair.
        if len(keys) > 2 * max(map(len, columns)):
            return None
        return [{name: each.get(key) for name, each in outer.items()} for key in keys]
    return None
