"""The tables of an index in Lance: what their columns hold, and how they are asked.

passages     each passage, with its words, its vector and its token codes
articles     each article
words, suggestions, keys    what people may type, by the segment that it was counted in
generations  each publication: what names a version of every other table

A table is never edited in place: each change is a version, and a generation is a version of each.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from indexer.errors import IndexDamaged, SettingsError
from indexer.index_url import IndexUrl
from indexer.storage.fields import FIELDS, ArticleField
from indexer.storage.lance.recent import Recent
from indexer.storage.lance.trouble import asking
from indexer.storage.rows import ARTICLE

GENERATIONS = "generations"
# Numbers that one condition names: of more, several questions are made.
NAMED = 10_000

# Columns of an article, in the order in which they are read, and those that are no text.
ARTICLE_COLUMNS = tuple(ARTICLE.split(", "))
_NUMBERS = ("number", "story", "title_made", "published_certain", "updated_certain")
_BLOBS = ("text", "mentioned")


@cache
def load_lancedb() -> Any:
    """The library.

    Raises:
        SettingsError: it is not installed.
    """
    # That a table is made, say, is no warning for who asked for it.
    os.environ.setdefault("LANCEDB_LOG", "error")
    try:
        import lancedb
    except ImportError as error:
        raise SettingsError(
            f"an index at a URL needs `pip install 'article-search[scale]'`: {error}"
        ) from error
    return lancedb


def key_column(field: ArticleField) -> str:
    """Where the key of a field is, by which a search is narrowed."""
    return f"{field.name}_key"


def schemas(dimension: int) -> dict[str, Any]:
    """The schema of every table, by its name; d is the length of a passage vector."""
    import pyarrow as pa

    number, text, blob = pa.int64(), pa.string(), pa.binary()
    filtered = [(key_column(field), text) for field in FIELDS]
    counted = [(field.name, text) for field in FIELDS if field.counted]
    kinds = dict.fromkeys(ARTICLE_COLUMNS, text)
    kinds |= dict.fromkeys(_NUMBERS, number) | dict.fromkeys(_BLOBS, blob)
    tables = {
        "passages": [
            ("number", number),
            ("article", number),
            ("place", pa.int32()),
            ("story", number),
            ("start", number),
            ("end", number),
            ("sentences", blob),
            ("key", blob),
            # Proleptic ordinals of the days that the date may be, -1 without a date.
            ("first_day", pa.int32()),
            ("last_day", pa.int32()),
            *counted,
            *filtered,
            # Stems of the headline, two spaces, stems of the text; and each of them once.
            ("words", text),
            ("terms", pa.list_(text)),
            ("pairs", text),
            ("vector", pa.list_(pa.float16(), dimension)),
            ("codes", blob),
            ("begins", blob),
        ],
        "articles": [(name, kinds[name]) for name in ARTICLE_COLUMNS],
        "words": [("segment", number), ("word", text), ("articles", number), ("written", text)],
        "suggestions": [
            ("segment", number),
            ("number", number),
            ("text", text),
            ("article", number),
            ("articles", number),
            ("published", text),
        ],
        "keys": [("segment", number), ("key", text), ("suggestion", number)],
        GENERATIONS: [
            ("number", number),
            ("id", text),
            # Which folder it was sent from.
            ("origin", text),
            ("manifest", text),
            ("versions", text),
            ("projection", blob),
            ("step", blob),
            ("frequency", blob),
        ],
    }
    return {name: pa.schema(columns) for name, columns in tables.items()}


def quoted(text: str) -> str:
    """A text as a condition names it."""
    return "'" + text.replace("'", "''") + "'"


def one_of(column: str, values: Iterable[int | str]) -> str:
    """The condition that a column has one of some values, at least one."""
    named = (quoted(each) if isinstance(each, str) else str(int(each)) for each in values)
    return f"{column} IN ({', '.join(named)})"


class Table:
    """One version of a table, for reading; safe to use from several threads."""

    def __init__(self, opened: Any, url: IndexUrl) -> None:
        """Ask an opened table of the index at `url`."""
        self._table = opened
        self._url = url

    def rows(
        self,
        columns: Sequence[str],
        where: str | None = None,
        limit: int | None = None,
        order: Sequence[tuple[str, bool]] = (),
        offset: int = 0,
    ) -> list[tuple[Any, ...]]:
        """Rows that meet a condition, as tuples.

        order: columns, and whether each ascends
        """

        def asked(table: Any) -> Any:
            # What is sorted by has to be asked for too.
            query = table.search().select(
                list(dict.fromkeys([*columns, *map(itemgetter(0), order)]))
            )
            if where is not None:
                query = query.where(where)
            if order:
                query = query.order_by(
                    [{"column_name": name, "ascending": ascends} for name, ascends in order]
                )
            # Without a limit all of them; an offset needs one.
            return query if limit is None else query.limit(limit).offset(offset)

        return _tuples(self.search(asked), columns)

    def search(self, asked: Callable[[Any], Any]) -> Any:
        """What a query finds, as an Arrow table; `asked` makes it of the library's table."""
        with asking(self._url):
            return asked(self._table).to_arrow()

    def numbered(
        self, columns: Sequence[str], numbers: Iterable[int], places: Recent | None = None
    ) -> dict[int, tuple[Any, ...]]:
        """The rows of some numbers, by number.

        places: where rows lie, of those of which it is known: read in half the time

        Raises:
            IndexDamaged: one is not there.
        """
        wanted = list(dict.fromkeys(map(int, numbers)))
        known = places.of(wanted) if places else {}
        others = [number for number in wanted if number not in known]
        found: dict[int, tuple[Any, ...]] = {}
        if known:
            at = list(known.values())
            rows = self.search(lambda table: table.take_row_ids(at).select(["number", *columns]))
            found.update((number, tuple(row)) for number, *row in _tuples(rows))
        for first in range(0, len(others), NAMED):
            some = one_of("number", others[first : first + NAMED])
            found.update(
                (number, tuple(row)) for number, *row in self.rows(["number", *columns], some)
            )
        if len(found) != len(wanted):
            raise IndexDamaged(
                f"the index at {self._url} lacks rows that others name; run `reindex --full`"
            )
        return found

    def count(self, where: str | None = None) -> int:
        """How many rows there are, or meet a condition."""
        with asking(self._url):
            return int(self._table.count_rows(where))


def _tuples(found: Any, columns: Sequence[str] | None = None) -> list[tuple[Any, ...]]:
    """The rows of an Arrow table, of all its columns or of some."""
    names = columns or found.column_names
    return list(zip(*(found.column(name).to_pylist() for name in names), strict=True))
