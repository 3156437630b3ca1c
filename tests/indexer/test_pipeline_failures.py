"""A run that fails or is killed at any step leaves the live generation, and the next goes on."""

import errno
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from indexer.errors import StorageError
from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from tests.conftest import ROOT, Run, WriteFiles, content_of, rebuilt, write_tree
from tests.support.corpus import CORPUS, generated
from tests.support.fakes import CountingEmbedder, FakeEmbedder, Killed
from tests.support.runs import is_tidy


class Step:
    """A step of a run that fails before it is done, or when it is."""

    def __init__(self, owner: str, name: str) -> None:
        self.path = f"indexer.{owner}.{name}"

    def __repr__(self) -> str:
        return self.path.rsplit(".", 2)[-2] + "." + self.path.rsplit(".", 1)[-1]

    def break_with(
        self, patch: pytest.MonkeyPatch, error: Callable[[], BaseException], *, done: bool
    ) -> None:
        module, owner, name = self.path.rsplit(".", 2)
        real = getattr(getattr(sys.modules[module], owner), name)

        def broken(*arguments: Any, **named: Any) -> Any:
            if done:
                real(*arguments, **named)
            raise error()

        patch.setattr(self.path, broken)


STEPS = [
    Step("storage.drafts.Drafts", "add"),
    Step("storage.article_writer.ArticleWriter", "cut"),
    Step("storage.article_writer.ArticleWriter", "complete"),
    Step("storage.article_writer.ArticleWriter", "describe"),
    Step("storage.article_writer.ArticleWriter", "finish"),
    Step("storage.embedded.EmbeddedPassages", "__init__"),
    Step("storage.embedded.EmbeddedPassages", "add"),
    Step("storage.embedded.EmbeddedPassages", "get"),
    Step("storage.vector_writer.VectorWriter", "add"),
    Step("storage.vector_writer.VectorWriter", "finish"),
    Step("storage.tokens.TokenWriter", "add"),
    Step("storage.tokens.TokenWriter", "finish"),
    Step("storage.words.WordWriter", "add"),
    Step("storage.words.WordWriter", "finish"),
    Step("storage.writer.GenerationWriter", "share"),
    Step("storage.writer.GenerationWriter", "finish"),
    Step("storage.folder.IndexFolder", "publish"),
    Step("storage.folder.IndexFolder", "_point_to"),
]
# Of segments that are merged.
CARRY = Step("storage.article_writer.ArticleWriter", "carry")


def _out_of_space() -> OSError:
    return OSError(28, "No space left on device")


@dataclass(frozen=True)
class Growth:
    """An index of one of two folders, and what it holds when both are in it; only to be copied."""

    index: Path
    folders: tuple[Path, Path]
    before: dict[str, object]
    after: dict[str, object]


@pytest.fixture(scope="module")
def growth(tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder) -> Growth:
    files = generated(12)
    names = sorted(files)
    base = tmp_path_factory.mktemp("growth")
    folders = (
        write_tree(base / "a", {name: files[name] for name in names[:6]}),
        write_tree(base / "b", {name: files[name] for name in names[6:]}),
    )
    before = rebuilt(folders[:1], base / "index", embedder)
    return Growth(base / "index", folders, before, rebuilt(folders, base / "both", embedder))


@pytest.fixture
def live(growth: Growth, index: Path) -> str:
    """The live generation of a copy of the index."""
    shutil.copytree(growth.index, index)
    return IndexFolder(index).current_id()


def _broken(
    run: Run,
    growth: Growth,
    live: str,
    index: Path,
    step: Step,
    error: Callable[[], BaseException],
    *,
    done: bool,
) -> bool:
    """A run that breaks at a step; whether it had published by then."""
    with pytest.MonkeyPatch.context() as patch:
        step.break_with(patch, error, done=done)
        with pytest.raises(Killed if error is Killed else StorageError):
            run(*growth.folders)
    published = done and ".IndexFolder." in step.path
    assert (IndexFolder(index).current_id() == live) != published
    return published


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("step", [*STEPS, CARRY], ids=repr)
@pytest.mark.parametrize(
    ("error", "done"), [(Killed, False), (Killed, True), (_out_of_space, False)]
)
def test_a_step_that_fails_leaves_the_live_generation(
    growth: Growth,
    live: str,
    run: Run,
    index: Path,
    step: Step,
    error: Callable[[], BaseException],
    done: bool,
) -> None:
    published = _broken(run, growth, live, index, step, error, done=done)
    assert content_of(index) == (growth.after if published else growth.before)
    assert not list((index / "generations").glob("*.writing"))
    assert run(*growth.folders).published != published
    assert content_of(index) == growth.after


@pytest.mark.usefixtures("small_pieces", "many_segments")
@pytest.mark.parametrize("step", STEPS, ids=repr)
@pytest.mark.parametrize(("error", "done"), [(Killed, True), (_out_of_space, False)])
def test_a_step_that_fails_leaves_the_segments_that_stay(
    growth: Growth,
    live: str,
    run: Run,
    index: Path,
    step: Step,
    error: Callable[[], BaseException],
    done: bool,
) -> None:
    published = _broken(run, growth, live, index, step, error, done=done)
    # One that is whole but was never made the live one may be left for the next run to remove.
    assert not any(each.damage() for each in IndexFolder(index).generations())
    assert not list((index / "generations").glob("*.writing"))
    assert run(*growth.folders).published != published
    assert len(IndexFolder(index).open_current().manifest.segments) == 2
    assert is_tidy(index)
    run(compact=True)
    assert content_of(index) == growth.after


