"""The views of all segments: which rows each holds, beside which, and of how many segments."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from indexer.article import Article
from indexer.storage.article_writer import ArticleWriter
from indexer.storage.articles import Articles
from indexer.storage.database import read_only
from indexer.storage.drafts import Drafts
from indexer.storage.manifest import MOST_SEGMENTS, Generation
from indexer.storage.views import attach
from tests.support.stored import add, facts_of, one_passage, write_generation

VIEWS = ("articles", "written", "passages", "facts", "rejected")


@pytest.fixture
def elsewhere() -> Iterator[sqlite3.Connection]:
    """A connection to a database of something else, which has articles too."""
    with closing(sqlite3.connect(":memory:", uri=True)) as connection:
        connection.execute("CREATE TABLE articles (number)")
        yield connection


def test_beside_the_corpus_itself(worn: Generation) -> None:
    address = read_only(worn.path / "corpus.db")
    with closing(sqlite3.connect(address, uri=True)) as connection:
        assert attach(connection, worn) == ["segment_0", "segment_1"]
        rows = connection.execute("SELECT number, full_id, id, place, story, degree FROM articles")
        assert sorted(rows) == [(0, "a", "a", 0, 2, "same"), (2, "c", "c", 1, 2, None)]


def test_behind_a_prefix(worn: Generation, elsewhere: sqlite3.Connection) -> None:
    assert attach(elsewhere, worn, "live_") == ["live_segment_0", "live_segment_1"]

    def rows(query: str) -> list[tuple[object, ...]]:
        return sorted(elsewhere.execute(query))

    assert rows("SELECT number, id FROM live_articles") == [(0, "a"), (2, "c")]
    # What is gone has its numbers still.
    assert rows("SELECT number, full_id FROM live_written") == [
        (0, "a"), (1, "b 🦉/ü"), (2, "c")
    ]  # fmt: skip
    assert rows("SELECT number, article FROM live_passages") == [(0, 0), (1, 0), (2, 1), (3, 2)]
    assert rows("SELECT number, paragraphs FROM live_facts") == [
        (0, facts_of(b"one")), (1, facts_of(b"two")), (2, facts_of(b"three"))
    ]  # fmt: skip
    assert rows("SELECT * FROM live_rejected") == [(b"four", "no article text found")]
    assert rows("SELECT number FROM live_corpus.standings") == [(0,), (2,)]
    assert rows("SELECT count(*) FROM articles") == [(0,)]


def test_of_nothing_they_are_empty(elsewhere: sqlite3.Connection) -> None:
    assert attach(elsewhere, None, "live_") == ["live_segment_0"]
    for name in VIEWS:
        assert elsewhere.execute(f"SELECT count(*) FROM live_{name}").fetchone() == (0,)
    # With the columns that they have otherwise.
    elsewhere.execute("SELECT id, full_id, text, story, degree FROM live_articles")
    elsewhere.execute("SELECT key FROM live_segment_0.passages")


def test_of_as_many_segments_as_there_may_be(tmp_path: Path) -> None:
    told = [one_passage(Article(f"id{n}", "", "x" * (n + 1))) for n in range(MOST_SEGMENTS)]
    live = write_generation(tmp_path / "live", *([each] for each in told))
    articles = Articles(live)
    assert [each.article.id for each, _ in articles.everything()] == [
        f"id{n}" for n in range(MOST_SEGMENTS)
    ]
    # A run writes one more beside them, and its drafts.
    with closing(Drafts(tmp_path / "drafts.db", live)) as drafts:
        writer = ArticleWriter(drafts, tmp_path / "next.db", MOST_SEGMENTS, MOST_SEGMENTS)
        add(writer, one_passage(Article("new", "", "x" * MOST_SEGMENTS)))
        writer.carry(MOST_SEGMENTS - 2, "id", "moved.txt")
        assert writer.complete(reuse=True) == 0
        assert [row.live for row in writer.rows()] == [MOST_SEGMENTS - 1, MOST_SEGMENTS - 2]
        writer.finish()


@pytest.mark.parametrize("content", [None, b"", b"not a database" * 99])
@pytest.mark.parametrize("name", ["corpus.db", "segments/0/articles.db", "segments/2/articles.db"])
def test_a_file_that_cannot_be_read(
    worn: Generation, elsewhere: sqlite3.Connection, name: str, content: bytes | None
) -> None:
    if content is None:
        (worn.path / name).unlink()
    else:
        (worn.path / name).write_bytes(content)
    if content == b"":
        # An empty file is a database without a table.
        attach(elsewhere, worn, "live_")
        with pytest.raises(sqlite3.DatabaseError):
            elsewhere.execute("SELECT count(*) FROM live_articles")
    else:
        with pytest.raises(sqlite3.DatabaseError):
            attach(elsewhere, worn, "live_")


def test_what_is_attached_is_only_read(worn: Generation, elsewhere: sqlite3.Connection) -> None:
    for schema in ("live_corpus", *attach(elsewhere, worn, "live_")):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            elsewhere.execute(f"CREATE TABLE {schema}.more (number)")
