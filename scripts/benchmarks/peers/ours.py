"""This project beside its peers: the same measures, in process and over HTTP."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from scripts.lab.calibrated import passage_texts
from scripts.lab.load import load
from scripts.lab.machine import memory
from scripts.lab.measure import isolated, timed
from scripts.lab.server import serving
from search.evaluation import JudgedQuestion, answering_passages, evaluate
from search.live import open_searcher
from search.question.query import Query

SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What one contender took.

    milliseconds: of each question asked alone; rate: searches a second at 8 clients
    ranked: by question, the passages found, best first
    """

    index_seconds: float
    disk: int
    memory: int
    milliseconds: list[float]
    rate: float
    ranked: dict[str, list[int]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """The judged questions that a passage answers: the passages, and our own measure.

    relevant: by question id, the numbers of the passages that answer it
    """

    questions: list[JudgedQuestion]
    relevant: dict[str, list[int]]
    own: float


def judge(index: Path, questions: Sequence[JudgedQuestion]) -> Judged:
    """Which passages answer which question, and RR@10 as `article-search evaluate` has it."""
    searcher = open_searcher(_settings(index))
    relevant = {
        each.id: [int(number) for number in answering_passages(searcher, each)]
        for each in questions
    }
    answered = [each for each in questions if relevant[each.id]]
    own = evaluate(searcher, answered).passage["RR@10"].mean
    return Judged(answered, {each.id: relevant[each.id] for each in answered}, own)


def export_passages(index: Path) -> list[str]:
    """Every passage of an index in order, behind its headline."""
    return list(map("\n".join, passage_texts(IndexFolder(index).open_current())))


def in_process(index: Path, job: dict[str, Any]) -> Measured:
    """Measure the Searcher as a library."""
    searcher = open_searcher(_settings(index))

    def search(question: str) -> list[int]:
        asked = Query(text=question, group="passage", reader="off")
        # A hit may be several passages that follow each other: each takes a place.
        return [number for hit in searcher.search(asked).hits for number in hit.merged]

    for question in job["warm_up"]:
        search(question)
    took = [timed(search, question)[0] * 1e3 for question in job["one"]]
    with ThreadPoolExecutor(8) as pool:
        begun = time.perf_counter()
        list(pool.map(search, job["many"]))
        rate = len(job["many"]) / (time.perf_counter() - begun)
    ranked = {each["id"]: search(each["text"])[:10] for each in job["judged"]}
    return Measured(0, 0, memory("self", "VmHWM"), took, rate, ranked)


def over_http(index: Path, job: dict[str, Any], options: str) -> Measured:
    """Measure the server: one client, then eight."""
    with serving(index) as server:
        measured = (server.port, "/v1/search")
        took, _ = isolated(load, *measured, 1, SECONDS, job["warm_up"], job["one"], options)
        times, seconds = isolated(load, *measured, 8, SECONDS, [], job["many"], options)
        return Measured(0, 0, memory(server.pid, "VmHWM"), took, len(times) / seconds)


def _settings(index: Path) -> Settings:
    return replace(Settings.from_environment(), index=index)
