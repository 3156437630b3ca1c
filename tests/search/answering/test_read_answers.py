"""The sentence that the reader chooses, and what is said of it."""

from pathlib import Path

import pytest

from indexer.embedding.base import Embedder
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from search.answering.answer import MOST_READ, READ_AT_ONCE, SURE
from search.engine import Searcher
from search.question.query import Query
from tests.conftest import Build
from tests.support.fakes import FakeEmbedder, FakeReader

FILLER = "The quiet harbour of Tornby waited for the winter and the winter came slowly. " * 8
FAR = "She gave the lantern to her brother in the spring of that year, and nobody asked why."
TEXT = "\n\n".join(
    [
        "Who kept the copper lantern of Tornby?",
        "The copper lantern of Tornby was lost in the storm, said captain Dora Quill.",
        *(FILLER.strip() for _ in range(3)),
        "Dora Quill sat in the kitchen. " + FAR,
        *(FILLER.strip() for _ in range(3)),
    ]
)
QUESTION = "who kept the copper lantern of Tornby"


def open_with(index: Path, embedder: Embedder, reader: FakeReader) -> Searcher:
    return Searcher(LocalIndex(IndexFolder(index).open_current()), embedder, reader)


@pytest.fixture
def lantern(build: Build, index: Path) -> Path:
    build({"lantern.txt": f"The lantern of Tornby\n\n{TEXT}".encode()})
    return index


def test_the_whole_article_competes(lantern: Path, embedder: FakeEmbedder) -> None:
    reader = FakeReader({FAR: 6.0})
    results = open_with(lantern, embedder, reader).search(Query(text=QUESTION))
    hit = results.hits[0]
    text = hit.article.text
    assert hit.answer.of(text) == FAR
    assert hit.passage.start <= hit.answer.start < hit.answer.end <= hit.passage.end
    assert hit.context is not None
    assert hit.context.of(text) == "Dora Quill sat in the kitchen."
    assert hit.log_odds == pytest.approx(6)
    assert results.confidence is not None
    assert results.answerable is True


def test_the_heading_that_asks_is_no_answer(lantern: Path, embedder: FakeEmbedder) -> None:
    reader = FakeReader({"Who kept": 9.0, "captain Dora": 1.0})
    searcher = open_with(lantern, embedder, reader)
    for query in (Query(text=QUESTION), Query(text=QUESTION, reader="off")):
        hit = searcher.search(query).hits[0]
        assert "captain Dora" in hit.answer.of(hit.article.text)


def test_what_is_not_there_is_denied(lantern: Path, embedder: FakeEmbedder) -> None:
    results = open_with(lantern, embedder, FakeReader({"": -9.0})).search(Query(text=QUESTION))
    assert results.confidence is not None
    assert results.answerable is False
    assert results.hits[0].log_odds == pytest.approx(-9)


@pytest.mark.parametrize(
    "query",
    [
        Query(text="copper lantern Tornby"),
        Query(text=QUESTION, reader="off"),
        Query(text=QUESTION, mode="lexical"),
        Query(text=QUESTION, mode="semantic"),
        Query(text=QUESTION, sort="date"),
        Query(text=QUESTION, group="passage", offset=1, floor=0),
    ],
)
def test_what_is_not_read_is_not_judged(
    lantern: Path, embedder: FakeEmbedder, query: Query
) -> None:
    reader = FakeReader({})
    results = open_with(lantern, embedder, reader).search(query)
    assert results.hits
    assert reader.read_texts == []
    assert (results.confidence, results.answerable) == (None, None)
    assert {hit.log_odds for hit in results.hits} == {None}


def test_no_more_is_read_than_needed_and_nothing_twice(
    lantern: Path, embedder: FakeEmbedder
) -> None:
    unsure = FakeReader({"captain Dora": SURE - 0.5})
    searcher = open_with(lantern, embedder, unsure)
    searcher.search(Query(text=QUESTION))
    assert READ_AT_ONCE < len(unsure.read_texts) <= MOST_READ
    read = list(unsure.read_texts)
    assert searcher.search(Query(text=QUESTION)).hits[0].log_odds == pytest.approx(SURE - 0.5)
    assert unsure.read_texts == read
    searcher.search(Query(text=f"{QUESTION} and why"))
    assert len(unsure.read_texts) > len(read)
    sure = FakeReader({"captain Dora": SURE})
    open_with(lantern, embedder, sure).search(Query(text=QUESTION))
    assert len(sure.read_texts) == READ_AT_ONCE


def test_a_passage_is_read_behind_the_sentence_before_it(
    lantern: Path, embedder: FakeEmbedder
) -> None:
    reader = FakeReader({"": 0.0})
    searcher = open_with(lantern, embedder, reader)
    article = searcher.search(Query(text=QUESTION)).hits[0].article
    passages = [
        [s.of(article.text) for s in each.passage.sentences] for each in searcher.passages_of(0)
    ]
    expected = {
        (*before[-1:], *own) for before, own in zip([[], *passages[:-1]], passages, strict=True)
    }
    assert {said for _, said in reader.read_texts} <= expected


def test_the_page_of_an_article_is_read_too(lantern: Path, embedder: FakeEmbedder) -> None:
    searcher = open_with(lantern, embedder, FakeReader({FAR: 2.0}))
    text = searcher.search(Query(text="lantern")).hits[0].article.text
    found = searcher.best_sentence(QUESTION, 0)
    assert found is not None
    assert found[1].of(text) == FAR
    unread = searcher.best_sentence("copper lantern storm captain", 0)
    assert unread is not None
    assert "captain Dora" in unread[1].of(text)
