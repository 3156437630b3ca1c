"""The live searcher: new generations are taken over, broken ones refused, old ones let go."""

import contextlib
import errno
import gc
import itertools
import logging
import pkgutil
import shutil
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import IndexDamaged, IndexMissing, IndexUnavailable
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation
from search.engine import Searcher
from search.live import LiveSearcher
from search.question.query import Query
from tests.conftest import ROOT, Build, flipped, settings_for
from tests.support.corpus import CORPUS
from tests.support.fakes import FakeEmbedder

ONE = {"one.json": CORPUS["feeds/final.json"]}


@pytest.fixture
def live(index: Path, fake_model: FakeEmbedder) -> Iterator[LiveSearcher]:
    """Of an index that does not exist yet, followed until the test ends."""
    live = LiveSearcher(settings_for(index))
    live.follow()
    yield live
    live.stop()


def _eventually(reached: Callable[[], bool]) -> None:
    """Wait until something holds; a machine may be slow, but not for a minute."""
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _serves(live: LiveSearcher, generation: str | None) -> bool:
    return live.serving is not None and live.serving.id == generation


def _publish(live: LiveSearcher, build: Build, files: Mapping[str, bytes]) -> str | None:
    """Build an index of some files and wait until it is served."""
    generation = build(files).generation
    _eventually(lambda: _serves(live, generation))
    return generation


def test_a_first_and_a_new_generation_are_picked_up(live: LiveSearcher, build: Build) -> None:
    with pytest.raises(IndexMissing):
        live.current()
    for files, total in ((ONE, 1), (CORPUS, 8)):
        _publish(live, build, files)
        assert live.current().search(Query(text="cup")).total == total
    assert (live.swapped, live.refused) == (2, 0)


