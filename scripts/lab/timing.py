"""How long calls take, by the wall clock."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# Inputs given to one contender before it is the next one's turn.
BLOCK = 20


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
