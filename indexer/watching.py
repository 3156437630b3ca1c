"""Keeps folders and an index together: what changes is read again, seconds later."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from watchfiles import watch

from indexer.errors import ArticleSearchError, IndexBusy
from indexer.reading.input.files import resolved

logger = logging.getLogger(__name__)

# Milliseconds without a change until what has changed is read, and at most while changes go on.
QUIET, LONGEST = 200, 1_000
# Milliseconds between two looks at the clock while nothing changes.
TICK = 250
# Seconds until a run is tried again that found the index busy, or that failed.
BUSY, FAILED = 2.0, 60.0

# Reads some paths again, and takes out what was read from paths that are gone.
Run = Callable[[Sequence[Path], Sequence[Path]], object]


def keep_together(paths: Sequence[Path], index: Path, run: Run) -> None:
    """Run for all paths, and again for each that changes, until interrupted.

    What changes while a run goes on is read by the next. A run that fails is logged; what it was
    for is read again with the next change, or by itself after a while.

    Raises:
        InputError: a path does not exist.
    """
    roots = [resolved(path) for path in paths]
    own = index.resolve()
    waiting, due = set(roots), 0.0
    for changed in _changes(roots):
        news = {path for path in changed if not path.is_relative_to(own)}
        waiting |= news
        if not waiting or not (news or time.monotonic() >= due):
            continue
        there = [path for path in waiting if path in roots or _is_met(path, roots)]
        gone = [path for path in waiting if path not in roots and not path.exists()]
        try:
            if there or gone:
                run(sorted(there), sorted(gone))
        except IndexBusy as error:
            logger.info("tried again in %.0f s: %s", BUSY, error)
            due = time.monotonic() + BUSY
        except ArticleSearchError as error:
            logger.error("not taken over, tried again with the next change: %s", error)
            due = time.monotonic() + FAILED
        else:
            waiting.clear()


def _changes(roots: Sequence[Path]) -> Iterator[set[Path]]:
    """What has changed, again and again; from the first time on nothing is missed."""
    for changes in watch(
        *roots,
        # The library's own passes over names that may well be of articles.
        watch_filter=None,
        debounce=LONGEST,
        step=QUIET,
        rust_timeout=TICK,
        yield_on_timeout=True,
    ):
        yield {Path(path) for _, path in changes}


def _is_met(path: Path, roots: Sequence[Path]) -> bool:
    """Whether a path is there, and would be met on the way through a root: links are not."""
    if not path.exists() or path.is_symlink():
        return False
    return any(
        not any(each.is_symlink() for each in path.parents if root in each.parents)
        for root in roots
        if path.is_relative_to(root)
    )
