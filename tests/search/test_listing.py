"""What filters alone list: articles, the newest first."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import QueryError
from search.question.query import Query
from tests.conftest import Run, WriteFiles, open_index
from tests.support.corpus import record
from tests.support.fakes import FakeEmbedder

Listed = Callable[..., list[str]]

TEXT = (
    "Councillors voted nine to two to turn the disused lighthouse into a museum. It opens in May."
)
OTHER = (
    "The ferry Agda will not sail because of ice, the harbour master said. Nobody was surprised."
)
ARTICLES = [
    ("a", TEXT, "Skerry Post", "2024-03-01"),
    ("b", OTHER, "Skerry Post", "2024-03-03"),
    ("c", TEXT + " Case c.", "Echo", "2024-03-02"),
    ("d", OTHER + " Case d.", "Skerry Post", None),
    ("e", TEXT + " Case e.", "Skerry Post", "2024-02"),
]


@pytest.fixture
def listed(write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder) -> Listed:
    lines = [
        record(i, f"Story {i}", [text], **({"source": source} | ({"date": day} if day else {})))
        for i, text, source, day in ARTICLES
    ]
    run(write_files({"a.jsonl": "\n".join(lines).encode()}))
    searcher = open_index(index, embedder)

    def ids(**query: Any) -> list[str]:
        return [hit.article.id for hit in searcher.search(Query(**query)).hits]

    return ids


def test_everything_of_an_outlet_newest_first(listed: Listed) -> None:
    assert listed(sources=("Skerry Post",)) == ["b", "a", "e", "d"]
    assert listed(text='source:"skerry post"', sort="date") == ["b", "a", "e", "d"]
    assert listed(text="source:nobody") == []


def test_days_and_excluded_words(listed: Listed) -> None:
    assert listed(text="after:2024-03-02") == ["b", "c"]
    assert listed(text="-museum") == ["b", "d"]
    assert listed(text='-museum source:"Skerry Post" before:2024-12') == ["b"]


@pytest.mark.parametrize("group", ["story", "article", "passage"])
@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_any_mode_and_grouping(listed: Listed, group: str, mode: str) -> None:
    found = listed(sources=("Echo",), group=group, mode=mode)
    assert found == ["c"]


def test_pages(listed: Listed) -> None:
    of: dict[str, Any] = {"sources": ("Skerry Post",), "limit": 2}
    assert listed(**of) + listed(**of, offset=2) == ["b", "a", "e", "d"]


def test_nothing_is_asserted(listed: Listed, index: Path, embedder: FakeEmbedder) -> None:
    results = open_index(index, embedder).search(Query(sources=("Echo",), explain=True))
    assert (results.confidence, results.answerable, results.total) == (None, None, 1)
    (hit,) = results.hits
    assert hit.answer.of(hit.article.text).startswith("Councillors voted")
    assert hit.matches == ()


def test_nothing_at_all_is_still_refused() -> None:
    with pytest.raises(QueryError, match="empty"):
        Query(text=" ", mode="lexical")
