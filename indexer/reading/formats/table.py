"""Tables: CSV, TSV and their like, one record a row, numbered as a spreadsheet does."""

import csv
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from indexer.article import Rejected
from indexer.reading.fields import Fields
from indexer.reading.formats.lines import line_reader, skip_line
from indexer.reading.formats.record import Records
from indexer.reading.input.decoding import decode
from indexer.reading.input.kinds import ABOVE_NAMES, MOST_ABOVE
from indexer.reading.input.packed import Source

DELIMITERS = ",;\t|"
# Bytes of a line, and characters of a cell: a quote that is never closed would take the rest of
# the file for one.
MAX_LINE = MAX_CELL = 16 * 2**20
_MOST_COLUMNS = 1000
# Lines that are passed over to find the next row behind a cell that was too long.
MOST_STRANGE = 1_000_000


def read_table(source: Source, fields: Fields, reached: Callable[[int], None]) -> Records:
    """The records of a table whose first row names its columns."""
    rows = _Rows(source)
    names = rows.names(fields)
    if not names:
        yield Rejected(source.place, "empty")
        return
    if not fields.has_text(dict.fromkeys(names, "a")):
        told = ", ".join(names[:12])
        reason = f"a table without a column of texts: its columns are {told}; name one by --map"
        yield Rejected(source.place, reason)
        return
    strange: int | None = None
    for number, row in enumerate(rows, start=2):
        reached(source.position())
        place = f"{source.place}:{number}"
        if isinstance(row, str):
            strange = 0
            yield Rejected(place, row)
        elif strange is not None and len(row) != len(names):
            # Behind a quote that was never closed: the end of its text, up to the next row.
            strange += 1
            if strange > MOST_STRANGE:
                yield Rejected(place, "not read further: no row follows a cell without an end")
                return
            continue
        elif any(cell.strip() for cell in row[len(names) :]):
            yield Rejected(place, f"more cells than columns: {len(row)} for {len(names)}")
        elif any(cell.strip() for cell in row):
            strange = None
            yield place, dict(zip(names, row, strict=False))


class _Rows:
    """The rows of a table, each its cells, or what is wrong with it."""

    def __init__(self, source: Source) -> None:
        csv.field_size_limit(MAX_CELL)
        self._read_line = line_reader(source)
        self._long = False
        head = decode(source.head()) or ""
        escaped = '\\"' in head and '""' not in head
        first = head.lstrip("\ufeff").split("\n", 1)[0]
        self._format: dict[str, Any] = {"delimiter": max(DELIMITERS, key=first.count)}
        if escaped:
            self._format |= {"escapechar": "\\", "doublequote": False}
        self._reader: Any = None

    def names(self, fields: Fields) -> list[str]:
        """The cells of the first row; the delimiter is that which makes most fields of it."""
        names = list[str]()
        for _ in range(MOST_ABOVE):
            line = (decode(self._read_line(MAX_LINE)) or "").lstrip("\ufeff")
            names = self._cells(line, fields)
            if fields.known(names) >= 2 or not ABOVE_NAMES.match(line):
                break
        return names

    def _cells(self, line: str, fields: Fields) -> list[str]:
        def cells(delimiter: str) -> list[str]:
            self._format["delimiter"] = delimiter
            return [cell.strip() for cell in next(csv.reader([line], **self._format), [])]

        best = max(DELIMITERS, key=lambda each: (fields.known(cells(each)), line.count(each)))
        return cells(best)[:_MOST_COLUMNS]

    def __iter__(self) -> Iterator[Sequence[str] | str]:
        reader = csv.reader(self._lines(), **self._format)
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                # The rest of the row is given up, and the next line begins a new one.
                reader = csv.reader(self._lines(), **self._format)
                yield f"no row of a table: {error}"
                continue
            if row is None:
                return
            yield "line longer than 16 MB" if self._long else row
            self._long = False

    def _lines(self) -> Iterator[str]:
        while line := self._read_line(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                skip_line(self._read_line, line)
                self._long = True
                yield "\n"
                continue
            text = line.decode("ascii") if line.isascii() else decode(line) or ""
            yield text.replace("\0", "")
