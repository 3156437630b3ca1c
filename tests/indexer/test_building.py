"""A generation is built in steps: what each of them tells, and what it leaves in the folder."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from indexer.building import Building
from indexer.mirror import mirror
from indexer.plan import make_plan
from indexer.progress import no_progress
from indexer.storage.filenames import ARTICLES, SUGGESTIONS, TOKENS, VECTORS
from indexer.storage.manifest import Generation
from indexer.storage.words import Words
from indexer.storage.writer import GenerationWriter
from tests.conftest import WriteFiles, write_tree
from tests.support.corpus import BAKERY, FERRY, generated, record
from tests.support.fakes import CountingEmbedder
from tests.support.segments import OLD, live_of

OF_SEGMENT = {ARTICLES, VECTORS, TOKENS, SUGGESTIONS}


@contextmanager
def _begun(
    folder: Path, target: Path, live: Generation | None, model: CountingEmbedder
) -> Iterator[Building]:
    target.mkdir()
    files = GenerationWriter(target, live)
    with closing(files.drafts()) as drafts:
        _, places = mirror([folder], drafts, no_progress, prune=False, reuse=True)
        plan = make_plan(places, drafts, live.manifest.segments if live else ())
        yield Building(files, plan, drafts, model, no_progress)


def _files(target: Path) -> set[str]:
    """Files and folders of a generation, less those of the words."""
    found = (file.relative_to(target) for file in target.rglob("*") if file.is_file())
    return {str(file) for file in found if file.parts[0] != "lexical"}


def _standings(target: Path) -> list[tuple[int, int, str, int, str | None]]:
    with closing(sqlite3.connect(target / "corpus.db")) as connection:
        return connection.execute("SELECT * FROM standings ORDER BY place").fetchall()


def test_the_first_generation(write_files: WriteFiles, tmp_path: Path) -> None:
    folder = write_files(
        {
            "a.json": record("1", "Last loaves", BAKERY, source="Echo", date="2024-02-10").encode(),
            "b.json": record("1", "Aground", FERRY, source="Post", date="2024-03-12").encode(),
            "c.json": record("3", "Loaves", BAKERY, source="Post", date="2024-02-09").encode(),
            "few.json": b'{"text": "Nothing here."}',
        }
    )
    target, embedded, model = tmp_path / "target", tmp_path / "embedded.db", CountingEmbedder()
    with _begun(folder, target, None, model) as building:
        assert building.schemas == ["segment"]
        # Passages have the title in front, so no two of the three are the same.
        assert building.cut(reuse=True) == 3
        assert building.passages == 3
        assert model.embedded == 0
        (segment,) = building.write(embedded, None, 3)
        assert model.embedded == 3
        assert (segment.first_article, segment.articles) == (0, 3)
        assert (segment.first_passage, segment.passages) == (0, 3)
        assert segment.folder == "segments/0"
        building.finish()
    assert _files(target) == {"corpus.db", *(f"segments/0/{name}" for name in OF_SEGMENT)}
    # The bakery's story begins with the later file, which is of the day before.
    (one, two, three) = _standings(target)
    assert one == (0, 0, "1", 2, "same")
    assert two[:2] + two[3:] == (1, 1, 1, None)
    assert two[2].startswith("1@")
    assert three == (2, 2, "3", 2, None)
    assert sorted(Words(target / "lexical").numbers()) == [0, 1, 2]


def test_a_segment_beside_one_that_stays(source: Path, index: Path, tmp_path: Path) -> None:
    live = live_of(index)
    held = live.manifest.end_passage
    write_tree(source, {"000.json": record("bakery", "Last loaves", BAKERY).encode()})
    target, embedded, model = tmp_path / "target", tmp_path / "embedded.db", CountingEmbedder()
    with _begun(source, target, live, model) as building:
        assert building.cut(reuse=True) == 1
        assert building.passages == held + 1
        assert _files(target) == {"drafts.db", f"segments/{OLD}/{ARTICLES}"}
        old, new = building.write(embedded, live, 1)
        assert old == live.manifest.segments[0]
        assert (new.first_article, new.articles) == (OLD, 1)
        assert (new.first_passage, new.passages) == (held, 1)
        building.finish()
    folders = ("segments/0", f"segments/{OLD}")
    assert _files(target) == {
        "corpus.db", *(f"{folder}/{name}" for folder in folders for name in OF_SEGMENT)
    }  # fmt: skip
    assert [number for number, *_ in _standings(target)] == [OLD, *range(OLD)]
    assert sorted(Words(target / "lexical").numbers()) == list(range(held + 1))


def test_what_is_only_removed_makes_no_segment(source: Path, index: Path, tmp_path: Path) -> None:
    live = live_of(index)
    with closing(sqlite3.connect(live.path / "segments" / "0" / ARTICLES)) as connection:
        query = "SELECT number FROM passages WHERE article = 4"
        gone = {number for (number,) in connection.execute(query)}
    (source / "0004.json").unlink()
    target, embedded, model = tmp_path / "target", tmp_path / "embedded.db", CountingEmbedder()
    with _begun(source, target, live, model) as building:
        assert building.schemas == []
        assert building.cut(reuse=True) == 0
        assert building.passages == live.manifest.passages - len(gone)
        assert tuple(building.write(embedded, live, 0)) == live.manifest.segments
        building.finish()
    assert not embedded.exists()
    assert _files(target) == {"corpus.db", *(f"segments/0/{name}" for name in OF_SEGMENT)}
    assert [number for number, *_ in _standings(target)] == [
        number for number in range(OLD) if number != 4
    ]
    assert set(Words(target / "lexical").numbers()) == set(range(live.manifest.passages)) - gone
    assert live.damage() == []


def test_what_is_merged_is_not_embedded_again(grown: Path, index: Path, tmp_path: Path) -> None:
    live = live_of(index)
    first, last = live.manifest.segments
    write_tree(grown, {f"{OLD:04}.json": generated(OLD + 1)[f"{OLD:04}.json"]})
    target, embedded, model = tmp_path / "target", tmp_path / "embedded.db", CountingEmbedder()
    with _begun(grown, target, live, model) as building:
        missing = building.cut(reuse=True)
        assert building.passages == live.manifest.passages + missing
        kept, merged = building.write(embedded, live, missing)
        assert model.embedded == missing > 0
        assert kept == first
        assert (merged.first_article, merged.articles) == (last.first_article, 2)
        assert merged.passages == last.passages + missing
        building.finish()
    # In the order of places; that of the ferry had the number that is another's now.
    assert [number for number, *_ in _standings(target)] == list(range(OLD + 2))
    assert [identity for *_, identity, _, _ in _standings(target)][OLD:] == [f"g{OLD}", "ferry"]
    assert live.damage() == []


@pytest.mark.parametrize(("large", "released"), [(OLD, 1), (OLD * 100, 0)])
def test_only_a_large_segment_takes_the_memory_of_the_model(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int, released: int
) -> None:
    monkeypatch.setattr("indexer.building.LARGE", large)
    model = CountingEmbedder()
    with _begun(source, tmp_path / "target", None, model) as building:
        building.write(tmp_path / "embedded.db", None, building.cut(reuse=True))
        building.finish()
    assert model.released == released
