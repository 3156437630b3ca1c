"""How long work tells how far it is."""

from collections.abc import Callable
from typing import Literal

Stage = Literal[
    "reading",  # bytes
    "cutting",  # articles, into passages
    "embedding",  # passages that nobody has embedded yet
    "writing",  # passages
    "linking",  # vectors, into their lists, when there are many
    "grouping",  # articles, into stories
    "sending",  # articles, to the tables at a URL
    "checking",  # passages, by `verify`
]
# Called with a stage, how much is done, and of how much.
Progress = Callable[[Stage, int, int], None]


def no_progress(stage: Stage, done: int, total: int) -> None:
    """Tell nobody."""
