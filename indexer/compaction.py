"""Which segments stay as they are when a new one is written, and which are written into it.

Merging as in a log-structured tree (O'Neil et al. 1996) with tiers by size: a segment is taken into
the new one once that is not much smaller. So each article is written again as often as the
logarithm of the corpus, and few segments are searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.storage.manifest import MOST_SEGMENTS

# A segment stays while it has more than so many times the articles of what is written behind it:
# less, and there are more segments to search; more, and more is written again.
TIMES = 4
# Articles that are written again at once rather than kept in a segment of their own.
SMALL = 100


@dataclass(frozen=True, slots=True)
class Size:
    """How many articles a segment holds, and how many of them are still there."""

    held: int
    alive: int


def segments_that_stay(segments: Sequence[Size], new: int) -> int:
    """How many segments, from the first on, stay when `new` articles are written behind them."""
    # Of what is mostly gone, the rest is written again, and with it what comes behind.
    worn = (number for number, each in enumerate(segments) if 2 * each.alive < each.held)
    stay = next(worn, len(segments))
    written = new + sum(each.alive for each in segments[stay:])
    while stay and (
        segments[stay - 1].alive <= max(TIMES * written, SMALL) or stay >= MOST_SEGMENTS
    ):
        stay -= 1
        written += segments[stay].alive
    return stay
