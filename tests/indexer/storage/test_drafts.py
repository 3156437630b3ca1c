"""What a run has read beside what is live: what is found, and of what stays all that is told."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.article import Article, Date, Numbers, Remark
from indexer.errors import IndexDamaged
from indexer.storage.article_writer import SEGMENT, ArticleWriter
from indexer.storage.drafts import Drafts
from indexer.storage.manifest import Generation
from indexer.storage.rows import passage_key
from tests.support.stored import (
    ARTICLES,
    DOCUMENTS,
    PASSAGES,
    TOLD,
    add,
    facts_of,
    one_passage,
    write_generation,
)

HERE, THERE = "0123456789ab", "ba9876543210"


@pytest.fixture
def drafts(stored: Generation, tmp_path: Path) -> Iterator[Drafts]:
    """Drafts beside one segment."""
    with closing(Drafts(tmp_path / "drafts.db", stored)) as drafts:
        yield drafts


@pytest.fixture
def beside_worn(worn: Generation, tmp_path: Path) -> Iterator[Drafts]:
    """Drafts beside two segments, of which an article is gone."""
    with closing(Drafts(tmp_path / "drafts.db", worn)) as drafts:
        yield drafts


def test_what_is_added_is_found(tmp_path: Path) -> None:
    with closing(Drafts(tmp_path / "a drafts?.db")) as drafts:
        for number, (article, document) in enumerate(zip(ARTICLES, DOCUMENTS, strict=True)):
            assert drafts.count == number
            assert drafts.find(article.id) is None
            assert not drafts.has_document(document)
            drafts.add(article, document, live=7 if number == 1 else None)
            assert drafts.find(article.id) == article
            assert drafts.has_document(document)
        assert drafts.count == 3
        assert list(drafts.added()) == [
            (0, ARTICLES[0], None), (1, ARTICLES[1], 7), (2, ARTICLES[2], None)
        ]  # fmt: skip
        assert [drafts.carried(number) for number in range(3)] == [None, 7, None]
        assert drafts.by_number(2) == (ARTICLES[2], b"three")


def test_nothing_is_live_without_a_generation(tmp_path: Path) -> None:
    with closing(Drafts(tmp_path / "drafts.db")) as drafts:
        drafts.add(ARTICLES[0], b"one")
        drafts.reject(b"two", "no")
        assert drafts.live_of_document(b"one") is None
        assert drafts.live_of(ARTICLES[0]) is None
        assert drafts.live_reason(b"two") is None
        assert [*drafts.live_locations(), *drafts.live_counted()] == []
        assert drafts.live_under("a.txt") == drafts.live_declaring("a") == []
        assert not drafts.live_has(passage_key(ARTICLES[0], PASSAGES[0][0]))
        drafts.stay([])
        assert (drafts.staying_passages(), drafts.leaving_passages()) == (0, [])
        assert [*drafts.facts(), *drafts.languages(), *drafts.remarks()] == []


def test_what_is_live_is_found(drafts: Drafts) -> None:
    found = drafts.live_of_document(b"two")
    assert found is not None
    assert (found.number, found.article) == (1, ARTICLES[1])
    assert drafts.live_by_id("c") == drafts.live_at("c.txt:3") == drafts.live_by_number(2)
    assert drafts.live_by_number(2).article == ARTICLES[2]
    assert list(drafts.live_locations()) == [(0, "a.txt"), (1, "b.txt"), (2, "c.txt:3")]
    assert [drafts.live_document(number) for number in range(3)] == DOCUMENTS
    assert drafts.live_reason(b"four") == "no article text found"
    assert drafts.live_of(replace(ARTICLES[0], location="b.txt")) == 0
    assert drafts.live_of(replace(ARTICLES[0], id="new", location="b.txt")) == 1
    assert all(
        drafts.live_has(passage_key(article, each))
        for article, passages in zip(ARTICLES, PASSAGES, strict=True)
        for each in passages
    )
    # What is live has not been read in this run.
    assert drafts.find("a") is None
    assert not drafts.has_document(b"one")


def test_what_is_not_live_is_not_found(drafts: Drafts) -> None:
    drafts.add(replace(ARTICLES[0], id="d", location="d.txt"), b"five")
    assert drafts.live_of_document(b"five") is None
    assert drafts.live_by_id("d") is None
    assert drafts.live_at("d.txt") is None
    assert drafts.live_of(Article("d", "", "", location="d.txt")) is None
    assert drafts.live_reason(b"one") is None
    assert not drafts.live_has(b"no key")
    with pytest.raises(IndexDamaged, match="no article 3"):
        drafts.live_by_number(3)


def test_what_is_gone_is_not_live(beside_worn: Drafts) -> None:
    assert list(beside_worn.live_locations()) == [(0, "a.txt"), (2, "c.txt:3")]
    found = beside_worn.live_of_document(b"three")
    assert found is not None
    assert (found.number, found.article) == (2, ARTICLES[2])
    assert beside_worn.live_of_document(b"two") is None
    assert beside_worn.live_by_id(ARTICLES[1].id) is None
    assert beside_worn.live_at("b.txt") is None
    assert beside_worn.live_under("b.txt") == []
    with pytest.raises(IndexDamaged):
        beside_worn.live_by_number(1)
    assert [each.number for each in beside_worn.live_counted()] == [0, 2]
    # Its passages are still there to be taken over, and so is why there was none in others.
    assert beside_worn.live_has(passage_key(ARTICLES[1], PASSAGES[1][0]))
    assert beside_worn.live_reason(b"four") == "no article text found"


def test_a_reason_is_kept_once(drafts: Drafts, tmp_path: Path) -> None:
    for reason in ("no text", "too short"):
        drafts.reject(b"five", reason)
    # Of this run, so not live.
    assert drafts.live_reason(b"five") is None
    rows = drafts.connection.execute("SELECT * FROM main.rejected").fetchall()
    assert rows == [(b"five", "no text")]


def test_what_the_corpus_looks_at(drafts: Drafts) -> None:
    found = list(drafts.live_counted())
    assert [each.number for each in found] == [0, 1, 2]
    assert [each.article for each in found] == [
        replace(article, text="", removed=(), mentioned=()) for article in ARTICLES
    ]
    assert [each.removed for each in found] == [(0, 2), (), ()]
    assert [each.paragraphs for each in found] == [facts_of(each) for each in DOCUMENTS]


def test_of_a_place_what_lies_in_it(tmp_path: Path) -> None:
    places = ["news/a", "news/a.txt:1", "news/a/1.txt", "news/a:1", "news/a:2", "news/b", "newsx"]
    live = write_generation(
        tmp_path / "live",
        [one_passage(Article(place, "", "x", location=place)) for place in places[:4]],
        [one_passage(Article(place, "", "x", location=place)) for place in places[4:]],
    )
    with closing(Drafts(tmp_path / "drafts.db", live)) as drafts:

        def under(place: str) -> list[str]:
            return [each.article.location for each in drafts.live_under(place)]

        assert under("news") == places[:6]
        assert under("news/a") == ["news/a", "news/a/1.txt", "news/a:1", "news/a:2"]
        assert under("news/a.txt") == ["news/a.txt:1"]
        assert under("news/a:1") == ["news/a:1"]
        assert under("new") == under("") == under("%") == []


def test_of_a_declared_id_all_that_declare_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"1@{HERE}", "1", f"10@{HERE}", f"1@{THERE}", f"1@2@{HERE}", "1@short"]
    told = [one_passage(Article(each, "", "x", location=each)) for each in ids]
    live = write_generation(tmp_path / "live", told[:3], told[3:], gone={1})
    with closing(Drafts(tmp_path / "drafts.db", live)) as drafts:

        def declaring(declared: str) -> list[str]:
            return [each.article.id for each in drafts.live_declaring(declared)]

        assert declaring("1") == [f"1@{HERE}", f"1@{THERE}"]
        assert declaring("10") == [f"10@{HERE}"]
        assert declaring("1@2") == [f"1@2@{HERE}"]
        assert declaring("2") == declaring("") == []
        monkeypatch.setattr("indexer.storage.drafts._MOST_DECLARING", 1)
        assert declaring("1") == [f"1@{HERE}"]


@pytest.mark.parametrize(
    ("staying", "passages", "leaving"),
    [([0, 2], 3, []), ([0], 2, [3]), ([2], 1, [0, 1]), ([], 0, [0, 1, 3])],
)
def test_passages_of_what_stays_and_of_what_leaves(
    beside_worn: Drafts, staying: list[int], passages: int, leaving: list[int]
) -> None:
    beside_worn.stay([0, 2])
    beside_worn.stay(staying)
    assert beside_worn.staying_passages() == passages
    # Those of the article that is gone have left before.
    assert sorted(beside_worn.leaving_passages()) == leaving


def test_what_is_told_of_what_stays_and_of_a_new_segment(worn: Generation, tmp_path: Path) -> None:
    open_date = Numbers((("dmy", "2024-04-03"), ("mdy", "2024-03-04")), False, True)
    new = [
        Article("d", "D", "x", Date("2024-04-03", False, numbers=open_date), language="en",
                location="d.txt"),
        Article("e", "E", "x", language="de", location="e.txt",
                remarks=(Remark("date", "someday", "no date"), Remark("url", "x", "no address"))),
        # Another date tells of this one, so nothing is open.
        Article("f", "F", "x", Date("2024-04-03", True, numbers=open_date), language="en",
                location="f.txt"),
    ]  # fmt: skip
    with closing(Drafts(tmp_path / "drafts.db", worn)) as drafts:
        drafts.stay([0])
        writer = ArticleWriter(drafts, tmp_path / "articles.db", 2, 3)
        add(writer, *map(one_passage, new))
        drafts.stay([0])
        vector = np.array([1, 0], np.float16)
        writer.describe(3, b"a sketch", vector)
        assert list(drafts.languages()) == [("en", 1)]
        assert list(drafts.languages(SEGMENT)) == [("en", 3), ("de", 1)]
        assert [*drafts.remarks(), *drafts.undecided()] == []
        assert list(drafts.remarks(SEGMENT)) == [("e.txt", each) for each in new[1].remarks]
        assert list(drafts.undecided(SEGMENT)) == [("d.txt", ["2024-04-03", "2024-03-04"])]
        assert list(drafts.facts()) == [(0, b"", b"")]
        assert sorted(drafts.facts(SEGMENT)) == [
            (0, b"", b""), (2, b"", b""), (3, b"a sketch", vector.tobytes()), (4, b"", b"")
        ]  # fmt: skip


def test_remarks_and_open_days_of_what_stays(tmp_path: Path) -> None:
    numbers = Numbers((("dmy", "2024-04-03T10:30"), ("mdy", "2024-03-04T10:30")), False, True)
    remark = Remark("date", "someday", "no date")
    told = [
        Article(str(n), "", "x", Date("2024-04-03T10:30", False, numbers=numbers),
                remarks=(remark,), location=f"{n}.txt")
        for n in range(3)
    ]  # fmt: skip
    live = write_generation(
        tmp_path / "live", [one_passage(told[0])], [*map(one_passage, told[1:])], gone={1}
    )
    with closing(Drafts(tmp_path / "drafts.db", live)) as drafts:
        drafts.stay([2])
        assert list(drafts.remarks()) == [("2.txt", remark)]
        assert list(drafts.undecided()) == [("2.txt", ["2024-04-03", "2024-03-04"])]
        drafts.stay([0, 2])
        assert sorted(place for place, _ in drafts.remarks()) == ["0.txt", "2.txt"]


def test_what_is_live_is_only_read(worn: Generation, tmp_path: Path) -> None:
    files = [file for file in worn.path.rglob("*") if file.is_file()]
    assert len(files) == 3
    before = [file.read_bytes() for file in files]
    with closing(Drafts(tmp_path / "drafts.db", worn)) as drafts:
        for told in TOLD:
            drafts.add(told.article, told.document)
        drafts.stay([0])
        list(drafts.live_counted())
    assert [file.read_bytes() for file in files] == before
    assert sorted(file for file in worn.path.rglob("*") if file.is_file()) == sorted(files)
