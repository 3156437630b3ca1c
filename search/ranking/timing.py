"""How long each stage of a search took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Clock:
    """Runs from when it is made; `stages` are milliseconds by name."""

    started: float = field(default_factory=time.perf_counter)
    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Take the time of a stage."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = (time.perf_counter() - begun) * 1e3

    def total(self) -> float:
        """Milliseconds so far."""
        return (time.perf_counter() - self.started) * 1e3
