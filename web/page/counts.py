"""Which counts of the hits are worth showing as a way to narrow them."""

from collections.abc import Sequence

import numpy as np

from indexer.arrays import Int32
from indexer.storage.fields import FIELDS, ArticleField
from search.results import Count, Facets


def facets_to_narrow_by(facets: Facets) -> list[tuple[ArticleField, Sequence[Count]]]:
    """Fields with more than one value among the hits, each with its counts.

    One that divides the hits as one before it does, as sites after outlets mostly, is left out.
    """
    shown: list[tuple[ArticleField, Sequence[Count]]] = []
    for field in FIELDS:
        counts = facets.values.get(field.name, ())
        others = (facets.codes[other.name] for other, _ in shown)
        if len(counts) > 1 and not any(_alike(facets.codes[field.name], each) for each in others):
            shown.append((field, counts))
    return shown


def _alike(one: Int32, other: Int32) -> bool:
    """Whether two fields divide the hits in the same way."""
    both = (one.astype(np.int64) << 32) + other
    return len(np.unique(one)) == len(np.unique(other)) == len(np.unique(both))
