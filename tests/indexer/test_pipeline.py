"""reindex(): what it counts, what it skips, what it leaves behind, and how it goes on."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from indexer.article import CLEANING, Rejected
from indexer.errors import IndexBusy, IndexDamaged, InputError, StorageError
from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import FORMAT
from indexer.storage.parts import Parts
from search.question.query import Query
from tests.conftest import (
    ROOT,
    Build,
    Run,
    WriteFiles,
    content_of,
    flipped,
    open_index,
    rebuilt,
    write_tree,
)
from tests.support.corpus import ARTICLES, BAKERY, CORPUS, FERRY, QUESTIONS, generated
from tests.support.fakes import CountingEmbedder, FakeEmbedder, Killed


def _record(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def _reasons(skipped: list[Rejected]) -> dict[str, str]:
    return {Path(rejected.location).name: rejected.reason for rejected in skipped}


def test_counts_agree_in_every_file(build: Build, index: Path) -> None:
    summary = build(generated(30))
    generation = IndexFolder(index).open_current()
    manifest = generation.manifest
    assert summary.generation == generation.id
    assert summary.articles == manifest.articles == 30
    assert summary.passages == manifest.passages > 30
    assert (summary.duplicates, summary.skipped) == (0, [])
    assert summary.seconds > 0
    parts = Parts.open(generation.path)
    articles, tokens = parts.articles, parts.tokens
    assert set(parts.passages().values()) == {manifest.passages}
    assert len(parts.passages()) == 4
    assert len(tokens.read(range(manifest.passages))[0]) == manifest.tokens
    for stored in articles.passages(range(manifest.passages)):
        assert len(tokens.sentences(stored.number)) == len(stored.passage.sentences)
    names = {path.name for path in generation.path.iterdir()}
    files = {"articles.db", "vectors.faiss", "tokens.bin", "terms.db", "lexical", "manifest.json"}
    assert names == files
    assert {path.name for path in index.iterdir()} == {"CURRENT", "LOCK", "generations"}


def test_manifest(build: Build, index: Path) -> None:
    build()
    manifest = IndexFolder(index).open_current().manifest
    assert (manifest.model, manifest.model_sha256, manifest.dimension) == ("fake", "f" * 64, 32)
    assert (manifest.vector_index, manifest.format, manifest.number) == ("flat", FORMAT, 1)
    assert manifest.pipeline == CLEANING
    assert {"articles.db", "vectors.faiss", "tokens.bin"} <= set(manifest.files)
    assert any(name.startswith("lexical/") for name in manifest.files)
    assert "manifest.json" not in manifest.files


def test_duplicates_skips_and_clashes(build: Build) -> None:
    text = "\n\n".join(BAKERY)
    summary = build(
        {
            "a.txt": text.encode(),
            "copy of a.txt": text.encode(),
            "b.json": _record(id="b", text="\n".join(FERRY)),
            "c.json": _record(id="b", text=text),
            "d.json": _record(id="b", text="\n".join(FERRY)),
            "empty.txt": b"",
            "few.txt": b"Nothing here.",
            "list.json": b'{"a": 1, 2',
            "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(range(64)),
        }
    )
    assert (summary.articles, summary.duplicates) == (2, 2)
    reasons = _reasons(summary.skipped)
    assert set(reasons) == {"c.json", "empty.txt", "few.txt", "list.json", "picture.txt"}
    assert "'b'" in reasons["c.json"]
    assert "b.json" in reasons["c.json"]
    assert reasons["empty.txt"] == "empty"
    assert reasons["list.json"].startswith("not JSON")
    assert reasons["picture.txt"].startswith("binary")


@pytest.mark.parametrize("files", [{}, {"a.txt": b""}, {"a.pdf": b"text"}, {"a.json": b"{}"}])
def test_no_article_at_all(build: Build, index: Path, files: dict[str, bytes]) -> None:
    live = build().generation
    with pytest.raises(InputError, match="no article"):
        build(files)
    assert IndexFolder(index).current_id() == live


def test_a_missing_path(index: Path, embedder: FakeEmbedder, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere does not exist"):
        reindex([tmp_path / "nowhere"], index, embedder, None)


def test_the_same_input_gives_the_same_results(
    write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files({**CORPUS, **generated(20)})

    def answers() -> list[object]:
        run(folder, full=True)
        searcher = open_index(index, embedder)
        return [searcher.search(Query(text=question, limit=100)).hits for question in QUESTIONS]

    assert answers() == answers()


def test_several_paths_and_the_same_file_twice(
    write_files: WriteFiles, index: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files(CORPUS)
    summary = reindex(
        [folder / "feeds", folder / "feeds" / "final.json", folder], index, embedder, None
    )
    assert (summary.articles, summary.duplicates, summary.skipped) == (ARTICLES, 0, [])


def test_progress(write_files: WriteFiles, index: Path, embedder: FakeEmbedder) -> None:
    seen: list[tuple[str, int, int]] = []
    reindex([write_files(CORPUS)], index, embedder, None, lambda *step: seen.append(step))
    reading = [step for step in seen if step[0] == "reading"]
    total = sum(map(len, CORPUS.values()))
    assert [done for _, done, _ in reading] == sorted(done for _, done, _ in reading)
    assert reading[-1] == ("reading", total, total)
    assert len(reading) >= len(CORPUS)
    cutting = [step for step in seen if step[0] == "cutting"]
    assert cutting == [("cutting", done, 8) for done in range(1, 9)]
    assert seen[len(reading) + len(cutting) :] == [
        ("embedding", 0, 8), ("embedding", 8, 8), ("writing", 8, 8),
        *(("grouping", done, 8) for done in range(1, 9)),
    ]  # fmt: skip


def test_progress_of_an_update(
    write_files: WriteFiles, index: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.encoding.PIECE", 4)
    monkeypatch.setattr("indexer.storage.vector_writer.FLAT_UP_TO", 5)
    monkeypatch.setattr("indexer.storage.vector_writer.CHUNK", 6)
    folder = write_files(CORPUS)
    reindex([folder], index, embedder, None)
    write_tree(folder, {"new.txt": "\n".join(FERRY).encode()})
    seen: list[tuple[str, int, int]] = []
    reindex([folder], index, embedder, None, lambda *step: seen.append(step))
    assert [step for step in seen if step[0] not in ("reading", "cutting")] == [
        ("embedding", 0, 1), ("embedding", 1, 1),
        ("writing", 4, 9), ("writing", 8, 9), ("writing", 9, 9),
        ("linking", 6, 9), ("linking", 9, 9),
        *(("grouping", done, 9) for done in range(1, 10)),
    ]  # fmt: skip


def test_many_passages_are_in_lists(
    write_files: WriteFiles,
    run: Run,
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("indexer.storage.vector_writer.FLAT_UP_TO", 60)
    folder = write_files(generated(20))
    run(folder)
    assert IndexFolder(index).open_current().manifest.vector_index == "flat"
    write_tree(folder, generated(40))
    run(folder)
    assert IndexFolder(index).open_current().manifest.vector_index == "ivf"
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)
    (folder / "0003.json").unlink()
    (folder / "0030.json").unlink()
    run(folder)
    assert content_of(index) == rebuilt([folder], tmp_path / "newer", embedder)


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
    files = {name: _record(id=name, title="Bakery", text=" ".join(BAKERY)) for name in names}
    model = CountingEmbedder()
    summary = run(write_files(files), model=model)
    assert (summary.articles, summary.passages) == (5, 5)
    assert model.embedded == summary.embedded == 1
    hits = open_index(index, model).search(Query(text="Millbrook", mode="semantic")).hits
    assert [hit.score for hit in hits] == pytest.approx([hits[0].score] * 5)


@pytest.fixture
def half(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of five passages, so that a run can be killed half way."""
    monkeypatch.setattr("indexer.encoding.PIECE", 5)


