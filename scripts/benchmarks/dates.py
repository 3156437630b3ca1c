"""How often the day of publication is right; within one day, because of time zones."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from indexer.article import Date
from indexer.reading.days.dates import find_dates
from scripts.benchmarks.bodies import Content
from scripts.lab.data import Pages


def count_days(pages: Pages, content: Content, read: Callable[[str], Date | None]) -> Counter[str]:
    """Pages whose day is known, counted by what `read` finds in them.

    "dated": all of them; "printed": those whose text has a date within a day of it
    "right", "wrong": those for which a date is found, uncertain ones too
    "right of printed": those that are both
    """
    counts: Counter[str] = Counter()
    for name, page in pages.gold().items():
        if not page["published"]:
            continue
        day = date.fromisoformat(page["published"][:10])
        found = read(content(name))
        printed = any(_same(each.iso, day) for each in find_dates(pages.text(name)))
        right = found is not None and _same(found.iso, day)
        counts["dated"] += 1
        counts["printed"] += printed
        counts["right"] += right
        counts["right of printed"] += right and printed
        counts["wrong"] += found is not None and not right
    return counts


def _same(iso: str, day: date) -> bool:
    whole = len(iso) > len("2024-11")
    return whole and abs(date.fromisoformat(iso[:10]) - day) <= timedelta(days=1)
