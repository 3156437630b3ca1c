"""Building an index in a process of its own: how long it takes, and how much memory."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from indexer.embedding.base import Embedder
from indexer.embedding.embedder import open_embedder
from indexer.pipeline import Summary
from indexer.settings import Settings
from scripts.commands.build import build
from scripts.commands.terminal import progress_bars
from scripts.lab.machine import memory
from scripts.lab.measure import isolated, say, timed

# What the progress callback is not told of: before the first stage, and after the last.
OPENED, PUBLISHED = "model open", "published"


class Resident(NamedTuple):
    """VmHWM and VmRSS of a process in bytes at one moment."""

    peak: int
    now: int


@dataclass(frozen=True, slots=True)
class Build:
    """A run of reindex: seconds to open the model and to run, and what its process held.

    ends: what was resident when each stage was complete, by the stage's name
    """

    opening: float
    seconds: float
    ends: dict[str, Resident]
    summary: Summary

    @property
    def peak(self) -> int:
        """The most that was ever resident, in bytes."""
        return self.ends[PUBLISHED].peak


def prepare_model() -> None:
    """Export the model if that has never been done, so that no measure includes it."""
    say("opening the model")
    isolated(_prepare_model)


def _prepare_model() -> None:
    open_model()


def open_model() -> Embedder:
    """The model in the settings."""
    return open_embedder(Settings.from_environment())


def measured_build(
    sources: Path, index: Path, opened: Callable[[], Embedder] = open_model
) -> Build:
    """Reindex in a process of its own, with what `opened` returns there."""
    return isolated(_build, sources, index, opened)


def _resident() -> Resident:
    return Resident(memory("self", "VmHWM"), memory("self", "VmRSS"))


def _build(sources: Path, index: Path, opened: Callable[[], Embedder]) -> Build:
    opening, embedder = timed(opened)
    ends = {OPENED: _resident()}
    with progress_bars() as bars:

        def progress(stage: str, done: int, total: int) -> None:
            if done >= total:
                ends[stage] = _resident()
            bars(stage, done, total)

        settings = replace(Settings.from_environment(), index=index)
        seconds, summary = timed(build, [sources], settings, embedder, progress)
    ends[PUBLISHED] = _resident()
    return Build(opening, seconds, ends, summary)
