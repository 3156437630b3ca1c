"""What the next generation holds, decided when everything is read."""

from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.compaction import Size, segments_that_stay
from indexer.cutting import Settled, settle
from indexer.mirror import Place
from indexer.storage.drafts import Drafts
from indexer.storage.manifest import Segment


@dataclass(frozen=True, slots=True)
class Plan:
    """The articles of the next generation in the order of places, and where each lies.

    staying: the segments that it shares with the live one
    numbers: of each article; -1 until it is written into a new segment
    """

    places: Sequence[Place]
    decided: list[Settled]
    staying: tuple[Segment, ...]
    numbers: list[int]

    def written(self) -> list[int]:
        """The places of the articles that are to be written into a new segment."""
        return [place for place, number in enumerate(self.numbers) if number < 0]


def make_plan(places: Sequence[Place], drafts: Drafts, segments: Sequence[Segment]) -> Plan:
    """Decide of every article, and which of the live segments, if any may, stay."""
    decided = settle(places, drafts)
    stays = [
        place.number if place.live and decision.same else None
        for place, decision in zip(places, decided, strict=True)
    ]
    ends = [each.end_article for each in segments]
    alive = Counter(bisect(ends, number) for number in stays if number is not None)
    sizes = [Size(each.articles, alive[i]) for i, each in enumerate(segments)]
    staying = tuple(segments[: segments_that_stay(sizes, stays.count(None))])
    end = staying[-1].end_article if staying else 0
    numbers = [-1 if number is None or number >= end else number for number in stays]
    drafts.stay(number for number in numbers if number >= 0)
    return Plan(places, decided, staying, numbers)
