"""Parquet and Arrow (Feather): one article a row. This runs in a process of its own, see `apart`.

Only columns whose names are fields are read, a few rows at a time.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from io import FileIO
from itertools import islice
from typing import Any

import pyarrow as pa
from pyarrow import ipc
from pyarrow.parquet import ParquetFile

from indexer.reading.fields import Fields
from indexer.reading.formats.apart import Answers
from indexer.reading.formats.json_values import MAX_VALUE
from indexer.reading.input.decoding import decode

_TEXTS = frozenset(
    {"string", "large_string", "string_view", "binary", "large_binary", "binary_view"}
)
# Rows that are made Python objects at once, and bytes that are read at once of a column.
_ROWS, _BUFFER = 64, 1 << 20
# Columns whose names are looked at, and how deep they lie in others.
_MOST_COLUMNS, _DEPTH = 5000, 3


def read(file: int, mapped: str) -> Answers:
    """The records of a table, by the numbers of their rows.

    mapped: the fields that a user mapped, as JSON
    """
    fields = Fields(json.loads(mapped))
    number = 0
    try:
        schema, batches = _opened(file, fields)
        if not fields.has_text(_example(schema)):
            names = ", ".join(schema.names[:12])
            yield (
                None,
                f"a table without a column of texts: its columns are {names}; name one by --map",
            )
            return
        for batch in batches:
            for start in range(0, batch.num_rows, _ROWS):
                for row in _rows(batch.slice(start, _ROWS)):
                    number += 1
                    yield number, row
    except MemoryError:
        raise
    except (pa.ArrowException, OSError) as error:
        yield number + 1 if number else None, f"damaged: {str(error)[:200]}"
        return
    if number == 0:
        yield None, "empty"


def _opened(file: int, fields: Fields) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The columns of a file, and its rows with those that are fields."""
    stream = pa.PythonFile(FileIO(file), "r")
    head = stream.read(6)
    stream.seek(0)
    if head.startswith(b"PAR1"):
        table = ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False, memory_map=False)
        schema = table.schema_arrow
        chosen = [name for name in _names(schema) if fields.known([name])]
        return schema, table.iter_batches(_ROWS, columns=chosen, use_threads=False)
    named = head == b"ARROW1"
    opened = ipc.open_file if named else ipc.open_stream
    schema = opened(stream).schema
    stream.seek(0)
    own = [n for n, column in enumerate(schema) if fields.known([*_names([column])])]
    reader = opened(stream, options=ipc.IpcReadOptions(included_fields=own, use_threads=False))
    return schema, map(reader.get_batch, range(reader.num_record_batches)) if named else iter(
        reader
    )


def _names(columns: Iterable[pa.Field], above: str = "", depth: int = 1) -> Iterator[str]:
    """The names of columns, and of those in them: `headline.main`."""
    for column in islice(columns, _MOST_COLUMNS):
        yield above + column.name
        if pa.types.is_struct(column.type) and depth < _DEPTH:
            yield from _names(column.type, f"{above}{column.name}.", depth + 1)


def _example(columns: Iterable[pa.Field]) -> dict[str, Any]:
    """A row as it would be if all texts were there."""
    return {column.name: _value(column.type) for column in islice(columns, _MOST_COLUMNS)}


def _value(type_: pa.DataType) -> Any:
    if pa.types.is_struct(type_):
        return _example(type_)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return [_value(type_.value_type)]
    inner = type_.value_type if pa.types.is_dictionary(type_) else type_
    return "a" if str(inner) in _TEXTS else None


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | str]:
    """The rows of a batch as JSON has them, or what is wrong with one."""
    batch = pa.RecordBatch.from_arrays([*map(_whole, batch.columns)], batch.schema.names)
    for number in range(batch.num_rows):
        row = batch.slice(number, 1)
        if row.get_total_buffer_size() > MAX_VALUE and row.nbytes > MAX_VALUE:
            yield f"longer than {MAX_VALUE // 2**20} MB"
            continue
        try:
            yield {name: _plain(value) for name, value in row.to_pylist()[0].items()}
        except (ValueError, OverflowError, KeyError) as error:
            yield f"cannot be read: {str(error)[:200]}"


def _whole(column: pa.Array) -> pa.Array:
    """Moments in seconds: Python has none of less than a microsecond."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("s", column.type.tz), safe=False)
    return column


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, bytes):
        return decode(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float) else str(value)
