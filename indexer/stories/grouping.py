"""Stories: which articles report the same, and which came first.

Three degrees, each within the next: the same text, copies of one report (copies.py), and reports of
one event. A group of copies stands for its earliest article; those join the story whose
earliest article theirs is most like, if it is near in time. They are taken in the order of time, so
that a later report never changes the story of an earlier one, unless it is a copy that joins two
groups, and there are no chains: every member is like the one article that the story is known by.

Stories are a function of the set of articles: it does not matter in which order or runs they came.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from indexer.arrays import Float32, Int64
from indexer.article import Date, Degree
from indexer.stories.copies import UNDATED, find_copies
from indexer.stories.sketches import Sketch, Sketches

# The least cosine of two article vectors, and the most time, between reports of one event. Of pairs
# of news_quiz_dev (2022) within this time that were read, 6 in 10 were one event at .75–.8, and 36
# of the 39 that joined a leader from .83 on.
SIMILAR = 0.83
MOST_APART = timedelta(days=3)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Articles compared at once, and leaders they are compared with: (1024, 8192) float32 is 32 MB.
_BLOCK, _LEADERS = 1024, 8192


class Told(NamedTuple):
    """What is known of an article that is put into a story."""

    id: str
    published: Date | None
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class Stories:
    """For each of n articles the number of the earliest one of its group, at three degrees.

    texts: (n,) of those with the same text
    copies: (n,) of the copies of one report
    stories: (n,) of the reports of one event; copies divide a story as texts divide copies
    """

    texts: Int64
    copies: Int64
    stories: Int64

    def degrees(self) -> list[Degree | None]:
        """How each article is related to its story's earliest one, in their order; None is that."""
        first = self.stories
        found = np.full(len(first), "event", object)
        found[self.copies == self.copies[first]] = "edited"
        found[self.texts == self.texts[first]] = "same"
        found[first == np.arange(len(first))] = None
        degrees: list[Degree | None] = found.tolist()
        return degrees


def group(articles: Iterable[Told], vectors: Float32) -> Stories:
    """Group articles into stories; `vectors` is (n, d), of unit length, in their order.

    One without a day in its date is in no event's story but its copies', and comes after all that
    have one.
    """
    n = len(vectors)
    sketches, seconds, ids = Sketches(n), np.full(n, UNDATED), []
    for number, article in enumerate(articles):
        sketches.put(number, article.sketch)
        seconds[number] = published_seconds(article.published)
        ids.append(article.id)
    order = np.array(sorted(range(n), key=lambda i: (seconds[i], ids[i])), np.int64)
    texts, copies = find_copies(sketches, seconds, order)
    leading = order[(copies == np.arange(n))[order] & (seconds[order] < UNDATED)]
    stories = np.arange(n)
    stories[leading] = leading[_events(vectors, leading, seconds[leading])]
    return Stories(texts, copies, stories[copies])


def published_seconds(published: Date | None) -> int:
    """Seconds since 1970 in UTC, where a date without a zone is taken to be; or UNDATED."""
    # A month does not say which came first.
    if published is None or published.precision == "month":
        return UNDATED
    moment = datetime.fromisoformat(published.iso)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int((moment - _EPOCH).total_seconds())


def _events(vectors: Float32, numbers: Int64, seconds: Int64) -> Int64:
    """Leader clustering (Hartigan 1975) of articles in the order of time: their leaders' places.

    numbers, seconds: (m,) the articles' rows of `vectors`, and their times, ascending
    An article joins the most similar leader that is similar and near enough, or else leads.
    """
    near = int(MOST_APART.total_seconds())
    leader = np.arange(len(numbers))
    for begin in range(0, len(numbers), _BLOCK):
        block = leader[begin : begin + _BLOCK]  # a view: what is set here is set in `leader`
        these = vectors[numbers[begin : begin + _BLOCK]]  # (b, d)
        times = seconds[begin : begin + _BLOCK]
        best, who = np.full(len(block), -1, np.float32), np.zeros(len(block), np.int64)
        oldest = np.searchsorted(seconds[:begin], times[0] - near)
        leaders = oldest + np.flatnonzero(leader[oldest:begin] == np.arange(oldest, begin))
        for first in range(0, len(leaders), _LEADERS):
            some = leaders[first : first + _LEADERS]
            similar = these @ vectors[numbers[some]].T  # (b, l)
            if times[-1] - seconds[some[0]] > near:
                similar[times[:, None] - seconds[some] > near] = -1
            at = similar.argmax(axis=1)
            value = similar[np.arange(len(block)), at]
            better = value > best
            best[better], who[better] = value[better], some[at[better]]
        inside = these @ these.T
        new: list[int] = []
        for i in range(len(block)):
            while new and times[i] - times[new[0]] > near:
                new.pop(0)
            if new and (value := inside[i, new]).max() > best[i]:
                best[i], who[i] = value.max(), begin + new[value.argmax()]
            if best[i] >= SIMILAR:
                block[i] = who[i]
            else:
                new.append(i)
    return leader
