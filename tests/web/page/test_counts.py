"""Which counts are worth showing as a way to narrow the hits."""

import numpy as np
import pytest

from search.results import Count, Facets
from web.page.counts import facets_to_narrow_by

ECHO, POST, BEES = Count("Echo", 5), Count("Post", 3), Count("Bees", 3)
ECHO_SITE, POST_SITE, BLOG = (
    Count("echo.example", 5), Count("post.example", 3), Count("blog.example", 1)
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "site", "alike", "shown"),
    [
        ((), (), True, []),
        # One value narrows nothing.
        ((ECHO,), (ECHO_SITE,), True, []),
        ((ECHO, POST), (ECHO_SITE,), False, ["source"]),
        ((ECHO,), (ECHO_SITE, POST_SITE), False, ["site"]),
        # Each outlet has its site: once is enough.
        ((ECHO, POST), (ECHO_SITE, POST_SITE), True, ["source"]),
        # As many hits each, but not the same ones.
        ((ECHO, POST), (ECHO_SITE, POST_SITE), False, ["source", "site"]),
        ((ECHO, POST), (ECHO_SITE, BLOG), False, ["source", "site"]),
        ((ECHO, POST, BEES), (ECHO_SITE, POST_SITE), False, ["source", "site"]),
    ],
)
def test_what_divides_the_hits_is_shown_once(
    source: tuple[Count, ...], site: tuple[Count, ...], alike: bool, shown: list[str]
) -> None:
    values = {"source": source, "site": site}
    hits = np.array([0, 0, 0, 0, 0, 1, 1, 1], np.int32)
    codes = {"source": hits, "site": 1 - hits if alike else np.roll(hits, 1)}
    found = facets_to_narrow_by(Facets(values, codes=codes))
    assert [field.name for field, _ in found] == shown
    assert all(counts == values[field.name] for field, counts in found)


def test_what_is_not_counted_is_not_shown() -> None:
    assert facets_to_narrow_by(Facets({"source": (ECHO, POST)}))[0][1] == (ECHO, POST)
    assert facets_to_narrow_by(Facets({"topic": (ECHO, POST)})) == []
