"""Words that name days, and the days that they name: what reading and search both know of them.

All words are in lower case. Both ends of a span of days belong to it; weeks begin on Monday. Days
before the year 1 or after 9999 raise ValueError or OverflowError, as in `datetime`.
"""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

# January to December, a language a row; English is the first.
MONTH_NAMES = (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
)
# How else they are written, and the names in Dutch and Russian, a month a row.
_OTHER_SPELLINGS = (
    "jänner janv ene gen januari января янв",
    "fevrier févr fev februari февраля фев",
    "maerz mär mrz maart mrt marco марта",
    "avr abr апреля апр",
    "mag mei мая",
    "giu июня",
    "lug июля",
    "aout ago augustus августа авг",
    "setiembre set сентября сент",
    "okt ott out октября окт",
    "ноября нояб",
    "decembre dez déc dic декабря дек",
)
# By name or abbreviation, the number from 1.
MONTHS = {"sept": 9} | {
    written: number
    for number, name in enumerate(MONTH_NAMES[0].split(), 1)
    for written in (name, name[:3])
}
MONTHS_OF_ALL_LANGUAGES: dict[str, int] = MONTHS | {
    name: number
    for number, names in enumerate(zip(*map(str.split, MONTH_NAMES), strict=True), 1)
    for name in (*names, *_OTHER_SPELLINGS[number - 1].split())
}
# By name, the number that `date.weekday` gives.
WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3,
    "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
# How many days after that on which it is said, and how many units after the present one.
RELATIVE_DAYS = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
RELATIVE_UNITS = {"last": -1, "this": 0, "next": 1}
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# The pattern of the number of a day in its month.
DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"

Days = tuple[date, date]


def number_of(word: str) -> int:
    """The number that ASCII digits, a word of `NUMBERS`, "a" or "an" says."""
    return int(word) if word.isdigit() else 1 if word in ("a", "an") else NUMBERS.index(word) + 1


def unit_after(day: date, unit: str, count: int = 0) -> Days:
    """The week, weekend, month or year that is so many after that of a day; else the day."""
    if unit == "year":
        return date(day.year + count, 1, 1), date(day.year + count, 12, 31)
    if unit == "month":
        year, index = divmod(day.year * 12 + day.month - 1 + count, 12)
        return date(year, index + 1, 1), date(year, index + 1, monthrange(year, index + 1)[1])
    if unit in ("week", "weekend"):
        monday = day - timedelta(days=day.weekday()) + timedelta(weeks=count)
        return monday + timedelta(days=5 * (unit == "weekend")), monday + timedelta(days=6)
    day += timedelta(days=count)
    return day, day


def named(word: str, day: date, which: int | None, ahead: bool = False) -> Days:
    """The weekday or month of that name which is meant on a day.

    which: a value of `RELATIVE_UNITS`; None is the latest, the present one included
    ahead: None is the next instead, the present one included
    """
    if word in WEEKDAYS:
        unit, away, cycle = "day", WEEKDAYS[word] - day.weekday(), 7
    else:
        unit, away, cycle = "month", MONTHS[word] - day.month, 12
    if which == 1 or (which is None and ahead):
        away = away % cycle or cycle * (which == 1)
    elif which != 0:
        away = -(-away % cycle or cycle * (which == -1))
    return unit_after(day, unit, away)


def on_weekday(days: Iterable[date], weekday: int) -> list[date]:
    """Those of some days that fall on a weekday, Monday is 0.

    A day of the year does so again after five years or six: so of a few years one is meant.
    """
    return [day for day in days if day.weekday() == weekday % 7]


def same_day(month: int, day: int, years: Iterable[int]) -> list[date]:
    """That day of each year, in the order of the years; those that lack it are left out."""
    days = []
    for year in years:
        try:
            days.append(date(year, month, day))
        except ValueError:
            continue
    return days
