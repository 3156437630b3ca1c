"""What is embedded: each passage once, whatever ends a run, and nothing that is damaged."""

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from indexer.errors import StorageError
from indexer.storage.folder import IndexFolder
from search.question.query import Query
from tests.conftest import (
    Build,
    Run,
    WriteFiles,
    content_of,
    flipped,
    open_index,
    rebuilt,
    write_tree,
)
from tests.support.corpus import BAKERY, CORPUS, generated, record
from tests.support.fakes import CountingEmbedder, FakeEmbedder, Killed
from tests.support.runs import is_tidy, killed_run


@pytest.mark.parametrize("piece", [1, 3, 7])
def test_working_in_pieces_changes_nothing(
    write_files: WriteFiles,
    index: Path,
    run: Run,
    embedder: FakeEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    piece: int,
) -> None:
    folder = write_files(generated(30))
    whole = rebuilt([folder], tmp_path / "whole", embedder)
    monkeypatch.setattr("indexer.encoding.PIECE", piece)
    run(folder)
    assert content_of(index) == whole


def test_passages_that_are_the_same_are_embedded_once(
    write_files: WriteFiles, run: Run, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.encoding.PIECE", 2)
    names = [f"{number}.json" for number in range(5)]
    files = {name: record(name, "Bakery", [" ".join(BAKERY)]).encode() for name in names}
    model = CountingEmbedder()
    summary = run(write_files(files), model=model)
    assert (summary.articles, summary.passages) == (5, 5)
    assert model.embedded == summary.embedded == 1
    hits = open_index(index, model).search(Query(text="Millbrook", mode="semantic")).hits
    assert [hit.score for hit in hits] == pytest.approx([hits[0].score] * 5)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("most", [0, 4, 5, 12, 40])
def test_a_killed_run_is_taken_up(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path, most: int
) -> None:
    folder = write_files(generated(30))
    assert killed_run(run, folder, most=most).embedded == most - most % 5
    assert not (index / "CURRENT").exists()
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert summary.passages == summary.embedded
    assert model.embedded == summary.passages - (most - most % 5)
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)
    assert is_tidy(index)


@pytest.mark.usefixtures("small_pieces")
def test_a_run_that_is_killed_again_and_again(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    folder = write_files(generated(30))
    embedded = 0
    for _ in range(4):
        embedded += killed_run(run, folder, most=12).embedded
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert embedded == 40
    assert embedded + model.embedded == summary.passages
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("most", [0, 5, 30])
def test_a_killed_update_is_taken_up(
    build: Build,
    write_files: WriteFiles,
    run: Run,
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    most: int,
) -> None:
    folder = write_files(generated(10))
    live = run(folder)
    before = content_of(index)
    write_tree(folder, generated(30))
    (folder / "0003.json").unlink()
    killed_run(run, folder, most=most)
    assert IndexFolder(index).current_id() == live.generation
    assert content_of(index) == before
    assert [path.name for path in (index / "generations").iterdir()] == [live.generation]
    assert open_index(index, embedder).search(Query(text="harbour")).hits
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert model.embedded == summary.embedded - most
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)
    assert is_tidy(index)


@pytest.mark.usefixtures("small_pieces")
def test_a_run_is_killed_and_the_files_change(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    folder = write_files(generated(12))
    killed_run(run, folder, most=20)
    for number in (0, 1, 2, 7):
        (folder / f"{number:04}.json").unlink()
    write_tree(folder, {"a/0.json": generated(13, seed=3)["0012.json"]})
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert 0 < model.embedded < summary.passages
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)


