"""The date that a field declares, in whatever language: `March 15, 2024`, `15. marts`, `15.3.24`.

What `find_dates` does not know is looked at without its layout: a date with the name of a month has
two more numbers, and which of them is the year is plain. Nothing is filled in: day, month and year
stand in the text, or there is no day.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from unicodedata import category

from indexer.article import Date, Numbers, Order
from indexer.day_words import MONTH_NAMES
from indexer.reading.days.dates import CLOCK, FoundDate, as_date, find_dates, not_after
from indexer.reading.days.month_names import months_named

# A date with its weekday, time and zone is never longer.
_LONGEST = 200
_YEAR = r"(?:1[6-9]|20)[0-9]{2}"
_SECONDS = re.compile(r"([0-9]{9,10})(?:[0-9]{3}){0,3}(?:\.[0-9]+)?")
_COMPACT = re.compile(
    rf"({_YEAR})(0[1-9]|1[0-2])([0-2][0-9]|3[01])(?:[T ]?([0-9]{{2}})([0-9]{{2}})([0-9]{{2}})?)?"
    r"(?![0-9])"
)
_MONTH = re.compile(rf"({_YEAR})[-/](0[1-9]|1[0-2])")
_SHORT = re.compile(
    r"(?<![0-9:./-])(?P<one>[0-9]{1,2})(?P<sign>[./-])\s?(?P<two>[0-9]{1,2})(?P=sign)\s?"
    r"(?P<three>[0-9]{2})(?![0-9:]|[./-][0-9])"
)
_CLOCK = re.compile(rf"(?<![0-9]){CLOCK}")
_VIETNAMESE = re.compile(r"\b(?:tháng|thg)\s?([0-9]{1,2})\b", re.I)
_THAI = re.compile(r"[\u0e00-\u0e7f]")
# The year 2567 of the Buddhist era, "67" for short, is 2024.
_BUDDHIST = 543
_ENGLISH = dict(enumerate(MONTH_NAMES[0].split(), start=1))

UNREADABLE = "cannot be read"
NO_DAY = "names no day"
FUTURE = "is in the future"
AMBIGUOUS = "names a month that is another one in other languages"


def read_date(
    text: str,
    field: str,
    today: date,
    language: Callable[[], str | None] = lambda: None,
) -> Date | str:
    """The date that a field declares, or why there is none.

    field: its name, which becomes the date's `line`
    today: when it is read; what is later than tomorrow, which it may be east of here, is refused
    language: ISO 639-1, asked for where months share a name
    """
    latest = today + timedelta(days=1)
    text = _plain(text)
    found = _found(text, latest, language)
    if isinstance(found, str):
        return found
    past = not_after(found, latest)
    return as_date(past, True, field) if past else FUTURE


def _plain(text: str) -> str:
    """A text in one line, with ASCII digits and without marks of direction."""
    text = text[:_LONGEST]
    if not text.isascii():
        text = "".join(each for each in text if category(each) != "Cf")
        text = re.sub(r"\d", lambda digit: str(int(digit[0])), text)
    return " ".join(text.split())


def _found(text: str, latest: date, language: Callable[[], str | None]) -> FoundDate | str:
    if month_only := _MONTH.fullmatch(text):
        return FoundDate("-".join(month_only.groups()), 0, len(text))
    if compact := _COMPACT.match(text):
        year, month, day, hour, minute, second = compact.groups()
        time = f"T{hour}:{minute}:{second or '00'}" if hour else ""
        text = f"{year}-{month}-{day}{time}{text[compact.end() :]}"
    elif seconds := _SECONDS.fullmatch(text):
        moment = datetime.fromtimestamp(int(seconds[1]), UTC).isoformat()
        return FoundDate(moment, 0, len(text))
    if _THAI.search(text):
        text = re.sub(r"\b2[45][0-9]{2}\b", lambda year: str(int(year[0]) - _BUDDHIST), text)
    for found in (next(find_dates(text), None), _short(text, latest)):
        if found and len(found.iso) > len("2024-11"):
            return found
    named = _named(text, latest, language)
    if isinstance(named, FoundDate):
        return named
    # Before 1900 a number of four digits is less likely a year: so these come last.
    found = next(find_dates(text), None) or next(find_dates(text, old=True), None)
    if found:
        return found
    return NO_DAY if re.fullmatch(_YEAR, text) else named


def _short(text: str, latest: date) -> FoundDate | None:
    """A date whose year has two digits: the last, or with hyphens the first."""
    match = _SHORT.search(text)
    if match is None:
        return None
    one, sign, two, three = match.groups()
    before, after = text[: match.start()], text[match.end() :]
    last = f"{one}{sign}{two}{sign}{_whole(three, latest)}"
    found = next(find_dates(f"{before}{last}{after}"), None)
    readings: tuple[tuple[Order, str], ...] = ()
    if found:
        readings = found.numbers.readings if found.numbers else (("dmy", found.iso),)
    if len(one) == 2 and (sign == "-" or not readings):
        first = next(find_dates(f"{before}{_whole(one, latest)}-{two}-{three}{after}"), None)
        if first:
            # The later is the likelier: news is mostly new.
            readings = tuple(sorted([*readings, ("ymd", first.iso)], key=lambda each: each[1]))[
                ::-1
            ]
    if not readings:
        return None
    numbers = Numbers(readings, usual=sign == "." and readings[0][0] == "dmy")
    return FoundDate(readings[0][1], match.start(), match.end(), numbers)


def _named(text: str, latest: date, language: Callable[[], str | None]) -> FoundDate | str:
    """A date that names its month, wherever in the text its parts are."""
    text = _VIETNAMESE.sub(lambda match: f" {_ENGLISH.get(int(match[1]), '')} ", text)
    clock = _CLOCK.search(text)
    about = f"{text[: clock.start()]} {text[clock.end() :]}" if clock else text
    numbers = re.findall(r"[0-9]+", about)
    if len(numbers) != 2:
        return UNREADABLE
    words = re.sub(r"[0-9]+", "0", about)
    months = _months(words, None)
    if len(months) > 1:
        months = _months(words, language())
    if len(months) != 1:
        return AMBIGUOUS if months else UNREADABLE
    (month,) = months
    # A year of two digits comes last.
    day, year = sorted(numbers, key=len)
    if len(year) == 2:
        year = _year_of(year, text, latest)
    written = f"{day} {_ENGLISH[month]} {year} {clock[0] if clock else ''}"
    return next(find_dates(written, old=True), None) or UNREADABLE


@lru_cache(maxsize=10_000)
def _months(words: str, language: str | None) -> frozenset[int]:
    """The months that the words of a date name; a corpus has few such words beside its numbers."""
    return frozenset(months_named(words, language))


def _year_of(two: str, text: str, latest: date) -> str:
    return str(int(two) + 2500 - _BUDDHIST) if _THAI.search(text) else _whole(two, latest)


def _whole(two: str, latest: date) -> str:
    """The year that two digits mean: the last that is not in the future."""
    year = latest.year // 100 * 100 + int(two)
    return str(year if year <= latest.year else year - 100)
