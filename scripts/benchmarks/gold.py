"""What who asks the gold questions gets: the right sentence marked, an answer only if there is one.

    python -m scripts.benchmarks.gold data/gold/sample.jsonl --index index

A gold file has a question a line: `kind` is answerable, unanswerable or keywords, and `answer`
patterns of which a right sentence matches one. They were written by hand, in other words than the
articles', and none was used to train the reader.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from indexer.settings import Settings
from scripts.benchmarks.confidence import area
from search.engine import Searcher
from search.live import open_searcher
from search.question.query import Query
from search.results import Results

Kind = Literal["answerable", "unanswerable", "keywords"]
# Shares of the right marks that are asserted, at which precision is told.
COVERAGES = (0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Gold:
    """A question, and what tells a sentence that answers it."""

    id: str
    kind: Kind
    question: str
    answer: tuple[re.Pattern[str], ...]

    def answered_by(self, text: str) -> bool:
        """Whether a text has what answers."""
        return any(pattern.search(text) for pattern in self.answer)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found for a gold question: whether marks and passage answer, and what was said."""

    gold: Gold
    first: bool
    three: bool
    shown: bool
    confidence: float | None
    answerable: bool | None

    @classmethod
    def of(cls, gold: Gold, results: Results) -> "Asked":
        """Of the results of its question."""
        texts = [(hit, hit.article.text) for hit in results.hits[:3]]
        marks = [gold.answered_by(hit.answer.of(text)) for hit, text in texts]
        return cls(
            gold,
            any(marks[:1]),
            any(marks),
            any(gold.answered_by(hit.passage.of(text)) for hit, text in texts[:1]),
            results.confidence,
            results.answerable,
        )


def read_gold(file: Path) -> list[Gold]:
    """The questions of a gold file."""
    found = []
    for line in file.read_text("utf-8").splitlines():
        raw = json.loads(line)
        patterns = tuple(re.compile(each, re.I) for each in raw.get("answer", ()))
        found.append(Gold(raw["id"], raw["kind"], raw["question"], patterns))
    return found


def ask(searcher: Searcher, gold: Sequence[Gold]) -> list[Asked]:
    """Ask every question as the page does."""
    return [
        Asked.of(each, searcher.search(Query(text=each.question, group="story"))) for each in gold
    ]


def measures(asked: Sequence[Asked]) -> Iterator[tuple[str, float, int]]:
    """Name, value and number of questions of each measure."""
    answerable = [each for each in asked if each.gold.kind == "answerable"]
    unanswerable = [each for each in asked if each.gold.kind == "unanswerable"]
    keywords = [each for each in asked if each.gold.kind == "keywords"]
    questions = [*answerable, *unanswerable]
    asserted = [each for each in questions if each.answerable]
    right = [each for each in answerable if each.first]

    def share(name: str, values: Sequence[bool]) -> tuple[str, float, int]:
        return name, float(np.mean(values)) if values else float("nan"), len(values)

    yield share("marked sentence of the first hit answers", [each.first for each in answerable])
    yield share("a mark of the first three answers", [each.three for each in answerable])
    yield share("passage shown holds the answer", [each.shown for each in answerable])
    yield share("asserted answers that are right", [each.first for each in asserted])
    yield share("right marks that are asserted", [bool(each.answerable) for each in right])
    yield share("answerable, told no", [each.answerable is False for each in answerable])
    yield share("unanswerable, told no", [each.answerable is False for each in unanswerable])
    yield share("keywords, told no", [each.answerable is False for each in keywords])
    yield share("keywords, judged", [each.confidence is not None for each in keywords])
    read = [each for each in questions if each.confidence is not None]
    scores = np.array([each.confidence for each in read], np.float64)
    there = np.array([each.gold.kind == "answerable" for each in read], bool)
    if there.any() and not there.all():
        yield "ROC area, answerable or not", area(scores[there], scores[~there]), len(read)
    for coverage, precision in curve(read, len(right)):
        yield f"precision at {coverage:.0%} of the right marks", precision, len(read)


def curve(asked: Sequence[Asked], right: int) -> Iterator[tuple[float, float]]:
    """Precision of what is asserted, at shares of the right marks that are."""
    ordered = sorted(asked, key=lambda each: -(each.confidence or 0))
    hits = np.cumsum([each.first for each in ordered])
    precision = hits / np.arange(1, len(ordered) + 1)
    for coverage in COVERAGES:
        enough = np.flatnonzero(hits >= coverage * right)
        if len(enough):
            yield coverage, float(precision[enough[0] :].max())


def main(argv: Sequence[str] | None = None) -> int:
    """Print the measures."""
    parser = argparse.ArgumentParser(description="Ask gold questions and measure the answers.")
    parser.add_argument("files", type=Path, nargs="+", metavar="GOLD", help="gold questions")
    parser.add_argument("--index", type=Path, required=True, help="an index of their articles")
    parser.add_argument("--list", action="store_true", help="print every question and its mark")
    arguments = parser.parse_args(argv)
    settings = replace(Settings.from_environment(os.environ), index=arguments.index)
    searcher = open_searcher(settings)
    for file in arguments.files:
        asked = ask(searcher, read_gold(file))
        print(file.name)
        for name, value, number in measures(asked):
            print(f"  {name:<44} {value:.3f}  n={number}")
        for each in asked if arguments.list else ():
            print(each.gold.id, "right" if each.first else "-", each.confidence, each.gold.question)
    return 0


if __name__ == "__main__":
    sys.exit(main())
