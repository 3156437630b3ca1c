"""What a folder has published is sent to tables at a URL: all of it, or nothing."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import lancedb
import pytest

from indexer.errors import IndexBusy, IndexDamaged, IndexMissing, InputError
from indexer.index_url import IndexUrl
from indexer.pipeline import Options, reindex
from indexer.storage.folder import IndexFolder
from indexer.storage.lance.folder import LanceFolder
from indexer.storage.lance.index import LanceIndex
from indexer.storage.lance.sending import Sending
from indexer.storage.locking import locked
from search.engine import Searcher
from tests.conftest import Build, flipped, write_tree
from tests.support.corpus import CORPUS, FERRY, generated, record
from tests.support.fakes import FakeEmbedder, Killed
from tests.support.lance import content_at
from tests.support.segments import OLD, ferry_article, found_by, held_by


@pytest.fixture
def url(tmp_path: Path) -> IndexUrl:
    return IndexUrl("file", str(tmp_path / "there"))


@pytest.fixture
def unmerged(monkeypatch: pytest.MonkeyPatch) -> None:
    """No segment is merged unasked."""
    monkeypatch.setattr("indexer.compaction.TIMES", 0)
    monkeypatch.setattr("indexer.compaction.SMALL", 0)


def _opened(url: IndexUrl) -> LanceIndex:
    folder = LanceFolder(url)
    return folder.open_index(folder.current_id())


def _found(url: IndexUrl, embedder: FakeEmbedder, question: str) -> list[str]:
    return found_by(Searcher(_opened(url), embedder), question)


def test_nothing_is_there_at_first(url: IndexUrl) -> None:
    folder = LanceFolder(url)
    with pytest.raises(IndexMissing, match=f"reindex PATH --index {url}"):
        folder.current_id()
    assert folder.current_changed() is None
    assert folder.generations() == []
    assert not url.folder.exists()


def test_sent_once(build: Build, index: Path, url: IndexUrl, embedder: FakeEmbedder) -> None:
    build()
    Sending(url, index, keep=2).send()
    folder = LanceFolder(url)
    live = IndexFolder(index).open_current()
    assert folder.current_id() == live.id
    assert folder.live().generation.manifest == live.manifest
    assert _found(url, embedder, "ferry")
    mark, versions = folder.current_changed(), folder.live().versions
    Sending(url, index, keep=2).send()
    assert (folder.current_changed(), folder.live().versions) == (mark, versions)


@pytest.mark.usefixtures("unmerged")
def test_what_has_grown_is_as_what_was_sent_at_once(
    tmp_path: Path,
    index: Path,
    url: IndexUrl,
    embedder: FakeEmbedder,
) -> None:
    """Articles come, change, leave, join stories and are merged; the tables follow."""
    source, random = tmp_path / "source", Random(3)
    files = generated(40)
    copy = record("copy", "Night ferry", FERRY, source="Wire", date="2024-03-13").encode()
    original = record("first", "Night ferry", FERRY, source="Echo", date="2024-03-12").encode()
    steps: list[tuple[dict[str, bytes], Options]] = [
        (dict(list(files.items())[:20]), Options()),
        ({"copy.json": copy}, Options()),
        # It becomes the first of the story of an article in another segment.
        ({"a.json": original}, Options()),
        (dict(list(files.items())[20:]), Options()),
        ({}, Options(compact=True)),
    ]
    for number, (new, options) in enumerate(steps):
        write_tree(source, new)
        for name in random.sample(sorted(source.rglob("*.json")), 2) if number == 3 else ():
            name.unlink()
        reindex([source], index, embedder, None, options=options)
        Sending(url, index, keep=2).send()
        at_once = IndexUrl("file", str(tmp_path / f"at once {number}"))
        Sending(at_once, index, keep=2).send()
        assert content_at(url) == content_at(at_once), number
    assert held_by(index) == [40]
    assert _found(url, embedder, "night ferry")[0] == "first"


@pytest.mark.usefixtures("unmerged")
def test_segments_that_stay_are_not_written_again(
    index: Path,
    url: IndexUrl,
    embedder: FakeEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("indexer.storage.lance.writer.SMALL", 0)
    monkeypatch.setattr("indexer.storage.lance.writer.UNINDEXED", 0.5)
    reindex([write_tree(tmp_path / "old", generated(OLD))], index, embedder, None)
    Sending(url, index, keep=2).send()
    tables = [url.folder / f"{name}.lance" / "data" for name in ("passages", "words", "keys")]
    before = [{file: file.stat().st_size for file in table.iterdir()} for table in tables]
    added = write_tree(tmp_path / "new", {"ferry.json": ferry_article()})
    reindex([added], index, embedder, None)
    assert held_by(index) == [OLD, 1]
    Sending(url, index, keep=2).send()
    for table, known in zip(tables, before, strict=True):
        new = [file.stat().st_size for file in table.iterdir() if file not in known]
        assert 0 < sum(new) < sum(known.values())


@pytest.mark.parametrize("step", ["_remove", "_append", "_suggest", "_index", "_publish", "forget"])
@pytest.mark.parametrize("calls", [0, 1])
def test_a_run_that_is_killed_leaves_what_was_live(
    build: Build,
    index: Path,
    url: IndexUrl,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    step: str,
    calls: int,
) -> None:
    files = generated(12)
    first = build(files).generation
    Sending(url, index, keep=2).send()
    second = build(dict(list(files.items())[3:]) | CORPUS).generation
    name = f"indexer.storage.lance.writer.Publication.{step}"
    with monkeypatch.context() as patch:
        patch.setattr(name, _dying(step, calls))
        try:
            Sending(url, index, keep=2).send()
            # It is called once.
            assert calls == 1
        except Killed:
            assert LanceFolder(url).current_id() == (second if step == "forget" else first)
            assert len(_found(url, embedder, "the")) > 0
    Sending(url, index, keep=2).send()
    assert LanceFolder(url).current_id() == second
    at_once = IndexUrl("file", str(tmp_path / "at once"))
    Sending(at_once, index, keep=2).send()
    assert content_at(url) == content_at(at_once)


def _dying(step: str, calls: int) -> Callable[..., object]:
    from indexer.storage.lance.writer import Publication

    original, left = getattr(Publication, step), [calls]

    def dying(*arguments: object) -> object:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return original(*arguments)

    return dying


def test_older_generations_go_and_who_reads_them_is_not_disturbed(
    build: Build, index: Path, url: IndexUrl, embedder: FakeEmbedder
) -> None:
    ids = []
    for number in range(1, 5):
        ids.append(build(generated(4 * number)).generation)
        Sending(url, index, keep=2).send()
        if number == 3:
            before = Searcher(_opened(url), embedder)
            expected = found_by(before, "the council")
    assert [each.id for each in LanceFolder(url).generations()] == [ids[3], ids[2]]
    assert found_by(before, "the council") == expected
    with pytest.raises(IndexMissing):
        LanceFolder(url).open_index(str(ids[0]))


def test_an_older_one_is_live_again(
    build: Build, index: Path, url: IndexUrl, embedder: FakeEmbedder
) -> None:
    first = build(CORPUS).generation
    Sending(url, index, keep=2).send()
    found = _found(url, embedder, "ferry")
    second = build(generated(5)).generation
    Sending(url, index, keep=2).send()
    folder = LanceFolder(url)
    mark = folder.current_changed()
    assert folder.roll_back().id == first == folder.current_id()
    assert folder.current_changed() != mark
    assert _found(url, embedder, "ferry") == found
    with pytest.raises(InputError, match="no generation older"):
        folder.roll_back()
    with pytest.raises(InputError, match=f"kept: {second}, {first}"):
        folder.roll_back("20240101-000000-abcdefabcdef")
    assert folder.roll_back(str(second)).id == second
    # What is sent next is written upon what is live.
    third = build(CORPUS).generation
    folder.roll_back(str(first))
    Sending(url, index, keep=2).send()
    assert folder.current_id() == third
    assert _found(url, embedder, "ferry") == found


def test_another_folder_is_refused(
    build: Build, index: Path, url: IndexUrl, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    build()
    sending = Sending(url, index, keep=2)
    sending.check()
    sending.send()
    sending.check()
    other = tmp_path / "other"
    reindex([write_tree(tmp_path / "files", generated(3))], other, embedder, None)
    elsewhere = Sending(url, other, keep=2)
    with pytest.raises(InputError, match="built by another machine"):
        elsewhere.check()
    with pytest.raises(InputError, match="built by another machine"):
        elsewhere.send()
    whole = Sending(url, other, keep=2, full=True)
    whole.check()
    whole.send()
    at_once = IndexUrl("file", str(tmp_path / "at once"))
    Sending(at_once, other, keep=2).send()
    assert content_at(url) == content_at(at_once)
    with pytest.raises(InputError, match="built by another machine"):
        sending.check()
    # Its numbers begin anew there; what was sent before is older all the same.
    assert LanceFolder(url).roll_back().manifest.articles == 8


def test_one_writes_at_a_time(build: Build, index: Path, url: IndexUrl) -> None:
    build()
    with locked(url.folder), pytest.raises(IndexBusy):
        Sending(url, index, keep=2).send()
    with pytest.raises(IndexMissing):
        LanceFolder(url).current_id()


def test_tables_of_something_else_stay(build: Build, index: Path, url: IndexUrl) -> None:
    build()
    others = lancedb.connect(url.path)
    others.create_table("words", [{"mine": 1}])
    others.create_table("unlike", [{"mine": 2}])
    with pytest.raises(InputError, match="something else, words for one"):
        Sending(url, index, keep=2).send()
    assert others.open_table("words").to_arrow().to_pylist() == [{"mine": 1}]
    others.drop_table("words")
    Sending(url, index, keep=2).send()
    assert others.open_table("unlike").to_arrow().to_pylist() == [{"mine": 2}]


def test_damage_is_not_sent(build: Build, index: Path, url: IndexUrl) -> None:
    build()
    live = IndexFolder(index).open_current()
    file = live.path / "segments/0/vectors.faiss"
    file.write_bytes(flipped(file.read_bytes(), 9))
    with pytest.raises(IndexDamaged):
        Sending(url, index, keep=2).send()
    with pytest.raises(IndexMissing):
        LanceFolder(url).current_id()


def test_how_far_it_is(build: Build, index: Path, url: IndexUrl) -> None:
    build(generated(7))
    told: list[tuple[str, int, int]] = []
    Sending(url, index, 2, lambda *each: told.append(each)).send()
    assert told == [("sending", done, 7) for done in range(1, 8)]
