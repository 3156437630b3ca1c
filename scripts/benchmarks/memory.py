"""How much memory a full build takes, by the size of the corpus.

Each size is built in a process of its own. VmHWM is the peak up to the end of a stage, VmRSS what
is resident there; both include mapped pages of files. With another model than the default one, a
small one of random weights say, the same growth shows sooner: the model matters to what a build
holds of each passage only by the length of its vectors.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.lab.build import OPENED, PUBLISHED, Build, measured_build, prepare_model
from scripts.lab.corpus import write_corpus
from scripts.lab.machine import machine_table
from scripts.lab.measure import say
from scripts.lab.program import benchmark, working_folder
from scripts.lab.table import Row, Table, figure, megabytes

SIZES = [100_000, 400_000]
STAGES = (OPENED, "reading", "embedding", "writing", "linking", PUBLISHED)
HEADER = ("passages", "peak VmHWM", *(f"{stage}: peak, then resident" for stage in STAGES), "rate")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; returns the exit status."""
    program = benchmark("scripts.benchmarks.memory", "Measure the memory of a full build.")
    program.number("--passages", SIZES, "sizes of the corpora to make", least=1)
    program.path("--keep", "keep the corpora and the indexes there")
    program.path("--model", "embed with this model instead of the default", metavar="PATH")
    return program.run(_report, arguments)


def _report(options: argparse.Namespace) -> Iterator[Table | str]:
    # For every process started from here.
    if options.model:
        os.environ["ARTICLE_SEARCH_MODEL"] = str(options.model.resolve())
    yield machine_table(Row("model", os.environ.get("ARTICLE_SEARCH_MODEL", "the default")))
    with working_folder(options.keep) as folder:
        prepare_model()
        builds = [_build(folder / str(size), size) for size in sorted(options.passages)]
    yield Table(HEADER, [_cells(build) for build in builds])
    if len(builds) > 1:
        ratio = builds[0].peak / builds[-1].peak
        yield f"Peak of the smallest to that of the largest: {ratio:.2f}"


def _build(folder: Path, size: int) -> Build:
    folder.mkdir()
    say(f"making articles of about {size:,} passages")
    corpus = write_corpus(folder, size)
    say(f"indexing {corpus}")
    return measured_build(corpus, folder / "index")


def _cells(build: Build) -> list[str]:
    """A row under `HEADER`."""
    ends = [build.ends.get(stage) for stage in STAGES]
    return [
        f"{build.summary.passages:,}",
        megabytes(build.peak),
        *(f"{megabytes(end.peak)}, {megabytes(end.now)}" if end else "–" for end in ends),
        f"{figure(build.summary.passages / build.seconds)} passages/s",
    ]


if __name__ == "__main__":
    sys.exit(main())
