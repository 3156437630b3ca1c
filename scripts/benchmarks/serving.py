"""Searching in process, and the programs as a user starts them: under load, and how fast."""

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median

from indexer.settings import Settings
from scripts.lab.load import load
from scripts.lab.machine import memory
from scripts.lab.measure import isolated, say, timed
from scripts.lab.server import article_search, serving
from scripts.lab.table import Row, figure, latency, mebibytes
from search.live import open_searcher
from search.question.query import Query

WARM_UP = 30
# What is measured: path, clients at once, questions, and seconds after which no more is asked.
LOADS = (
    ("/v1/search", 1, 500, 60.0),
    ("/v1/search", 8, 2000, 15.0),
    ("/", 1, 500, 60.0),
)
# The same of a server with two workers.
SHARED_LOADS = (("/v1/search", 8, 2000, 15.0),)
QUESTIONS = sum(WARM_UP + questions for _, _, questions, _ in (*LOADS, *SHARED_LOADS))
SEARCH_STARTS = 5
SERVE_STARTS = 3


def measure_search(index: Path, warm_up: Sequence[str], questions: Sequence[str]) -> list[Row]:
    """One search after the other, hybrid, ten articles each."""
    searcher = open_searcher(replace(Settings.from_environment(), index=index))
    for question in warm_up:
        searcher.search(Query(text=question))
    took: list[float] = []
    stages: dict[str, list[float]] = {}
    for question in questions:
        results = searcher.search(Query(text=question))
        if not results.hits:
            raise RuntimeError(f"nothing was found for {question!r}")
        took.append(results.took_ms)
        for stage, milliseconds in results.timings.items():
            stages.setdefault(stage, []).append(milliseconds)
    how = f"hybrid, {len(questions)} questions after {len(warm_up)} unmeasured, one thread of calls"
    return [
        Row("search in process", latency(took), how),
        *(Row(f"search in process, {stage}", latency(times)) for stage, times in stages.items()),
    ]


def measure_http(index: Path, questions: Sequence[str]) -> list[Row]:
    """Latency and rate under each load, no question asked twice, then the server's memory."""
    left = iter(questions)

    def measured(port: int, path: str, clients: int, count: int, seconds: float) -> Row:
        say(f"HTTP, {path}, {clients} client{'s' * (clients > 1)}")
        return _load(port, path, clients, seconds, list(islice(left, WARM_UP + count)))

    with serving(index) as server:
        rows = [measured(server.port, *each) for each in LOADS]
        for field, about in (
            ("VmRSS", "VmRSS of serve after these searches"),
            ("RssAnon", "its own, not backed by a file"),
            ("RssFile", "mapped files, which the system can drop"),
        ):
            rows.append(Row(f"serve, memory {field}", mebibytes(memory(server.pid, field)), about))
    with serving(index, workers=2) as server:
        for each in SHARED_LOADS:
            row = measured(server.port, *each)
            rows.append(row._replace(measure=f"{row.measure}, serve --workers 2"))
    return rows


def _load(port: int, path: str, clients: int, seconds: float, questions: Sequence[str]) -> Row:
    warm_up, measured = questions[:WARM_UP], questions[WARM_UP:]
    times, took = isolated(load, port, path, clients, seconds, warm_up, measured)
    what = "the page of a search" if path == "/" else "search"
    return Row(
        f"{what} over HTTP, {clients} client{'s' * (clients > 1)}",
        f"{latency(times)}, {figure(len(times) / took)} searches/s",
        f"{len(times)} distinct questions in {figure(took)} s, kept connections, "
        "client on the same machine",
    )


def measure_starts(index: Path, question: str) -> list[Row]:
    """Wall time of `search`, and of `serve` until it is ready; the first run is not counted."""
    say("cold start")
    searches = [timed(_search_once, index, question)[0] for _ in range(SEARCH_STARTS + 1)][1:]
    starts = []
    for _ in range(SERVE_STARTS):
        with serving(index) as server:
            starts.append(server.seconds)
    return [
        Row(
            "`article-search search`, start to end",
            f"{figure(median(searches))} s",
            f"median of {SEARCH_STARTS}, exported model cached, files in the page cache",
        ),
        Row(
            "`article-search serve`, start to ready",
            f"{figure(median(starts))} s",
            f"median of {SERVE_STARTS}, until /readyz answers 200, which takes one real search",
        ),
    ]


def _search_once(index: Path, question: str) -> None:
    command = article_search("search", "--index", str(index), "--", question)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    if not done.stdout.strip():
        raise RuntimeError(f"`search` found nothing for {question!r}")
