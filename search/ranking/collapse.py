"""Collapsing: one hit for each story, article or run of passages, in the order asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.arrays import Int64
from search.question.query import Query
from search.ranking.candidates import Pool

# Passages that are shown as one when they follow each other: some 240 words.
LONGEST_RUN = 3


@dataclass(frozen=True, slots=True)
class Groups:
    """The hits of a search before they are fetched.

    leaders: (n,) int64, where in the pool the best passage of each is
    members: by its leader, the passages that a group may show, best first
    mergeable: passages that may be shown as one with their neighbours
    complete: whether these are all that the filters allow
    """

    leaders: Int64
    members: Callable[[int], Sequence[int]]
    mergeable: frozenset[int]
    complete: bool

    def __len__(self) -> int:
        """The number of hits."""
        return len(self.leaders)

    def choice(self, group: int, limit: int) -> list[int]:
        """The passages among which the sentence that answers is looked for."""
        return list(self.members(int(self.leaders[group]))[:limit])

    def run(self, chosen: int, choice: Sequence[int]) -> tuple[int, int]:
        """The first and the last passage to show: the chosen one with neighbours that matched."""
        first = last = chosen
        choice = [passage for passage in choice if passage in self.mergeable]
        while last - first + 1 < LONGEST_RUN:
            if first - 1 in choice:
                first -= 1
            elif last + 1 in choice:
                last += 1
            else:
                break
        return first, last


def collapse(pool: Pool, query: Query) -> Groups:
    """Group the pool, and put the groups in order."""
    # A single method is asked for its own ranking, passage by passage.
    mergeable = frozenset(pool.passages.tolist() if query.mode == "hybrid" else ())
    if query.group == "passage":
        groups = _runs(pool, mergeable)
    else:
        columns = pool.columns
        of = columns.article if query.group == "article" else columns.story
        groups = _grouped(pool, mergeable, of)
    if query.sort == "relevance":
        return groups
    days = pool.columns.day[groups.leaders]
    order = np.argsort(-days, kind="stable")
    return Groups(groups.leaders[order], groups.members, groups.mergeable, groups.complete)


def _grouped(pool: Pool, mergeable: frozenset[int], groups: Int64) -> Groups:
    """One group for each distinct value of `groups`, (n,); it shows the article of its leader."""
    owners = pool.columns.article
    _, first = np.unique(groups, return_index=True)
    leaders = np.sort(first)

    def members(leader: int) -> list[int]:
        return [int(passage) for passage in pool.passages[owners == owners[leader]]]

    return Groups(leaders, members, mergeable, pool.complete)


def _runs(pool: Pool, mergeable: frozenset[int]) -> Groups:
    """Passages; those that are mergeable, where they follow each other in one article, as one.

    A run has the rank of the best of its passages.
    """
    passages = pool.passages.tolist()
    owner = dict(zip(passages, pool.columns.article.tolist(), strict=True))
    # By the place of its best passage: its passages, best first.
    runs: dict[int, list[int]] = {}
    run_of: dict[int, int] = {}
    for place, passage in enumerate(passages):
        runs[place] = [passage]
        run_of[passage] = place
        for beside in (passage - 1, passage + 1):
            if beside not in run_of or passage not in mergeable:
                continue
            if owner[beside] != owner[passage]:
                continue
            joined, other = sorted((run_of[beside], run_of[passage]))
            if joined != other and len(runs[joined]) + len(runs[other]) <= LONGEST_RUN:
                runs[joined] += runs.pop(other)
                run_of.update(dict.fromkeys(runs[joined], joined))
    return Groups(np.array(list(runs), np.int64), runs.__getitem__, mergeable, pool.complete)
