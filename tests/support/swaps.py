"""Publishing an index, and waiting until a live searcher serves it."""

import time
from collections.abc import Callable, Mapping

from search.live import LiveSearcher
from tests.conftest import Build
from tests.support.corpus import CORPUS

ONE = {"one.json": CORPUS["feeds/final.json"]}


def eventually(reached: Callable[[], bool]) -> None:
    """Wait until something holds; a machine may be slow, but not for a minute."""
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def serves(live: LiveSearcher, generation: str | None) -> bool:
    return live.serving is not None and live.serving.id == generation


def publish(live: LiveSearcher, build: Build, files: Mapping[str, bytes]) -> str | None:
    """Build an index of some files and wait until it is served."""
    generation = build(files).generation
    eventually(lambda: serves(live, generation))
    return generation
