"""Searching in process: milliseconds of a whole search and of each of its stages."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from indexer.settings import Settings
from scripts.lab.table import Row, latency
from search.live import open_searcher
from search.question.query import Query


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
