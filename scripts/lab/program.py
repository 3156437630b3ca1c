"""The frame of a program that measures: its options, environment, errors and output."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from indexer.errors import ArticleSearchError, InputError
from scripts.lab.table import Table
from scripts.status import DONE, FAILED

Work = Callable[[argparse.Namespace], Iterable[Table | str]]
"""From the options to the parts of a report; each is printed as soon as it is there."""


class Program(argparse.ArgumentParser):
    """The parser of a program, and the frame that its work runs in."""

    def number(
        self, name: str, default: float | list[int], about: str | None = None, least: float = 0
    ) -> None:
        """Add an option for a number like the default, or for several if that is a list."""
        several = isinstance(default, list)
        kind = _number(int if several or isinstance(default, int) else float, least)
        nargs = "+" if several else None
        self.add_argument(name, type=kind, nargs=nargs, default=default, metavar="N", help=about)

    def path(self, name: str, about: str, metavar: str = "DIR") -> None:
        """Add an option for a file or a folder."""
        self.add_argument(name, type=Path, metavar=metavar, help=about)

    def flag(self, name: str, about: str) -> None:
        """Add an option that is given or not."""
        self.add_argument(name, action="store_true", help=about)

    def questions(self) -> None:
        """Add the option for a file that `collect_questions` takes questions from."""
        about = "questions, one a line, or a BEIR queries.jsonl[.gz]; more are made where needed"
        self.path("--questions", about, metavar="FILE")

    def run(self, work: Work, arguments: Sequence[str] | None) -> int:
        """Do the work and print its report; returns the exit status."""
        options = self.parse_args(arguments)
        # For every process started from here: nothing is fetched, and no measure waits for a
        # network; a search has threads as in `article-search`.
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        padded = not getattr(options, "markdown", False)
        try:
            for number, part in enumerate(work(options)):
                print(end="\n" if number else "")
                print(part.markdown(padded) if isinstance(part, Table) else part, flush=True)
        except ArticleSearchError as error:
            print(f"{self.prog}: {error}", file=sys.stderr)
            return FAILED
        return DONE


def benchmark(module: str, about: str) -> Program:
    """The parser of a program that prints tables; `module` is what stands after `python -m`."""
    program = Program(prog=f"python -m {module}", description=about)
    program.flag("--markdown", "do not pad the cells: for pasting into a document")
    return program


def _number(kind: Callable[[str], float], least: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = kind(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{text} is less than {least}")
        return value

    return number


@contextmanager
def working_folder(kept: Path | None = None) -> Iterator[Path]:
    """The folder that is to be kept, made if need be, or else a temporary one.

    Raises:
        InputError: there is something in it.
    """
    with nullcontext(kept) if kept else tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(f"{folder} is not empty; name another folder to work in")
        yield folder
