"""The articles file: what was added is read, by number, by id and by story."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Date
from indexer.errors import IndexDamaged
from indexer.storage.article_writer import ArticleWriter
from indexer.storage.articles import Articles
from indexer.storage.rows import Outline, StoredArticle
from tests.support.stored import ARTICLES, PASSAGES, add, passages


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
