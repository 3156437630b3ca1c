"""Writing articles beside the live ones: what is found, carried over, and missing."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.article import Article
from indexer.storage.article_writer import ArticleWriter, PassageRow
from indexer.storage.articles import Articles
from indexer.storage.rows import StoredArticle
from tests.support.stored import ARTICLES, DOCUMENTS, LONG, PASSAGES, add, passages


def _carry(writer: ArticleWriter, live: int, location: str, document: bytes) -> None:
    article = replace(writer.live_by_number(live).article, location=location)
    writer.add(article, document, live)
    writer.carry(writer.articles - 1, live)


@pytest.fixture
def beside(file: Path, tmp_path: Path) -> Iterator[ArticleWriter]:
    """A writer of the next file, beside the first."""
    with closing(ArticleWriter(tmp_path / "next.db", file)) as writer:
        yield writer


def _seen(rows: Sequence[PassageRow]) -> list[tuple[int, str, str, list[int], int | None]]:
    return [(row.number, row.headline, row.text, row.sentences.tolist(), row.live) for row in rows]


def test_rows_before_there_is_anything_live(tmp_path: Path) -> None:
    with closing(ArticleWriter(tmp_path / "a.db")) as writer:
        add(writer, ARTICLES[0], b"one", PASSAGES[0])
        add(writer, replace(ARTICLES[0], id="same", location="b.txt"), b"two", PASSAGES[0])
        assert writer.complete(reuse=True) == 2
        first = [(0, "Title", LONG[:20], [9, 20], None), (1, "Title", LONG[21:], [9], None)]
        assert _seen(list(writer.rows(missing=True))) == first
        rows = list(writer.rows())
        assert _seen(rows) == [*first, *((2 + n, *rest) for n, *rest in first)]
        assert [row.key for row in rows[:2]] == [row.key for row in rows[2:]]


def test_what_is_live_is_found(beside: ArticleWriter) -> None:
    stored = beside.live_of_document(b"two")
    assert stored is not None
    assert (stored.number, stored.article) == (1, ARTICLES[1])
    assert beside.live_by_id("c") == beside.live_by_number(2)
    assert beside.live_by_number(2).article == ARTICLES[2]
    assert list(beside.live_locations()) == [(0, "a.txt"), (1, "b.txt"), (2, "c.txt:3")]
    assert [beside.live_document(number) for number in range(3)] == DOCUMENTS
    assert beside.live_reason(b"four") == "no article text found"
    assert beside.live_of(replace(ARTICLES[0], location="b.txt")) == 0
    assert beside.live_of(replace(ARTICLES[0], id="new", location="b.txt")) == 1
    assert beside.find("a") is None


def test_what_is_not_live_is_not_found(beside: ArticleWriter) -> None:
    assert beside.live_of_document(b"five") is None
    assert beside.live_by_id("d") is None
    assert beside.live_of(Article("d", "", "", location="d.txt")) is None
    assert beside.live_reason(b"one") is None


def test_an_article_is_carried_with_its_passages(
    beside: ArticleWriter, file: Path, tmp_path: Path
) -> None:
    _carry(beside, 2, "moved.txt", b"three")
    add(beside, Article("d", "New", "z" * 30, location="n.txt"), b"new", passages((0, 30)))
    _carry(beside, 0, "a.txt", b"one")
    assert [live for _, live in beside.added()] == [2, None, 0]
    assert [article.id for article, _ in beside.added()] == ["c", "d", "a"]
    assert (beside.articles, beside.passages, beside.sentences) == (3, 4, 5)
    assert beside.complete(reuse=True) == 1
    assert [(row.number, row.text) for row in beside.rows(missing=True)] == [(1, "z" * 30)]
    assert [(row.number, row.live) for row in beside.rows()] == [(0, 3), (1, None), (2, 0), (3, 1)]
    beside.finish()
    articles = Articles(tmp_path / "next.db")
    moved = articles.by_id("c")
    assert moved is not None
    assert moved.article == replace(ARTICLES[2], location="moved.txt")
    assert articles.by_id("a") == StoredArticle(2, ARTICLES[0], 2)
    assert [row.passage for row in articles.passages(range(4))] == [
        *PASSAGES[2], *passages((0, 30)), *PASSAGES[0]
    ]  # fmt: skip


def test_without_reuse_everything_is_missing(beside: ArticleWriter) -> None:
    _carry(beside, 0, "a.txt", b"one")
    assert beside.complete(reuse=False) == 2
    assert [row.live for row in beside.rows()] == [None, None]


def test_rows_of_the_live_file(beside: ArticleWriter) -> None:
    assert beside.complete(reuse=True) == 0
    assert _seen(list(beside.live_rows([3, 0]))) == [
        (0, "Title", LONG[:20], [9, 20], 0),
        (3, "Copy", ARTICLES[2].text[:30], [30], 3),
    ]


def test_what_is_not_finished_is_not_kept(tmp_path: Path) -> None:
    writer = ArticleWriter(tmp_path / "a.db")
    add(writer, ARTICLES[0], b"one", PASSAGES[0])
    writer.close()
    connection = sqlite3.connect(tmp_path / "a.db")
    with closing(connection):
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (0,)


def test_the_live_file_is_only_read(file: Path, beside: ArticleWriter) -> None:
    before = file.read_bytes()
    _carry(beside, 0, "a.txt", b"one")
    beside.complete(reuse=True)
    list(beside.live_rows([0, 1]))
    beside.finish()
    assert file.read_bytes() == before
    assert {path.name for path in file.parent.iterdir()} == {file.name, "next.db"}
