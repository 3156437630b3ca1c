"""How soon an article is found that was just written, and what differs until segments are merged.

A server and `reindex --watch` run over a copy of an index, each in a process of its own. An article
is written into the folder that is watched, and its own words are asked for until they are found:
that takes waiting for quiet, reading, embedding, publishing, and the server's taking over. At last
questions are asked of the index that has grown so, and again when its segments are merged.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import numpy as np

from indexer.errors import InputError
from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from scripts.lab.client import NO_ANSWER, Client
from scripts.lab.corpus import made_articles
from scripts.lab.machine import machine_table
from scripts.lab.measure import isolated, say
from scripts.lab.program import benchmark, working_folder
from scripts.lab.questions import collect_questions
from scripts.lab.server import article_search, serving
from scripts.lab.table import MEASURES, Row, Table
from search.live import open_searcher
from search.question.query import Query

# Seconds until an article is given up, and between two questions for it: more often, and the
# questions themselves hold up the server that opens the new generation.
PATIENCE, EVERY = 60.0, 0.05
# Words that no corpus has, one for each article.
WORDS = [f"{first}{middle}{last}" for first in ("qua", "zyx", "vro") for middle in ("lid", "mok",
         "tru", "bem", "nop") for last in ("ax", "ond", "ish", "elm")]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; returns the exit status."""
    program = benchmark("scripts.benchmarks.freshness", "Measure how soon a new article is found.")
    program.add_argument("index", type=Path, metavar="INDEX")
    program.number("--articles", 20, f"articles to write, {len(WORDS)} at most", least=1)
    program.number("--questions", 300, "questions asked before and after merging", least=1)
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table]:
    if options.articles > len(WORDS):
        raise InputError(f"--articles is at most {len(WORDS)}")
    yield machine_table()
    with working_folder() as folder:
        index = Path(shutil.copytree(options.index, folder / "index"))
        passages = IndexFolder(index).open_current().manifest.passages
        say("writing articles one by one")
        seconds = asyncio.run(_written(folder, index, options.articles))
        segments = len(IndexFolder(index).open_current().manifest.segments)
        say("asking the grown index, and the merged one")
        generation = IndexFolder(index).open_current()
        questions = isolated(collect_questions, generation, options.questions, None).texts
        grown = isolated(_first_hits, index, questions)
        subprocess.run(
            [*article_search("reindex", "--compact", "--index", str(index)), "--quiet"],
            check=True,
            stdout=sys.stderr,
        )
        merged = isolated(_first_hits, index, questions)
    same = np.mean([a == b for a, b in zip(grown, merged, strict=True)])
    yield Table(
        MEASURES,
        [
            Row("index", f"{passages:,} passages", f"{segments} segments after the last article"),
            Row(
                "written → found over HTTP",
                f"{np.median(seconds):.2f} s",
                f"median of {len(seconds)}; longest {max(seconds):.2f} s",
            ),
            Row(
                "same first hit before and after merging",
                f"{same:.1%}",
                f"of {len(grown)} questions made of the index",
            ),
        ],
    )


async def _written(folder: Path, index: Path, count: int) -> list[float]:
    """Seconds from the writing of each article to the first answer that has it."""
    sources = folder / "articles"
    sources.mkdir()
    articles = [
        # The first begins the watch: what that finds is waited for, and not timed.
        (f"{word} {title}", f"{word.capitalize()} was in the news on Tuesday. {body}")
        for word, (title, body) in zip(WORDS, _texts(count + 1), strict=False)
    ]
    seconds = []
    with serving(index) as server, _watching(sources, index, folder / "watch.log"):
        client = Client(server.port)
        for number, (title, body) in enumerate(articles):
            (sources / f"{number}.txt").write_text(f"{title}\n\n{body}\n")
            began = time.perf_counter()
            await _found(client, title.split()[0], began)
            if number:
                seconds.append(time.perf_counter() - began)
        await client.close()
    return seconds


def _texts(count: int) -> Iterator[tuple[str, str]]:
    for article in islice(made_articles(), count):
        yield article["title"], article["text"]


async def _found(client: Client, word: str, began: float) -> None:
    target = f"/v1/search?q={quote(word)}&mode=lexical&limit=1"
    while True:
        if time.perf_counter() - began > PATIENCE:
            raise RuntimeError(f"{word} was not found within {PATIENCE:.0f} s")
        try:
            status, body = await client.ask(target)
            if status == 200 and json.loads(body)["hits"]:
                return
        except NO_ANSWER:
            pass
        await asyncio.sleep(EVERY)


@contextmanager
def _watching(sources: Path, index: Path, log: Path) -> Iterator[None]:
    command = article_search("reindex", str(sources), "--index", str(index), "--watch", "--quiet")
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as watch:
        try:
            yield
            if watch.poll() is not None:
                raise RuntimeError(f"the watch ended: {log.read_text()[-500:]}")
        finally:
            watch.terminate()


def _first_hits(index: Path, questions: Sequence[str]) -> list[list[str]]:
    """The article of the first hit of each question, if there is one."""
    searcher = open_searcher(replace(Settings.from_environment(), index=index))
    results = (searcher.search(Query(text=text, limit=1)) for text in questions)
    return [[hit.article.id for hit in found.hits] for found in results]


if __name__ == "__main__":
    sys.exit(main())
