"""Counts of the hits."""

from collections import Counter
from datetime import date

import numpy as np

from indexer.storage.columns import Columns, Values
from search.engine import Searcher
from search.question.query import Query
from search.results import Count, Facets
from search.showing.facets import facets


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


def columns(days: list[str | None], **values: tuple[list[int], list[str]]) -> Columns:
    """One passage a day; of each field the codes and the names."""
    ordinals = [date.fromisoformat(day).toordinal() if day else -1 for day in days]
    none = np.zeros(len(days), np.int64)
    coded = {
        name: Values(np.array(codes, np.int32), names) for name, (codes, names) in values.items()
    }
    return Columns(none, none, none.astype(np.int32), np.array(ordinals, np.int32), coded)


def test_counts_by_hand() -> None:
    found = facets(
        columns(
            ["2024-11-30", "2024-11-01", None, "0987-03-09", "2023-12-31", "1969-12-31"],
            source=([2, 0, -1, 2, 1, 0], ["Echo", "Post", "Times", "Unseen"]),
            site=([-1] * 6, []),
        )
    )
    assert found.values["source"] == (Count("Echo", 2), Count("Times", 2), Count("Post", 1))
    assert found.values["site"] == ()
    assert found.months == (
        Count("0987-03", 1), Count("1969-12", 1), Count("2023-12", 1), Count("2024-11", 2)
    )  # fmt: skip


def test_of_nothing_nothing_is_counted() -> None:
    assert facets(columns([], source=([], []))) == Facets({"source": ()}, ())