def _killed(run: Run, *paths: Path, most: float = 0, **options: Any) -> CountingEmbedder:
    """A run that is killed when it has embedded so many passages."""
    model = CountingEmbedder(most, **{k: options.pop(k) for k in ("sha256",) if k in options})
    with pytest.raises(Killed):
        run(*paths, model=model, **options)
    return model


def _tidy(index: Path) -> bool:
    """Whether nothing lies about that does not belong to an index."""
    assert {path.name for path in index.iterdir()} == {"CURRENT", "LOCK", "generations"}
    names = {path.name for path in (index / "generations").iterdir()}
    return names == {each.id for each in IndexFolder(index).generations()} and len(names) <= 2


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize("most", [0, 4, 5, 12, 40])
def test_a_killed_run_is_taken_up(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path, most: int
) -> None:
    folder = write_files(generated(30))
    assert _killed(run, folder, most=most).embedded == most - most % 5
    assert not (index / "CURRENT").exists()
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert summary.passages == summary.embedded
    assert model.embedded == summary.passages - (most - most % 5)
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)
    assert _tidy(index)


@pytest.mark.usefixtures("half")
def test_a_run_that_is_killed_again_and_again(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    folder = write_files(generated(30))
    embedded = 0
    for _ in range(4):
        embedded += _killed(run, folder, most=12).embedded
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert embedded == 40
    assert embedded + model.embedded == summary.passages
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)


