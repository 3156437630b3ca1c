"""A few numbers of every passage, in memory: what filters look at."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

import numpy as np

from indexer.arrays import Int32, Int64, Mask
from indexer.errors import IndexDamaged
from indexer.storage.columns import Columns, Values
from indexer.storage.database import Database
from indexer.storage.fields import FIELDS, ArticleField
from indexer.storage.filter import Filter


class PassageColumns:
    """The columns of the n passages of all segments of a generation.

    alive: (n,) bool, whether the generation has the passage's article
    """

    def __init__(self, database: Database) -> None:
        """Read them.

        Raises:
            IndexDamaged: the database cannot be read, or articles and passages are not in order.
        """
        owners = database.rows("SELECT article FROM passages ORDER BY number")
        self.article_of: Int64 = np.fromiter((row[0] for row in owners), np.int64, len(owners))
        columns = ", ".join(field.column for field in FIELDS)
        rows = database.rows(
            f"SELECT number, story, published, {columns} FROM articles ORDER BY number"
        )
        numbers, stories, published, *cells = (
            zip(*rows, strict=True) if rows else (3 + len(FIELDS)) * ((),)
        )
        known = np.array(numbers, np.int64)
        if np.any(np.diff(self.article_of) < 0):
            raise IndexDamaged(
                f"{database.file} is damaged: passages are not in the order of their articles; run "
                "`reindex --full`"
            )
        try:
            days = np.array([days_of(iso) for iso in published], np.int32).reshape(-1, 2)
        except ValueError as error:
            raise IndexDamaged(
                f"{database.file} is damaged: {error}; run `reindex --full`"
            ) from error
        # The row of each passage's article; of articles that are gone, the last, which is empty.
        row_of = np.searchsorted(known, self.article_of)
        self.alive: Mask = np.append(known, -1)[row_of] == self.article_of
        row_of[~self.alive] = len(known)
        self.story_of: Int64 = np.append(np.array(stories, np.int64), -1)[row_of]
        # Passages of an article follow each other.
        begins = np.searchsorted(self.article_of, self.article_of)
        self._place_of: Int32 = (np.arange(len(owners)) - begins).astype(np.int32)
        nowhere = np.full((1, 2), -1, np.int32)
        self._first_day, self._last_day = np.append(days, nowhere, axis=0)[row_of].T.copy()
        self._fields = {
            field.name: _Coded(field, (*column, None), row_of)
            for field, column in zip(FIELDS, cells, strict=True)
        }

    def __len__(self) -> int:
        """The number of passages of all segments."""
        return len(self.article_of)

    def of(self, passages: Int64) -> Columns:
        """The columns of some passages, in their order."""
        return Columns(
            self.article_of[passages],
            self.story_of[passages],
            self._place_of[passages],
            self._first_day[passages],
            {
                name: Values(coded.codes[passages], coded.names)
                for name, coded in self._fields.items()
                if coded.field.counted
            },
        )

    def newest(self, limit: int, allowed: Mask | None) -> Int64:
        """The first passage that is allowed of each article, the newest day first, (k,)."""
        passages = np.flatnonzero(self.alive if allowed is None else allowed)
        _, first = np.unique(self.article_of[passages], return_index=True)
        leaders = passages[first]
        newest: Int64 = leaders[np.argsort(-self._first_day[leaders], kind="stable")[:limit]]
        return newest

    def mask(self, filter: Filter) -> Mask | None:
        """Which passages pass the values, days and numbers of a filter, (n,); None if all do.

        Those of articles that are gone may pass as well.

        Phrases, titles and excluded words are the affair of the word index.
        """
        masks: list[Mask] = [
            self._fields[name].having(asked) for name, asked in filter.values.items() if asked
        ]
        if filter.first_day is not None:
            masks.append(self._last_day >= filter.first_day.toordinal())
        if filter.last_day is not None:
            day = filter.last_day.toordinal()
            masks.append((self._first_day >= 0) & (self._first_day <= day))
        for numbers, of in (
            (filter.without_articles, self.article_of),
            (filter.without_stories, self.story_of),
        ):
            if numbers:
                masks.append(~np.isin(of, numbers))
        if filter.without_passages:
            rest = np.ones(len(self), np.bool_)
            rest[list(filter.without_passages)] = False
            masks.append(rest)
        return np.logical_and.reduce(masks) if masks else None


class _Coded:
    """One field of all passages: its distinct values, and for each passage which it has."""

    def __init__(self, field: ArticleField, cells: Sequence[str | None], row_of: Int64) -> None:
        values = [None if cell is None else field.value(cell) for cell in cells]
        self.field = field
        self.names = sorted({value for value in values if value is not None})
        codes: dict[str | None, int] = {name: code for code, name in enumerate(self.names)}
        of_articles = np.array([codes.get(value, -1) for value in values], np.int32)
        self.codes: Int32 = of_articles[row_of]
        self._keys = [field.key(name) for name in self.names]

    def having(self, asked: Sequence[str]) -> Mask:
        """Which passages have one of the values that are asked for, (n,)."""
        accepts = self.field.accepts(asked)
        # The last element is that of code -1.
        table = np.array([*map(accepts, self._keys), False])
        mask: Mask = table[self.codes]
        return mask


def days_of(iso: str | None) -> tuple[int, int]:
    """The first and the last day that a date may be, as proleptic ordinals; -1 without a date.

    Raises:
        ValueError: it is no date.
    """
    if iso is None:
        return -1, -1
    first = date.fromisoformat(f"{iso}-01" if len(iso) == len("2024-11") else iso[:10])
    last = first.replace(day=monthrange(first.year, first.month)[1]) if iso[7:] == "" else first
    return first.toordinal(), last.toordinal()
