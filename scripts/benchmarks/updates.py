"""benchmark_updates: what a run of `reindex` costs when little has changed, as Markdown tables.

    python -m scripts.benchmarks.updates [--articles 26000] [--words 450] [--keep DIR] [--markdown]

Made articles lie in one folder, a file each, which is the hard case: every file is opened in every
run. Each run has a process of its own; opening the model comes before its clock starts, and has a
column of its own. Compiling it is part of a run that embeds something.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from indexer.embedding.embedder import open_embedder
from indexer.errors import ArticleSearchError
from indexer.pipeline import Summary, reindex
from indexer.settings import Settings
from scripts.benchmarks.index import prepare_model
from scripts.commands.progress import ProgressBars
from scripts.lab.corpus import ARTICLE_WORDS, made_articles, with_paragraph_of, write_article
from scripts.lab.process import describe_machine, isolated, memory, new_folder, say
from scripts.lab.table import figure, megabytes, table
from search.ranking.fitting import calibrate

DONE, FAILED = 0, 1
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


@dataclass(frozen=True, slots=True)
class Run:
    """A run of reindex and the peak resident bytes of its process; times in seconds."""

    name: str
    opening: float
    seconds: float
    peak: int
    summary: Summary

    def cells(self, full: float) -> list[str]:
        """A row under `HEADER`, beside a full build that took `full` seconds."""
        each = self.summary
        differ = each.added + each.changed + each.moved + len(each.removed)
        return [
            self.name,
            figure(self.seconds),
            f"{self.seconds / full:.1%}",
            f"{differ:,} of {each.articles:,}",
            f"{each.embedded:,} of {each.passages:,}",
            megabytes(self.peak),
            f"{figure(self.opening)} s",
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="benchmark_updates", description="Measure what incremental runs of reindex cost."
    )
    parser.add_argument(
        "--articles", type=int, default=26_000, metavar="N", help="articles to make, a file each"
    )
    parser.add_argument(
        "--words",
        type=int,
        default=ARTICLE_WORDS,
        metavar="N",
        help="their median length; short ones are the harder case",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the articles and the index there"
    )
    parser.add_argument(
        "--markdown", action="store_true", help="do not pad the cells: for pasting into a document"
    )
    options = parser.parse_args(arguments)
    if options.articles < ONE_OF or options.words < 1:
        parser.error(f"--articles must be at least {ONE_OF}, --words at least 1")
    # For every process started from here: nothing is fetched, and no measure waits for a network.
    os.environ["HF_HUB_OFFLINE"] = "1"
    machine = describe_machine()
    kept = nullcontext(options.keep) if options.keep else None
    try:
        with kept or tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            runs = measure_updates(new_folder(Path(folder)), options.articles, options.words)
    except ArticleSearchError as error:
        print(f"benchmark_updates: {error}", file=sys.stderr)
        return FAILED
    padded = not options.markdown
    print(table(("machine", ""), machine, padded), end="\n\n")
    print(table(HEADER, [run.cells(runs[0].seconds) for run in runs], padded))
    return DONE


def measure_updates(folder: Path, count: int, words: int = ARTICLE_WORDS) -> list[Run]:
    """A full build, then a run after each kind of change.

    Raises:
        RuntimeError: a run did not find what had been changed.
    """
    say("opening the model")
    isolated(prepare_model)
    say(f"making {count:,} articles")
    sources, index = folder / "articles", folder / "index"
    sources.mkdir()
    articles = list(islice(made_articles(words), count + 1))
    for article in articles[:count]:
        write_article(sources, article)
    runs = []
    for name, change, differ in (
        ("full build", _nothing, (count, 0, 0, 0)),
        ("nothing changed", _nothing, (0, 0, 0, 0)),
        ("1% of the articles changed", _change, (0, _met(count, CHANGED), 0, 0)),
        (
            "1% removed, 1% renamed",
            _remove_and_rename,
            (0, 0, _met(count, RENAMED), _met(count, REMOVED)),
        ),
    ):
        say(name)
        change(sources, articles)
        run = isolated(update_index, name, sources, index)
        found = run.summary
        if (found.added, found.changed, found.moved, len(found.removed)) != differ:
            raise RuntimeError(f"{name}: expected {differ} to differ, the run says {found}")
        runs.append(run)
    return runs


def update_index(name: str, sources: Path, index: Path) -> Run:
    """Reindex; to be run in a process of its own, whose peak memory is reported."""
    started = time.perf_counter()
    embedder = open_embedder(Settings.from_environment())
    opened = time.perf_counter()
    with ProgressBars() as progress:
        summary = reindex([sources], index, embedder, progress, calibrate=calibrate)
    ended = time.perf_counter()
    return Run(name, opened - started, ended - opened, memory("self", "VmHWM"), summary)


def _met(count: int, place: int) -> int:
    return len(range(place, count, ONE_OF))


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
