"""The months of the hits as bars, each of which narrows the search to its days.

Up to three years are shown by month, a line for each year; more by year, by decade or by century:
whatever dates the articles carry, there are no more than some tens of bars.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date

from search.results import Count
from web.page.days import readable_period

# A bar's months, and how many bars are in a line.
_SCALES = ((1, 12), (12, 10), (120, 10), (1200, 10))
_MOST_BARS = 36
HEIGHT = 36


@dataclass(frozen=True, slots=True)
class Bar:
    """Hits from the `first` to the `last` day; `column` counts from 1, `height` up to HEIGHT."""

    label: str
    name: str
    hits: int
    first: date
    last: date
    column: int
    height: int


@dataclass(frozen=True, slots=True)
class Line:
    """Bars of one year, decade, ... with `columns` places; a place without hits has no bar."""

    name: str
    columns: int
    bars: list[Bar]


def lines(months: Sequence[Count]) -> list[Line]:
    """The bars of months as in 2024-11, in order; none if there is but one month."""
    hits = {int(each.value[:4]) * 12 + int(each.value[5:7]) - 1: each.hits for each in months}
    if len(hits) < 2:
        return []
    first, last = min(hits), max(hits)
    size, columns = next(
        (scale for scale in _SCALES if last // scale[0] - first // scale[0] < _MOST_BARS),
        _SCALES[-1],
    )
    counts: Counter[int] = Counter()
    for month, count in hits.items():
        counts[month // size] += count
    most = max(counts.values())
    found = []
    for line in range(first // size // columns, last // size // columns + 1):
        places = range(line * columns, (line + 1) * columns)
        bars = [_bar(each, counts[each], most, size, columns) for each in places if counts[each]]
        name = readable_period(*_days(line, size * columns))
        found.append(Line(name, columns, bars))
    return found


def _bar(number: int, hits: int, most: int, size: int, columns: int) -> Bar:
    first, last = _days(number, size)
    year = number * size // 12
    label = {1: f"{first:%b}", 12: f"’{year % 100:02}", 120: f"{year % 100:02}s"}.get(
        size, str(year)
    )
    height = max(2, round(HEIGHT * hits / most))
    name = readable_period(first, last)
    return Bar(label, name, hits, first, last, number % columns + 1, height)


def _days(number: int, size: int) -> tuple[date, date]:
    """The first and the last day of a unit of `size` months, counted from year 0."""
    first_year, first_month = divmod(number * size, 12)
    last_year, last_month = divmod((number + 1) * size - 1, 12)
    first = date(first_year, first_month + 1, 1) if first_year >= MINYEAR else date.min
    if last_year > MAXYEAR:
        return first, date.max
    return first, date(last_year, last_month + 1, monthrange(last_year, last_month + 1)[1])