@pytest.mark.parametrize("stage", ["reading", "embedding", "writing", "linking"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.usefixtures("small_pieces")
def test_a_run_that_is_killed_at_any_stage(
    growth: Growth,
    live: str,
    run: Run,
    index: Path,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    last: bool,
) -> None:
    def kill(reached: str, done: int, total: int) -> None:
        if reached == stage and (done == total or not last):
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("indexer.storage.vector_writer.FLAT_UP_TO", 5)
        patch.setattr("indexer.storage.vector_writer.CHUNK", 20)
        with pytest.raises(Killed):
            reindex(growth.folders, index, embedder, None, kill)
    assert IndexFolder(index).current_id() == live
    assert content_of(index) == growth.before
    model = CountingEmbedder()
    assert run(*growth.folders, model=model).published
    everything = stage in ("writing", "linking") or (stage, last) == ("embedding", True)
    assert (model.embedded == 0) == everything
    assert content_of(index) == growth.after
    assert is_tidy(index)


def _kill_at(folder: Path, index: Path, stage: str, least: int) -> None:
    """Run `reindex` in a process that is killed when a stage has come so far."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.waiting_run", str(folder), str(index)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in process.stdout:
            reached, done = line.split()
            if reached == stage and int(done) >= least:
                process.kill()
                return
            process.stdin.write("\n")
            process.stdin.flush()
    raise AssertionError(f"{stage} {least} was never reached")


@pytest.mark.usefixtures("small_pieces")
def test_a_process_that_is_killed(
    write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    folder = write_files(generated(5))
    live = run(folder)
    before = content_of(index)
    write_tree(folder, generated(25))
    random = Random(4)
    for stage, least in (
        ("embedding", random.randint(1, 20)),
        ("embedding", random.randint(21, 50)),
        ("writing", random.randint(1, 60)),
    ):
        _kill_at(folder, index, stage, least)
        assert IndexFolder(index).current_id() == live.generation
        assert content_of(index) == before
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert summary.embedded > model.embedded == 0
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)
    assert is_tidy(index)


def _nothing_but_storage_errors(
    folder: Path, index: Path, attempts: Sequence[tuple[str, int]], *, merging: bool
) -> None:
    """Run `reindex` in a process of its own, once for each step and size at which the disk ends."""
    arguments = [*map(str, (int(merging), folder, index)), *map(str, chain(*attempts))]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.support.full_disk", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    outcomes = list(map(json.loads, done.stdout.splitlines()))
    assert outcomes == [[[*attempt], "StorageError"] for attempt in attempts]


@pytest.fixture
def grown(write_files: WriteFiles, run: Run) -> Path:
    """A folder that has grown since it was indexed."""
    folder = write_files(generated(10))
    run(folder)
    write_tree(folder, generated(40))
    return folder


FULL_AT = [
    "Drafts.__init__",
    "ArticleWriter.finish",
    "EmbeddedPassages.__init__",
    "EmbeddedPassages.add",
    "VectorWriter.__init__",
    "VectorWriter.finish",
    "TokenWriter.__init__",
    "TokenWriter.finish",
    "WordWriter.__init__",
    "WordWriter.add",
    "WordWriter.finish",
    "GenerationWriter.finish",
    "IndexFolder.publish",
]


@pytest.mark.parametrize(
    ("steps", "sizes", "merging"),
    [
        (
            ["IndexFolder.writing"],
            [0, 10, 100, 1000, 10_000, 50_000, 100_000, 150_000, 200_000],
            True,
        ),
        (FULL_AT, [0], True),
        (FULL_AT, [0], False),
        (FULL_AT, [1000], False),
        (["IndexFolder._point_to"], [0, 10], True),
    ],
    ids=[
        "from the start",
        "at each step",
        "at each step beside a segment that stays",
        "after a kilobyte",
        "at the last step",
    ],
)
def test_a_full_disk(
    grown: Path,
    run: Run,
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    steps: list[str],
    sizes: list[int],
    merging: bool,
) -> None:
    _nothing_but_storage_errors(grown, index, list(product(steps, sizes)), merging=merging)
    assert run(grown).published
    assert content_of(index) == rebuilt([grown], tmp_path / "new", embedder)
    assert is_tidy(index)


def test_a_folder_that_cannot_be_written(
    write_files: WriteFiles, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    # What no user may write to, root neither.
    with pytest.raises(StorageError, match="cannot write an index in /proc/index"):
        reindex([write_files(CORPUS)], Path("/proc/index"), embedder, None)


def test_a_live_index_that_became_read_only(
    grown: Path, run: Run, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = IndexFolder(index).current_id()
    mkdir = Path.mkdir

    def refuse(self: Path, *arguments: Any, **named: Any) -> None:
        if self.suffix == ".writing":
            raise OSError(errno.EROFS, "Read-only file system", str(self))
        mkdir(self, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", refuse)
        with pytest.raises(StorageError, match="Read-only file system"):
            run(grown)
    assert IndexFolder(index).open_current().id == live
    assert run(grown).published


def test_a_file_in_place_of_the_index(write_files: WriteFiles, run: Run, index: Path) -> None:
    index.write_bytes(b"")
    with pytest.raises(StorageError, match="cannot write"):
        run(write_files(CORPUS))
