"""Which counts of the hits are worth showing as a way to narrow them."""

from collections.abc import Sequence

from indexer.storage.fields import FIELDS, ArticleField
from search.results import Count, Facets


def facets_to_narrow_by(facets: Facets) -> list[tuple[ArticleField, Sequence[Count]]]:
    """Fields with more than one value among the hits, each with its counts.

    One that divides the hits as one before it does, as sites after outlets mostly, is left out.
    """
    counted = ((field, facets.values.get(field.name, ())) for field in FIELDS)
    return [
        (field, counts)
        for field, counts in counted
        if len(counts) > 1 and field.name not in facets.alike
    ]
