"""faults: what an index and its server do when things go wrong, tried out.

    python -m scripts.faults kill [--tries 200] [--seed 1] [--keep DIR]
    python -m scripts.faults damage [--tries 200] [--seed 1] [--keep DIR]
    python -m scripts.faults swaps [--searches 100000] [--clients 8] [--generations 20] [--keep DIR]
    python -m scripts.faults soak [--minutes 60] [--clients 2] [--every 60] [--broken 10] [--seed 1]
                                  [--keep DIR]

Everything happens in temporary folders and on 127.0.0.1. Exit status 1 if anything was found that
must not be; what it is, is on stdout below the table.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Protocol

from indexer.embedding.embedder import open_embedder
from indexer.errors import ArticleSearchError
from indexer.settings import Settings
from scripts.faults.damage import damage
from scripts.faults.kill import kill
from scripts.faults.soak import soak
from scripts.faults.swaps import swap
from scripts.lab.process import new_folder
from scripts.lab.table import Row, table

DONE, FAILED = 0, 1


class Report(Protocol):
    """What was found."""

    failures: list[str]

    def rows(self) -> list[Row]:
        """The report."""
        ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Try one kind of fault and print what was found; returns the exit status."""
    options = _parser().parse_args(arguments)
    # For every process started from here.
    os.environ["HF_HUB_OFFLINE"] = "1"
    kept = nullcontext(options.keep) if options.keep else None
    try:
        with kept or tempfile.TemporaryDirectory(prefix="faults-") as folder:
            report: Report = options.command(options, new_folder(Path(folder)))
    except ArticleSearchError as error:
        print(f"faults: {error}", file=sys.stderr)
        return FAILED
    rows = [(row.measure, row.value, row.how) for row in report.rows()]
    print(table(("measure", "figure", "how"), rows, padded=True))
    for failure in report.failures:
        print(f"- {failure}")
    return FAILED if report.failures else DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="faults", description="Try out what must not go wrong.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--keep", type=Path, metavar="DIR", help="work in this empty folder, and leave it"
    )
    seeded = argparse.ArgumentParser(add_help=False)
    seeded.add_argument("--seed", type=int, default=1, metavar="N", help="of all that is random")
    killing = commands.add_parser(
        "kill", parents=[common, seeded], help="kill -9 while it is indexing"
    )
    killing.add_argument("--tries", type=int, default=200, metavar="N")
    killing.set_defaults(command=_kill)
    damaging = commands.add_parser(
        "damage", parents=[common, seeded], help="alter a file of an index"
    )
    damaging.add_argument("--tries", type=int, default=200, metavar="N")
    damaging.set_defaults(command=_damage)
    swapping = commands.add_parser("swaps", parents=[common], help="publish while it is searched")
    swapping.add_argument("--searches", type=int, default=100_000, metavar="N")
    swapping.add_argument("--clients", type=int, default=8, metavar="N")
    swapping.add_argument("--generations", type=int, default=20, metavar="N")
    swapping.set_defaults(command=_swaps)
    soaking = commands.add_parser(
        "soak", parents=[common, seeded], help="serve everything for long"
    )
    soaking.add_argument("--minutes", type=float, default=60, metavar="N")
    soaking.add_argument("--clients", type=int, default=2, metavar="N")
    soaking.add_argument(
        "--every", type=float, default=60, metavar="SECONDS", help="between two publications"
    )
    soaking.add_argument(
        "--broken", type=int, default=10, metavar="N", help="every N-th generation is broken"
    )
    soaking.set_defaults(command=_soak)
    return parser


def _kill(options: argparse.Namespace, folder: Path) -> Report:
    return kill(options.tries, options.seed, open_embedder(Settings.from_environment()), folder)


def _damage(options: argparse.Namespace, folder: Path) -> Report:
    return damage(options.tries, options.seed, open_embedder(Settings.from_environment()), folder)


def _swaps(options: argparse.Namespace, folder: Path) -> Report:
    embedder = open_embedder(Settings.from_environment())
    return swap(options.searches, options.clients, options.generations, embedder, folder)


def _soak(options: argparse.Namespace, folder: Path) -> Report:
    return soak(
        options.minutes,
        options.clients,
        options.seed,
        open_embedder(Settings.from_environment()),
        folder,
        options.every,
        options.broken,
    )


if __name__ == "__main__":
    sys.exit(main())
