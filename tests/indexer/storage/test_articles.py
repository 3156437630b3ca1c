"""The articles of a generation: what was added is read, by number, by id and by story."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Date, Degree
from indexer.errors import IndexDamaged
from indexer.storage.articles import Articles
from indexer.storage.manifest import Generation
from indexer.storage.rows import Outline, StoredArticle, passage_key, plain_id
from tests.support.stored import (
    ARTICLES,
    PASSAGES,
    TOLD,
    Told,
    one_passage,
    passages,
    write_generation,
)


def test_what_is_added_is_read(stored: Generation) -> None:
    articles = Articles(stored)
    found = articles.passages([3, 0, 2])
    assert [(row.number, row.article) for row in found] == [(3, 2), (0, 0), (2, 1)]
    assert [row.passage for row in found] == [PASSAGES[2][0], PASSAGES[0][0], PASSAGES[1][0]]
    assert [row.number for row in articles.passages_of(0)] == [0, 1]
    assert [row.number for row in articles.passages_of(0, limit=1)] == [0]
    by_number = articles.articles([2, 0, 2])
    assert {number: row.article for number, row in by_number.items()} == {
        2: ARTICLES[2],
        0: replace(ARTICLES[0], mentioned=()),
    }
    assert articles.by_id("a") == StoredArticle(0, ARTICLES[0], 2, "same")


def test_a_story_begins_with_its_earliest_article(stored: Generation) -> None:
    articles = Articles(stored)
    members, count = articles.story(2, limit=10)
    assert [(each.number, each.story, each.degree) for each in members] == [
        (2, 2, None),
        (0, 2, "same"),
    ]
    assert count == 2
    assert [each.number for each in articles.story(2, limit=1)[0]] == [2]
    assert articles.story(2, limit=1)[1] == 2


def test_by_id(stored: Generation) -> None:
    articles = Articles(stored)
    found = articles.by_id("b 🦉/ü")
    assert found is not None
    assert (found.number, found.article) == (1, ARTICLES[1])
    for absent in ("", "A", "b", "' OR 1=1 --"):
        assert articles.by_id(absent) is None


def test_outlines(tmp_path: Path) -> None:
    dates = ["2024-03-05", None, "2024-03", "2024-03-02T09:00+09:00", "2024-03-01", "2024-03-02"]
    told = []
    for number, iso in enumerate(dates):
        published = Date(iso, False, "a line") if iso else None
        article = Article(f"id{number}", f"T{number}", "x" * 9000, published, "Echo", agency="A")
        told.append(Told(article, str(number).encode(), passages((0, 1))))
    stories: list[tuple[int, Degree | None]] = [
        (4, "same"), (4, "event"), (4, "edited"), (4, "same"), (4, None), (5, None)
    ]  # fmt: skip
    articles = Articles(write_generation(tmp_path / "x", told[:3], told[3:], stories=stories))
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


def test_threads(stored: Generation) -> None:
    articles = Articles(stored)
    with ThreadPoolExecutor(8) as pool:
        for row in pool.map(articles.by_id, ["c"] * 100):
            assert row is not None
            assert row.article == ARTICLES[2]


def test_reading_never_writes(worn: Generation) -> None:
    files = sorted(file for file in worn.path.rglob("*") if file.is_file())
    before = [file.read_bytes() for file in files]
    Articles(worn).by_id("a")
    assert [file.read_bytes() for file in files] == before
    assert sorted(file for file in worn.path.rglob("*") if file.is_file()) == files


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    article = Article(text, text, text, source=text, author=text)
    told = Told(article, text.encode(), passages((0, len(text) + 1)))
    generation = write_generation(tmp_path_factory.mktemp("any") / "x", [told])
    found = Articles(generation).by_full_id(text)
    assert found is not None
    assert found.article == replace(article, id=plain_id(text))


def test_of_two_segments_what_the_generation_has(worn: Generation) -> None:
    articles = Articles(worn)
    assert articles.count() == 2
    assert articles.ids(range(5)) == {0: "a", 2: "c"}
    assert articles.counted("source") == [("Echo", 1), ("ÉCHO", 1)]
    assert articles.counted("language") == [("en", 1), ("sr", 1)]
    assert articles.by_id("c") == articles.by_full_id("c") == StoredArticle(2, ARTICLES[2], 2)
    assert articles.by_id(ARTICLES[1].id) is articles.by_full_id(ARTICLES[1].id) is None
    assert [each.number for each in articles.story(2, limit=9)[0]] == [2, 0]
    assert [each.passage for each in articles.passages([3, 1])] == [PASSAGES[2][0], PASSAGES[0][1]]
    assert articles.passages_of(2) == articles.passages([3])
    with pytest.raises(IndexDamaged, match="lacks articles"):
        articles.articles([0, 1])
    with pytest.raises(IndexDamaged, match="lacks passages"):
        articles.passages([4])


def test_everything_and_all_that_was_written(worn: Generation) -> None:
    articles = Articles(worn)
    places = [StoredArticle(0, ARTICLES[0], 2, "same"), StoredArticle(2, ARTICLES[2], 2)]
    everything = list(articles.everything())
    assert [each for each, _ in everything] == places
    written = list(articles.written())
    assert [(each.number, each.article) for each, _ in written] == [*enumerate(ARTICLES)]
    for found, numbers in ((everything, (0, 2)), (written, (0, 1, 2))):
        for number, (_, rows) in zip(numbers, found, strict=True):
            assert [each.passage for each, _ in rows] == PASSAGES[number]
            assert [each.article for each, _ in rows] == [number] * len(rows)
            assert [key for _, key in rows] == [
                passage_key(ARTICLES[number], each) for each in PASSAGES[number]
            ]
    assert [each.number for _, rows in written for each, _ in rows] == [0, 1, 2, 3]


def test_ids_are_those_of_the_corpus(tmp_path: Path) -> None:
    full = ["1@0123456789ab", "1@ba9876543210"]
    told = [one_passage(replace(ARTICLES[0], id=each)) for each in full]
    articles = Articles(write_generation(tmp_path / "x", told[:1], told[1:]))
    for number, (declared, identity) in enumerate(zip(["1", full[1]], full, strict=True)):
        found = articles.by_id(declared)
        assert found is not None
        assert (found.number, found.article.id) == (number, declared)
        assert articles.by_full_id(identity) == found
    assert articles.by_id(full[0]) is None


def test_a_sample_is_of_the_texts_alone(tmp_path: Path) -> None:
    told = [one_passage(Article(f"id{n}", "", f"text {n}")) for n in range(9)]
    stories: list[tuple[int, Degree | None]] = [(n, None) for n in range(9)]
    stories[3] = (2, "same")
    whole = Articles(write_generation(tmp_path / "whole", told, stories=stories))
    cut = Articles(
        write_generation(tmp_path / "cut", told[:4], told[4:], stories=stories, gone={7})
    )
    by_key = sorted(
        (passage_key(each.article, each.passages[0]), n) for n, each in enumerate(told) if n != 3
    )
    numbers = [number for _, number in by_key]
    assert [each.number for each in whole.sample(99)] == numbers
    assert [each.number for each in whole.sample(3)] == numbers[:3]
    assert [each.number for each in cut.sample(99)] == [n for n in numbers if n != 7]


@pytest.mark.parametrize(
    ("stories", "gone", "wrong"),
    [
        ([(2, "same"), (1, None), (2, None)], (), []),
        # The one that it began with is gone.
        ([(2, "same"), (1, None), (2, None)], (2,), [0]),
        # It begins with one that tells another story.
        ([(1, "same"), (2, "same"), (2, None)], (), [0]),
        ([(0, "same"), (1, None), (2, None)], (), [0]),
        ([(0, None), (1, None), (0, None)], (), [2]),
    ],
)
def test_a_story_that_does_not_begin_with_an_article_of_its_own(
    tmp_path: Path,
    stories: list[tuple[int, Degree | None]],
    gone: tuple[int, ...],
    wrong: list[int],
) -> None:
    generation = write_generation(tmp_path / "x", TOLD[:1], TOLD[1:], stories=stories, gone=gone)
    assert Articles(generation).without_story() == wrong


@pytest.mark.parametrize("name", ["corpus.db", "segments/0/articles.db", "segments/2/articles.db"])
def test_a_damaged_file(worn: Generation, name: str) -> None:
    (worn.path / name).write_bytes(b"not a database" * 9)
    with pytest.raises(IndexDamaged):
        Articles(worn)
    (worn.path / name).write_bytes(b"")
    with pytest.raises(IndexDamaged):
        [Articles(worn).count(), *Articles(worn).written()]
    (worn.path / name).unlink()
    with pytest.raises(IndexDamaged):
        Articles(worn)
