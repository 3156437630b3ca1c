"""Folders and an index are kept together: what changes is read again, what is gone goes."""

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
import watchfiles

from indexer.errors import IndexBusy, InputError, StorageError
from indexer.pipeline import Options, Summary, reindex
from indexer.storage.last_run import read_last_run
from indexer.watching import keep_together
from tests.support.corpus import generated
from tests.support.fakes import FakeEmbedder
from tests.support.runs import found_by_words

# Seconds until a change is taken over on the slowest of machines.
PATIENCE = 60

Paths = tuple[list[str], list[str]]


class Watched:
    """A folder that is watched in a thread; what was run for comes out of a queue."""

    def __init__(self, folder: Path, index: Path, stop: threading.Event) -> None:
        self.folder = folder
        self.index = index
        self.runs: queue.Queue[Paths] = queue.Queue()
        # What the next runs raise.
        self.failures: list[Exception] = []
        self._stop = stop
        self._thread = threading.Thread(
            target=keep_together, args=([folder], index, self._run), daemon=True
        )
        self._thread.start()

    def _run(self, there: Sequence[Path], gone: Sequence[Path]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.run(there, gone)
        self.runs.put(([path.name for path in there], [path.name for path in gone]))

    def run(self, there: Sequence[Path], gone: Sequence[Path]) -> Summary | None:
        options = Options(gone=gone, yes=True)
        return reindex(there, self.index, FakeEmbedder(), None, options=options)

    def until(self, done: Callable[[], bool]) -> list[Paths]:
        """What was run for until something is so."""
        seen = [self.runs.get(timeout=PATIENCE)]
        while not done():
            seen.append(self.runs.get(timeout=PATIENCE))
        return seen

    def close(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Ends every watch that is begun after it."""
    event = threading.Event()
    monkeypatch.setattr("indexer.watching.watch", partial(watchfiles.watch, stop_event=event))
    monkeypatch.setattr("indexer.watching.BUSY", 0.1)
    monkeypatch.setattr("indexer.watching.FAILED", 0.1)
    return event


@pytest.fixture
def watched(tmp_path: Path, index: Path, stop: threading.Event) -> Iterator[Watched]:
    folder = tmp_path / "scraped"
    folder.mkdir()
    for name, content in generated(3).items():
        (folder / name).write_bytes(content)
    found = Watched(folder, index, stop)
    yield found
    found.close()


def _has(watched: Watched, word: str) -> Callable[[], bool]:
    return lambda: bool(found_by_words(watched.index, word))


def _story(word: str) -> str:
    return f"The {word} of Lowick\n\nA {word} was seen at the harbour on Tuesday, the mayor said.\n"


def test_what_is_new_changed_moved_and_gone(watched: Watched) -> None:
    assert watched.runs.get(timeout=PATIENCE) == (["scraped"], [])
    file = watched.folder / "wire" / "a.txt"
    file.parent.mkdir()
    file.write_text(_story("walrus"))
    watched.until(_has(watched, "walrus"))
    file.write_text(_story("badger"))
    runs = watched.until(_has(watched, "badger"))
    # Nothing else is read.
    assert all(set(there) <= {"a.txt"} and not gone for there, gone in runs)
    assert not found_by_words(watched.index, "walrus")
    file.rename(watched.folder / "b.txt")
    watched.until(lambda: str(found_by_words(watched.index, "badger").values()).count("b.txt") == 1)
    (watched.folder / "b.txt").unlink()
    watched.until(lambda: not found_by_words(watched.index, "badger"))
    run = read_last_run(watched.index)
    assert run is not None
    assert (run.removed, run.error) == (1, None)


def test_a_folder_that_is_moved_in_and_out(watched: Watched, tmp_path: Path) -> None:
    watched.runs.get(timeout=PATIENCE)
    (tmp_path / "aside").mkdir()
    (tmp_path / "aside" / "a.txt").write_text(_story("walrus"))
    os.rename(tmp_path / "aside", watched.folder / "inside")
    watched.until(_has(watched, "walrus"))
    os.rename(watched.folder / "inside", tmp_path / "aside")
    watched.until(lambda: not found_by_words(watched.index, "walrus"))


def test_links_are_not_followed(watched: Watched, tmp_path: Path) -> None:
    watched.runs.get(timeout=PATIENCE)
    (tmp_path / "outside.txt").write_text(_story("walrus"))
    (watched.folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (watched.folder / "a.txt").write_text(_story("badger"))
    watched.until(_has(watched, "badger"))
    assert not found_by_words(watched.index, "walrus")


@pytest.mark.parametrize("failure", [IndexBusy("busy"), StorageError("full"), InputError("half")])
def test_a_run_that_fails_is_made_again(watched: Watched, failure: Exception) -> None:
    watched.runs.get(timeout=PATIENCE)
    watched.failures = [failure]
    (watched.folder / "a.txt").write_text(_story("walrus"))
    watched.until(_has(watched, "walrus"))
    assert watched.failures == []


def test_the_index_may_lie_in_the_folder(tmp_path: Path, stop: threading.Event) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "a.txt").write_text(_story("walrus"))
    watched = Watched(folder, folder / "index", stop)
    try:
        watched.until(_has(watched, "walrus"))
        (folder / "b.txt").write_text(_story("badger"))
        runs = watched.until(_has(watched, "badger"))
        # What a run writes begins no other.
        with pytest.raises(queue.Empty):
            watched.runs.get(timeout=2)
        assert all("index" not in name for there, _ in runs for name in there)
    finally:
        watched.close()


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        keep_together([tmp_path / "nowhere"], tmp_path / "index", lambda there, gone: None)
