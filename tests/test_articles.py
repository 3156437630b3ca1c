"""The articles file: what is added is read back, whole and by number."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Passage, Span
from indexer.errors import IndexDamaged
from indexer.storage.articles import Articles, ArticleWriter


def _passages(*spans: tuple[int, int]) -> list[Passage]:
    return [Passage(Span(start, end), (Span(start, end),)) for start, end in spans]


ARTICLES = [
    Article("a", "Title", "x" * 30, "2024-03-01T09:00:00+09:00", "Echo", "https://e.example/1",
            "Ruth", "a.txt"),
    Article("b 🦉/ü", "", "y" * 20, None, None, None, None, "b.txt"),
    Article("c", "Copy", "x" * 30, "2024-02-29", "ÉCHO", None, None, "c.txt:3"),
]  # fmt: skip
PASSAGES = [
    [Passage(Span(0, 20), (Span(0, 9), Span(10, 20))), *_passages((21, 30))],
    _passages((5, 20)),
    _passages((0, 30)),
]
HASHES = [b"one", b"two", b"one"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "with space & 100%.db"
    writer = ArticleWriter(file)
    for article, text_hash, passages in zip(ARTICLES, HASHES, PASSAGES, strict=True):
        assert writer.find(article.id) is None
        writer.add(article, text_hash, passages)
        assert writer.find(article.id) == article
    assert (writer.articles, writer.passages, writer.sentences) == (3, 4, 5)
    read = list(writer.iterate())
    assert [stored.article for stored, _ in read] == ARTICLES
    assert [[row.passage for row in rows] for _, rows in read] == PASSAGES
    writer.index_passages()
    writer.finish()
    return file


def test_what_is_added_is_read(file: Path) -> None:
    articles = Articles(file)
    assert articles.article_of.tolist() == [0, 0, 1, 2]
    stored = articles.passages([3, 0, 2])
    assert [(row.number, row.article) for row in stored] == [(3, 2), (0, 0), (2, 1)]
    assert [row.passage for row in stored] == [PASSAGES[2][0], PASSAGES[0][0], PASSAGES[1][0]]
    assert [row.number for row in articles.passages_of(0)] == [0, 1]
    found = articles.articles([2, 0, 2])
    assert {number: row.article for number, row in found.items()} == {
        2: ARTICLES[2],
        0: ARTICLES[0],
    }


def test_equal_texts_are_one_story(file: Path) -> None:
    assert Articles(file).story_of.tolist() == [0, 0, 1, 0]


def test_by_id(file: Path) -> None:
    articles = Articles(file)
    stored = articles.by_id("b 🦉/ü")
    assert stored is not None
    assert (stored.number, stored.article) == (1, ARTICLES[1])
    for absent in ("", "A", "b", "' OR 1=1 --"):
        assert articles.by_id(absent) is None


def test_filters(file: Path) -> None:
    def allowed(
        *sources: str, first: str | None = None, last: str | None = None
    ) -> list[bool] | None:
        mask = Articles(file).allowed(sources, first, last)
        return None if mask is None else mask.tolist()

    assert allowed() is None
    assert allowed("echo") == [True, True, False, False]
    assert allowed("écho", "nobody") == [False, False, False, True]
    assert allowed(first="2024-03-01") == [True, True, False, False]
    assert allowed(last="2024-02-29") == [False, False, False, True]
    assert allowed(first="2024-02-29", last="2024-03-01") == [True, True, False, True]
    assert allowed("Echo", last="2024-02-29") == [False, False, False, False]


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
    writer.add(article, text.encode(), _passages((0, len(text) + 1)))
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
        Articles(file)
