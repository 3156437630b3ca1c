"""How often the day of publication is right: pages with a known day, from their text or HTML.

A folder of pages holds `gold.json` ({name: {"published": ISO 8601 or null}}), `text/NAME.txt` and
`html/NAME.html.gz`. A day is right within one, for time zones.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from indexer.article import Date
from indexer.reading.days.dates import find_dates

Read = Callable[[str, str], Date | None]


@dataclass(frozen=True, slots=True)
class DateFigures:
    """Counts of pages.

    dated: pages whose day is known; printed: those whose text has a date within a day of it
    right, wrong: dates given, uncertain ones too; certain_wrong: those of them without a doubt
    right_of_printed: of the pages that print the day, those that are right
    """

    dated: int = 0
    printed: int = 0
    right: int = 0
    right_of_printed: int = 0
    wrong: int = 0
    certain_wrong: int = 0

    def line(self) -> str:
        """The figures as one line of a report."""
        printed, dated = max(self.printed, 1), max(self.dated, 1)
        return (
            f"{self.dated} dated pages, {self.printed} print the day: right "
            f"{self.right_of_printed / printed:.3f} of those, {self.right / dated:.3f} of all; "
            f"wrong {self.wrong / dated:.3f} of all ({self.wrong}, {self.certain_wrong} certain)"
        )


def dates_from_text(pages: Path, read: Read) -> DateFigures:
    """Measure `read(name, text)` on every page whose day is known."""
    return _measure(pages, read, lambda name: _text(pages, name))


def dates_from_html(pages: Path, read: Read) -> DateFigures:
    """Measure `read(name, html)` on every page whose day is known."""
    html = pages / "html"
    return _measure(
        pages,
        read,
        lambda name: gzip.decompress((html / f"{name}.html.gz").read_bytes()).decode(
            "utf-8", "replace"
        ),
    )


def _measure(pages: Path, read: Read, content: Callable[[str], str]) -> DateFigures:
    gold = json.loads((pages / "gold.json").read_bytes())
    days = {
        name: date.fromisoformat(page["published"][:10])
        for name, page in gold.items()
        if page["published"]
    }
    printed = right = right_of_printed = wrong = certain_wrong = 0
    for name, day in days.items():
        found = read(name, content(name))
        is_printed = any(_same(each.iso, day) for each in find_dates(_text(pages, name)))
        is_right = found is not None and _same(found.iso, day)
        printed += is_printed
        right += is_right
        right_of_printed += is_right and is_printed
        wrong += found is not None and not is_right
        certain_wrong += found is not None and not is_right and found.certain
    return DateFigures(len(days), printed, right, right_of_printed, wrong, certain_wrong)


def _text(pages: Path, name: str) -> str:
    return (pages / "text" / f"{name}.txt").read_bytes().decode("utf-8", "replace")


def _same(iso: str, day: date) -> bool:
    whole = len(iso) > len("2024-11")
    return whole and abs(date.fromisoformat(iso[:10]) - day) <= timedelta(days=1)
