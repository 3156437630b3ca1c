"""Measures against values by hand."""

import gzip
import json
import math
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import InputError
from indexer.pipeline import reindex
from search.engine import Searcher
from search.evaluation import evaluate, find_corpus, read_questions, write_run
from tests.conftest import open_index, write_tree
from tests.support.fakes import FakeEmbedder

# Each word is in one article only, so the ranking of a lexical search is known.
CORPUS = [
    {"_id": "apple", "title": "", "text": "The apple fell far. It was red. Nobody ate it at all."},
    {"_id": "berry", "title": "", "text": "The berry berry was blue. It was sweet. All ate it."},
    {"_id": "cherry", "title": "", "text": "The berry and the cherry were sour. Nobody ate them."},
]
QUESTIONS = [
    {"_id": "q1", "text": "apple", "answer": ["RED"]},
    {"_id": "q2", "text": "berry", "answer": ["cherry"]},
    {"_id": "q3", "text": "unheard words", "answer": ["sweet"]},
    {"_id": "q4", "text": "not judged"},
    {"_id": "q5", "text": "judged as irrelevant"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\tapple\t2\nq2\tcherry\t1\nq3\tberry\t1\nq5\tapple\t0\n"


def _files(packed: bool = False, qrels: str = QRELS) -> dict[str, bytes]:
    files = {"qrels/test.tsv": qrels.encode()}
    for name, rows in (("corpus", CORPUS), ("queries", QUESTIONS)):
        content = "\n".join(json.dumps(row) for row in rows).encode()
        files[f"{name}.jsonl.gz" if packed else f"{name}.jsonl"] = (
            gzip.compress(content) if packed else content
        )
    return files


@pytest.fixture(scope="module")
def beir_searcher(tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder) -> Searcher:
    folder = tmp_path_factory.mktemp("beir")
    write_tree(folder / "beir", _files())
    summary = reindex([find_corpus(folder / "beir")], folder / "index", embedder, None)
    assert (summary.articles, summary.passages) == (3, 3)
    return open_index(folder / "index", embedder)


@pytest.mark.parametrize("packed", [False, True])
def test_judged_questions_only(tmp_path: Path, packed: bool) -> None:
    folder = write_tree(tmp_path, _files(packed))
    questions = read_questions(folder)
    assert [question.id for question in questions] == ["q1", "q2", "q3"]
    assert questions[0].relevant == {"apple": 2}
    assert questions[0].answers == ("RED",)
    assert find_corpus(folder).name == ("corpus.jsonl.gz" if packed else "corpus.jsonl")


def test_measures_by_hand(tmp_path: Path, beir_searcher: Searcher) -> None:
    # q1: its article first. q2: second, behind the one with more berries. q3: not found.
    questions = read_questions(write_tree(tmp_path, _files()))
    steps: list[tuple[int, int]] = []
    found = evaluate(beir_searcher, questions, "lexical", lambda *step: steps.append(step))
    second = 1 / math.log2(3)
    assert {name: estimate.mean for name, estimate in found.article.items()} == pytest.approx(
        {
            "nDCG@10": (1 + second) / 3,
            "R@10": 2 / 3,
            "R@100": 2 / 3,
            "RR@10": (1 + 1 / 2) / 3,
            "Success@1": 1 / 3,
        }
    )
    assert {name: estimate.mean for name, estimate in found.passage.items()} == pytest.approx(
        {"RR@10": (1 + 1 / 2) / 3, "Success@1": 1 / 3}
    )
    assert all(estimate.questions == 3 for estimate in found.article.values())
    assert all(
        estimate.low <= estimate.mean <= estimate.high for estimate in found.article.values()
    )
    assert found.sentence is not None
    assert found.sentence.questions == 3
    assert found.run["q2"] == {"berry": 1, "cherry": 1 / 2}
    assert found.run["q3"] == {}
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_a_perfect_run_measures_one(tmp_path: Path, beir_searcher: Searcher) -> None:
    folder = write_tree(tmp_path, _files(qrels="h\nq1\tapple\t1\n".replace("h", "a\tb\tc")))
    found = evaluate(beir_searcher, read_questions(folder), "lexical")
    assert {estimate.mean for estimate in found.article.values()} == {1.0}
    assert {(e.low, e.high) for e in found.article.values()} == {(1.0, 1.0)}


def test_run_file(tmp_path: Path) -> None:
    write_run({"q1": {"b": 1.0, "a": 0.5}, "q2": {"c": 1.0}}, tmp_path / "run", "tag")
    assert (tmp_path / "run").read_text() == (
        "q1 Q0 b 1 1.000000 tag\nq1 Q0 a 2 0.500000 tag\nq2 Q0 c 1 1.000000 tag\n"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"queries.jsonl": None},
        {"qrels/test.tsv": None},
        {"queries.jsonl": b"not json"},
        {"queries.jsonl": b"[]"},
        {"queries.jsonl": b'{"text": "no id"}'},
        {"queries.jsonl": b"\xff\xff"},
        {"queries.jsonl": b""},
        {"queries.jsonl": b'{"_id": "q1", "text": "x", "answer": 5}'},
        {"queries.jsonl": None, "queries.jsonl.gz": b"not gzip"},
        {"queries.jsonl": None, "queries.jsonl.gz": gzip.compress(b"x" * 99)[:-9]},
        {"qrels/test.tsv": b"h\nq1 apple 1\n"},
        {"qrels/test.tsv": b"h\nq1\tapple\tgood\n"},
        {"qrels/test.tsv": b"h\nother\tapple\t1\n"},
        {"qrels/test.tsv": b"\xff"},
    ],
)
def test_what_is_not_beir(tmp_path: Path, change: dict[str, Any]) -> None:
    files = {name: content for name, content in (_files() | change).items() if content is not None}
    with pytest.raises(InputError):
        read_questions(write_tree(tmp_path, files))


def test_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"corpus\.jsonl"):
        find_corpus(tmp_path)
