"""What a source prints under all its articles is in none of them, however the index grew."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from indexer.article import Article, Removed
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
    articles = Articles(IndexFolder(index).open_current())
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


def _issues(*dates: str, source: str = "Echo", start: int = 0) -> dict[str, bytes]:
    texts = list(generated(start + len(dates)).values())[start:]
    return {
        f"{source}-{number}.json": record(
            f"{source}-{number}",
            f"News of day {number}",
            [f"Report {number} of {source} begins here.", text.decode()[60:400]],
            source=source,
            date=date,
        ).encode()
        for number, (date, text) in enumerate(zip(dates, texts, strict=True), start)
    }


def _days(index: Path) -> dict[str, tuple[str, bool]]:
    found = {name: article.published for name, article in _articles(index).items()}
    return {name: (date.iso, date.certain) for name, date in found.items() if date}


def test_other_dates_of_the_source_tell_the_day_from_the_month(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files(_issues("03/04/2024", "09/08/2024"))
    summary = run(folder)
    assert _days(index) == {"Echo-0": ("2024-04-03", False), "Echo-1": ("2024-08-09", False)}
    assert summary.undecided == [
        (str(folder / "Echo-0.json"), ["2024-04-03", "2024-03-04"]),
        (str(folder / "Echo-1.json"), ["2024-08-09", "2024-09-08"]),
    ]
    # What is carried over changes with what is added, and back again.
    other = write_tree(tmp_path / "other", _issues("11/27/2024", start=2))
    counting = CountingEmbedder()
    summary = run(other, model=counting)
    assert _days(index) == {
        "Echo-0": ("2024-03-04", True),
        "Echo-1": ("2024-09-08", True),
        "Echo-2": ("2024-11-27", True),
    }
    assert (summary.undecided, summary.kept, counting.embedded) == ([], 2, 1)
    assert content_of(index) == rebuilt([folder, other], tmp_path / "three", embedder)
    (other / "Echo-2.json").unlink()
    write_tree(other, _issues("2024-11-27", source="Post"))
    run(other)
    assert _days(index)["Echo-0"] == ("2024-04-03", False)
    assert content_of(index) == rebuilt([folder, other], tmp_path / "again", embedder)


def test_another_source_tells_nothing(write_files: WriteFiles, run: Run, index: Path) -> None:
    run(write_files({**_issues("03/04/2024"), **_issues("11/27/2024", source="Post")}))
    assert _days(index)["Echo-0"] == ("2024-04-03", False)


def test_the_days_that_a_text_names_follow(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    text = ["The pier fell into the sea on Saturday.", "It had stood for a hundred years."]
    named = {"source": "Echo", "date": "03/05/2024"}
    run(write_files({"a.json": record("a", "Pier", text, **named).encode()}))
    assert [each.first for each in _articles(index)["a"].mentioned] == ["2024-04-27"]
    run(write_tree(tmp_path / "other", _issues("11/27/2024")))
    assert [each.first for each in _articles(index)["a"].mentioned] == ["2024-03-02"]


def _pages(numbers: range, suffix: str = " - Vale Examiner", **fields: str) -> dict[str, bytes]:
    texts = list(generated(numbers.stop).values())[numbers.start :]
    return {
        f"{number}.json": record(
            f"v-{number}",
            f"News of day {number}{suffix}",
            [f"News of day {number}", json.loads(text)["text"].split("\n\n")[0]],
            **fields,
        ).encode()
        for number, text in zip(numbers, texts, strict=True)
    }


def test_titles_lose_the_name_that_enough_repeat_and_regain_it(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files({**generated(3), **_pages(range(3, 5), url="https://vx.example/a")})
    run(folder)
    assert _articles(index)["v-3"].title == "News of day 3 - Vale Examiner"
    # What is carried over loses it too, and a headline at the beginning of a text with it.
    other = write_tree(tmp_path / "other", _pages(range(5, 9), url="https://vx.example/b"))
    counting = CountingEmbedder()
    run(other, model=counting)
    for number in range(3, 9):
        article = _articles(index)[f"v-{number}"]
        assert article.title == f"News of day {number}"
        assert article.title_read == f"News of day {number} - Vale Examiner"
        assert f"News of day {number}" not in article.text
        assert article.removed in ((), (Removed(0, f"News of day {number}"),))
    assert any(each.removed for each in _articles(index).values())
    assert counting.embedded == 6
    assert content_of(index) == rebuilt([folder, other], tmp_path / "all", embedder)
    (hit,) = open_index(index, embedder).search(Query(text='title:"day 3"')).hits
    assert hit.article.id == "v-3"
    for number in range(5, 9):
        (other / f"{number}.json").unlink()
    write_tree(other, _pages(range(9, 10), "", url="https://vx.example/c"))
    run(other, yes=True)
    article = _articles(index)["v-3"]
    assert (article.title, article.title_read) == ("News of day 3 - Vale Examiner", None)
    assert content_of(index) == rebuilt([folder, other], tmp_path / "again", embedder)


def test_what_keeps_its_title_is_not_embedded_again(
    write_files: WriteFiles, run: Run, tmp_path: Path
) -> None:
    run(write_files(_pages(range(5), url="https://vx.example/a")))
    other = write_tree(tmp_path / "other", _pages(range(5, 6), url="https://vx.example/b"))
    counting = CountingEmbedder()
    run(other, model=counting)
    assert counting.embedded == 1


def test_one_outlet_has_one_name(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    url = "https://valeexaminer.example/a"
    folder = write_files(_pages(range(2), url=url))
    run(folder)
    assert _articles(index)["v-0"].source == "valeexaminer.example"
    declares = {"source": "Vale Examiner", "url": url}
    other = write_tree(tmp_path / "other", _pages(range(2, 3), **declares))
    counting = CountingEmbedder()
    assert run(other, model=counting).kept == 2
    assert {each.source for each in _articles(index).values()} == {"Vale Examiner"}
    assert content_of(index) == rebuilt([folder, other], tmp_path / "three", embedder)
    # Its id is that of what it says of itself, so it is known again.
    summary = run(folder)
    assert (summary.unchanged, summary.added, summary.published) == (2, 0, False)
    run(folder, prune=True, yes=True)
    assert {each.source for each in _articles(index).values()} == {"valeexaminer.example"}
    assert content_of(index) == rebuilt([folder], tmp_path / "two", embedder)
