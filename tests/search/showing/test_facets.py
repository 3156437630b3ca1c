"""Counts of the hits."""

from collections import Counter

from search.engine import Searcher
from search.question.query import Query


def test_facets_count_every_hit_once(large: Searcher) -> None:
    for query in (
        Query(text="harbour bridge"),
        Query(text="ferry", group="passage"),
        Query(text="winter market"),
    ):
        results = large.search(query)
        every = [
            hit
            for offset in range(0, 400, 100)
            for hit in large.search(query.changed(limit=100, offset=offset)).hits
        ]
        sources = Counter(hit.article.source for hit in every if hit.article.source)
        months = Counter(hit.article.published.iso[:7] for hit in every if hit.article.published)
        found = [(each.value, each.hits) for each in results.facets.values["source"]]
        assert dict(found) == sources
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
        assert [(each.value, each.hits) for each in results.facets.months] == sorted(months.items())
