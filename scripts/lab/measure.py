"""Measures of calls: in processes of their own, once, how long they take, how much they find."""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

from indexer.arrays import Float32

P = ParamSpec("P")
T = TypeVar("T")

# Inputs given to one contender before it is the next one's turn.
BLOCK = 20
# Scores that differ by less are equal.
TOLERANCE = 1e-6


def say(message: str) -> None:
    """Tell what is being done, on stderr."""
    print(message, file=sys.stderr, flush=True)


def isolated(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run work in a fresh process (not a fork) and return what it returns; it fails as it fails.

    A measure that shared a process with the one before would pay for its threads and its memory.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *args, **kwargs).result()


def kept(file: Path, measure: Callable[[], T]) -> T:
    """What is measured, as JSON; kept in a file, so that it is measured once."""
    if not file.exists():
        found = json.dumps(measure())
        # Under another name until it is whole.
        part = file.with_name(f"{file.name}.part")
        part.write_text(found, "utf-8")
        part.rename(file)
    read: T = json.loads(file.read_text("utf-8"))
    return read


def timed(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[float, T]:
    """The seconds that a call takes, and what it returns."""
    started = time.perf_counter()
    result = work(*args, **kwargs)
    return time.perf_counter() - started, result


def milliseconds_in_turn(
    contenders: Mapping[str, Callable[[T], object]], inputs: Sequence[T], rounds: int = 1
) -> dict[str, list[float]]:
    """The milliseconds of every call of each contender, a block of inputs at a time, in turn.

    The speed of a machine drifts, and so hits all alike. The first block is also given to all
    beforehand, unmeasured.
    """
    for contender in contenders.values():
        for each in inputs[:BLOCK]:
            contender(each)
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for start in range(0, len(inputs), BLOCK):
            for name, contender in contenders.items():
                block = inputs[start : start + BLOCK]
                times[name] += [timed(contender, each)[0] * 1e3 for each in block]
    return times


def recall(found: Float32, exact: Float32, depth: int) -> float:
    """The share of the best `depth` that is found; among equal scores any passage will do.

    found, exact: (k,) float32 scores, best first
    """
    wanted = exact[:depth]
    last = wanted[-1] - TOLERANCE if len(wanted) else 0
    return np.count_nonzero(found[:depth] >= last) / max(len(wanted), 1)