@pytest.mark.parametrize("file", ["articles.db", "vectors.faiss", "tokens.bin", "lexical"])
def test_a_broken_generation_is_refused(
    live: LiveSearcher,
    build: Build,
    index: Path,
    file: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    good = _publish(live, build, CORPUS)
    kept = index.with_name("kept")
    shutil.copytree(index / "generations", kept)
    bad = build(ONE).generation
    folder = index / "generations" / str(bad)
    _eventually(lambda: _serves(live, bad))
    shutil.copytree(kept / str(good), index / "generations" / str(good), dirs_exist_ok=True)
    IndexFolder(index).roll_back(good)
    _eventually(lambda: _serves(live, good))

    damaged = folder / file if (folder / file).is_file() else max(folder.joinpath(file).iterdir())
    damaged.write_bytes(flipped(damaged.read_bytes() or b"x", 60))
    refused = live.refused
    with caplog.at_level(logging.ERROR):
        (index / "CURRENT.new").write_text(f"{bad}\n")
        (index / "CURRENT.new").replace(index / "CURRENT")
        _eventually(lambda: live.refused > refused)
    assert live.refused == refused + 1
    assert "refused a new generation" in caplog.text
    assert _serves(live, good)
    assert live.current().search(Query(text="tram")).total == 8
    with pytest.raises(IndexDamaged):
        live.reload()
    assert _serves(live, good)


def test_what_was_mended_is_taken_over_when_asked(
    live: LiveSearcher, build: Build, index: Path
) -> None:
    first = _publish(live, build, CORPUS)
    _publish(live, build, ONE)
    file = index / "generations" / str(first) / "vectors.faiss"
    content = file.read_bytes()
    (index / "CURRENT").write_text(f"{first}\n")
    file.write_bytes(flipped(content, 9))
    with pytest.raises(IndexDamaged):
        live.reload()
    file.write_bytes(content)
    assert live.reload()
    assert _serves(live, first)
    assert not live.reload()


def test_asked_by_a_signal_it_reloads(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(live, build, CORPUS)
    monkeypatch.setattr("search.live.CHECK_EVERY", 3600)
    second = build(ONE).generation
    # The wait that had begun before may still be a short one.
    live.reload_soon()
    _eventually(lambda: _serves(live, second))


def test_the_old_one_is_closed_when_nobody_needs_it(live: LiveSearcher, build: Build) -> None:
    _publish(live, build, CORPUS)
    old = live.current()
    gone = weakref.ref(old)
    _publish(live, build, ONE)
    _publish(live, build, CORPUS)
    # Its folder is gone, and a request that still holds it goes on, in any thread.
    assert not old.generation.path.exists()
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(old.search, [Query(text="tram")] * 48))
    assert [results.total for results in found] == [8] * 48
    del old, found
    gc.collect()
    assert gone() is None


def _open_files(index: Path) -> int:
    """How many files of an index this process has open."""
    opened = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        # The descriptor of this very listing is gone by now.
        with contextlib.suppress(FileNotFoundError):
            opened += str(descriptor.readlink()).startswith(str(index))
    return opened


def test_swaps_leave_no_open_file(live: LiveSearcher, build: Build, index: Path) -> None:
    opened = []
    for turn in range(6):
        _publish(live, build, CORPUS if turn % 2 else ONE)
        gc.collect()
        opened.append(_open_files(index))
    assert opened[-1] == opened[1] > 0


def test_the_index_goes_away_while_serving(live: LiveSearcher, build: Build, index: Path) -> None:
    good = _publish(live, build, CORPUS)
    shutil.move(index, index.with_name("elsewhere"))
    _eventually(lambda: live.refused == 1)
    assert live.current().search(Query(text="tram")).total == 8
    shutil.move(index.with_name("elsewhere"), index)
    assert not live.reload()
    assert _serves(live, good)


def test_every_answer_is_of_one_generation(live: LiveSearcher, build: Build) -> None:
    def marked(edition: int) -> dict[str, bytes]:
        return {
            name.replace("/", "-"): content.replace(b"The ", f"The edition{edition} ".encode())
            for name, content in CORPUS.items()
            if name.startswith("feeds/") and name.endswith(".json")
        }

    markers = {build(marked(0)).generation: "edition0"}
    _eventually(lambda: live.serving is not None)

    def search(_: int) -> tuple[str, str]:
        results = live.current().search(Query(text="the bakery and the final"))
        return results.generation, " ".join(hit.article.text for hit in results.hits)

    with ThreadPoolExecutor(4) as pool:
        answers = []
        for edition in range(1, 5):
            running = [pool.submit(search, i) for i in range(60)]
            markers[build(marked(edition)).generation] = f"edition{edition}"
            answers += [each.result() for each in running]
    for generation, text in answers:
        assert markers[generation] in text
        assert sum(f"edition{n}" in text for n in range(5)) == 1


def test_a_missing_index_gathers_no_traceback(index: Path, fake_model: FakeEmbedder) -> None:
    live = LiveSearcher(settings_for(index))
    depths = []
    for _ in range(3):
        with pytest.raises(IndexMissing) as caught:
            live.current()
        depths.append(len(caught.traceback))
    assert depths == depths[:1] * 3


def test_another_version_of_the_rules_is_told(
    build: Build,
    live: LiveSearcher,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("search.live.CLEANING", 99)
    _publish(live, build, CORPUS)
    assert "version 99" in caplog.text
    assert "`reindex` renews it" in caplog.text


class Panic(BaseException):
    """As a library in Rust panics: no Exception."""


ERRORS = (
    MemoryError("no memory for two generations"),
    OSError(errno.EMFILE, "Too many open files"),
    RuntimeError("the model cannot be compiled"),
    Panic("index out of bounds"),
)


def _follows() -> bool:
    """Whether this is the thread that looks for new generations."""
    return threading.current_thread().name == "generations"


# Where a swap may break: looking, opening the folder, the files or the model, and the first search.
STEPS = (
    "indexer.storage.folder.IndexFolder.current_changed",
    "indexer.storage.folder.IndexFolder.current_id",
    "indexer.storage.folder.IndexFolder.open",
    "search.live.Searcher",
    "search.engine.Searcher.search",
)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_follower_outlives_whatever_a_swap_raises(
    live: LiveSearcher,
    build: Build,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    step: str,
    error: BaseException,
) -> None:
    _publish(live, build, CORPUS)
    monkeypatch.setattr("search.live.RETRY_AFTER", 0.1)
    real, pending = pkgutil.resolve_name(step), [error]

    def broken_once(*arguments: Any, **named: Any) -> Any:
        # Who builds the index asks some of the same.
        if pending and _follows():
            raise pending.pop()
        return real(*arguments, **named)

    with caplog.at_level(logging.ERROR):
        monkeypatch.setattr(step, broken_once)
        second = build(ONE).generation
        _eventually(lambda: _serves(live, second))
    assert not pending
    assert live.refused == 1
    assert f"{type(error).__name__}: {error}" in caplog.text
    assert "Traceback" in caplog.text
    # It goes on: what is published next is found as well.
    _publish(live, build, CORPUS)
    assert live.refused == 1


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_keeps_failing_is_put_off_longer_each_time(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    good = _publish(live, build, CORPUS)
    monkeypatch.setattr("search.live.RETRY_AFTER", 0.05)
    attempts: list[float] = []

    def broken(*_: object) -> None:
        attempts.append(time.monotonic())
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("search.live.Searcher", broken)
        bad = build(ONE).generation
        _eventually(lambda: len(attempts) == 5)
        assert _serves(live, good)
        with pytest.raises(IndexUnavailable, match=type(error).__name__):
            live.reload()
    waits = [after - before for before, after in itertools.pairwise(attempts[:5])]
    # Never sooner than the back-off says; later, as a machine may be slow.
    assert all(wait >= 0.05 * 2**n for n, wait in enumerate(waits))
    _eventually(lambda: _serves(live, bad))


def test_an_index_that_cannot_be_opened_at_first_is_unavailable_for_now(
    index: Path, build: Build, fake_model: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(CORPUS)
    live = LiveSearcher(settings_for(index))

    def out_of_memory(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("search.live.Searcher", out_of_memory)
        for _ in range(2):
            with pytest.raises(IndexUnavailable, match="MemoryError"):
                live.current()
    assert live.reload()
    assert live.current().search(Query(text="tram")).total == 8


def test_a_follower_that_hangs_is_told(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(live, build, CORPUS)
    live.check()
    ago = live.looked_ago
    assert ago is not None
    assert ago < 60
    monkeypatch.setattr("search.live.STUCK_AFTER", 0.2)
    release, opened = threading.Event(), IndexFolder.open

    def hang(folder: IndexFolder, name: str) -> Generation:
        if _follows():
            release.wait(60)
        return opened(folder, name)

    monkeypatch.setattr(IndexFolder, "open", hang)
    build(ONE)

    def stuck() -> bool:
        try:
            live.check()
        except IndexUnavailable as error:
            return "restart the server" in str(error)
        return False

    _eventually(stuck)
    # Who asks is still answered by the generation before.
    assert live.current().search(Query(text="tram")).total == 8
    release.set()


def test_no_number_of_failures_ends_it(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.live.RETRY_AFTER", 1e-9)
    monkeypatch.setattr("search.live.RETRY_AT_MOST", 0.01)
    monkeypatch.setattr("search.live.CHECK_EVERY", 0.001)
    with monkeypatch.context() as patch:
        patch.setattr("search.live.Searcher", lambda *_: 1 / 0)
        build(CORPUS)
        _eventually(lambda: live.refused > 40)
        live._failures = 5000
        refused = live.refused
        _eventually(lambda: live.refused > refused + 5)
    _eventually(lambda: live.serving is not None)


def test_who_asks_does_not_put_the_next_attempt_off(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(live, build, CORPUS)
    monkeypatch.setattr("search.live.RETRY_AFTER", 0.5)
    with monkeypatch.context() as patch:
        patch.setattr("search.live.Searcher", lambda *_: 1 / 0)
        second = build(ONE).generation
        for _ in range(20):
            with pytest.raises(IndexUnavailable, match="ZeroDivisionError"):
                live.reload()
    asked = time.monotonic()
    _eventually(lambda: _serves(live, second))
    assert time.monotonic() - asked < 30


def test_a_damaged_index_is_refused_and_told_though_nothing_is_served(
    build: Build, index: Path, fake_model: FakeEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    generation = build(CORPUS).generation
    file = index / "generations" / str(generation) / "vectors.faiss"
    file.write_bytes(flipped(file.read_bytes(), 9))
    live = LiveSearcher(settings_for(index))
    with pytest.raises(IndexDamaged), caplog.at_level(logging.ERROR):
        live.current()
    assert live.refused == 1
    assert "there is none to serve" in caplog.text
    assert "Traceback" in caplog.text


def test_what_is_refused_is_not_kept_in_memory(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is logged is kept by pytest, with its traceback.
    monkeypatch.setattr("search.live.logger.disabled", True)
    _publish(live, build, CORPUS)
    opened: list[weakref.ref[Searcher]] = []

    def damaged(searcher: Searcher, query: Query) -> None:
        opened.append(weakref.ref(searcher))
        raise IndexDamaged("found while it was tried out")

    with monkeypatch.context() as patch:
        patch.setattr("search.engine.Searcher.search", damaged)
        build(ONE)
        _eventually(lambda: live.refused == 1)
    gc.collect()
    assert opened[0]() is None


_OUT_OF_DESCRIPTORS = """
import os, resource, sys
from pathlib import Path
from indexer.errors import IndexUnavailable
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex

folder = IndexFolder(Path(sys.argv[1]))
LocalIndex(folder.open_current())
opened = len(os.listdir("/proc/self/fd"))
kinds = set()
for spare in range(1, 40):
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened + spare, 4096))
    try:
        LocalIndex(folder.open_current())
        kinds.add("opened")
    except IndexUnavailable as error:
        kinds.add("unavailable")
print(sorted(kinds))
"""


def test_too_many_open_files_are_no_damage(build: Build, index: Path) -> None:
    """For real, wherever it happens: in SQLite, FAISS, tantivy and our own files."""
    build(CORPUS)
    told = subprocess.run(
        [sys.executable, "-c", _OUT_OF_DESCRIPTORS, str(index)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=120,
    )
    assert told.stdout == "['opened', 'unavailable']\n", told.stderr
