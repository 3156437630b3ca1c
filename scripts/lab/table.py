"""Measures as Markdown tables: what was measured, the figure with its unit, and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Row(NamedTuple):
    """One measure; `value` carries its unit."""

    measure: str
    value: str
    how: str = ""


# The header of rows of that kind.
MEASURES = ("measure", "figure", "how")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a header."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self, padded: bool) -> str:
        """The table in Markdown; `padded` lines up all columns but the last, for a terminal."""
        cells = [[cell.replace("|", "\\|") for cell in row] for row in (self.header, *self.rows)]
        widths = [max(map(len, column)) if padded else 3 for column in zip(*cells, strict=True)]
        widths[-1] = 3
        lines = [cells[0], ["-" * width for width in widths], *cells[1:]]
        if padded:
            lines = [[c.ljust(w) for c, w in zip(row, widths, strict=True)] for row in lines]
        return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def figure(value: float) -> str:
    """Three significant digits, never in powers of ten: 1,230 · 123 · 12.3 · 1.23 · 0.12."""
    if value >= 1000:
        return f"{round(value, 2 - int(np.log10(value))):,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def mebibytes(size: float) -> str:
    """Bytes as MiB."""
    return f"{figure(size / 2**20)} MiB"


def megabytes(size: float) -> str:
    """Bytes as MB, which are millions."""
    return f"{figure(size / 1e6)} MB"


def latency(milliseconds: Sequence[float], percentiles: Sequence[int] = (50, 95)) -> str:
    """Percentiles of times, as in "p50 12.9 ms, p95 14.8 ms"."""
    values = np.percentile(milliseconds, percentiles).tolist()
    pairs = zip(percentiles, values, strict=True)
    return ", ".join(f"p{percentile} {figure(value)} ms" for percentile, value in pairs)
