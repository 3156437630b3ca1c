"""Facets: of which outlets and months the hits are."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import Int64
from indexer.storage.columns import Columns, Values
from search.results import Count, Facets


def facets(columns: Columns) -> Facets:
    """Count hits by each value of a field and by month; the columns are of one passage a hit."""
    months, hits = _counted(columns.month)
    return Facets(
        {name: _by_value(values) for name, values in columns.values.items()},
        tuple(
            Count(f"{month // 12:04}-{month % 12 + 1:02}", int(count))
            for month, count in zip(months.tolist(), hits.tolist(), strict=True)
        ),
        _alike(columns.values),
    )


def _alike(values: Mapping[str, Values]) -> frozenset[str]:
    """The fields that divide the passages as one before them does."""
    codes = [each.codes.astype(np.int64) for each in values.values()]
    return frozenset(
        name
        for at, name in enumerate(values)
        if any(_same_division(codes[at], before) for before in codes[:at])
    )


def _same_division(one: Int64, other: Int64) -> bool:
    both = (one << 32) + other  # codes are int32
    return len(np.unique(one)) == len(np.unique(other)) == len(np.unique(both))


def _by_value(values: Values) -> tuple[Count, ...]:
    codes, hits = _counted(values.codes)
    order = np.lexsort((codes, -hits))
    return tuple(Count(values.names[codes[i]], int(hits[i])) for i in order)


def _counted(values: NDArray[np.integer]) -> tuple[Int64, Int64]:
    """Distinct values and how often each is there, without -1, which is none."""
    found, counts = np.unique(values, return_counts=True)
    known = found >= 0
    return found[known].astype(np.int64), counts[known].astype(np.int64)
