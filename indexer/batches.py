"""Items that are worked on together: in time it pays, in memory it has to be bounded."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: Callable[[T], int], largest: int) -> Iterator[list[T]]:
    """The items in order, as many together as are no larger than `largest`, but at least one."""
    batch: list[T] = []
    whole = 0
    for item in items:
        own = size(item)
        if batch and whole + own > largest:
            yield batch
            batch, whole = [], 0
        batch.append(item)
        whole += own
    if batch:
        yield batch
