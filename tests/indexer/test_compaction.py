"""Which segments stay: few, none much worn, each much larger than what is written behind it."""

from collections.abc import Sequence
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

import indexer.compaction
from indexer.compaction import TIMES, Size, segments_that_stay
from indexer.storage.manifest import MOST_SEGMENTS


def _sizes(*counts: int | tuple[int, int]) -> list[Size]:
    """Segments by how many articles they hold, and of how many these are still there."""
    return [Size(*each) if isinstance(each, tuple) else Size(each, each) for each in counts]


@pytest.mark.parametrize(
    ("segments", "new", "stay"),
    [
        ([], 1, 0),
        ([1000], 1, 1),
        ([1000], 249, 1),
        # Four times as many as what is new, and no more.
        ([1000], 250, 0),
        ([100], 1, 0),
        ([101], 1, 1),
        ([1000, 100], 1, 1),
        ([1000, 200], 49, 2),
        # What is merged with the new ones is too much for the one before.
        ([1000, 200], 50, 0),
        ([1050, 200], 50, 1),
        # Only half of it is left; or less.
        ([(1000, 500)], 1, 1),
        ([(1000, 499)], 1, 0),
        ([10_000, (1000, 499), 300], 1, 1),
        ([(10_000, 4999), 1000], 1, 0),
        # Nothing is new, but something is gone.
        ([1000, 200], 0, 2),
        ([1000, 100], 0, 1),
        ([(1000, 1), (200, 1)], 0, 0),
        # No room for one more.
        ([10**9, 10**8, 10**7, 10**6, 10**5, 10**4, 1000], 1, 7),
        ([10**9, 10**8, 10**7, 10**6, 10**5, 10**4, 1000, 200], 1, 7),
    ],
)
def test_what_stays(segments: list[int | tuple[int, int]], new: int, stay: int) -> None:
    assert segments_that_stay(_sizes(*segments), new) == stay


@st.composite
def _segments(draw: st.DrawFn) -> list[Size]:
    """As many as a manifest may hold; some are worn."""
    held = draw(st.lists(st.integers(1, 10**6), max_size=MOST_SEGMENTS))
    return [Size(each, draw(st.integers(0, each))) for each in sorted(held, reverse=True)]


def _is_worn(segment: Size) -> bool:
    return segment.alive < segment.held / 2


@given(_segments(), st.integers(0, 10**6))
def test_what_stays_is_few_and_large_and_not_worn(segments: Sequence[Size], new: int) -> None:
    stay = segments_that_stay(segments, new)
    assert 0 <= stay <= min(len(segments), MOST_SEGMENTS - 1)
    assert not any(_is_worn(each) for each in segments[:stay])
    if stay:
        written = new + sum(each.alive for each in segments[stay:])
        assert segments[stay - 1].alive > TIMES * written
        assert segments[stay - 1].alive > indexer.compaction.SMALL


@given(_segments(), st.integers(0, 10**6))
def test_nothing_is_written_again_without_need(segments: Sequence[Size], new: int) -> None:
    stay = segments_that_stay(segments, new)
    if stay < len(segments):
        first = segments[stay]
        behind = new + sum(each.alive for each in segments[stay + 1 :])
        small = first.alive <= max(TIMES * behind, indexer.compaction.SMALL)
        assert small or _is_worn(first) or stay == MOST_SEGMENTS - 1


def _appended(times: int) -> tuple[list[int], int]:
    """How often each article is written if so many come one by one, and the most segments."""
    segments: list[list[int]] = []
    most = 0
    for _ in range(times):
        stay = segments_that_stay(_sizes(*map(len, segments)), 1)
        merged = [count + 1 for segment in segments[stay:] for count in segment]
        segments = [*segments[:stay], [*merged, 1]]
        most = max(most, len(segments))
    return [count for segment in segments for count in segment], most


@pytest.mark.parametrize("small", [0, 100])
def test_articles_that_come_one_by_one_are_written_seldom(
    monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr("indexer.compaction.SMALL", small)
    written, most = _appended(1000)
    assert len(written) == 1000
    # Whenever an article is written again, the segment that it is in grows by a fourth at least.
    again = log(1000, 1 + 1 / TIMES)
    assert max(written) <= 1 + again + small
    assert sum(written) / len(written) < (10 if small == 0 else 50)
    assert 1 < most < MOST_SEGMENTS
