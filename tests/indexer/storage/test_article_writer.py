"""Writing a segment beside the live ones: what is numbered, carried over, and missing."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.article import Article
from indexer.storage.article_writer import ArticleWriter, PassageRow
from indexer.storage.drafts import Drafts
from indexer.storage.manifest import Generation
from indexer.storage.rows import (
    PASSAGE,
    WRITTEN,
    StoredArticle,
    StoredPassage,
    passage_key,
    read_article,
    read_passage,
)
from tests.support.stored import (
    ARTICLES,
    LONG,
    PASSAGES,
    TOLD,
    Told,
    add,
    facts_of,
    one_passage,
    passages,
    write_generation,
)


@pytest.fixture
def drafts(stored: Generation, tmp_path: Path) -> Iterator[Drafts]:
    """Drafts beside one segment."""
    with closing(Drafts(tmp_path / "drafts.db", stored)) as drafts:
        yield drafts


@pytest.fixture
def writer(drafts: Drafts, tmp_path: Path) -> ArticleWriter:
    """A writer of the next segment, in the place of all that is live."""
    return ArticleWriter(drafts, tmp_path / "next.db", 0, 0)


def _seen(rows: Sequence[PassageRow]) -> list[tuple[int, str, str, list[int], int | None]]:
    return [(row.number, row.headline, row.text, row.sentences.tolist(), row.live) for row in rows]


def _written(file: Path) -> tuple[list[StoredArticle], list[StoredPassage]]:
    with closing(sqlite3.connect(file)) as connection:
        articles = connection.execute(f"SELECT {WRITTEN} FROM articles ORDER BY number")
        found = connection.execute(f"SELECT {PASSAGE} FROM passages ORDER BY number")
        return [*map(read_article, articles)], [*map(read_passage, found)]


def _rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


SAME = Told(replace(ARTICLES[0], id="same", location="b.txt"), b"five", PASSAGES[0])


def test_rows_before_there_is_anything_live(tmp_path: Path) -> None:
    with closing(Drafts(tmp_path / "drafts.db")) as drafts:
        writer = ArticleWriter(drafts, tmp_path / "a.db", 0, 0)
        add(writer, TOLD[0], SAME)
        assert (writer.articles, writer.passages, writer.sentences) == (2, 4, 6)
        assert writer.complete(reuse=True) == 2
        first = [(0, "Title", LONG[:20], [9, 20], None), (1, "Title", LONG[21:], [9], None)]
        assert _seen(list(writer.rows(missing=True))) == first
        rows = list(writer.rows())
        assert _seen(rows) == [*first, *((2 + n, *rest) for n, *rest in first)]
        assert [row.key for row in rows[:2]] == [row.key for row in rows[2:]]
        assert [row.article for row in rows] == [0, 0, 1, 1]


def test_numbers_go_on_where_the_segments_before_end(tmp_path: Path) -> None:
    with closing(Drafts(tmp_path / "drafts.db")) as drafts:
        writer = ArticleWriter(drafts, tmp_path / "a.db", 70, 900)
        add(writer, *TOLD)
        assert (writer.first_article, writer.articles) == (70, 3)
        assert (writer.first_passage, writer.passages, writer.sentences) == (900, 4, 5)
        assert writer.complete(reuse=True) == 4
        assert [(row.number, row.article) for row in writer.rows()] == [
            (900, 70), (901, 70), (902, 71), (903, 72)
        ]  # fmt: skip
        assert list(writer.added()) == [(70 + n, each, True) for n, each in enumerate(ARTICLES)]
        writer.finish()
    articles, found = _written(tmp_path / "a.db")
    assert [(each.number, each.article) for each in articles] == [*enumerate(ARTICLES, 70)]
    assert [(each.number, each.article) for each in found] == [
        (900, 70), (901, 70), (902, 71), (903, 72)
    ]  # fmt: skip
    assert [each.passage for each in found] == [each for some in PASSAGES for each in some]


def test_an_article_is_carried_with_all_that_belongs_to_it(
    drafts: Drafts, writer: ArticleWriter, stored: Generation, tmp_path: Path
) -> None:
    live_file = stored.path / "segments" / "0" / "articles.db"
    writer.carry(2, "c@0123456789ab", "moved.txt")
    add(writer, one_passage(Article("d", "New", "z" * 30, location="n.txt")))
    writer.carry(0, "a", "a.txt")
    assert [(n, article.id, cut) for n, article, cut in writer.added()] == [
        (0, "c@0123456789ab", False), (1, "d", True), (2, "a", False)
    ]  # fmt: skip
    assert (writer.articles, writer.passages, writer.sentences) == (3, 4, 5)
    assert writer.complete(reuse=True) == 1
    assert [(row.number, row.text) for row in writer.rows(missing=True)] == [(1, "z" * 30)]
    assert [(row.number, row.live) for row in writer.rows()] == [(0, 3), (1, None), (2, 0), (3, 1)]
    writer.finish()
    articles, found = _written(tmp_path / "next.db")
    assert articles[0].article == replace(ARTICLES[2], id="c@0123456789ab", location="moved.txt")
    assert articles[2].article == ARTICLES[0]
    assert [each.article for each in found] == [0, 1, 2, 2]
    assert [each.passage for each in found] == [
        *PASSAGES[2], *passages((0, 30)), *PASSAGES[0]
    ]  # fmt: skip
    documents = _rows(tmp_path / "next.db", "SELECT document FROM articles ORDER BY number")
    assert documents == [(b"three",), (b"d",), (b"one",)]
    keys = "SELECT key FROM passages WHERE article = {} ORDER BY number"
    for live, now in ((2, 0), (0, 2)):
        assert _rows(tmp_path / "next.db", keys.format(now)) == _rows(live_file, keys.format(live))


def test_facts_are_carried_and_described(tmp_path: Path) -> None:
    vectors = np.array([[1, 0], [0, 1]], np.float16)
    facts = "SELECT * FROM facts ORDER BY number"
    live = write_generation(tmp_path / "live", TOLD)
    live_file = live.path / "segments" / "0" / "articles.db"
    with closing(sqlite3.connect(live_file)) as connection:
        seen = (b"what it says", vectors[1].tobytes())
        connection.execute("UPDATE facts SET sketch = ?, vector = ? WHERE number = 2", seen)
        connection.commit()
    with closing(Drafts(tmp_path / "drafts.db", live)) as drafts:
        writer = ArticleWriter(drafts, tmp_path / "next.db", 5, 9)
        add(writer, TOLD[1])
        writer.carry(2, "c", "c.txt:3")
        writer.complete(reuse=True)
        writer.describe(5, b"a sketch", vectors[0])
        writer.finish()
    assert _rows(tmp_path / "next.db", facts) == [
        (5, facts_of(b"two"), b"a sketch", vectors[0].tobytes()),
        (6, facts_of(b"three"), *seen),
    ]


def test_an_article_of_a_later_segment_is_carried(worn: Generation, tmp_path: Path) -> None:
    with closing(Drafts(tmp_path / "drafts.db", worn)) as drafts:
        writer = ArticleWriter(drafts, tmp_path / "next.db", 2, 3)
        writer.carry(2, "c", "c.txt:3")
        assert writer.complete(reuse=True) == 0
        assert [(row.number, row.article, row.live) for row in writer.rows()] == [(3, 2, 3)]
        writer.finish()
    articles, found = _written(tmp_path / "next.db")
    assert articles == [StoredArticle(2, ARTICLES[2], 2)]
    assert found == [StoredPassage(3, 2, PASSAGES[2][0])]


def test_an_article_without_passages_is_carried(tmp_path: Path) -> None:
    live = write_generation(tmp_path / "live", [Told(ARTICLES[1], b"two", []), TOLD[0]])
    with closing(Drafts(tmp_path / "drafts.db", live)) as drafts:
        writer = ArticleWriter(drafts, tmp_path / "next.db", 0, 0)
        writer.carry(0, ARTICLES[1].id, "b.txt")
        writer.carry(1, "a", "a.txt")
        assert (writer.articles, writer.passages, writer.sentences) == (2, 2, 3)
        assert writer.complete(reuse=True) == 0
        assert [row.live for row in writer.rows()] == [0, 1]


def test_of_the_same_passage_the_first_live_one_is_named(tmp_path: Path) -> None:
    live = write_generation(tmp_path / "live", TOLD[1:], TOLD[:1], [SAME], gone={2})
    with closing(Drafts(tmp_path / "drafts.db", live)) as drafts:
        writer = ArticleWriter(drafts, tmp_path / "next.db", 4, 6)
        add(writer, replace_id(TOLD[0], "again"), replace_id(TOLD[1], "more"))
        assert writer.complete(reuse=True) == 0
        # What is gone can still be taken over.
        assert [row.live for row in writer.rows()] == [2, 3, 0]


def test_a_key_is_compared_whole(tmp_path: Path) -> None:
    live = write_generation(tmp_path / "live", TOLD[:1])
    with closing(sqlite3.connect(live.path / "segments" / "0" / "articles.db")) as connection:
        # All but the last of its bytes, of which hardly another passage has the first.
        connection.execute("UPDATE passages SET key = CAST(substr(key, 1, 15) || x'00' AS BLOB)")
        connection.commit()
    key = passage_key(TOLD[0].article, TOLD[0].passages[0])
    with closing(Drafts(tmp_path / "drafts.db", live)) as drafts:
        writer = ArticleWriter(drafts, tmp_path / "next.db", 1, 2)
        add(writer, replace_id(TOLD[0], "again"))
        assert writer.complete(reuse=True) == 2
        assert [row.live for row in writer.rows()] == [None, None]
        assert not drafts.live_has(key)
        assert drafts.live_has(key[:-1] + b"\0")


def replace_id(told: Told, identity: str) -> Told:
    return told._replace(article=replace(told.article, id=identity))


def test_without_reuse_everything_is_missing(writer: ArticleWriter) -> None:
    writer.carry(0, "a", "a.txt")
    add(writer, SAME)
    assert writer.complete(reuse=False) == 2
    assert [row.live for row in writer.rows()] == [None, None, None, None]


@pytest.mark.parametrize("generation", ["stored", "worn"])
def test_rows_of_the_live_segments(
    request: pytest.FixtureRequest, tmp_path: Path, generation: str
) -> None:
    live: Generation = request.getfixturevalue(generation)
    with closing(Drafts(tmp_path / "drafts.db", live)) as drafts:
        writer = ArticleWriter(drafts, tmp_path / "next.db", 3, 4)
        assert writer.complete(reuse=True) == 0
        # Whatever their articles stand for now.
        assert _seen(list(writer.live_rows([3, 0, 2]))) == [
            (0, "Title", LONG[:20], [9, 20], 0),
            (2, "", "y" * 15, [15], 2),
            (3, "Copy", ARTICLES[2].text[:30], [30], 3),
        ]


def test_reasons_are_taken_over_but_those_that_a_staying_segment_knows(
    stored: Generation, tmp_path: Path
) -> None:
    for staying, expected in (
        (0, [(b"five", "too short"), (b"four", "no text")]),
        (1, [(b"five", "too short")]),
    ):
        folder = tmp_path / str(staying)
        folder.mkdir()
        with closing(Drafts(folder / "drafts.db", stored)) as drafts:
            drafts.reject(b"four", "no text")
            drafts.reject(b"five", "too short")
            writer = ArticleWriter(drafts, folder / "next.db", 3, 4)
            writer.reject(staying)
            writer.complete(reuse=True)
            writer.finish()
        rows = _rows(folder / "next.db", "SELECT document, reason FROM rejected ORDER BY document")
        assert rows == expected


def test_what_is_not_finished_is_not_kept(tmp_path: Path) -> None:
    with closing(Drafts(tmp_path / "drafts.db")) as drafts:
        add(ArticleWriter(drafts, tmp_path / "a.db", 0, 0), TOLD[0])
    assert _rows(tmp_path / "a.db", "SELECT count(*) FROM articles") == [(0,)]


def test_a_name_of_a_file_is_no_address(tmp_path: Path) -> None:
    file = tmp_path / "100% of #1?mode=ro.db"
    with closing(Drafts(tmp_path / "drafts.db")) as drafts:
        writer = ArticleWriter(drafts, file, 0, 0)
        add(writer, TOLD[0])
        writer.finish()
    assert len(_written(file)[0]) == 1


def test_the_live_file_is_only_read(
    drafts: Drafts, writer: ArticleWriter, stored: Generation, tmp_path: Path
) -> None:
    files = sorted(file for file in stored.path.rglob("*") if file.is_file())
    before = [file.read_bytes() for file in files]
    writer.carry(0, "a", "a.txt")
    writer.complete(reuse=True)
    list(writer.live_rows([0, 1]))
    writer.finish()
    drafts.close()
    assert sorted(file for file in stored.path.rglob("*") if file.is_file()) == files
    assert [file.read_bytes() for file in files] == before
    assert {file.name for file in tmp_path.iterdir() if file.is_file()} == {"drafts.db", "next.db"}
