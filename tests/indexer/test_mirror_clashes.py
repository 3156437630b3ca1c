"""Two articles that have one id, one text or one place."""

import json
from pathlib import Path

import pytest

from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from tests.conftest import WriteFiles, content_of, open_index, rebuilt, write_tree
from tests.support.corpus import BAKERY, BEES, CORPUS, FERRY, TRAM, record
from tests.support.fakes import FakeEmbedder
from tests.support.runs import Update, counts_of, found_by_words


def _feed(*records: str) -> bytes:
    return "\n".join(records).encode()


@pytest.mark.parametrize("first", [0, 1])
def test_an_id_that_another_path_of_the_outlet_has(
    update: Update, write_files: WriteFiles, index: Path, first: int
) -> None:
    both = [write_files({}) for _ in range(2)]
    kept, named = both[first], both[1 - first]
    write_tree(kept, {"a.json": record("x", "Bakery", BAKERY, source="Echo").encode()})
    write_tree(
        named,
        {
            "a.json": record("x", "Ferry", FERRY, source="Echo").encode(),
            "b.json": CORPUS["feeds/owls.json"],
        },
    )
    update(kept)
    summary, embedded = update(named)
    assert (counts_of(summary), embedded) == ({"added": 1, "kept": 1, "skipped": 1}, 1)
    (skipped,) = summary.skipped
    assert skipped.location == str(named / "a.json")
    assert skipped.reason == f"its id 'x' is already that of {kept / 'a.json'}"
    assert set(found_by_words(index, "Millbrook")) == {"x"}
    (kept / "a.json").unlink()
    summary, embedded = update(*both)
    assert (counts_of(summary), embedded) == ({"changed": 1, "unchanged": 1}, 1)
    assert set(found_by_words(index, "Lowick")) == {"x"}


def _ids_of(index: Path) -> dict[str, str]:
    """Title → id, in order."""
    articles = Articles(IndexFolder(index).open_current())
    return {stored.article.title: stored.article.id for stored, _ in articles.everything()}


def _numbered(source: str, *titles: str) -> bytes:
    """A dump of one outlet, whose ids are 1, 2, 3."""
    records = [
        {"id": n, "title": title, "text": f"{title}. {' '.join(FERRY)}", "source": source}
        for n, title in enumerate(titles, start=1)
    ]
    return json.dumps(records).encode()


def test_outlets_that_number_their_articles_alike(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    folder = write_files({"echo.json": _numbered("Echo", "E1", "E2")})
    update(folder)
    assert _ids_of(index) == {"E1": "1", "E2": "2"}
    write_tree(folder, {"post.json": _numbered("Post", "P1", "P2", "P3")})
    summary, embedded = update(folder / "post.json")
    assert (counts_of(summary), embedded) == ({"added": 3, "kept": 2}, 3)
    ids = _ids_of(index)
    # What was known by its id before still is, and so is an id that nobody shares.
    assert {title: ids[title] for title in ("E1", "E2", "P3")} == {"E1": "1", "E2": "2", "P3": "3"}
    assert [ids[title].partition("@")[0] for title in ("P1", "P2")] == ["1", "2"]
    assert len(set(ids.values())) == 5
    stored = open_index(index, embedder).article(ids["P1"])
    assert stored is not None
    assert stored.article.title == "P1"
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)
    # Without the first the second is the only one, and a moved dump keeps its ids.
    (folder / "echo.json").unlink()
    (folder / "post.json").rename(folder / "a.json")
    summary, embedded = update(folder)
    assert (summary.moved, len(summary.removed), embedded) == (3, 2, 0)
    assert _ids_of(index) == {"P1": "1", "P2": "2", "P3": "3"}


def test_two_files_of_no_known_outlet(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    folder = write_files(
        {
            "a.jsonl": _feed(record("x", "Bakery", BAKERY), record("x", "Tram", TRAM)),
            "b.jsonl": _feed(record("x", "Ferry", FERRY), record("x", "Bakery", BAKERY)),
        }
    )
    summary, _ = update(folder)
    # In one file it is one article; the same record in another file is its copy.
    assert counts_of(summary) == {"added": 2, "skipped": 1, "duplicates": 1}
    assert summary.skipped[0].location == f"{folder}/a.jsonl:2"
    ids = _ids_of(index)
    assert (ids["Bakery"], len(ids["Ferry"])) == ("x", len("x@") + 12)
    # An article may declare what is made of another.
    write_tree(folder, {"c.json": record(ids["Ferry"], "Bees", BEES).encode()})
    update(folder)
    assert _ids_of(index) == {**ids, "Ferry": ids["Ferry"] + "@", "Bees": ids["Ferry"]}
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)


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


def test_the_same_id_and_text_of_one_outlet_is_a_duplicate(
    update: Update, write_files: WriteFiles
) -> None:
    one = write_files({"a.json": record("x", "Bakery", BAKERY, source="One").encode()})
    other = write_files({"b.json": record("x", "Bakery!", BAKERY, source="One").encode()})
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
    folder = write_files({"b.json": record("x", "Bakery", BAKERY, source="Echo").encode()})
    update(folder)
    write_tree(folder, {"a.json": record("x", "Ferry", FERRY, source="Echo").encode()})
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
