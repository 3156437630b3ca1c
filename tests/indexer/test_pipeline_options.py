"""What a run may do: full, dry, prune, yes; and what it refuses without them."""

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.errors import IndexDamaged, IndexMismatch, InputError
from indexer.storage.folder import IndexFolder
from tests.conftest import Run, WriteFiles, content_of, flipped, rebuilt, write_tree
from tests.support.corpus import ARTICLES, CORPUS, generated
from tests.support.fakes import CountingEmbedder, FakeEmbedder
from tests.support.runs import FILES, Update, counts_of


def test_prune_drops_what_is_not_named(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    one, other = write_files(CORPUS), write_files(generated(9))
    update(one, other)
    summary, embedded = update(other, prune=True)
    assert (counts_of(summary), embedded) == ({"unchanged": 9, "removed": 8}, 0)
    assert {Path(place).parent.parent for place in summary.removed} == {one, one}
    assert content_of(index) == rebuilt([other], tmp_path / "new", embedder)


@pytest.mark.parametrize(("left", "refused"), [(3, True), (4, False)])
def test_more_than_half_is_not_dropped_unasked(
    update: Update, write_files: WriteFiles, index: Path, left: int, refused: bool
) -> None:
    folder = write_files(generated(8))
    first, _ = update(folder)
    before = content_of(index)
    for number in range(left, 8):
        (folder / f"{number:04}.json").unlink()
    if refused:
        with pytest.raises(InputError, match="5 of 8 articles would be removed") as caught:
            update(folder)
        assert str(folder / "0003.json") in str(caught.value)
        assert "--yes" in str(caught.value)
        assert "--dry-run" in str(caught.value)
        assert (content_of(index), IndexFolder(index).current_id()) == (before, first.generation)
    summary, embedded = update(folder, yes=refused)
    assert (counts_of(summary), embedded) == ({"unchanged": left, "removed": 8 - left}, 0)


def test_prune_of_more_than_half_is_refused(update: Update, write_files: WriteFiles) -> None:
    one, other = write_files(CORPUS), write_files(generated(3))
    update(one, other)
    with pytest.raises(InputError, match="8 of 11"):
        update(other, prune=True)
    with pytest.raises(InputError, match="8 of 11"):
        update(other, prune=True, full=True)
    assert update(other, prune=True, yes=True)[0].articles == 3


def test_nothing_is_left_to_index(update: Update, write_files: WriteFiles, index: Path) -> None:
    folder = write_files({"a.json": CORPUS["feeds/final.json"]})
    first, _ = update(folder)
    (folder / "a.json").unlink()
    for options in ({}, {"yes": True}, {"dry": True}, {"full": True}):
        with pytest.raises(InputError, match="no file"):
            update(folder, **options)
    assert IndexFolder(index).current_id() == first.generation


def test_a_dry_run_does_not_make_the_index(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    summary, embedded = update(write_files(CORPUS), dry=True)
    assert (summary.published, summary.generation) == (False, None)
    assert (counts_of(summary), embedded) == ({"added": 8}, 0)
    assert summary.embedded == summary.passages
    assert not index.exists()


def test_another_model_is_refused(run: Run, write_files: WriteFiles, index: Path) -> None:
    folder = write_files(CORPUS)
    first = run(folder)
    other = CountingEmbedder(sha256="0" * 64)
    other.model = replace(other.model, name="other-model")
    for options in ({}, {"dry": True}, {"yes": True, "prune": True}):
        with pytest.raises(IndexMismatch) as caught:
            run(folder, model=other, **options)
        for part in ("fake (ffffffffffff)", "other-model (000000000000)", "--full"):
            assert part in str(caught.value)
    assert other.embedded == 0
    assert IndexFolder(index).current_id() == first.generation
    summary = run(folder, model=other, full=True)
    assert other.embedded == summary.embedded == summary.passages
    manifest = IndexFolder(index).open_current().manifest
    assert (manifest.model, manifest.model_sha256) == ("other-model", "0" * 64)


def test_another_model_embeds_what_is_kept_as_well(
    run: Run, write_files: WriteFiles, index: Path, tmp_path: Path
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    run(one)
    model = CountingEmbedder(sha256="0" * 64)
    summary = run(other, model=model, full=True)
    assert (counts_of(summary), model.embedded) == ({"added": 5, "kept": 8}, summary.passages)
    assert content_of(index) == rebuilt([one, other], tmp_path / "new", model)


def test_full_embeds_everything(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    first, _ = update(one, other)
    before = content_of(index)
    summary, embedded = update(one, full=True)
    assert summary.published
    assert summary.generation != first.generation
    assert counts_of(summary) == {"unchanged": 8, "kept": 5}
    assert embedded == summary.embedded == summary.passages
    assert content_of(index) == before


LIVE_FILES = [*FILES, "lexical/meta.json", "manifest.json"]


@pytest.mark.parametrize("name", [*LIVE_FILES, "lexical/*.idx", "lexical/*.term", "more.bin"])
def test_a_damaged_generation_is_not_built_upon(
    run: Run, write_files: WriteFiles, index: Path, name: str
) -> None:
    folder = write_files(generated(8))
    first = run(folder)
    path = IndexFolder(index).open_current().path
    file = path / name if name == "more.bin" else next(path.glob(name))
    content = file.read_bytes() if file.exists() else b"more"
    file.write_bytes(flipped(content, len(content) // 2))
    (folder / "0000.json").unlink()
    model = CountingEmbedder()
    with pytest.raises((IndexDamaged, IndexMismatch)):
        run(folder, model=model)
    assert model.embedded == 0
    assert IndexFolder(index).current_id() == first.generation
    assert [entry.name for entry in (index / "generations").iterdir()] == [first.generation]


@pytest.mark.parametrize("name", LIVE_FILES)
def test_full_rebuilds_what_is_damaged(
    update: Update,
    write_files: WriteFiles,
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    name: str,
) -> None:
    folder = write_files(generated(8))
    update(folder)
    file = IndexFolder(index).open_current().path / name
    content = file.read_bytes()
    file.write_bytes(flipped(content, len(content) // 2))
    summary, embedded = update(folder, full=True)
    assert summary.published
    assert embedded == summary.passages
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)
    assert IndexFolder(index).open_current().damage() == []


def test_full_says_what_it_loses(
    update: Update, write_files: WriteFiles, index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    update(one, other)
    tokens = IndexFolder(index).open_current().path / "segments/0/tokens.bin"
    tokens.write_bytes(flipped(tokens.read_bytes(), 5000))
    summary, _ = update(one, full=True)
    assert counts_of(summary) == {"unchanged": 8, "kept": 5}
    assert caplog.records == []
    articles = IndexFolder(index).open_current().path / "segments/0/articles.db"
    articles.write_bytes(flipped(articles.read_bytes(), 5000))
    summary, _ = update(one, full=True)
    assert counts_of(summary) == {"added": 8}
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == 1, warnings
    assert str(articles) in warnings[0]


def test_a_full_run_over_a_damaged_index_keeps_what_is_sound(
    write_files: WriteFiles, run: Run, index: Path
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    first = run(one, other).generation
    write_tree(one, {"new.json": generated(6)["0005.json"]})
    run(one)
    file = IndexFolder(index).open_current().path / "segments/0/vectors.faiss"
    file.write_bytes(flipped(file.read_bytes(), 500))
    with pytest.raises(IndexDamaged):
        run(one)
    assert run(one, full=True).articles == ARTICLES + 6
    assert [each.damage() for each in IndexFolder(index).generations()] == [[], []]
    assert IndexFolder(index).roll_back().id == first
