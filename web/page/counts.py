"""Which counts of the hits are worth showing as a way to narrow them."""

from collections.abc import Sequence

from indexer.storage.fields import FIELDS, ArticleField
from search.results import Count, Facets


def facets_to_narrow_by(facets: Facets) -> list[tuple[ArticleField, Sequence[Count]]]:
    """Fields with more than one value among the hits, each with its counts.

    One that divides the hits as another does, outlets and their sites for instance, is left out.
    """
    shown: dict[tuple[int, ...], tuple[ArticleField, Sequence[Count]]] = {}
    for field in FIELDS:
        counts = facets.values.get(field.name, ())
        if len(counts) > 1:
            shown.setdefault(tuple(each.hits for each in counts), (field, counts))
    return list(shown.values())
