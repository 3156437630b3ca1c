"""Two articles that have one id, one text or one place."""

from pathlib import Path

import pytest

from tests.conftest import WriteFiles, content_of, rebuilt, write_tree
from tests.support.corpus import BAKERY, CORPUS, FERRY, TRAM, record
from tests.support.fakes import FakeEmbedder
from tests.support.runs import Update, counts_of, found_by_words


def _feed(*records: str) -> bytes:
    return "\n".join(records).encode()


@pytest.mark.parametrize("first", [0, 1])
def test_an_id_that_another_path_has(
    update: Update, write_files: WriteFiles, index: Path, first: int
) -> None:
    both = [write_files({}) for _ in range(2)]
    kept, named = both[first], both[1 - first]
    write_tree(kept, {"a.json": record("x", "Bakery", BAKERY).encode()})
    write_tree(
        named,
        {"a.json": record("x", "Ferry", FERRY).encode(), "b.json": CORPUS["feeds/owls.json"]},
    )
    update(kept)
    summary, embedded = update(named)
    assert (counts_of(summary), embedded) == ({"added": 1, "kept": 1, "skipped": 1}, 1)
    (skipped,) = summary.skipped
    assert skipped.location == str(named / "a.json")
    assert "'x'" in skipped.reason
    assert str(kept / "a.json") in skipped.reason
    assert set(found_by_words(index, "Millbrook")) == {"x"}
    (kept / "a.json").unlink()
    summary, embedded = update(*both)
    assert (counts_of(summary), embedded) == ({"changed": 1, "unchanged": 1}, 1)
    assert set(found_by_words(index, "Lowick")) == {"x"}


@pytest.mark.parametrize("first", [0, 1])
def test_a_text_that_another_path_has(
    update: Update, write_files: WriteFiles, index: Path, first: int
) -> None:
    both = [write_files({"a.txt": CORPUS["echo/bakery.txt"]}) for _ in range(2)]
    kept, named = both[first], both[1 - first]
    write_tree(kept, {"b.json": CORPUS["feeds/owls.json"]})
    update(kept)
    summary, embedded = update(named)
    assert (counts_of(summary), embedded) == ({"duplicates": 1, "kept": 2}, 0)
    assert not summary.published
    (kept / "a.txt").unlink()
    summary, embedded = update(*both)
    assert (counts_of(summary), embedded) == ({"moved": 1, "unchanged": 1}, 0)
    assert [*found_by_words(index, "Millbrook").values()] == [str(named / "a.txt")]


def test_the_same_id_and_text_in_another_place_is_a_duplicate(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    one = write_files({"a.json": record("x", "Bakery", BAKERY, source="One").encode()})
    other = write_files({"b.json": record("x", "Bakery!", BAKERY, source="Two").encode()})
    update(one)
    summary, embedded = update(other)
    assert (counts_of(summary), embedded) == ({"duplicates": 1, "kept": 1}, 0)
    summary, embedded = update(one, other)
    assert (counts_of(summary), embedded) == ({"duplicates": 1, "unchanged": 1}, 0)


def test_ids_that_change_places(update: Update, write_files: WriteFiles, index: Path) -> None:
    records = [record("x", "Bakery", BAKERY), record("y", "Ferry", FERRY)]
    folder = write_files({"a.jsonl": _feed(*records)})
    update(folder)
    swapped = [record("y", "Bakery", BAKERY), record("x", "Ferry", FERRY)]
    (folder / "a.jsonl").write_bytes(_feed(*swapped))
    summary, embedded = update(folder)
    assert (counts_of(summary), embedded) == ({"changed": 2}, 0)
    assert set(found_by_words(index, "Millbrook")) == {"y"}
    assert set(found_by_words(index, "Lowick")) == {"x"}


def test_an_id_taken_over_by_an_earlier_file(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    folder = write_files({"b.json": record("x", "Bakery", BAKERY).encode()})
    update(folder)
    write_tree(folder, {"a.json": record("x", "Ferry", FERRY).encode()})
    summary, embedded = update(folder)
    assert (counts_of(summary), embedded) == ({"changed": 1, "skipped": 1}, 1)
    assert summary.skipped[0].location == str(folder / "b.json")
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_live_is_all_accounted_for(
    update: Update, write_files: WriteFiles, order: int
) -> None:
    """An article moves, and another takes its place: it moved, and the other was added."""
    new, old = ["a.txt", "b.txt"][::order]
    folder = write_files({old: "\n".join(FERRY).encode(), "z.json": CORPUS["feeds/owls.json"]})
    update(folder)
    (folder / old).rename(folder / new)
    (folder / old).write_bytes("\n".join(TRAM).encode())
    summary, _ = update(folder)
    assert counts_of(summary) == {"moved": 1, "added": 1, "unchanged": 1}
