"""What is read elsewhere, and is gone from where it was, is served from where it is now."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indexer.article import Article, Date
from indexer.moves import Moves, is_gone, is_version
from indexer.reading.days.declared_date import read_date
from indexer.reading.days.orders import settled
from tests.conftest import WriteFiles, content_of, rebuilt, write_tree
from tests.support.corpus import BAKERY, BEES, CORPUS, FERRY, TRAM, record
from tests.support.fakes import FakeEmbedder
from tests.support.runs import Update, counts_of, found_by_words


def _renamed(folder: Path) -> Path:
    return folder.rename(folder.with_name(folder.name + " moved"))


def _dump(title: str, *paragraphs: str) -> bytes:
    return "\n\n".join([title, *paragraphs]).encode()


def test_a_folder_that_moved_while_some_of_it_was_corrected(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    lines = [record("p1", "Bakery", BAKERY), record("p2", "Ferry", FERRY)]
    old = write_files(
        {
            "deep/post.jsonl": "\n".join(lines).encode(),
            "deep/a.txt": _dump("Trams rise by ten percent", *TRAM),
            "z.json": record("e1", "Bees", BEES, source="Echo").encode(),
        }
    )
    update(old)
    new = _renamed(old)
    lines[0] = record("p1", "Correction", ["The bakery at Millbrook has never closed at all."])
    write_tree(
        new,
        {
            "deep/post.jsonl": "\n".join(lines).encode(),
            "deep/a.txt": _dump("Trams rise by four percent", *TRAM, "This was wrong before."),
            "z.json": record("e1", "Wasps", BEES, source="Echo").encode(),
        },
    )
    summary, _ = update(new, yes=True)
    assert summary.skipped == []
    assert (summary.articles, summary.changed, summary.moved, summary.kept) == (4, 2, 1, 0)
    assert [Path(place).name for place in summary.removed] == ["a.txt"]
    assert set(found_by_words(index, "Millbrook")) == {"p1"}
    assert content_of(index) == rebuilt([new], tmp_path / "new", embedder)


@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_is_there_keeps_its_id(
    update: Update, write_files: WriteFiles, index: Path, there: bool
) -> None:
    old = write_files({"a.json": record("x", "Bakery", BAKERY).encode()})
    new = write_files({"a.json": record("x", "Ferry", FERRY).encode()})
    update(old)
    if not there:
        (old / "a.json").unlink()
    summary, _ = update(new)
    assert counts_of(summary) == ({"added": 1, "kept": 1} if there else {"changed": 1})
    assert bool(found_by_words(index, "Millbrook")) == there


def test_what_is_gone_and_read_nowhere_else_is_kept(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    old = write_files(CORPUS)
    update(old)
    new = _renamed(old)
    (new / "feeds" / "final.json").unlink()
    summary, embedded = update(new)
    assert (counts_of(summary), embedded) == ({"moved": 7, "kept": 1}, 0)
    assert [*found_by_words(index, "rovers").values()] == [str(old / "feeds" / "final.json")]
    # A file of yesterday that was deleted, and one of today with its name and another text.
    assert counts_of(update(new)[0]) == {"unchanged": 7, "kept": 1}


def test_another_text_of_the_same_name_is_another_article(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    about = _dump("About this paper and its readers", *BEES)
    old = write_files({"about.txt": about, "front.txt": _dump("Front page", *BAKERY)})
    update(old)
    _renamed(old)
    new = write_files({"about.txt": about, "front.txt": _dump("Front page", *FERRY)})
    summary, _ = update(new)
    assert counts_of(summary) == {"added": 1, "moved": 1, "kept": 1}
    assert found_by_words(index, "Millbrook")
    assert found_by_words(index, "Lowick")


def test_articles_after_those_that_are_left_out_move_up(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    both = sorted(write_files({}) for _ in range(2))
    write_tree(both[0], {"x.json": record("x", "Bakery", BAKERY).encode()})
    write_tree(both[1], {"y.json": record("y", "Bees", BEES).encode()})
    update(*both)
    (both[0] / "x.json").unlink()
    last = write_files({"x.json": record("x", "Ferry", FERRY).encode()})
    summary, embedded = update(last)
    assert (counts_of(summary), embedded) == ({"changed": 1, "kept": 1}, 1)
    assert content_of(index) == rebuilt([both[1], last], tmp_path / "new", embedder)


def test_where_a_file_was_before_its_folder_moved() -> None:
    moves = Moves()
    assert moves.place_before("/new/b.txt") is None
    moves.note("/mnt/one/news/2024/a.jsonl:3", "/srv/news/2024/a.jsonl:7")
    moves.note("/mnt/one/other.txt", "/srv/renamed.txt")
    assert moves.place_before("/srv/news/b.jsonl:2") == "/mnt/one/news/b.jsonl:2"
    assert moves.place_before("/srv/x.zip//y.json:1") == "/mnt/one/x.zip//y.json:1"
    assert moves.place_before("/else/b.txt") is None


def test_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "a:1").write_text("")
    assert not is_gone(str(tmp_path / "a:1"))
    assert not is_gone(f"{tmp_path}/a:1:3")
    assert not is_gone(f"{tmp_path}/a:1//member.json:3")
    assert is_gone(f"{tmp_path}/b.json:3")
    assert is_gone(f"{tmp_path}/a:1/b.json")
    # Nobody can say whether these are there.
    assert not is_gone(f"{tmp_path}/\ufffd.json")
    assert not is_gone(f"{tmp_path}/{'x' * 5000}")


def test_versions_share_half_of_their_words_and_their_day() -> None:
    one = Article("a", "", "Fares will rise by ten percent.", Date("2024-03-01T08:00"))
    assert is_version(one, replace(one, text="Fares will rise by four percent, we learn."))
    assert not is_version(one, replace(one, text="Fares stay as they are, by the way."))
    assert is_version(one, replace(one, published=Date("2024-03-01")))
    assert not is_version(one, replace(one, published=Date("2024-03-02")))
    assert not is_version(one, replace(one, published=None))


def test_a_version_is_known_whatever_the_order_of_its_date() -> None:
    published = read_date("03/04/2024", "date", date(2025, 1, 1))
    assert isinstance(published, Date)
    fresh = Article("a", "T", " ".join(["word"] * 40), published=published)
    live = replace(fresh, published=settled(published, "mdy"))
    assert live.published != fresh.published
    assert is_version(live, fresh)
