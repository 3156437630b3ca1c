"""Short versions of `python -m scripts.faults`, with the real model and real processes."""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.article import Article, Span
from indexer.embedding.base import Embedder
from indexer.settings import Settings
from scripts.faults.answers import Answer, Answers, difference
from scripts.faults.damage import FAILURES, FOUND, OUTCOMES, UNAFFECTED, Damages, damage
from scripts.faults.kill import kill, litter
from scripts.faults.soak import JUDGED, Sample, Soak, soak
from scripts.faults.swaps import Swaps, swap


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, real_settings: Settings) -> None:
    """What the processes that are started here get: the model that is exported already."""
    for name in os.environ:
        if name.startswith("ARTICLE_SEARCH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ARTICLE_SEARCH_CACHE", str(real_settings.cache))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.mark.model
@pytest.mark.usefixtures("environment")
def test_kill(tmp_path: Path, real_embedder: Embedder) -> None:
    found = kill(4, 1, real_embedder, tmp_path, articles=12)
    assert found.failures == []
    assert found.outcomes.total() == 4
    assert 0 <= found.saved <= found.embedded


@pytest.mark.model
@pytest.mark.usefixtures("environment")
def test_damage(tmp_path: Path, real_embedder: Embedder) -> None:
    found = damage(30, 1, real_embedder, tmp_path, articles=20)
    assert found.failures == []
    assert found.outcomes[FOUND] == 30
    assert found.outcomes.total() == 2 * 30
    of_segment = {f"segments/0/{name}" for name in ("articles.db", "tokens.bin", "vectors.faiss")}
    assert {"manifest.json", "corpus.db"} | of_segment < set(found.files)


@pytest.mark.model
@pytest.mark.usefixtures("environment")
def test_swaps(tmp_path: Path, real_embedder: Embedder) -> None:
    found = swap(400, 4, 3, real_embedder, tmp_path, articles=30)
    assert found.failures == []
    assert (found.wrong, found.mixed) == (0, {})
    assert found.answers["search", 200] == found.answers.total() >= 400
    assert found.editions.total() == found.answers.total()
    assert set(found.first_seen) == set(found.published)
    assert [number for number, _ in found.published.values()] == [0, 1, 2, 3]
    assert 0 < found.longest_swap < 10


@pytest.mark.model
@pytest.mark.usefixtures("environment")
def test_soak(tmp_path: Path, real_embedder: Embedder) -> None:
    found = soak(30 / 60, 2, 1, real_embedder, tmp_path, every=2, broken=2, articles=20)
    assert found.failures == []
    assert (found.wrong, found.server_errors, found.errors) == (0, 0, 0)
    assert len(found.published) >= 2
    assert found.broken >= 1
    assert found.refusals >= found.broken
    assert {status for _, status in found.answers} >= {200, 400, 401, 404, 405, 422}
    assert found.samples


def _answers(**changes: Any) -> Answers:
    article = Article("a", "Title", "One. Two.", None, None, None, None, "a.txt")
    answer = Answer(article, 0, Span(0, 9), Span(0, 4), 0.5)
    return {("hybrid", "who"): [replace(answer, **changes), replace(answer, passage_number=1)]}


def test_answers_that_differ() -> None:
    wanted = _answers()
    assert difference(_answers(), wanted, 0) is None
    assert difference(_answers(score=0.5005), wanted, 1e-3) is None
    assert "has score" in str(difference(_answers(score=0.5005), wanted, 1e-4))
    assert "hit 1 is" in str(difference(_answers(answer=Span(5, 9)), wanted, 1e-3))
    other = replace(wanted["hybrid", "who"][0].article, text="One. Two!")
    assert "another text" in str(difference(_answers(article=other), wanted, 1e-3))
    fewer = {asked: answers[:1] for asked, answers in wanted.items()}
    assert "1 hits, not 2" in str(difference(fewer, wanted, 1e-3))
    assert "2 hits, not 1" in str(difference(wanted, fewer, 1e-3))


def test_litter(corpus_index: Path, tmp_path: Path) -> None:
    index = tmp_path / "index"
    shutil.copytree(corpus_index, index)
    assert list(litter(index)) == []
    (index / "embedded.db").touch()
    (index / "generations" / "20250101-000000.writing").mkdir()
    next(index.glob("generations/*/segments/0/tokens.bin")).write_bytes(b"")
    found = list(litter(index))
    assert [each.split()[0] for each in found] == [
        "embedded.db",
        "generations/20250101-000000.writing",
        "a",
    ]


def test_damage_that_is_a_failure() -> None:
    found = Damages()
    found.count("tokens.bin", "a bit", [(FOUND, "told"), (UNAFFECTED, "")])
    assert found.failures == []
    for outcome in FAILURES:
        found.count("tokens.bin", "a bit", [(outcome, "so")])
        assert found.failures[-1] == f"a bit: {outcome}: so"
    assert [row.measure for row in found.rows()][1 : 1 + len(OUTCOMES)] == list(OUTCOMES)


def test_swaps_that_are_mixed() -> None:
    one, two = frozenset([1]), frozenset([2])
    found = Swaps(published={"a": (1, 1.0), "b": (2, 2.0)})
    found.editions.update({("a", one): 5, ("b", two): 5})
    found.first_seen.update(a=1.125, b=2.25)
    found.conclude()
    assert (found.mixed, found.failures) == ({}, [])
    assert found.longest_swap == 0.25
    found.editions.update({("b", one | two): 2, ("b", one): 1, ("c", one): 1})
    del found.first_seen["b"]
    found.conclude()
    assert found.mixed.total() == 4
    assert len(found.failures) == 4
    assert found.failures[-1] == "no answer was of generation b"


def test_editions_of_an_answer() -> None:
    found = Swaps()
    texts = [{"text": "One edition1. Two edition1."}, {"text": "Two edition2."}, {"text": "None."}]
    for passage in texts:
        hit = {"article": {"title": "A edition1"}, "passage": passage, "answer": texts[0]}
        assert found.accepts({"index": {"generation": "a"}, "hits": [hit]}, 1.0)
    assert not found.accepts({"index": {"generation": "a"}, "hits": []}, 1.0)
    assert [sorted(editions) for _, editions in found.editions] == [[1], [1, 2], [-1, 1]]
    assert found.milliseconds == [1.0] * 3


def test_soak_that_grows() -> None:
    steady = [Sample(1000, 30, 10)] * 40
    grown = [Sample(1101, 30, 10), Sample(1000, 43, 10), Sample(1099, 42, 10)]
    problems = []
    for last in grown:
        found = Soak(minutes=JUDGED, samples=steady + [last] * 20)
        found.judge()
        problems.append(len(found.failures))
    assert problems == [1, 1, 0]
    short = Soak(minutes=JUDGED / 2, samples=steady + [Sample(2000, 99, 10)] * 20)
    short.judge()
    assert short.failures == []
