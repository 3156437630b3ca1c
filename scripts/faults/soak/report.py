"""What was seen while a server was soaked, and whether it has grown."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from scripts.lab.process import memory
from scripts.lab.table import Row, megabytes

# The share of the samples that are not judged: the server is still warming up.
WARM_UP = 0.1
# Growth from the second to the last third that is a failure: a share of memory, and descriptors.
# One generation more may be open, for a moment or as long as a request holds it: that is no growth.
MEMORY_GROWTH, DESCRIPTOR_GROWTH = 0.1, 12
# Minutes below which growth is not judged.
JUDGED = 5.0
# Failures of one kind that are described; the others are counted.
TOLD = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident bytes, open descriptors and threads of the server at one moment."""

    memory: int
    descriptors: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> "Sample":
        """Those of a process."""
        descriptors, threads = (len(os.listdir(f"/proc/{pid}/{name}")) for name in ("fd", "task"))
        return cls(memory(pid, "VmRSS"), descriptors, threads)


@dataclass(slots=True)
class Soak:
    """What was seen."""

    minutes: float
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    wrong: int = 0
    server_errors: int = 0
    errors: int = 0
    refusals: int = 0
    published: int = 0
    broken: int = 0
    failures: list[str] = field(default_factory=list)

    def fail(self, problem: str) -> None:
        """Count an answer that is not the right one, and describe it if few are."""
        self.wrong += 1
        if self.wrong <= TOLD:
            self.failures.append(problem)

    def thirds(self, value: Callable[[Sample], int]) -> tuple[float, float, float]:
        """The medians of each third of the samples, the warm-up left out."""
        values = [value(sample) for sample in self.samples[int(len(self.samples) * WARM_UP) :]]
        size = max(1, len(values) // 3)
        thirds = values[:size], values[size : 2 * size] or values, values[-size:]
        first, second, last = (float(median(third)) for third in thirds)
        return first, second, last

    def judge(self) -> None:
        """Add growth to the failures, if there was time to grow."""
        if self.minutes < JUDGED:
            return
        _, second, last = self.thirds(lambda sample: sample.memory)
        if last > second * (1 + MEMORY_GROWTH):
            self.failures.append(f"memory grew from {megabytes(second)} to {megabytes(last)}")
        _, second, last = self.thirds(lambda sample: sample.descriptors)
        if last > second + DESCRIPTOR_GROWTH:
            self.failures.append(f"open descriptors grew from {second:.0f} to {last:.0f}")

    def rows(self) -> list[Row]:
        """The report."""
        statuses = sorted({status for _, status in self.answers})
        return [
            Row("minutes", f"{self.minutes:g}"),
            *(
                Row(
                    f"answered {status}" if status else "closed without an answer",
                    f"{sum(n for (_, each), n in self.answers.items() if each == status):,}",
                    ", ".join(
                        f"{kind} {n:,}"
                        for (kind, each), n in sorted(self.answers.items())
                        if each == status
                    ),
                )
                for status in statuses
            ),
            Row("5xx", f"{self.server_errors:,}", "but for reloads of a broken generation"),
            Row("other wrong answers", f"{self.wrong - self.server_errors:,}"),
            Row("generations published", f"{self.published:,}"),
            Row("broken generations", f"{self.broken:,}", "all refused, the one before went on"),
            Row("refusals in the log", f"{self.refusals:,}", "reloads try again"),
            Row("other errors in the log", f"{self.errors:,}"),
            self._row("VmRSS", lambda sample: sample.memory, megabytes),
            self._row("open descriptors", lambda sample: sample.descriptors, "{:.0f}".format),
            self._row("threads", lambda sample: sample.threads, "{:.0f}".format),
        ]

    def _row(self, name: str, value: Callable[[Sample], int], shown: Callable[[float], str]) -> Row:
        medians = " → ".join(shown(third) for third in self.thirds(value))
        most = max(value(sample) for sample in self.samples)
        judged = "" if self.minutes >= JUDGED else f"; not judged under {JUDGED:g} minutes"
        return Row(name, medians, f"medians of the thirds; at most {shown(most)}{judged}")
