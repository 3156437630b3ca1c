"""Measures as a Markdown table: what was measured, the figure with its unit, and how."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Row:
    """One measure; `value` carries its unit."""

    measure: str
    value: str
    how: str = ""


def table(header: Sequence[str], rows: Sequence[Sequence[str]], padded: bool) -> str:
    """A Markdown table; `padded` lines up all columns but the last, for a terminal."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    widths = [max(len(row[i]) for row in cells) if padded else 3 for i in range(len(header))]
    widths[-1] = 3
    lines = [[*cells[0]], ["-" * width for width in widths], *cells[1:]]
    rows = [[cell.ljust(padded and w) for cell, w in zip(r, widths, strict=True)] for r in lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


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


def latency(milliseconds: Sequence[float]) -> str:
    """The median and the 95th percentile."""
    p50, p95 = np.percentile(milliseconds, [50, 95])
    return f"p50 {figure(float(p50))} ms, p95 {figure(float(p95))} ms"
