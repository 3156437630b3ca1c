"""Quality on data that is kept outside of the project: it may only rise."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.embedding.base import Embedder
from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from scripts.benchmarks.confidence import area, ask_twice, scores_of
from scripts.benchmarks.reading import quality
from scripts.benchmarks.stories import measure_copies, read_corpus
from search.answering.reader import open_reader
from search.engine import Searcher
from search.evaluation import Evaluation, evaluate, find_corpus, read_questions
from search.question.query import Query
from search.ranking.fitting import Examiner, fit_confidence
from tests.conftest import ROOT, open_index, require

FILE = "tests/whole/floors.json"

Floors = dict[str, dict[str, float]]


def read_floors(text: str) -> Floors:
    floors: Floors = json.loads(text)
    for measures in floors.values():
        for value in measures.values():
            assert 0 < value < 1
    return floors


FLOORS = read_floors((ROOT / FILE).read_text())
RANKED = [name for name in FLOORS if name not in ("reading", "stories")]
# Questions that are asked of a set, spread over it: XQuAD has 1,190, which would take minutes.
ASKED = 400


def measured(evaluation: Evaluation) -> dict[str, float]:
    values = {f"{name} by article": each.mean for name, each in evaluation.article.items()}
    values |= {f"{name} by passage": each.mean for name, each in evaluation.passage.items()}
    values |= {name: each.mean for name, each in evaluation.marks.items()}
    if evaluation.sentence:
        values["answering sentence"] = evaluation.sentence.mean
    return values


@pytest.mark.shared
@pytest.mark.model
@pytest.mark.parametrize("name", RANKED)
def test_quality_is_at_its_floor(
    shared_data: Path, tmp_path: Path, real_embedder: Embedder, name: str
) -> None:
    folder = shared_data / name
    require(folder.is_dir(), f"there is no {folder}: evaluation data not here")
    summary = reindex([find_corpus(folder)], tmp_path / "index", real_embedder, None)
    assert summary.skipped == []
    questions = read_questions(folder)
    questions = questions[:: -(-len(questions) // ASKED)]
    index = LocalIndex(IndexFolder(tmp_path / "index").open_current())
    searcher = Searcher(index, real_embedder, open_reader(2))
    values = measured(evaluate(searcher, questions))
    examiner = Examiner(index, real_embedder)
    pairs = [pair for question in questions if (pair := ask_twice(examiner, question))]
    values["confidence: ROC area"] = area(
        *scores_of(pairs, fit_confidence(index, real_embedder))["confidence"].T
    )
    below = {
        measure: (values[measure], floor)
        for measure, floor in FLOORS[name].items()
        if values[measure] < floor
    }
    assert below == {}, values


@pytest.mark.shared
def test_articles_are_read_as_well_as_before(shared_data: Path) -> None:
    values = {name: value for name, (value, _) in quality(shared_data).items()}
    assert set(values) == set(FLOORS["reading"])
    below = {name: value for name, value in values.items() if value < FLOORS["reading"][name]}
    assert below == {}, values


@pytest.mark.shared
def test_stories_are_found_as_well_as_before(shared_data: Path) -> None:
    articles = read_corpus(shared_data / "news_quiz_ci" / "corpus.jsonl.gz")
    values = {name: share for name, *_, share in measure_copies(articles, 200, show=False)}
    floors = FLOORS["stories"]
    below = {name: values[name] for name in floors if float(values[name]) < floors[name]}
    assert below == {}, values


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def earlier_floors() -> Iterator[Floors]:
    require((ROOT / ".git").exists(), "this is no git checkout: no earlier floors to compare with")
    for commit in _git("log", "--format=%H", "--diff-filter=AM", "--", FILE).split():
        yield read_floors(_git("show", f"{commit}:{FILE}"))


def lowered(now: Floors, before: Floors) -> list[str]:
    return [
        f"{name}, {measure}: {now.get(name, {}).get(measure)} is below {value}"
        for name, measures in before.items()
        for measure, value in measures.items()
        if now.get(name, {}).get(measure, 0) < value
    ]


def test_no_floor_is_lower_than_in_any_commit() -> None:
    earlier = list(earlier_floors())
    assert earlier
    assert [line for before in earlier for line in lowered(FLOORS, before)] == []


def test_a_lower_or_missing_floor_is_noticed() -> None:
    before = {"a": {"x": 0.5, "y": 0.5}, "b": {"z": 0.5}}
    assert lowered({"a": {"x": 0.49, "y": 0.6}}, before) == [
        "a, x: 0.49 is below 0.5",
        "b, z: None is below 0.5",
    ]


@pytest.mark.shared
@pytest.mark.model
def test_the_first_question(shared_data: Path, tmp_path: Path, real_embedder: Embedder) -> None:
    seeds = shared_data.parent / "seeds"
    require(seeds.is_dir(), f"there is no {seeds}: the raw articles are not here")
    reindex([seeds], tmp_path / "index", real_embedder, None)
    question = Query(text="what did Kim promise Belousov")
    best = open_index(tmp_path / "index", real_embedder).search(question).hits[0]
    assert best.article.source == "IANS"
    assert "invariably support the policy" in best.answer.of(best.article.text)
    assert best.passage.start <= best.answer.start < best.answer.end <= best.passage.end
