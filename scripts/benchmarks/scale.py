"""An index at a URL beside the folder that it was sent from: the same answers, and at what cost.

Both are searched by one process with one model, in turn. Then 1% more articles are added, indexed
in the folder and sent. The folder is copied first, and the URL must be empty.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from indexer.embedding.embedder import open_embedder
from indexer.index_url import IndexUrl
from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from indexer.storage.lance.folder import LanceFolder
from indexer.storage.lance.sending import Sending
from scripts.commands.build import build
from scripts.commands.terminal import progress_bars
from scripts.lab.corpus import made_articles, write_article
from scripts.lab.machine import machine_table
from scripts.lab.measure import milliseconds_in_turn, say, timed
from scripts.lab.program import benchmark, working_folder
from scripts.lab.table import MEASURES, Row, Table, latency
from search.engine import Searcher
from search.evaluation import Evaluation, evaluate, read_questions
from search.question.query import Query


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; returns the exit status."""
    about = "Compare an index at a URL with the folder that it was sent from."
    program = benchmark("scripts.benchmarks.scale", about)
    program.path("index", metavar="INDEX")
    program.path("folder", metavar="BEIR_DIR")
    program.index("url", metavar="URL")
    program.number("--rounds", 3, "how often each question is asked of both", least=1)
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table]:
    yield machine_table()
    url: IndexUrl = options.url
    questions = read_questions(options.folder)
    texts = [each.text for each in questions]
    with working_folder() as work, progress_bars() as bars:
        built = Path(shutil.copytree(options.index, work / "index"))
        sending = Sending(url, built, keep=2, progress=bars)
        whole, _ = timed(sending.send)
        folder, there = IndexFolder(built), LanceFolder(url)
        name = folder.current_id()
        opening, index = timed(there.open_index, name)
        model = index.generation.manifest.model
        settings = replace(Settings.from_environment(), model=model)
        embedder = open_embedder(settings)
        local = Searcher(folder.open_index(name), embedder)
        remote = Searcher(index, embedder)
        first, _ = timed(remote.search, Query(text=texts[0]))
        say("asking both in turn")
        contenders = {"folder": _asks(local), "URL": _asks(remote)}
        times = milliseconds_in_turn(contenders, texts, options.rounds)
        p50 = {place: float(np.median(each)) for place, each in times.items()}
        found = [(local.search(_query(text)), remote.search(_query(text))) for text in texts]
        hits = [tuple([hit.article.id for hit in each.hits] for each in pair) for pair in found]
        say("evaluating both")
        judged = {"folder": evaluate(local, questions), "URL": evaluate(remote, questions)}
        count = max(1, index.generation.manifest.articles // 100)
        say(f"adding {count} articles")
        (work / "more").mkdir()
        for article in islice(made_articles(), count):
            write_article(work / "more", article)
        adding, _ = timed(build, [work / "more"], replace(settings, index=built), embedder, bars)
        sent, _ = timed(sending.send)
    rows = [
        Row("sent whole", f"{whole:.1f} s", f"{index.generation.manifest.passages:,} passages"),
        Row("opening, and a first search", f"{opening:.2f} s, {first:.2f} s", "nothing read yet"),
        Row("same first article", f"{np.mean([a[:1] == b[:1] for a, b in hits]):.3f}", _of(texts)),
        Row(
            "of the first ten articles the same", f"{np.mean([_same(*pair) for pair in hits]):.3f}"
        ),
        *(Row(f"a search, {place}", latency(each)) for place, each in times.items()),
        Row("ratio of medians", f"{p50['URL'] / p50['folder']:.2f}", _of(texts)),
        *(row for place, each in judged.items() for row in _quality(place, each)),
        Row("1% added", f"{adding:.1f} s, sent in {sent:.1f} s", f"{count} made articles"),
    ]
    yield Table(MEASURES, rows)


def _query(text: str) -> Query:
    return Query(text=text, reader="off")


def _asks(searcher: Searcher) -> Callable[[str], object]:
    return lambda text: searcher.search(_query(text))


def _of(texts: Sequence[str]) -> str:
    return f"{len(texts)} questions"


def _same(one: Sequence[str], other: Sequence[str]) -> float:
    return len({*one} & {*other}) / max(len(one), 1)


def _quality(place: str, evaluation: Evaluation) -> Iterator[Row]:
    for what, measures in (("article", evaluation.article), ("passage", evaluation.passage)):
        for name, estimate in measures.items():
            yield Row(f"{name} by {what}, {place}", f"{estimate.mean:.3f}")


if __name__ == "__main__":
    sys.exit(main())
