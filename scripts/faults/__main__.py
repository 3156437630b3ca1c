"""What an index and its server do when things go wrong, tried out.

Everything happens in temporary folders and on 127.0.0.1. Exit status 1 if anything was found that
must not be; what it is, is on stdout below the table.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence

from indexer.embedding.embedder import open_embedder
from indexer.settings import Settings
from scripts.faults.damage import Damages, damage
from scripts.faults.kill import Kills, kill
from scripts.faults.soak import Soak, soak
from scripts.faults.swaps import Swaps, swap
from scripts.lab.program import Program, working_folder
from scripts.lab.table import MEASURES, Table
from scripts.status import DONE, FAILED

# What each command tries, and the options that it takes, which are arguments of the same names.
COMMANDS: dict[str, tuple[Callable[..., Kills | Damages | Swaps | Soak], str, dict[str, float]]] = {
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
