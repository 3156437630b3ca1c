"""What is shown on a terminal: text that is safe there, and how far work is."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

_UNITS = {
    "reading": "B",
    "cutting": " articles",
    "grouping": " articles",
    "sending": " articles",
    "linking": " vectors",
    "asking": " questions",
}


def printable(text: str) -> str:
    """One line without control characters: an article must not steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


@contextmanager
def progress_bars(quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """What shows how much of a stage is done, one bar a stage, on stderr.

    They are redrawn every ten seconds where stderr is no terminal; no half a bar is left by an
    error.
    """
    bars: dict[str, tqdm[None]] = {}
    live = sys.stderr.isatty()

    def show(stage: str, done: int, total: int) -> None:
        if quiet:
            return
        if stage not in bars:
            close()
            bars[stage] = tqdm(
                total=total,
                desc=stage,
                unit=_UNITS.get(stage, " passages"),
                unit_scale=stage == "reading",
                mininterval=0.2 if live else 10,
                ncols=None if live else 90,
                file=sys.stderr,
            )
        bars[stage].update(done - bars[stage].n)

    def close() -> None:
        for bar in bars.values():
            bar.close()
        bars.clear()

    try:
        yield show
    finally:
        close()
