"""How long calls take, and how much of what should be found is."""

from collections.abc import Callable

import numpy as np
import pytest

from scripts.lab.measure import BLOCK, milliseconds_in_turn, recall, timed


def test_a_timed_call() -> None:
    seconds, value = timed(sorted, [2, 1], reverse=True)
    assert value == [2, 1]
    assert 0 <= seconds < 1


def test_contenders_take_turns() -> None:
    asked: list[tuple[str, int]] = []

    def contender(name: str) -> Callable[[int], object]:
        return lambda each: asked.append((name, each))

    names = ("one", "other")
    inputs = range(BLOCK + 2)
    times = milliseconds_in_turn({name: contender(name) for name in names}, inputs, 2)
    assert [len(times[name]) for name in names] == [2 * len(inputs)] * 2
    blocks = (inputs[:BLOCK], inputs[BLOCK:])
    turns = [(name, each) for block in blocks for name in names for each in block]
    warm_up = [(name, each) for name in names for each in inputs[:BLOCK]]
    assert asked == [*warm_up, *turns, *turns]


@pytest.mark.parametrize(
    ("found", "depth", "share"),
    [
        ([0.9, 0.8, 0.7], 3, 1),
        ([0.9, 0.7, 0.7], 3, 1),  # another passage with the score of the last
        ([0.9, 0.6, 0.5], 3, 1 / 3),
        ([0.9], 2, 1 / 2),
        ([0.9, 0.8, 0.7], 1, 1),
        ([], 3, 0),
    ],
)
def test_recall(found: list[float], depth: int, share: float) -> None:
    exact = np.array([0.9, 0.8, 0.7, 0.7], np.float32)
    assert recall(np.array(found, np.float32), exact, depth) == pytest.approx(share)


def test_recall_of_nothing() -> None:
    nothing = np.zeros(0, np.float32)
    assert recall(nothing, nothing, 3) == 0
