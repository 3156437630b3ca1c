"""Dates as news pages print them: found in a line of text, and made ISO 8601.

Only whole dates are read here. A dateline without a year ("Seoul, Nov 30") gets its year from the
weekday that the text names, if one year alone fits.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_TIME = (
    r"(?:[\sT,]{1,3}(?:at\s|-\s|–\s|\|\s)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:\.\d+)?)?\s?(?P<half>[AaPp]\.?[Mm]\b\.?)?"
    r"\s?(?P<zone>Z\b|GMT|UTC|[+-](?:0\d|1[0-4]):?[0-5]\d\b)?)?"
)
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_PATTERNS = [
    re.compile(rf"(?<![\d-]){_YEAR}[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})(?!\d){_TIME}"),
    re.compile(rf"{_WEEKDAY}\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b{_TIME}", re.I),
    re.compile(rf"{_WEEKDAY}(?<!\d){_DAY}(?:\s+of)?[\s-]+{_MONTH}[\s,-]+{_YEAR}\b{_TIME}", re.I),
    re.compile(rf"(?<![\d/.])(?P<day>\d{{1,2}})[/.](?P<month>\d{{1,2}})[/.]{_YEAR}\b{_TIME}"),
]
_DATELINE = re.compile(
    rf"^[A-ZÀ-Þ][\w .,'’/-]{{1,40}}?[,(]\s*(?:{_MONTH}\s+{_DAY}|(?P<day2>\d{{1,2}})\s+"
    r"(?P<month2>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?)\b(?!,?\s*\d{4})"
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a line: ISO 8601, and the range of the line that it takes."""

    iso: str
    start: int
    end: int


def find_dates(line: str) -> Iterator[FoundDate]:
    """Every whole date in a line, in order; impossible ones (30 February) are passed over."""
    found: list[FoundDate] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(line):
            iso = _iso(match)
            if iso is not None and not any(
                match.start() < other.end and other.start < match.end() for other in found
            ):
                found.append(FoundDate(iso, match.start(), match.end()))
    yield from sorted(found, key=lambda date_: date_.start)


def parse_date(text: str) -> str | None:
    """The first date in a declared date field as ISO 8601, else None."""
    return next((found.iso for found in find_dates(text[:200])), None)


def dateline_date(text: str) -> str | None:
    """The date of a dateline without a year, if the weekday that the text names settles the year.

    "Seoul, Nov 30 (IANS): … reported on Saturday" is 2024-11-30: the latest year, of the last five,
    in which that day was the first weekday named and not in the future.
    """
    match = _DATELINE.match(text)
    if match is None:
        return None
    month = _month(match["month"] or match["month2"])
    day = int(match["day"] or match["day2"])
    weekday = re.search(rf"\bon ({'|'.join(_WEEKDAYS)})\b", text[:1500], re.I)
    if month is None or weekday is None:
        return None
    wanted = _WEEKDAYS.index(weekday[1].lower())
    today = date.today()
    for year in range(today.year, today.year - 5, -1):
        try:
            candidate = date(year, month, day)
        except ValueError:
            continue
        if candidate <= today and candidate.weekday() == wanted:
            return candidate.isoformat()
    return None


def _month(text: str) -> int | None:
    return int(text) if text.isdigit() else _MONTHS.get(text[:3].lower())


def _iso(match: re.Match[str]) -> str | None:
    month = _month(match["month"])
    day = int(match["day"])
    if month is not None and month > 12 >= day:
        # 11/30/2024: American order, unmistakable when the second number cannot be a month.
        month, day = day, month
    if month is None:
        return None
    try:
        if match["hour"] is None:
            return date(int(match["year"]), month, day).isoformat()
        hour = int(match["hour"])
        if match["half"]:
            hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
        moment = datetime(
            int(match["year"]), month, day, hour, int(match["minute"]), int(match["second"] or 0)
        )
    except ValueError:
        return None
    return moment.isoformat() + _zone(match)


def _zone(match: re.Match[str]) -> str:
    zone = (match["zone"] or "").upper()
    if zone in ("Z", "GMT", "UTC"):
        zone = "+00:00"
    elif zone and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    return zone
