"""The frame of a program that measures: its options, environment, errors and output."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from indexer.errors import ArticleSearchError, InputError
from scripts.commands.parser import Parser
from scripts.lab.table import Table
from scripts.status import DONE, FAILED

Work = Callable[[argparse.Namespace], Iterable[Table | str]]
"""From the options to the parts of a report; each is printed as soon as it is there."""


class Program(Parser):
    """The parser of a program, and the frame that its work runs in."""

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
