"""benchmark_memory: how much memory a full build takes, by size of the corpus, as Markdown tables.

    python -m scripts.benchmarks.memory [--passages 100000 400000] [--keep DIR] [--model PATH]
                                       [--markdown]

Each size is built in a process of its own. VmHWM is the peak up to the end of a stage, VmRSS what
is resident there; both include mapped pages of files. Another model than the default one, a small
one of random weights say, shows the same growth sooner: what a build holds of each passage depends
on it only by the length of its vectors.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from indexer.embedding.embedder import open_embedder
from indexer.errors import ArticleSearchError
from indexer.pipeline import Summary, reindex
from indexer.settings import Settings
from scripts.benchmarks.index import prepare_model
from scripts.commands.progress import ProgressBars
from scripts.lab.corpus import write_corpus
from scripts.lab.process import describe_machine, isolated, memory, new_folder, say
from scripts.lab.table import figure, megabytes, table
from search.ranking.fitting import calibrate

DONE, FAILED = 0, 1
# Publishing and what comes before the first stage are not told to the progress callback.
STAGES = ("model open", "reading", "embedding", "writing", "linking", "published")
HEADER = ("passages", "peak VmHWM", *(f"{stage}: peak, then resident" for stage in STAGES), "rate")


@dataclass(frozen=True, slots=True)
class Resident:
    """VmHWM and VmRSS of a process in bytes at one moment."""

    peak: int
    now: int

    @classmethod
    def measure(cls) -> "Resident":
        """Those of this process."""
        return cls(memory("self", "VmHWM"), memory("self", "VmRSS"))


class Stages:
    """A progress callback that notes what is resident when a stage is complete."""

    def __init__(self, progress: ProgressBars) -> None:
        """Pass everything on to `progress`."""
        self._progress = progress
        self.ends = {STAGES[0]: Resident.measure()}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Note the end of a stage, and pass it on."""
        if done >= total:
            self.ends[stage] = Resident.measure()
        self._progress(stage, done, total)

    def published(self) -> None:
        """Note the end of all stages."""
        self.ends[STAGES[-1]] = Resident.measure()


@dataclass(frozen=True, slots=True)
class Build:
    """A full build: how long it took, and what was resident at the end of each stage."""

    seconds: float
    ends: dict[str, Resident]
    summary: Summary

    @property
    def peak(self) -> int:
        """The most that was ever resident, in bytes."""
        return self.ends[STAGES[-1]].peak

    def cells(self) -> list[str]:
        """A row under `HEADER`."""
        ends = [self.ends.get(stage) for stage in STAGES]
        return [
            f"{self.summary.passages:,}",
            megabytes(self.peak),
            *(f"{megabytes(end.peak)}, {megabytes(end.now)}" if end else "–" for end in ends),
            f"{figure(self.summary.passages / self.seconds)} passages/s",
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="benchmark_memory", description="Measure the memory of a full build by size."
    )
    parser.add_argument(
        "--passages",
        type=int,
        nargs="+",
        default=[100_000, 400_000],
        metavar="N",
        help="sizes of the corpora to make",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the corpora and the indexes there"
    )
    parser.add_argument(
        "--model", type=Path, metavar="PATH", help="embed with this model instead of the default"
    )
    parser.add_argument(
        "--markdown", action="store_true", help="do not pad the cells: for pasting into a document"
    )
    options = parser.parse_args(arguments)
    if min(options.passages) < 1:
        parser.error("--passages must be at least 1")
    # For every process started from here.
    os.environ["HF_HUB_OFFLINE"] = "1"
    if options.model:
        os.environ["ARTICLE_SEARCH_MODEL"] = str(options.model.resolve())
    machine = describe_machine()
    kept = nullcontext(options.keep) if options.keep else None
    try:
        with kept or tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            builds = measure_memory(new_folder(Path(folder)), sorted(options.passages))
    except ArticleSearchError as error:
        print(f"benchmark_memory: {error}", file=sys.stderr)
        return FAILED
    machine.append(("model", os.environ.get("ARTICLE_SEARCH_MODEL", "the default")))
    padded = not options.markdown
    print(table(("machine", ""), machine, padded), end="\n\n")
    print(table(HEADER, [build.cells() for build in builds], padded))
    if len(builds) > 1:
        ratio = builds[0].peak / builds[-1].peak
        print(f"\nPeak of the smallest to that of the largest: {ratio:.2f}")
    return DONE


def measure_memory(folder: Path, sizes: Sequence[int]) -> list[Build]:
    """A full build of each size, in a folder of its own."""
    say("opening the model")
    isolated(prepare_model)
    builds = []
    for size in sizes:
        place = folder / str(size)
        place.mkdir()
        say(f"making articles of about {size:,} passages")
        corpus = write_corpus(place, size)
        say(f"indexing {corpus}")
        builds.append(isolated(build, corpus, place / "index"))
    return builds


def build(corpus: Path, index: Path) -> Build:
    """Reindex; to be run in a process of its own, whose memory is reported."""
    embedder = open_embedder(Settings.from_environment())
    with ProgressBars() as bars:
        stages = Stages(bars)
        started = time.perf_counter()
        summary = reindex([corpus], index, embedder, stages, calibrate=calibrate)
        seconds = time.perf_counter() - started
        stages.published()
    return Build(seconds, stages.ends, summary)


if __name__ == "__main__":
    sys.exit(main())
