"""Dates as news pages print them: found in a line of text, and made ISO 8601.

A search begins at a year and looks at what stands on both sides of it, so a line without a year
costs next to nothing, and a line of megabytes costs the same for each of its years. Digits are
ASCII: `\\d` also takes those of other scripts, which are never a date here.
"""

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from indexer.article import Date, Numbers, Order
from indexer.day_words import MONTHS_OF_ALL_LANGUAGES, WEEKDAYS, on_weekday, same_day

_WEEKDAYS = [name[:3] for name in WEEKDAYS]

# Names that mean one offset the world over, and those that RFC 2822 section 4.3 gives one. CST is
# Chicago's and China's, IST India's, Israel's and Ireland's, BST Britain's and Bangladesh's, and
# ET depends on the season: such a date keeps the time that was printed, without a zone.
_ZONES = {
    "Z": 0, "GMT": 0, "UTC": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
    "MSK": 3, "SGT": 8, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12,
    "NZDT": 13, "EST": -5, "EDT": -4, "CDT": -5, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip

# A year may touch a time: scrapers glue cells ("December 15, 20163:33 PM"). What must not stand
# before the year is written after its first digit: so the engine skips to digits, ten times faster.
_YEAR = re.compile(
    r"[0-9](?<![0-9][0-9])(?:"
    r"(?:(?<=1)9|(?<=2)0)[0-9]{2}(?=[0-9]{1,2}:[0-9]{2}|[^0-9]|$)"
    r"|(?<!/[0-9])[0-9]?/[0-9]{1,2}/[0-9]{2}(?![0-9/]))"
)
# Where there is a year, there is one of these; the engine looks for each faster than for all.
_HINTS = tuple(
    re.compile(hint)
    for hint in (
        "20(?<![0-9]20)(?=[0-9]{2})",
        "19(?<![0-9]19)(?=[0-9]{2})",
        "/(?=[0-9]{1,2}/[0-9]{2})",
    )
)
_DIGIT = re.compile(r"[0-9]")
_OLD_YEAR = re.compile(r"(?<![0-9])(?:1[6-9]|2[0-9])[0-9]{2}(?=[0-9]{1,2}:[0-9]{2}|[^0-9]|$)")
_WORD = r"(?P<month>[^\W\d_]{3,30})"
# A time of day and its zone.
CLOCK = (
    r"(?P<hour>[0-9]{1,2})"
    r"(?:[:.h時]\s?(?P<minute>[0-9]{2})分?(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"(?![.:]?[0-9])|(?=\s?[AaPp]\.?\s?[Mm]\b))"
    r"(?:\s?(?P<half>[AaPp])\.?\s?[Mm]\b\.?)?"
    r"(?:\s?(?:(?:GMT|UTC)?(?P<sign>[+-])(?P<hours>0?[0-9]|1[0-4])(?::?(?P<minutes>[0-5][0-9]))?"
    rf"(?![0-9:])|(?P<zone>(?i:gmt|utc|z)|{'|'.join(_ZONES)}|ET|CT|MT|PT|IST|BST|CST|MST|AST)(?:(?![A-Za-z])|(?=[A-Z][a-z]))))?"
)
_CLOCK = re.compile(CLOCK)
_CLOCK_AFTER = re.compile(
    r"(?:\s?[(（][^\W\d_]{1,3}[)）])?[\sT,:|•·–—@-]{0,3}(?:(?:at|à|um|kl\.?|alle|a las|às)\s)?"
    + CLOCK
)
_CLOCK_BEFORE = re.compile(
    rf"(?<![0-9:.])(?=[0-9]{{1,2}}(?::|\s?[AaPp])){CLOCK}(?:\s?[,|•·–—-])?(?:\son)?\s?$"
)
_WEEKDAY_BEFORE = re.compile(
    r"(?<![^\W\d_])(?P<name>Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:s|nes|rs|ur)?(?:day)?[.,]?\s$", re.I
)
# "November 30, ", and with the clock of "Sat Nov 30 09:12:00 GMT 2024".
_MONTH_DAY = re.compile(
    rf"{_WORD}\.?\s{{0,2}}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:\s?,\s?|\s)\s?"
    r"(?:(?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\s(?:[A-Z]{3,4}|[+-][0-9]{4}))?)\s)?$"
)
_DAY_MONTH = re.compile(
    r"(?<![0-9])(?P<day>[0-9]{1,2})(?:st|nd|rd|th|er|[.ºª])?[\s/-]{0,2}(?:(?:of|de)\s)?"
    rf"{_WORD}\.?[\s,/-]{{0,2}}(?:del?\s)?$",
    re.I,
)
_MONTH = re.compile(rf"(?<![^\W\d_]){_WORD}\.?,?\s(?:de\s)?$")
_NUMBERS = re.compile(
    r"(?<![0-9])(?<![0-9][/.-])(?P<one>[0-9]{1,2})(?P<sign>[/.-])\s?"
    r"(?P<two>[0-9]{1,2})(?P=sign)\s?$"
)
_YEAR_FIRST = re.compile(
    r"\s?(?P<sign>[-/.])\s?(?P<month>[0-9]{1,2})(?P=sign)\s?(?P<day>[0-9]{1,2})(?![0-9])"
)
_CJK = re.compile(r"\s?[年년]\s?(?P<month>[0-9]{1,2})\s?[月월](?:\s?(?P<day>[0-9]{1,2})\s?[日일])?")
# The characters of a date before its year, weekday and time included, are never more.
_REACH = 60


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a line: ISO 8601, and the range of the line that it takes.

    numbers: what 3/4/2024 may mean; `iso` is the first reading
    """

    iso: str
    start: int
    end: int
    numbers: Numbers | None = None

    @property
    def open(self) -> bool:
        """Whether the day may be the month."""
        return self.numbers is not None and self.numbers.open


def find_dates(line: str, order: Order | None = None, old: bool = False) -> Iterator[FoundDate]:
    """Every date in a line, in order; impossible ones (30 February) are passed over.

    A date has a year and a month at least; `iso` is no more precise than what is printed.

    order: what 3/4/2024 means, where that is known
    old: years are those from 1600 to 2999, not from 1900: in prose these are numbers, too
    """
    end = 0
    for year in (_OLD_YEAR if old else _YEAR).finditer(line):
        if year.start() >= end and (found := _found(line, year, end, order)):
            end = found.end
            yield found


def lines_with_years(lines: Sequence[str]) -> list[int]:
    """The numbers of the lines in which `find_dates` may find something, ascending.

    All are searched at once: hardly a line has a year, and to ask each would cost more.
    """
    ends = list(accumulate(len(line) + 1 for line in lines))
    text = "\n".join(lines)
    found = {bisect(ends, hint.start()) for hints in _HINTS for hint in hints.finditer(text)}
    return sorted(found)


def not_after(found: FoundDate, latest: date) -> FoundDate | None:
    """The date, read so that it is not later; None if it cannot be."""
    if found.numbers is None:
        return found if found.iso[:10] <= f"{latest}" else None
    readings = tuple(each for each in found.numbers.readings if each[1][:10] <= f"{latest}")
    if not readings:
        return None
    return replace(found, iso=readings[0][1], numbers=replace(found.numbers, readings=readings))


def as_date(found: FoundDate, certain: bool, line: str) -> Date:
    """The date that was found; `certain` says whether it is, but for the order of its numbers."""
    numbers = replace(found.numbers, certain=certain) if found.numbers else None
    return Date(found.iso, certain and not found.open, line, numbers)


def month_of(word: str) -> int | None:
    """The number of a month by its name, 1 to 12, or None.

    The end of a word counts if it has a capital: scrapers glue cells ("Reuters.comOct").
    """
    if number := MONTHS_OF_ALL_LANGUAGES.get(word.lower()):
        return number
    capital = max((i for i in range(1, len(word)) if word[i].isupper()), default=len(word))
    return MONTHS_OF_ALL_LANGUAGES.get(word[capital:].lower())


@dataclass(frozen=True, slots=True)
class _Day:
    """A date without weekday and time: where it stands, and what it may mean, likeliest first.

    `day` is None where there is no such day; `clock` is a time inside of it.
    orders: the days that numbers may mean, by their order
    usual: see `Numbers`
    """

    day: date | None
    start: int
    end: int
    month_only: bool = False
    clock: str = ""
    orders: tuple[tuple[Order, date], ...] = ()
    usual: bool = False


def _found(line: str, year: re.Match[str], floor: int, order: Order | None) -> FoundDate | None:
    """The date around a year; it begins at `floor` or later, where the date before it ends."""
    floor = max(floor, year.start() - _REACH)
    day = _day(line, year, floor)
    if day is None or day.day is None:
        return None
    start, end = day.start, day.end
    if day.month_only:
        return FoundDate(f"{day.day:%Y-%m}", start, end)
    orders = [each for each in day.orders if each[0] == order] or list(day.orders)
    if weekday := _WEEKDAY_BEFORE.search(line[floor:start]):
        start = floor + weekday.start()
        named = _WEEKDAYS.index(weekday["name"].lower())
        fits = on_weekday([each for _, each in orders], named)
        orders = [each for each in orders if each[1] in fits] or orders
    time = ""
    if clock := _CLOCK.match(day.clock):
        time = _time(clock)
    elif (clock := _CLOCK_AFTER.match(line, end)) and (time := _time(clock)):
        end = clock.end()
    elif (clock := _CLOCK_BEFORE.search(line[floor:start])) and (time := _time(clock)):
        start = floor + clock.start()
    if not orders:
        return FoundDate(f"{day.day}{time}", start, end)
    if not day.usual and ("/" in year[0] or (clock and clock["half"])):
        # Who writes 16 for 2016, or 4 PM, more often puts the month first.
        orders = orders[::-1]
    readings = tuple((order, f"{each}{time}") for order, each in orders)
    return FoundDate(readings[0][1], start, end, Numbers(readings, day.usual))


def _day(line: str, year: re.Match[str], floor: int) -> _Day | None:
    if "/" in year[0]:
        one, two, short = year[0].split("/")
        century = 2000 if short < "70" else 1900
        return _numbers(century + int(short), one, two, "/", year.start(), year.end())
    number, end = int(year[0]), year.end()
    before = line[floor : year.start()]
    touches = before[-1:].isspace() or before[-1:] in (",", "-", "/", ".") or before[-1:].isalpha()
    # Most years stand behind no number, which is seen faster than that there is no day.
    if touches and _DIGIT.search(before):
        if match := _NUMBERS.search(before):
            start = floor + match.start()
            return _numbers(number, match["one"], match["two"], match["sign"], start, end)
        if (match := _MONTH_DAY.search(before)) and (month := month_of(match["month"])):
            day = _only(month, match["day"], number)
            return _Day(day, floor + match.start(), end, clock=match["clock"] or "")
        if (match := _DAY_MONTH.search(before)) and (month := month_of(match["month"])):
            return _Day(_only(month, match["day"], number), floor + match.start(), end)
    if match := _YEAR_FIRST.match(line, end) or _CJK.match(line, end):
        day = _only(int(match["month"]), match["day"] or "1", number)
        return _Day(day, year.start(), match.end(), month_only=match["day"] is None)
    match = _MONTH.search(before) if before[-1:].isspace() else None
    if match and (month := month_of(match["month"])):
        return _Day(date(number, month, 1), floor + match.start(), end, month_only=True)
    return None


def _numbers(year: int, one: str, two: str, sign: str, start: int, end: int) -> _Day:
    """What two numbers before a year mean: the day first, as is usual with points, or the month."""
    day_first, month_first = _only(int(two), one, year), _only(int(one), two, year)
    if day_first == month_first:
        return _Day(day_first, start, end)
    named: tuple[tuple[Order, date | None], ...] = (("dmy", day_first), ("mdy", month_first))
    orders = tuple((order, day) for order, day in named if day)
    usual = sign == "." and day_first is not None
    return _Day(day_first or month_first, start, end, orders=orders, usual=usual)


def _only(month: int, day: str, year: int) -> date | None:
    """That day of a year, if there is one."""
    return next(iter(same_day(month, int(day), [year])), None)


def _time(clock: re.Match[str]) -> str:
    """The time of day as ISO 8601 writes it after a date, `T09:12:00+09:00`; "" if it is none."""
    hour, minute, second = int(clock["hour"]), clock["minute"] or "00", clock["second"]
    if clock["half"] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if clock["half"] in "Pp" else 0)
    if hour > 23 or int(minute) > 59 or int(second or 0) > 59:
        return ""
    time = f"T{hour:02}:{minute}" + (f":{second}" if second else "")
    if clock["sign"]:
        return f"{time}{clock['sign']}{int(clock['hours']):02}:{clock['minutes'] or '00'}"
    offset = _ZONES.get((clock["zone"] or "").upper())
    return time if offset is None else f"{time}{offset:+03}:00"
