"""Whether the confidence tells the questions that the best passage answers from the others.

Every question is asked twice: of the whole index, and with the articles hidden that the qrels name,
and their copies word for word. ROC area: how often the first has a higher score than the second, of
any two questions. Articles about the same event stay, and some of them answer, so 1 is out of
reach; the clear cases are those where a judged article is found first, and those where the best
passage without them holds no answer string. Intervals are 95%, by bootstrap over questions.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from indexer.arrays import Float64
from indexer.embedding.embedder import open_embedder
from indexer.settings import Settings
from indexer.storage.filter import Filter
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.storage.manifest import ConfidenceModel
from indexer.storage.rows import StoredArticle
from scripts.commands.evaluate import add_judged_folder, judged_index
from scripts.commands.terminal import progress_bars
from scripts.lab.measure import say
from scripts.lab.program import benchmark
from scripts.lab.table import Table
from search.evaluation import BOOTSTRAP_SAMPLES, JudgedQuestion, read_questions
from search.question.query import Query
from search.ranking.confidence import PRIOR, SIGNALS, THRESHOLD, probability, signals
from search.ranking.fitting import Examiner, fit_confidence

BINS = (0.0, 0.2, THRESHOLD, 0.5, 0.65, 0.8, 1.0)
RAW = ("dense cosine", "BM25", "MaxSim")


@dataclass(frozen=True, slots=True)
class Answer:
    """The best hit of one question: `RAW` scores, (3,), signals, (3,), and what it holds."""

    raw: Float64
    signals: Float64
    judged: bool
    holds_answer: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; returns the exit status."""
    about = "Measure whether it is known that the best passage answers."
    program = benchmark("scripts.benchmarks.confidence", about)
    add_judged_folder(program)
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table | str]:
    questions = read_questions(options.folder)
    settings = Settings.from_environment()
    with progress_bars() as bars, judged_index(options, settings, bars) as settings:
        index = LocalIndex(IndexFolder(settings.folder).open_current())
        embedder = open_embedder(settings, index.generation.manifest.model)
        examiner = Examiner(index, embedder)
        say(f"asking {len(questions)} questions twice")
        pairs = [pair for each in questions if (pair := ask_twice(examiner, each))]
        say("making questions")
        model = fit_confidence(index, embedder)
    yield (
        f"{options.folder.name}: {len(pairs)} questions, gold present and gold removed\n"
        f"weights {[round(each, 2) for each in model.weights]}, bias {model.bias:.2f}"
    )
    scores = scores_of(pairs, model)
    yield Table(("score", "ROC area", "above dense cosine", "clear cases"), [*areas(pairs, scores)])
    yield Table(("of 100 questions", "figure"), errors(pairs, scores["confidence"]))
    yield Table(("confidence", "asked", "gold present"), calibration(scores["confidence"]))


def ask_twice(examiner: Examiner, question: JudgedQuestion) -> tuple[Answer, Answer] | None:
    """The best hit of all articles, and with the judged ones hidden; None without a hit."""
    gold = [found for each in question.relevant if (found := examiner.index.by_id(each))]
    if not gold:
        return None
    hidden = [n for each in gold for n in examiner.without(each, "same").without_articles]
    present = ask(examiner, question, gold, Filter())
    removed = ask(examiner, question, gold, Filter(without_articles=tuple(hidden)))
    return (present, removed) if present and removed else None


def ask(
    examiner: Examiner, question: JudgedQuestion, gold: Sequence[StoredArticle], filter: Filter
) -> Answer | None:
    """The best hit of a question, or None without one."""
    index = examiner.index
    asked = examiner.question(Query(text=question.text).words)
    pool = examiner.pool(asked, filter)
    found = signals(asked, pool)
    if found is None:
        return None
    (best,) = index.passages([int(pool.passages[0])])
    text = best.passage.span.of(index.articles([best.article])[best.article].article.text)
    every = (pool.dense.scores, pool.lexical.scores, pool.late)
    raw = [scores.max(initial=0.0) for scores in every]
    judged = best.article in [each.number for each in gold]
    holds = any(answer.casefold() in text.casefold() for answer in question.answers)
    return Answer(np.array(raw, np.float64), found, judged, holds)


def scores_of(pairs: Sequence[tuple[Answer, Answer]], model: ConfidenceModel) -> dict[str, Float64]:
    """Scores by name, each (n, 2): gold present, gold removed."""
    raw = np.array([[each.raw for each in pair] for pair in pairs])  # (n, 2, 3)
    found = np.array([[each.signals for each in pair] for pair in pairs])  # (n, 2, 3)
    scores = {name: raw[:, :, i] for i, name in enumerate(RAW)}
    scores |= {name: found[:, :, i] for i, name in enumerate(SIGNALS)}
    for name, of in (("prior weights", PRIOR), ("confidence", model)):
        scores[name] = np.array([[probability(of, each) for each in pair] for pair in found])
    return scores


def area(present: Float64, removed: Float64) -> float:
    """ROC area: the share of pairs in order, ties counted half (Hanley & McNeil 1982)."""
    above = present[:, None] > removed[None, :]
    return float((above + 0.5 * (present[:, None] == removed[None, :])).mean())


def areas(
    pairs: Sequence[tuple[Answer, Answer]], scores: dict[str, Float64]
) -> Iterator[tuple[str, ...]]:
    """ROC areas as table rows."""
    found = np.array([present.judged for present, _ in pairs])
    silent = np.array([not removed.holds_answer for _, removed in pairs])
    samples = np.random.default_rng(0).integers(len(pairs), size=(BOOTSTRAP_SAMPLES, len(pairs)))

    def resampled(values: Float64) -> Float64:
        return np.array([area(*values[sample].T) for sample in samples])

    base, base_samples = area(*scores["dense cosine"].T), resampled(scores["dense cosine"])
    for name, values in scores.items():
        whole, those = area(*values.T), resampled(values)
        low, high = np.percentile(those, [2.5, 97.5])
        low_gain, high_gain = np.percentile(those - base_samples, [2.5, 97.5])
        whole_shown = f"{whole:.3f} [{low:.3f}, {high:.3f}]"
        gain = f"{whole - base:+.3f} [{low_gain:+.3f}, {high_gain:+.3f}]"
        yield name, whole_shown, gain, f"{area(values[found, 0], values[silent, 1]):.3f}"


def errors(pairs: Sequence[tuple[Answer, Answer]], confidence: Float64) -> list[tuple[str, str]]:
    """Error rates at the threshold as table rows."""
    said = confidence >= THRESHOLD
    silent = np.array([not removed.holds_answer for _, removed in pairs])
    return [
        ("gold present, called unanswered", f"{100 * np.mean(~said[:, 0]):.0f}"),
        ("gold removed, called answered", f"{100 * np.mean(said[:, 1]):.0f}"),
        ("… and no answer string in the best passage", f"{100 * np.mean(said[silent, 1]):.0f}"),
    ]


def calibration(confidence: Float64) -> list[tuple[str, str, str]]:
    """How often the gold was present, by the confidence, as table rows."""
    rows = []
    for low, high in pairwise(BINS):
        inside = (confidence >= low) & ((confidence < high) | (high == BINS[-1]))
        count = int(inside.sum())
        share = f"{100 * inside[:, 0].sum() / count:.0f}%" if count else ""
        rows.append((f"{low:.2f} to {high:.2f}", str(count), share))
    return rows


if __name__ == "__main__":
    sys.exit(main())
