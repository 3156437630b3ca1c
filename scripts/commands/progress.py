"""Progress on stderr: what is done, how fast, and how long it will still take."""

import sys
from types import TracebackType

from tqdm import tqdm

_UNITS = {
    "reading": "B",
    "cutting": " articles",
    "grouping": " articles",
    "linking": " vectors",
    "asking": " questions",
}


class ProgressBars:
    """One bar a stage, on stderr; redrawn every ten seconds where stderr is no terminal."""

    def __init__(self, quiet: bool = False) -> None:
        """Open no bar yet."""
        self._quiet = quiet
        self._stage = ""
        self._bar: tqdm[None] | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        if self._quiet:
            return
        if stage != self._stage or self._bar is None:
            self.close()
            self._stage = stage
            self._bar = tqdm(
                total=total,
                desc=stage,
                unit=_UNITS.get(stage, " passages"),
                unit_scale=stage == "reading",
                mininterval=0.2 if sys.stderr.isatty() else 10,
                ncols=None if sys.stderr.isatty() else 90,
                file=sys.stderr,
            )
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Finish the open bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> "ProgressBars":
        """Use as a context, so that an error does not leave half a bar."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finish the open bar."""
        self.close()
