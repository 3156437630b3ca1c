"""What a source prints under all its articles is in none of them, however the index grew."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from indexer.article import Article
from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from search.question.query import Query
from tests.conftest import Run, WriteFiles, content_of, open_index, rebuilt, write_tree
from tests.support.corpus import BAKERY, generated, record
from tests.support.fakes import CountingEmbedder, FakeEmbedder

SLOGAN = "You read this because two thousand islanders pay for their own paper."


BACKGROUND = "The Sandholm Bridge was opened in 1931 by Queen Ida, who had sold her boats."


def _issue(
    numbers: range, source: str = "Echo", below: str = SLOGAN, **fields: str
) -> dict[str, bytes]:
    """Articles of one source, each with the same paragraph below."""
    texts = list(generated(numbers.stop).values())[numbers.start :]
    return {
        f"{source}-{number}.json": record(
            f"{source}-{number}",
            f"News of day {number}",
            [f"Report {number} of {source} begins here.", text.decode()[60:400], below],
            source=source,
            **fields,
        ).encode()
        for number, text in zip(numbers, texts, strict=True)
    }


def _articles(index: Path) -> Mapping[str, Article]:
    articles = Articles(IndexFolder(index).open_current().path / "articles.db")
    return {stored.article.id: stored.article for stored, _ in articles.everything()}


def test_it_goes_when_enough_articles_have_it_and_comes_back(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files(_issue(range(4)))
    run(folder)
    assert all(SLOGAN in article.text for article in _articles(index).values())
    write_tree(folder, _issue(range(4, 9)))
    summary = run(folder)
    assert (summary.added, summary.unchanged) == (5, 4)
    for article in _articles(index).values():
        assert SLOGAN not in article.text
        assert [each.text for each in article.removed] == [SLOGAN]
        assert article.paragraphs()[-1] == SLOGAN
    hits = open_index(index, embedder).search(Query(text=SLOGAN, group="passage", limit=100)).hits
    assert not any(SLOGAN in hit.article.text for hit in hits)
    assert content_of(index) == rebuilt([folder], tmp_path / "nine", embedder)
    for number in range(4, 9):
        (folder / f"Echo-{number}.json").unlink()
    assert len(run(folder, yes=True).removed) == 5
    assert all(SLOGAN in article.text for article in _articles(index).values())
    assert content_of(index) == rebuilt([folder], tmp_path / "four", embedder)


def test_articles_of_paths_that_are_not_named_lose_it_too(
    write_files: WriteFiles, run: Run, index: Path
) -> None:
    run(write_files(_issue(range(4))))
    run(write_files(_issue(range(4, 9))))
    assert len(_articles(index)) == 9
    assert not any(SLOGAN in article.text for article in _articles(index).values())


def test_only_what_lost_it_is_embedded_again(write_files: WriteFiles, run: Run) -> None:
    folder = write_files({**generated(12), **_issue(range(4))})
    run(folder)
    write_tree(folder, _issue(range(4, 5)))
    counting = CountingEmbedder()
    summary = run(folder, model=counting)
    assert counting.embedded == summary.embedded == 5


def test_the_earliest_article_keeps_background(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files(_issue(range(1, 8), below=BACKGROUND, date="2024-03-05"))
    run(folder)
    having = [name for name, each in _articles(index).items() if BACKGROUND in each.text]
    assert having == ["Echo-1"]
    (hit,) = open_index(index, embedder).search(Query(text="Queen Ida", mode="lexical")).hits
    assert hit.article.id == "Echo-1"
    write_tree(folder, _issue(range(8, 9), below=BACKGROUND, date="2024-03-04"))
    summary = run(folder)
    having = [name for name, each in _articles(index).items() if BACKGROUND in each.text]
    assert having == ["Echo-8"]
    # The one that has it now, and the one that had it.
    assert (summary.added, summary.embedded) == (1, 2)
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)


@pytest.mark.parametrize("source", ["Echo", "Herald"])
def test_another_source_keeps_it(
    write_files: WriteFiles, run: Run, index: Path, source: str
) -> None:
    other = record("other", "The bakery", [*BAKERY, SLOGAN], source=source).encode()
    run(write_files({**_issue(range(8)), "other.json": other}))
    assert (SLOGAN in _articles(index)["other"].text) == (source == "Herald")


def test_the_days_that_an_article_names_are_found(
    write_files: WriteFiles, run: Run, index: Path
) -> None:
    text = ["The pier fell into the sea on Saturday.", "It was built on 4 May 1921."]
    run(write_files({"a.json": record("a", "Pier", text, date="2024-03-05").encode()}))
    article = _articles(index)["a"]
    assert [(each.span.of(article.text), each.first) for each in article.mentioned] == [
        ("Saturday", "2024-03-02"),
        ("4 May 1921", "1921-05-04"),
    ]
