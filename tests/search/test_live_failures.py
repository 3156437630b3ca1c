"""The thread that follows generations outlives whatever a swap raises, and tells of it."""

import errno
import gc
import itertools
import logging
import pkgutil
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import IndexDamaged, IndexUnavailable
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation
from search.engine import Searcher
from search.live import LiveSearcher
from search.question.query import Query
from tests.conftest import ROOT, Build, flipped, settings_for
from tests.support.corpus import CORPUS
from tests.support.fakes import FakeEmbedder
from tests.support.swaps import ONE, eventually, publish, serves


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
    publish(live, build, CORPUS)
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
        eventually(lambda: serves(live, second))
    assert not pending
    assert live.refused == 1
    assert f"{type(error).__name__}: {error}" in caplog.text
    assert "Traceback" in caplog.text
    # It goes on: what is published next is found as well.
    publish(live, build, CORPUS)
    assert live.refused == 1


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_what_keeps_failing_is_put_off_longer_each_time(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    good = publish(live, build, CORPUS)
    monkeypatch.setattr("search.live.RETRY_AFTER", 0.05)
    attempts: list[float] = []

    def broken(*_: object) -> None:
        attempts.append(time.monotonic())
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("search.live.Searcher", broken)
        bad = build(ONE).generation
        eventually(lambda: len(attempts) == 5)
        assert serves(live, good)
        with pytest.raises(IndexUnavailable, match=type(error).__name__):
            live.reload()
    waits = [after - before for before, after in itertools.pairwise(attempts[:5])]
    # Never sooner than the back-off says; later, as a machine may be slow.
    assert all(wait >= 0.05 * 2**n for n, wait in enumerate(waits))
    eventually(lambda: serves(live, bad))


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
    assert live.current().search(Query(text="tram", floor=0)).total == 8


def test_a_follower_that_hangs_is_told(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(live, build, CORPUS)
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

    eventually(stuck)
    # Who asks is still answered by the generation before.
    assert live.current().search(Query(text="tram", floor=0)).total == 8
    release.set()


def test_no_number_of_failures_ends_it(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.live.RETRY_AFTER", 1e-9)
    monkeypatch.setattr("search.live.RETRY_AT_MOST", 0.01)
    monkeypatch.setattr("indexer.storage.folder.IndexFolder.looked_every", 0.001)
    with monkeypatch.context() as patch:
        patch.setattr("search.live.Searcher", lambda *_: 1 / 0)
        build(CORPUS)
        eventually(lambda: live.refused > 40)
        live._failures = 5000
        refused = live.refused
        eventually(lambda: live.refused > refused + 5)
    eventually(lambda: live.serving is not None)


def test_who_asks_does_not_put_the_next_attempt_off(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(live, build, CORPUS)
    monkeypatch.setattr("search.live.RETRY_AFTER", 0.5)
    with monkeypatch.context() as patch:
        patch.setattr("search.live.Searcher", lambda *_: 1 / 0)
        second = build(ONE).generation
        for _ in range(20):
            with pytest.raises(IndexUnavailable, match="ZeroDivisionError"):
                live.reload()
    asked = time.monotonic()
    eventually(lambda: serves(live, second))
    assert time.monotonic() - asked < 30


def test_a_damaged_index_is_refused_and_told_though_nothing_is_served(
    build: Build, index: Path, fake_model: FakeEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    generation = build(CORPUS).generation
    file = index / "generations" / str(generation) / "segments/0/vectors.faiss"
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
    publish(live, build, CORPUS)
    opened: list[weakref.ref[Searcher]] = []

    def damaged(searcher: Searcher, query: Query) -> None:
        opened.append(weakref.ref(searcher))
        raise IndexDamaged("found while it was tried out")

    with monkeypatch.context() as patch:
        patch.setattr("search.engine.Searcher.search", damaged)
        build(ONE)
        eventually(lambda: live.refused == 1)
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
