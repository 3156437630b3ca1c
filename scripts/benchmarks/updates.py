"""What a run of `reindex` costs when little has changed.

    python -m scripts.benchmarks.updates [--articles 26000] [--words 450] [--keep DIR] [--markdown]

Made articles lie in one folder, a file each, which is the hard case: every file is opened in every
run. Each run has a process of its own; opening the model comes before its clock starts, and has a
column of its own. Compiling it is part of a run that embeds something.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from scripts.lab.build import Build, measured_build, prepare_model
from scripts.lab.corpus import ARTICLE_WORDS, made_articles
from scripts.lab.machine import machine_table
from scripts.lab.process import say
from scripts.lab.program import benchmark, working_folder
from scripts.lab.sources import with_paragraph_of, write_article
from scripts.lab.table import Table, figure, megabytes

# Of so many articles one is changed, one removed, one renamed.
ONE_OF = 100
# Where among these many each of them is, so that no article is met by two.
CHANGED, REMOVED, RENAMED = 0, 33, 66
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
    program = benchmark(
        "scripts.benchmarks.updates", "Measure what incremental runs of reindex cost."
    )
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
    articles = list(islice(made_articles(words), count + 1))
    for article in articles[:count]:
        write_article(sources, article)
    changed, removed, renamed = (
        len(range(place, count, ONE_OF)) for place in (CHANGED, REMOVED, RENAMED)
    )
    runs = {}
    for name, change, differ in (
        ("full build", _nothing, (count, 0, 0, 0)),
        ("nothing changed", _nothing, (0, 0, 0, 0)),
        ("1% of the articles changed", _change, (0, changed, 0, 0)),
        ("1% removed, 1% renamed", _remove_and_rename, (0, 0, renamed, removed)),
    ):
        say(name)
        change(sources, articles)
        runs[name] = run = measured_build(sources, index)
        found = run.summary
        if (found.added, found.changed, found.moved, len(found.removed)) != differ:
            raise RuntimeError(f"{name}: expected {differ} to differ, the run says {found}")
    return runs


def _nothing(sources: Path, articles: Sequence[Mapping[str, str]]) -> None:
    """Leave every file as it is."""


def _change(sources: Path, articles: Sequence[Mapping[str, str]]) -> None:
    for i in range(CHANGED, len(articles) - 1, ONE_OF):
        write_article(sources, with_paragraph_of(articles[i], articles[i + 1]))


def _remove_and_rename(sources: Path, articles: Sequence[Mapping[str, str]]) -> None:
    files = [sources / f"{article['_id']}.json" for article in articles[:-1]]
    for file in files[REMOVED::ONE_OF]:
        file.unlink()
    for file in files[RENAMED::ONE_OF]:
        file.rename(file.with_name(f"renamed-{file.name}"))


if __name__ == "__main__":
    sys.exit(main())
