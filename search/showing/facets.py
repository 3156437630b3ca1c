"""Facets: of which outlets and months the hits are."""

import numpy as np
from numpy.typing import NDArray

from indexer.storage.articles import Articles
from search.results import Count, Facets

Int64 = NDArray[np.int64]


def facets(passages: Int64, articles: Articles) -> Facets:
    """Count hits by outlet and by month; `passages`, (n,), are one of each hit."""
    codes, hits = _counted(articles.source_of[passages])
    order = np.lexsort((codes, -hits))
    sources = [Count(articles.source_names[codes[i]], int(hits[i])) for i in order]
    months, hits = _counted(articles.month_of[passages])
    return Facets(
        tuple(sources),
        tuple(
            Count(f"{month // 12:04}-{month % 12 + 1:02}", int(count))
            for month, count in zip(months.tolist(), hits.tolist(), strict=True)
        ),
    )


def _counted(values: NDArray[np.int32]) -> tuple[Int64, Int64]:
    """Distinct values and how often each is there, without -1, which is none."""
    found, counts = np.unique(values, return_counts=True)
    known = found >= 0
    return found[known].astype(np.int64), counts[known].astype(np.int64)
