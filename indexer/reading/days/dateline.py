"""The date of a dateline without a year: "SEOUL, Nov. 30 (Agency) — … said on Saturday".

The year is the one in which the day falls on the weekday that the report names, or in which the
page prints other dates; without either the latest one is likely, but not certain.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from indexer.article import Date
from indexer.day_words import WEEKDAYS, on_weekday, same_day
from indexer.reading.days.dates import month_of

_DATELINE = re.compile(
    rf"[^\W\d_][^\n:;!?()]{{1,60}}?[,(/]\s*(?:(?P<weekday>(?i:{'|'.join(WEEKDAYS)})),?\s)?"
    r"(?:(?P<month>[^\W\d_]{3,12})\.?\s(?P<day>[0-9]{1,2})|"
    r"(?P<day2>[0-9]{1,2})\.?\s(?P<month2>[^\W\d_]{3,12})\.?)(?=\s*(?:[(:)/–—-]|$))"
)
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})\b", re.I)
_REPORTED = re.compile(
    r"\b(?:said|says?|told|report(?:s|ed)|announce[ds]|confirm(?:s|ed)|according)\b", re.I
)
# Of so many years a day falls on a weekday in one.
_YEARS = 5
# Another date of the page is of the same time if it is at most so many days away.
_NEAR = timedelta(days=45)
# The report begins in so many characters.
_BEGINNING = 600


def dateline(paragraph: str, printed: Sequence[date], latest: date) -> Date | None:
    """The day that a paragraph's dateline names, or None if it has none.

    `printed` are other dates of the page, `latest` is the last day that is not in the future.
    """
    match = _DATELINE.match(paragraph[:120])
    month = month_of(match["month"] or match["month2"]) if match else None
    if match is None or month is None:
        return None
    number = int(match["day"] or match["day2"])
    years = range(latest.year, latest.year - _YEARS - 1, -1)
    days = [day for day in same_day(month, number, years) if day <= latest][:_YEARS]
    line = paragraph[:_BEGINNING]
    near = {day for day in days for other in printed if abs(day - other) <= _NEAR}
    if len(near) == 1:
        return Date(near.pop().isoformat(), line=line)
    named = match["weekday"]
    weekday = WEEKDAYS[named.lower()] if named else _reported_on(line[match.end() :])
    # The report speaks of the dateline's day, or of the day before.
    for late in (0, 1):
        fits = on_weekday(days, weekday + late) if weekday is not None else []
        if fits:
            return Date(fits[0].isoformat(), certain=late == 0 and len(fits) == 1, line=line)
    return Date(days[0].isoformat(), certain=False, line=line) if days else None


def _reported_on(text: str) -> int | None:
    """The weekday that is named nearest to the first reporting verb, Monday is 0."""
    verb = _REPORTED.search(text)
    named = [*_WEEKDAY.finditer(text)]
    if not named:
        return None
    at = verb.start() if verb else 0
    return WEEKDAYS[min(named, key=lambda each: abs(each.start() - at))[0].lower()]
