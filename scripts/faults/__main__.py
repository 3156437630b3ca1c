"""What an index and its server do when things go wrong, tried out.

    python -m scripts.faults kill [--tries 200] [--seed 1] [--keep DIR]
    python -m scripts.faults damage [--tries 200] [--seed 1] [--keep DIR]
    python -m scripts.faults swaps [--searches 100000] [--clients 8] [--generations 20] [--keep DIR]
    python -m scripts.faults soak [--minutes 60] [--clients 2] [--every 60] [--broken 10] [--seed 1]
                                  [--keep DIR]

Everything happens in temporary folders and on 127.0.0.1. Exit status 1 if anything was found that
must not be; what it is, is on stdout below the table.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from indexer.embedding.embedder import open_embedder
from indexer.settings import Settings
from scripts.faults.damage import damage
from scripts.faults.kill import kill
from scripts.faults.soak import soak
from scripts.faults.swaps import swap
from scripts.lab.program import Program, working_folder
from scripts.lab.table import MEASURES, Row, Table
from scripts.status import DONE, FAILED


class Report(Protocol):
    """What was found."""

    failures: list[str]

    def rows(self) -> list[Row]:
        """The report."""
        ...


# What each command tries, and the options that it takes, which are arguments of the same names.
COMMANDS: dict[str, tuple[Callable[..., Report], str, dict[str, float]]] = {
    "kill": (kill, "kill -9 while it is indexing", {"tries": 200, "seed": 1}),
    "damage": (damage, "alter a file of an index", {"tries": 200, "seed": 1}),
    "swaps": (
        swap,
        "publish while it is searched",
        {"searches": 100_000, "clients": 8, "generations": 20},
    ),
    "soak": (
        soak,
        "serve everything for long",
        {"minutes": 60.0, "clients": 2, "every": 60.0, "broken": 10, "seed": 1},
    ),
}
ABOUT = {
    "seed": "of all that is random",
    "every": "seconds between two publications",
    "broken": "every N-th generation is broken",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Try one kind of fault and print what was found; returns the exit status."""
    failures: list[str] = []

    def report(options: argparse.Namespace) -> Iterator[Table | str]:
        attempt, _, numbers = COMMANDS[options.command]
        chosen = {name: getattr(options, name) for name in numbers}
        with working_folder(options.keep) as folder:
            embedder = open_embedder(Settings.from_environment())
            found = attempt(embedder=embedder, folder=folder, **chosen)
        failures.extend(found.failures)
        yield Table(MEASURES, found.rows())
        if failures:
            yield "\n".join(f"- {failure}" for failure in failures)

    return _parser().run(report, arguments) or (FAILED if failures else DONE)


def _parser() -> Program:
    about = "Try out what must not go wrong."
    program = Program(prog="python -m scripts.faults", description=about)
    commands = program.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (_, about, numbers) in COMMANDS.items():
        command = commands.add_parser(name, help=about)
        command.path("--keep", "work in this empty folder, and leave it")
        for option, default in numbers.items():
            command.number(f"--{option}", default, ABOUT.get(option))
    return program


if __name__ == "__main__":
    sys.exit(main())
