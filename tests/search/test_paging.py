"""Pages: nothing twice, nothing left out, in one order that a cursor continues or refuses."""

from pathlib import Path
from random import Random
from typing import get_args

import pytest

from indexer.errors import CursorExpired, QueryError
from indexer.pipeline import Options, reindex
from search.engine import Searcher
from search.question.query import Group, Query, Sort
from search.results import Hit
from tests.conftest import open_index, write_tree
from tests.support.corpus import generated, sentence
from tests.support.fakes import FakeEmbedder

QUESTIONS = 1000


@pytest.fixture(scope="module")
def paging_index(tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder) -> Path:
    folder = tmp_path_factory.mktemp("paging")
    reindex([write_tree(folder / "articles", generated(40))], folder / "index", embedder, None)
    return folder / "index"


@pytest.fixture(scope="module")
def pages(paging_index: Path, embedder: FakeEmbedder) -> Searcher:
    return open_index(paging_index, embedder)


def _by_cursor(searcher: Searcher, query: Query) -> list[Hit]:
    hits: list[Hit] = []
    cursor: str | None = None
    while True:
        results = searcher.search(query.changed(cursor=cursor))
        assert results.total >= len(hits) + len(results.hits)
        hits += results.hits
        cursor = results.next
        assert (cursor is None) == (len(hits) == results.total)
        if cursor is None:
            return hits


def test_paging_through_random_questions(pages: Searcher) -> None:
    random = Random(5)
    for number in range(QUESTIONS):
        query = Query(
            text=sentence(random),
            limit=random.choice((10, 33, 100)),
            group=random.choice(get_args(Group)),
            sort=random.choice(get_args(Sort)),
        )
        hits = _by_cursor(pages, query)
        whole = pages.search(query.changed(limit=100)).hits
        assert hits[:100] == whole, number
        assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
        shown = [passage for hit in hits for passage in hit.merged]
        assert len(shown) == len(set(shown))
        if query.group == "article":
            assert len({hit.article.id for hit in hits}) == len(hits)
        if query.group == "story":
            assert len({hit.story.id for hit in hits if hit.story}) == len(hits)


def test_the_pool_does_not_depend_on_the_page(pages: Searcher) -> None:
    query = Query(text="harbour bridge", limit=5)
    first, later = pages.search(query), pages.search(query.changed(offset=30))
    assert first.total == later.total
    assert first.facets == later.facets


def test_a_cursor_expires_with_its_generation(tmp_path: Path, embedder: FakeEmbedder) -> None:
    index = tmp_path / "index"
    reindex([write_tree(tmp_path / "one", generated(30))], index, embedder, None)
    query = Query(text="harbour bridge", limit=5)
    cursor = open_index(index, embedder).search(query).next
    assert cursor
    reindex([write_tree(tmp_path / "two", generated(9, seed=1))], index, embedder, None,
            options=Options(full=True))  # fmt: skip
    with pytest.raises(CursorExpired, match="begin again"):
        open_index(index, embedder).search(query.changed(cursor=cursor))


def test_a_cursor_belongs_to_one_search(pages: Searcher) -> None:
    query = Query(text="harbour bridge", limit=5)
    cursor = pages.search(query).next
    assert cursor
    for other in (
        query.changed(text="harbour"),
        query.changed(group="story"),
        query.changed(sort="date"),
        query.changed(mode="lexical"),
        query.changed(sources=("Source 1",)),
    ):
        with pytest.raises(QueryError, match="another search"):
            pages.search(other.changed(cursor=cursor))
    for same in (query.changed(limit=9), query.changed(explain=True)):
        assert pages.search(same.changed(cursor=cursor)).offset == 5
