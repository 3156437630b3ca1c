"""Dates and periods as people write them."""

from calendar import monthrange
from datetime import date, datetime


def readable_date(iso: str) -> str:
    """As in 30 November 2024, or November 2024; what is no date stays as it is."""
    month = len(iso) == len("2024-11")
    try:
        day = datetime.fromisoformat(f"{iso}-01" if month else iso)
    except ValueError:
        return iso
    return f"{day:%B} {day.year}" if month else f"{day.day} {day:%B} {day.year}"


def readable_period(first: date | None, last: date | None) -> str:
    """As in 30 November 2024, November 2024, 2024 or 1990–1999, else from one day to another."""
    if first is None or last is None:
        day = first or last
        assert day is not None
        return f"{'from' if first else 'until'} {readable_date(day.isoformat())}"
    if first == last:
        return readable_date(first.isoformat())
    if first.day == 1 and last.day == monthrange(last.year, last.month)[1]:
        if (first.year, first.month) == (last.year, last.month):
            return readable_date(first.isoformat()[:7])
        if (first.month, last.month) == (1, 12):
            return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"
    return f"{readable_date(first.isoformat())} – {readable_date(last.isoformat())}"