@pytest.mark.usefixtures("small_pieces")
def test_what_is_embedded_for_one_path_serves_another(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    one, other = write_files(generated(12)), write_files(generated(4))
    run(write_files(CORPUS))
    killed_run(run, one, most=30)
    model = CountingEmbedder()
    run(other, model=model)
    assert model.embedded == 0
    assert is_tidy(index)


def test_what_is_embedded_for_another_path_outlives_a_run_without_news(
    write_files: WriteFiles, run: Run, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.encoding.PIECE", 5)
    small, large = write_files(CORPUS), write_files(generated(10))
    run(small)
    with pytest.raises(Killed):
        run(large, model=CountingEmbedder(most=20))
    assert not run(small).published
    rest = CountingEmbedder()
    assert run(large, model=rest).embedded == rest.embedded + 20


@pytest.mark.usefixtures("small_pieces")
def test_a_full_run_is_taken_up(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    folder = write_files(generated(12))
    run(folder)
    before = content_of(index)
    killed_run(run, folder, most=20, full=True)
    model = CountingEmbedder()
    summary = run(folder, model=model, full=True)
    assert summary.embedded == summary.passages
    assert model.embedded == summary.passages - 20
    assert content_of(index) == before


@pytest.mark.usefixtures("small_pieces")
def test_what_another_model_embedded_is_not_used(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    folder = write_files(generated(12))
    killed_run(run, folder, most=20)
    model = CountingEmbedder(sha256="0" * 64)
    summary = run(folder, model=model)
    assert model.embedded == summary.passages
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)
    killed_run(run, folder, most=20, sha256="1" * 64, full=True)
    write_tree(folder, generated(13))
    model = CountingEmbedder(sha256="0" * 64)
    summary = run(folder, model=model)
    assert model.embedded == summary.embedded > 0
    assert content_of(index) == rebuilt([folder], tmp_path / "newer", model)


def test_what_a_kill_after_publishing_left_is_removed(
    write_files: WriteFiles, run: Run, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    folder = write_files(CORPUS)
    for number in range(3):
        write_tree(folder, {f"new{number}.json": generated(3)[f"000{number}.json"]})
        if number == 2:
            monkeypatch.setattr(IndexFolder, "_remove_all_but", killed)
            with pytest.raises(Killed):
                run(folder)
            monkeypatch.undo()
        else:
            run(folder)
    assert len(list((index / "generations").iterdir())) == 3
    assert (index / "embedded.db").exists()
    assert not run(folder).published
    assert is_tidy(index)
    assert len(list((index / "generations").iterdir())) == 2


@pytest.mark.usefixtures("small_pieces")
def test_garbage_in_place_of_what_was_embedded(
    write_files: WriteFiles,
    run: Run,
    index: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = write_files(generated(12))
    killed_run(run, folder, most=20)
    (index / "embedded.db").write_bytes(b"garbage" * 3000)
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert model.embedded == summary.passages
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)
    assert is_tidy(index)


def _zeroed(content: bytes, at: int) -> bytes:
    return content[:at] + bytes(512) + content[at + 512 :]


def _cut(content: bytes, at: int) -> bytes:
    return content[:at]


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("damage", [flipped, _zeroed, _cut])
def test_damage_to_what_was_embedded_is_never_published_and_never_lasts(
    write_files: WriteFiles,
    run: Run,
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    damage: Callable[[bytes, int], bytes],
) -> None:
    folder = write_files(generated(12))
    expected = rebuilt([folder], tmp_path / "new", embedder)
    killed_run(run, folder, most=20)
    saved = (index / "embedded.db").read_bytes()
    random = Random(1)
    for _ in range(12):
        at = random.choice([at for at in range(0, len(saved), 7) if saved[at]])
        shutil.rmtree(index)
        write_tree(index, {"embedded.db": damage(saved, at)})
        try:
            run(folder)
        except StorageError:
            run(folder)
        assert content_of(index) == expected


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("damage", [flipped, _zeroed, _cut])
def test_damage_to_what_was_embedded_does_not_stop_a_run_without_news(
    write_files: WriteFiles, run: Run, index: Path, damage: Callable[[bytes, int], bytes]
) -> None:
    folder, other = write_files(CORPUS), write_files(generated(12))
    run(folder)
    killed_run(run, other, most=20)
    saved = (index / "embedded.db").read_bytes()
    random = Random(2)
    for _ in range(12):
        at = random.choice([at for at in range(0, len(saved), 7) if saved[at]])
        (index / "embedded.db").write_bytes(damage(saved, at))
        try:
            run(folder)
        except StorageError:
            run(folder)
