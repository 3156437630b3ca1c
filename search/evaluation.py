"""How well the Searcher ranks: BEIR folders in, TREC measures out.

Articles are measured by the qrels. Where questions carry `answer` strings, passages are too: a
passage is relevant if it is in a judged article and contains an answer, case folded; only questions
that have such a passage count. All measures come from ir_measures.
"""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
from ir_measures import RR, R, Success, nDCG

from indexer.errors import InputError
from search.engine import Searcher
from search.question.query import MAX_QUESTION, Mode, Query

ARTICLE_MEASURES = [nDCG @ 10, R @ 10, R @ 100, RR @ 10, Success @ 1]
PASSAGE_MEASURES = [RR @ 10, Success @ 1]
DEPTH = 100
BOOTSTRAP_SAMPLES = 1000

Run = dict[str, dict[str, float]]
"""Question id → document id → score, higher is better."""


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A judged question: its relevant articles by id, and the strings that answer it."""

    id: str
    text: str
    relevant: Mapping[str, int]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean of a measure over n questions, and its 95% bootstrap interval."""

    mean: float
    low: float
    high: float
    questions: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures by name, and the run by article that they were computed from.

    `sentence` is the share of questions for which the best sentence of a judged article contains an
    answer, over the questions whose judged article has such a sentence. `marks` are of what is
    shown and asserted, see `mark_measures`.
    """

    article: dict[str, Estimate]
    passage: dict[str, Estimate]
    sentence: Estimate | None
    marks: dict[str, Estimate]
    run: Run


def find_corpus(folder: Path) -> Path:
    """The corpus file of a BEIR folder.

    Raises:
        InputError: there is none.
    """
    return _one_of(folder, "corpus.jsonl")


def read_questions(folder: Path) -> list[JudgedQuestion]:
    """The questions of a BEIR folder that occur in its qrels.

    Raises:
        InputError: a file is missing or not in BEIR's format.
    """
    qrels = _read_qrels(folder / "qrels" / "test.tsv")
    questions = []
    file = _one_of(folder, "queries.jsonl")
    try:
        with (
            gzip.open(file, "rt", encoding="utf-8")
            if file.suffix == ".gz"
            else file.open(encoding="utf-8") as stream
        ):
            for line in stream:
                record = json.loads(line)
                relevant = qrels.get(str(record["_id"]))
                if relevant:
                    answers = tuple(str(answer) for answer in record.get("answer", ()) if answer)
                    text = str(record["text"])[:MAX_QUESTION]
                    questions.append(JudgedQuestion(str(record["_id"]), text, relevant, answers))
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OSError,
        EOFError,
        zlib.error,
    ) as error:
        raise InputError(f"{file} is not a BEIR queries file: {error!r}") from error
    if not questions:
        raise InputError(f"no question of {file} occurs in the qrels")
    return questions


def _one_of(folder: Path, name: str) -> Path:
    for file in (folder / name, folder / f"{name}.gz"):
        if file.is_file():
            return file
    raise InputError(f"{folder} is not a BEIR folder: it has no {name} or {name}.gz")


def _read_qrels(file: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    try:
        lines = file.read_text("utf-8").splitlines()
        for line in lines[1:]:
            question, article, grade = line.split("\t")
            if int(grade) > 0:
                qrels.setdefault(question, {})[article] = int(grade)
    except (OSError, ValueError) as error:
        raise InputError(f"{file} is not a BEIR qrels file: {error}") from error
    return qrels


def evaluate(
    searcher: Searcher,
    questions: Sequence[JudgedQuestion],
    mode: Mode = "hybrid",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluation:
    """Ask every question as a user would, and measure the answers."""
    run: Run = {}
    passage_run: Run = {}
    passage_qrels: dict[str, dict[str, int]] = {}
    sentences: list[float] = []
    marks: dict[str, list[float]] = {}
    for done, question in enumerate(questions, start=1):
        hits = searcher.search(_asked(question.text, mode, limit=DEPTH)).hits
        # By rank, not score: ties must stay in the order in which a user sees them.
        run[question.id] = {hit.article.id: 1 / hit.rank for hit in hits}
        relevant = set(answering_passages(searcher, question))
        if relevant:
            hits = searcher.search(_asked(question.text, mode, group="passage")).hits
            # A hit may be several passages: it is named by one of them that answers, if any does.
            passage_run[question.id] = {
                next((str(n) for n in hit.merged if str(n) in relevant), str(hit.passage_number)): 1
                / hit.rank
                for hit in hits
            }
            passage_qrels[question.id] = dict.fromkeys(relevant, 1)
        sentences.extend(_sentence_found(searcher, question))
        if mode == "hybrid":
            for name, value in _marks_of(searcher, question):
                marks.setdefault(name, []).append(value)
        progress(done, len(questions))
    qrels = {question.id: dict(question.relevant) for question in questions}
    return Evaluation(
        _measure(ARTICLE_MEASURES, qrels, run),
        passage_measures(passage_qrels, passage_run) if passage_qrels else {},
        _estimate(sentences) if sentences else None,
        {name: _estimate(values) for name, values in marks.items()},
        run,
    )


def _asked(text: str, mode: Mode, **options: Any) -> Query:
    """A question as it is asked when its ranking is measured: unread, and to the end."""
    return Query(text=text, mode=mode, floor=0, reader="off", **options)


def _marks_of(searcher: Searcher, question: JudgedQuestion) -> Iterator[tuple[str, float]]:
    """What is shown to somebody who asks, by the name of the measure.

    Asserted and right are shares of all questions with answers, so that precision and coverage can
    be told from them. Hidden are the judged articles and their copies. The words are the two
    longest of a judged article's headline, asked as somebody looks for it.
    """
    if question.answers:
        found = searcher.search(Query(text=question.text, group="story"))
        shown = [(hit, hit.article.text) for hit in found.hits[:3]]
        marked = [_contains(hit.answer.of(text), question.answers) for hit, text in shown]
        yield "answer in the first mark", float(any(marked[:1]))
        yield "answer in a mark of three", float(any(marked))
        for hit, text in shown[:1]:
            yield (
                "answer in the passage shown",
                float(_contains(hit.passage.of(text), question.answers)),
            )
        yield "asserted", float(found.answerable is True)
        if found.answerable:
            yield "asserted: right", float(any(marked[:1]))
        yield "told no", float(found.answerable is False)
        hidden = searcher.search(
            Query(text=question.text, group="story"), hidden=_copies(searcher, question)
        )
        for hit in hidden.hits[:1]:
            if not _contains(hit.answer.of(hit.article.text), question.answers):
                yield "hidden: asserted", float(hidden.answerable is True)
                yield "hidden: told no", float(hidden.answerable is False)
    for stored in filter(None, map(searcher.article, question.relevant)):
        words = sorted(re.findall(r"[^\W\d_]{4,}", stored.article.title), key=len)[-2:]
        if len(words) == 2:
            looked_up = searcher.search(Query(text=" ".join(words)))
            yield "headline words: told no", float(looked_up.answerable is False)
            yield (
                "headline words: article found",
                float(any(hit.article.id == stored.article.id for hit in looked_up.hits)),
            )


def _copies(searcher: Searcher, question: JudgedQuestion) -> list[int]:
    """The judged articles of a question, and their copies, by number."""
    found: list[int] = []
    for stored in filter(None, map(searcher.article, question.relevant)):
        members = searcher.story(stored.story).members
        found += [stored.number, *(each.number for each in members if each.degree != "event")]
    return found


def _contains(text: str, answers: Sequence[str]) -> bool:
    folded = text.casefold()
    return any(answer.casefold() in folded for answer in answers)


def answering_passages(searcher: Searcher, question: JudgedQuestion) -> Iterator[str]:
    """The numbers of the passages of judged articles that contain an answer."""
    if not question.answers:
        return
    for article_id in question.relevant:
        stored = searcher.article(article_id)
        for passage in searcher.passages_of(stored.number) if stored else ():
            assert stored is not None
            if _contains(passage.passage.span.of(stored.article.text), question.answers):
                yield str(passage.number)


def _sentence_found(searcher: Searcher, question: JudgedQuestion) -> Iterator[float]:
    for article_id in question.relevant if question.answers else ():
        stored = searcher.article(article_id)
        if stored is None:
            continue
        text = stored.article.text
        sentences = [
            sentence
            for passage in searcher.passages_of(stored.number)
            for sentence in passage.passage.sentences
        ]
        if any(_contains(sentence.of(text), question.answers) for sentence in sentences):
            best = searcher.best_sentence(question.text, stored.number)
            assert best is not None
            yield float(_contains(best[1].of(text), question.answers))
            return


def passage_measures(qrels: dict[str, dict[str, int]], run: Run) -> dict[str, Estimate]:
    """How well passages are ranked, whoever ranked them."""
    return _measure(PASSAGE_MEASURES, qrels, run)


def _measure(
    measures: Sequence[ir_measures.Measure], qrels: dict[str, dict[str, int]], run: Run
) -> dict[str, Estimate]:
    values: dict[str, list[float]] = {str(measure): [] for measure in measures}
    for metric in ir_measures.iter_calc(measures, qrels, run):
        values[str(metric.measure)].append(metric.value)
    return {name: _estimate(values[name]) for name in values}


def _estimate(values: Sequence[float]) -> Estimate:
    """Mean and percentile bootstrap over questions (Sakai 2006), with a fixed seed."""
    array = np.array(values)
    samples = np.random.default_rng(0).choice(array, (BOOTSTRAP_SAMPLES, len(array)))
    low, high = np.percentile(samples.mean(axis=1), [2.5, 97.5])
    return Estimate(float(array.mean()), float(low), float(high), len(array))


def write_run(run: Run, file: Path, tag: str) -> None:
    """Write a run in TREC format: `question Q0 document rank score tag`.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        stream = file.open("w", encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write the run: {error}") from error
    with stream:
        for question, documents in run.items():
            for rank, (document, score) in enumerate(documents.items(), start=1):
                stream.write(f"{question} Q0 {document} {rank} {score:.6f} {tag}\n")
