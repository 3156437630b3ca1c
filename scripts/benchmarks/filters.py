"""Searches under filters: how fast they are, and whether they find what an exact search does.

For each share of the passages that a filter lets through, one at least, each question has a random
filter of its own. Vectors are compared with every allowed vector; words with a search for all
passages that hold any, of which the allowed are left.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from indexer.analysis import distinct_stems
from indexer.embedding.embedder import open_embedder
from indexer.settings import Settings
from indexer.storage.exact import Candidates, ExactVectors
from indexer.storage.folder import IndexFolder
from indexer.storage.parts import Parts
from scripts.lab.measure import recall, say, timed
from scripts.lab.program import benchmark
from scripts.lab.questions import collect_questions
from scripts.lab.table import Table, figure
from search.ranking.candidates import CANDIDATES

# The last filter leaves this share, of the passages that are least like the question.
FAR = 0.5
SHARES = (0.0001, 0.001, 0.01, 0.1, 0.5, 1.0)
SEED = 13
DEPTH = 10
HEADER = (
    "allowed",
    "passages",
    *(f"{what}: {column}" for what in ("vectors", "words") for column in ("p50", "recall@10")),
    "vectors: equal top 10",
    "words: equal top 10",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of each search, the share of the exact top 10 found, and whether all was."""

    times: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    equal: list[bool] = field(default_factory=list)

    def ask(self, search: Callable[[], Candidates], exact: Candidates) -> None:
        """Time a search and compare what it finds with what it should."""
        seconds, found = timed(search)
        self.times.append(seconds * 1e3)
        self.recall.append(recall(found[1], exact[1], DEPTH))
        # Of equal scores any would do above; here the order counts.
        self.equal.append(np.array_equal(found[0][:DEPTH], exact[0][:DEPTH]))

    def cells(self) -> list[str]:
        """Median and recall, as cells of a table."""
        return [f"{figure(float(np.median(self.times)))} ms", f"{np.mean(self.recall):.4f}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; returns the exit status."""
    program = benchmark("scripts.benchmarks.filters", "Measure searches under random filters.")
    program.path("index", metavar="INDEX")
    program.questions()
    program.number("--count", 200, "questions for each share of the passages", least=1)
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table]:
    yield Table(HEADER, measure(options.index, options.questions, options.count))


def measure(index: Path, questions: Path | None, count: int) -> list[list[str]]:
    """A row under `HEADER` for each of `SHARES`."""
    generation = IndexFolder(index).open_current()
    texts = collect_questions(generation, count, questions).texts
    parts = Parts.open(generation)
    embedder = open_embedder(Settings.from_environment(), generation.manifest.model)
    vectors, words = parts.vectors, parts.words
    every = ExactVectors(vectors.rows(np.arange(len(vectors))))
    asked = [(embedder.embed_query(text).vector, distinct_stems(text)) for text in texts]
    random = np.random.default_rng(SEED)
    rows = []
    for share, against in [*((share, False) for share in SHARES), (FAR, True)]:
        what = f"{share:.2%}{', the farthest' if against else ''}"
        say(f"{what} of {len(vectors):,} passages")
        dense, lexical, kept = Measured(), Measured(), 0
        for vector, terms in asked:
            allowed, some = np.full(len(vectors), against), round(share * len(vectors))
            if against:
                near, _ = every.search(vector, len(vectors) - some)
                allowed[near] = False
            else:
                allowed[random.choice(len(vectors), max(1, some), replace=False)] = True
            kept += int(np.count_nonzero(allowed))
            exact = every.search(vector, DEPTH, allowed)
            dense.ask(partial(vectors.search, vector, CANDIDATES, allowed), exact)
            numbers, scores = words.search(terms, len(words))
            exact = Candidates(numbers[allowed[numbers]], scores[allowed[numbers]])
            lexical.ask(partial(words.search, terms, CANDIDATES, allowed), exact)
        equal = [f"{np.mean(each.equal):.3f}" for each in (dense, lexical)]
        passages = f"{kept / len(asked):,.0f}"
        rows.append([what, passages, *dense.cells(), *lexical.cells(), *equal])
    return rows


if __name__ == "__main__":
    sys.exit(main())
