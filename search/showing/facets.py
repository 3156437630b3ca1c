"""Facets: of which outlets and months the hits are."""

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
        {name: values.codes for name, values in columns.values.items()},
    )


def _by_value(values: Values) -> tuple[Count, ...]:
    codes, hits = _counted(values.codes)
    order = np.lexsort((codes, -hits))
    return tuple(Count(values.names[codes[i]], int(hits[i])) for i in order)


def _counted(values: NDArray[np.integer]) -> tuple[Int64, Int64]:
    """Distinct values and how often each is there, without -1, which is none."""
    found, counts = np.unique(values, return_counts=True)
    known = found >= 0
    return found[known].astype(np.int64), counts[known].astype(np.int64)
