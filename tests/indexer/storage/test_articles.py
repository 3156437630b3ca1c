"""The articles file: what is added is read back, whole and by number, and carried to the next."""

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Date, Passage, Removed, Span
from indexer.errors import IndexDamaged
from indexer.storage.article_writer import ArticleWriter, PassageRow
from indexer.storage.articles import Articles
from indexer.storage.rows import Outline, StoredArticle, passage_key
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


def test_what_is_added_is_read(file: Path) -> None:
    articles = Articles(file)
    stored = articles.passages([3, 0, 2])
    assert [(row.number, row.article) for row in stored] == [(3, 2), (0, 0), (2, 1)]
    assert [row.passage for row in stored] == [PASSAGES[2][0], PASSAGES[0][0], PASSAGES[1][0]]
    assert [row.number for row in articles.passages_of(0)] == [0, 1]
    assert [row.number for row in articles.passages_of(0, limit=1)] == [0]
    found = articles.articles([2, 0, 2])
    assert {number: row.article for number, row in found.items()} == {
        2: ARTICLES[2],
        0: replace(ARTICLES[0], mentioned=()),
    }
    assert articles.by_id("a") == StoredArticle(0, ARTICLES[0], 2, "same")


def test_a_story_begins_with_its_earliest_article(file: Path) -> None:
    articles = Articles(file)
    members, count = articles.story(2, limit=10)
    assert [(each.number, each.story, each.degree) for each in members] == [
        (2, 2, None),
        (0, 2, "same"),
    ]
    assert count == 2
    assert [each.number for each in articles.story(2, limit=1)[0]] == [2]
    assert articles.story(2, limit=1)[1] == 2


def test_what_was_removed_can_be_put_back() -> None:
    article = Article("a", "", "two\n\nfour", removed=(Removed(0, "one"), Removed(2, "three")))
    assert article.paragraphs() == ["one", "two", "three", "four"]


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


def test_the_key_is_of_all_that_the_model_reads() -> None:
    article, passage = ARTICLES[0], PASSAGES[0][0]
    key = passage_key(article, passage)
    assert key == passage_key(replace(article, id="x", source=None, location="b"), passage)
    moved = Passage(Span(3, 23), (Span(3, 12), Span(13, 23)))
    assert key == passage_key(replace(article, text=f"abc{article.text}"), moved)
    others = [
        passage_key(replace(article, title="Other"), passage),
        passage_key(replace(article, title="", text=f"Title\n{article.text}"), passage),
        passage_key(replace(article, text=article.text.upper()), passage),
        passage_key(article, Passage(Span(0, 20), (Span(0, 20),))),
        passage_key(article, Passage(Span(0, 19), (Span(0, 9), Span(10, 19)))),
    ]
    assert len({key, *others}) == len(others) + 1


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


def test_by_id(file: Path) -> None:
    articles = Articles(file)
    stored = articles.by_id("b 🦉/ü")
    assert stored is not None
    assert (stored.number, stored.article) == (1, ARTICLES[1])
    for absent in ("", "A", "b", "' OR 1=1 --"):
        assert articles.by_id(absent) is None


def test_outlines(tmp_path: Path) -> None:
    dates = ["2024-03-05", None, "2024-03", "2024-03-02T09:00+09:00", "2024-03-01", "2024-03-02"]
    with closing(ArticleWriter(tmp_path / "a.db")) as writer:
        for number, iso in enumerate(dates):
            published = Date(iso, False, "a line") if iso else None
            article = Article(
                f"id{number}", f"T{number}", "x" * 9000, published, "Echo", agency="A"
            )
            add(writer, article, str(number).encode(), passages((0, 1)))
        writer.assign_stories(
            [(4, "same"), (4, "event"), (4, "edited"), (4, "same"), (4, None), (5, None)]
        )
        writer.finish()
    articles = Articles(tmp_path / "a.db")
    found = articles.outlines([5, 4, 77], limit=10)
    assert {story: each.articles for story, each in found.items()} == {4: 5, 5: 1}
    # The earliest first, then by date; what has no day comes last.
    assert [member.number for member in found[4].members] == [4, 3, 0, 1, 2]
    assert found[4].members[1] == Outline(
        3, "id3", "T3", "Echo", "A", None, Date("2024-03-02T09:00+09:00", False, "a line"), "same"
    )
    assert found[5].members == [
        Outline(5, "id5", "T5", "Echo", "A", None, Date("2024-03-02", False, "a line"), None)
    ]
    cut = articles.outlines([4], limit=2)[4]
    assert (cut.articles, cut.members) == (5, found[4].members[:2])
    assert articles.outlines([], limit=2) == {}


def test_threads(file: Path) -> None:
    articles = Articles(file)
    with ThreadPoolExecutor(8) as pool:
        for row in pool.map(articles.by_id, ["c"] * 100):
            assert row is not None
            assert row.article == ARTICLES[2]


def test_reading_never_writes(file: Path) -> None:
    before = file.read_bytes()
    Articles(file).by_id("a")
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.mktemp("any") / "articles.db"
    writer = ArticleWriter(file)
    article = Article(text, text, text, source=text, author=text)
    add(writer, article, text.encode(), passages((0, len(text) + 1)))
    writer.finish()
    stored = Articles(file).by_id(text)
    assert stored is not None
    assert stored.article == article


def test_a_damaged_file(file: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged):
        Articles(tmp_path / "nowhere.db")
    file.write_bytes(b"not a database")
    with pytest.raises(IndexDamaged):
        Articles(file)
    file.write_bytes(b"")
    with pytest.raises(IndexDamaged):
        Articles(file).count()