@pytest.mark.usefixtures("half")
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
    _killed(run, folder, most=most)
    assert IndexFolder(index).current_id() == live.generation
    assert content_of(index) == before
    assert [path.name for path in (index / "generations").iterdir()] == [live.generation]
    assert open_index(index, embedder).search(Query(text="harbour")).hits
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert model.embedded == summary.embedded - most
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)
    assert _tidy(index)


@pytest.mark.usefixtures("half")
def test_a_run_is_killed_and_the_files_change(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    folder = write_files(generated(12))
    _killed(run, folder, most=20)
    for number in (0, 1, 2, 7):
        (folder / f"{number:04}.json").unlink()
    write_tree(folder, {"a/0.json": generated(13, seed=3)["0012.json"]})
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert 0 < model.embedded < summary.passages
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)


@pytest.mark.usefixtures("half")
def test_what_is_embedded_for_one_path_serves_another(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    one, other = write_files(generated(12)), write_files(generated(4))
    run(write_files(CORPUS))
    _killed(run, one, most=30)
    model = CountingEmbedder()
    run(other, model=model)
    assert model.embedded == 0
    assert _tidy(index)


@pytest.mark.usefixtures("half")
def test_a_full_run_is_taken_up(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    folder = write_files(generated(12))
    run(folder)
    before = content_of(index)
    _killed(run, folder, most=20, full=True)
    model = CountingEmbedder()
    summary = run(folder, model=model, full=True)
    assert summary.embedded == summary.passages
    assert model.embedded == summary.passages - 20
    assert content_of(index) == before


@pytest.mark.usefixtures("half")
def test_what_another_model_embedded_is_not_used(
    write_files: WriteFiles, run: Run, index: Path, tmp_path: Path
) -> None:
    folder = write_files(generated(12))
    _killed(run, folder, most=20)
    model = CountingEmbedder(sha256="0" * 64)
    summary = run(folder, model=model)
    assert model.embedded == summary.passages
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)
    _killed(run, folder, most=20, sha256="1" * 64, full=True)
    write_tree(folder, generated(13))
    model = CountingEmbedder(sha256="0" * 64)
    summary = run(folder, model=model)
    assert model.embedded == summary.embedded > 0
    assert content_of(index) == rebuilt([folder], tmp_path / "newer", model)


@pytest.mark.usefixtures("half")
def test_garbage_in_place_of_what_was_embedded(
    write_files: WriteFiles,
    run: Run,
    index: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = write_files(generated(12))
    _killed(run, folder, most=20)
    (index / "embedded.db").write_bytes(b"garbage" * 3000)
    model = CountingEmbedder()
    summary = run(folder, model=model)
    assert model.embedded == summary.passages
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert content_of(index) == rebuilt([folder], tmp_path / "new", model)
    assert _tidy(index)


def _zeroed(content: bytes, at: int) -> bytes:
    return content[:at] + bytes(512) + content[at + 512 :]


def _cut(content: bytes, at: int) -> bytes:
    return content[:at]


@pytest.mark.usefixtures("half")
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
    _killed(run, folder, most=20)
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


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize("damage", [flipped, _zeroed, _cut])
def test_damage_to_what_was_embedded_does_not_stop_a_run_without_news(
    write_files: WriteFiles, run: Run, index: Path, damage: Callable[[bytes, int], bytes]
) -> None:
    folder, other = write_files(CORPUS), write_files(generated(12))
    run(folder)
    _killed(run, other, most=20)
    saved = (index / "embedded.db").read_bytes()
    random = Random(2)
    for _ in range(12):
        at = random.choice([at for at in range(0, len(saved), 7) if saved[at]])
        (index / "embedded.db").write_bytes(damage(saved, at))
        try:
            run(folder)
        except StorageError:
            run(folder)


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
    Step("storage.article_writer.ArticleWriter", "add"),
    Step("storage.article_writer.ArticleWriter", "carry"),
    Step("storage.article_writer.ArticleWriter", "complete"),
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
    Step("storage.folder.IndexFolder", "publish"),
    Step("storage.folder.IndexFolder", "_point_to"),
]


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


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize("step", STEPS, ids=repr)
@pytest.mark.parametrize(
    ("error", "done"), [(Killed, False), (Killed, True), (_out_of_space, False)]
)
def test_a_step_that_fails_leaves_the_live_generation(
    growth: Growth,
    live: str,
    run: Run,
    index: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: Step,
    error: Callable[[], BaseException],
    done: bool,
) -> None:
    with monkeypatch.context() as patch:
        step.break_with(patch, error, done=done)
        with pytest.raises(Killed if error is Killed else StorageError):
            run(*growth.folders)
    published = done and "generation" in step.path
    assert (IndexFolder(index).current_id() == live) != published
    assert content_of(index) == (growth.after if published else growth.before)
    assert not list((index / "generations").glob("*.writing"))
    assert run(*growth.folders).published != published
    assert content_of(index) == growth.after


@pytest.mark.parametrize("stage", ["reading", "embedding", "writing", "linking"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.usefixtures("half")
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
    assert _tidy(index)


CHILD = """
import sys
from pathlib import Path
import indexer.pipeline
from tests.support.fakes import FakeEmbedder

def tell(stage, done, total):
    print(stage, done, flush=True)
    sys.stdin.readline()

indexer.pipeline.PIECE = 5
print("started", 0, flush=True)
folder, index = map(Path, sys.argv[1:])
indexer.pipeline.reindex([folder], index, FakeEmbedder(), tell)
"""


def _kill_at(folder: Path, index: Path, stage: str, least: int) -> None:
    """Run `reindex` in a process that is killed when a stage has come so far."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), str(index)],
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


@pytest.mark.usefixtures("half")
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
    assert _tidy(index)


def test_a_process_that_writes_is_not_disturbed(
    write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files(CORPUS)

    def again(stage: str, done: int, total: int) -> None:
        with pytest.raises(IndexBusy, match=str(os.getpid())):
            run(folder)
        assert run(folder, dry=True).added == ARTICLES

    assert reindex([folder], index, embedder, None, again).published


# Whichever file it is that grows over a limit, and whichever step it is that finds the disk full.
FULL_DISK = """
import json, resource, sys
from pathlib import Path
import indexer.pipeline
from indexer.errors import ArticleSearchError
from indexer.storage.articles import ArticleWriter
from indexer.storage.embedded import EmbeddedPassages
from indexer.storage.folder import IndexFolder
from indexer.storage.words import WordWriter
from indexer.storage.tokens import TokenWriter
from indexer.storage.vectors import VectorWriter
from tests.support.fakes import FakeEmbedder

indexer.pipeline.PIECE = 5
folder, index = map(Path, sys.argv[1:3])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))

def attempt(name):
    live = IndexFolder(index).current_id()
    (index / "embedded.db").unlink(missing_ok=True)
    try:
        indexer.pipeline.reindex([folder], index, FakeEmbedder())
        outcome = "published"
    except ArticleSearchError as error:
        outcome = type(error).__name__
    except BaseException as error:
        outcome = f"{type(error).__module__}.{type(error).__name__}: {error}"
    finally:
        limit(hard)
    opened = IndexFolder(index).open_current()
    if outcome != "published":
        assert opened.id == live
        assert opened.damage() == []
        assert not list((index / "generations").glob("*.writing"))
    print(json.dumps([name, outcome]), flush=True)

def at_step(owner, step, size):
    real = getattr(owner, step)
    def limited(*arguments, **named):
        limit(size)
        return real(*arguments, **named)
    setattr(owner, step, limited)
    attempt(f"{owner.__name__}.{step} {size}")
    setattr(owner, step, real)

"""


def _nothing_but_storage_errors(folder: Path, index: Path, program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FULL_DISK + program, str(folder), str(index)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    outcomes = dict(map(json.loads, done.stdout.splitlines()))
    assert outcomes == dict.fromkeys(outcomes, "StorageError")
    assert (done.returncode, done.stderr, len(outcomes)) == (0, "", program.count("\n"))


@pytest.fixture
def grown(write_files: WriteFiles, run: Run) -> Path:
    """A folder that has grown since it was indexed."""
    folder = write_files(generated(10))
    run(folder)
    write_tree(folder, generated(40))
    return folder


FULL_AT = [
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
    "IndexFolder.publish",
]


@pytest.mark.parametrize(
    ("steps", "sizes"),
    [
        (["IndexFolder.writing"], [0, 10, 100, 1000, 10_000, 50_000, 100_000, 150_000, 200_000]),
        (FULL_AT, [0]),
        (FULL_AT, [1000]),
        (["IndexFolder._point_to"], [0, 10]),
    ],
    ids=["from the start", "at each step", "after a kilobyte", "at the last step"],
)
def test_a_full_disk(
    grown: Path,
    run: Run,
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    steps: list[str],
    sizes: list[int],
) -> None:
    attempts = [(*step.split("."), size) for step in steps for size in sizes]
    program = "".join(f"at_step({owner}, {step!r}, {size})\n" for owner, step, size in attempts)
    _nothing_but_storage_errors(grown, index, program)
    assert run(grown).published
    assert content_of(index) == rebuilt([grown], tmp_path / "new", embedder)
    assert _tidy(index)


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


def test_a_file_name_that_is_not_utf8(index: Path, embedder: FakeEmbedder, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "articles")
    os.mkdir(folder)
    for name in (b"caf\xe9.txt", b"caf\xe9.json"):
        with open(os.path.join(folder, name), "wb") as stream:
            stream.write("\n".join(FERRY).encode())
    summary = reindex([tmp_path / "articles"], index, embedder, None)
    assert summary.articles == 1
    assert len(summary.skipped) == 1
    json.dumps([rejected.location for rejected in summary.skipped], ensure_ascii=False).encode()


def test_a_lost_current_loses_nothing(
    write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    run(one)
    run(other)
    (index / "CURRENT").unlink()
    counting = CountingEmbedder()
    summary = run(one, model=counting)
    assert (summary.articles, counting.embedded, summary.published) == (ARTICLES + 5, 0, True)
    assert IndexFolder(index).current_id() == summary.generation


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
    assert _tidy(index)
    assert len(list((index / "generations").iterdir())) == 2


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


def test_a_full_run_over_a_damaged_index_keeps_what_is_sound(
    write_files: WriteFiles, run: Run, index: Path
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    first = run(one, other).generation
    write_tree(one, {"new.json": generated(6)["0005.json"]})
    run(one)
    file = IndexFolder(index).open_current().path / "vectors.faiss"
    file.write_bytes(flipped(file.read_bytes(), 500))
    with pytest.raises(IndexDamaged):
        run(one)
    assert run(one, full=True).articles == ARTICLES + 6
    assert [each.damage() for each in IndexFolder(index).generations()] == [[], []]
    assert IndexFolder(index).roll_back().id == first
