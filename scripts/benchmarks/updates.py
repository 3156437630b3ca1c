"""What a run of `reindex` costs when little has changed.

Made articles lie in one folder, a file each, which is the hard case: every file is opened in every
run. Each run has a process of its own; opening the model comes before its clock starts, and has a
column of its own. Compiling it is part of a run that embeds something.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from scripts.lab.build import Build, measured_build, prepare_model
from scripts.lab.corpus import ARTICLE_WORDS, made_articles, revise, write_article
from scripts.lab.machine import machine_table
from scripts.lab.measure import say
from scripts.lab.program import benchmark, working_folder
from scripts.lab.table import Table, figure, megabytes

# Of so many articles one is changed, one removed, one renamed; none is met by two.
ONE_OF = 100
CHANGED, REMOVED, RENAMED = (slice(first, None, ONE_OF) for first in (0, 33, 66))
HEADER = (
    "run",
    "seconds",
    "of the full build",
    "articles that differ",
    "passages embedded",
    "peak memory",
    "model opened in",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; returns the exit status."""
    program = benchmark("scripts.benchmarks.updates", "Measure what incremental runs cost.")
    program.number("--articles", 26_000, "articles to make, a file each", least=ONE_OF)
    about = "their median length; short ones are the harder case"
    program.number("--words", ARTICLE_WORDS, about, least=1)
    program.path("--keep", "keep the articles and the index there")
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table]:
    yield machine_table()
    with working_folder(options.keep) as folder:
        runs = measure_updates(folder, options.articles, options.words)
    full = runs["full build"].seconds
    yield Table(HEADER, [_cells(name, run, full) for name, run in runs.items()])


def _cells(name: str, run: Build, full: float) -> list[str]:
    """A row under `HEADER`, beside a full build that took `full` seconds."""
    each = run.summary
    differ = each.added + each.changed + each.moved + len(each.removed)
    return [
        name,
        figure(run.seconds),
        f"{run.seconds / full:.1%}",
        f"{differ:,} of {each.articles:,}",
        f"{each.embedded:,} of {each.passages:,}",
        megabytes(run.peak),
        f"{figure(run.opening)} s",
    ]


def measure_updates(folder: Path, count: int, words: int = ARTICLE_WORDS) -> dict[str, Build]:
    """A full build, then a run after each kind of change, by name.

    Raises:
        RuntimeError: a run did not find what had been changed.
    """
    prepare_model()
    say(f"making {count:,} articles")
    sources, index = folder / "articles", folder / "index"
    sources.mkdir()
    articles = list(islice(made_articles(words), count))
    for article in articles:
        write_article(sources, article)
    changed, removed, renamed = (len(articles[each]) for each in (CHANGED, REMOVED, RENAMED))
    runs = {}
    for name, change, differ in (
        ("full build", {}, (count, 0, 0, 0)),
        ("nothing changed", {}, (0, 0, 0, 0)),
        ("1% of the articles changed", {"changed": CHANGED}, (0, changed, 0, 0)),
        (
            "1% removed, 1% renamed",
            {"removed": REMOVED, "renamed": RENAMED},
            (0, 0, renamed, removed),
        ),
    ):
        say(name)
        revise(sources, articles, **change)
        runs[name] = run = measured_build(sources, index)
        found = run.summary
        if (found.added, found.changed, found.moved, len(found.removed)) != differ:
            raise RuntimeError(f"{name}: expected {differ} to differ, the run says {found}")
    return runs


if __name__ == "__main__":
    sys.exit(main())
