"""Days that a question names in plain words, "in July 2025" or "last week", to suggest as a filter.

English only, by a table of forms. Nothing is published after today: no period ends later, and one
that would begin later is none. "Since" and "after" lead from the first day up to today; "before"
and "until" have no first day, and name none. A month, a weekday or a day without its year is the
latest that has begun; these and a year alone must be led by a word such as "in", since "may" and
"march" are verbs too and "2024" may count something. Weeks begin on Monday. "Last week" is the one
before this; "the last week", "the past week" and "the last 10 days" end today.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS = {"sept": 9} | {
    written: number for number, name in enumerate(_MONTH_NAMES, 1) for written in (name, name[:3])
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_OPEN = frozenset(["since", "after"])
_ENDLESS = frozenset(["before", "until", "till", "by"])
_FROM = frozenset(["from", "between"])
_TO = frozenset(["to", "and", "through"]) | _ENDLESS
# "Will this May": these months are verbs as well where they are not written as names.
_VERBS = frozenset(["may", "march"])

_LEAD = (
    r"(?<![\w-])(?P<lead>since|after|before|until|till|by|from|between|to|and|through|in|during"
    r"|throughout|on|of|(?:start|beginning|middle|end|month)\s+of)\s+"
    r"(?:(?:the|early|mid|late)[\s-]+)?"
)
# What goes on is a longer number or a name: "2024-25", "3.5", "Mar-a-Lago".
_END = r"(?![\w%°]|[-–/:.,][0-9]|-[a-z])"
_MONTH = rf"(?<!\w)(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_YEAR = r"(?P<year>(?:19|20)[0-9]{2})"
_DAY = r"(?<![\w.,:/$-])(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_WEEKDAY = rf"(?<!\w)(?P<weekday>{'|'.join(_WEEKDAYS)})"
_DAY_MONTH = rf"(?:{_WEEKDAY},?\s+)?(?:the\s+)?{_DAY}(?:\s+of)?\s+{_MONTH}"
_MONTH_DAY = rf"(?:{_WEEKDAY},?\s+)?{_MONTH}\s+{_DAY}"
_WHICH = r"(?<!\w)(?P<which>last|this)\s+"
_COUNT = rf"(?P<count>[1-9][0-9]{{0,2}}|{'|'.join(_NUMBERS)})"
_PAST = rf"(?<!\w)(?:(?:the\s+)?(?:past|last)\s+{_COUNT}|(?:the\s+)?past|the\s+last)\s+"
# "In 2000 homes" counts.
_NOT_COUNTED = r"(?!\s+(?:people|men|women|children|troops|jobs|homes|years|days|dollars)\b)"

# One of these is in every form. Most questions have none, and are done with.
_PERHAPS = re.compile(
    rf"[0-9]{{4}}|(?<!\w)(?:{'|'.join(_MONTHS)}|{'|'.join(_WEEKDAYS)}"
    r"|today|yesterday|days?|weeks?|weekend|months?|years?)\b",
    re.I | re.A,
)

_Days = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Period:
    """Days that words name, both inclusive; `written` is `text[start:end]`, in code points."""

    written: str
    first: date
    last: date
    start: int
    end: int


class _Named(NamedTuple):
    """What a form finds; `days` is None if there are no such days."""

    start: int
    end: int
    lead: str
    days: _Days | None


def period(text: str, today: date) -> Period | None:
    """The days that a question names: of several, the fewest days; of those, the first."""
    if not _PERHAPS.search(text):
        return None
    found = [
        Period(text[start:end], first, min(last, today), start, end)
        for start, end, (first, last) in _periods(text, today)
        if first <= min(last, today)
    ]
    return min(found, key=lambda each: (each.last - each.first, each.start), default=None)


def _periods(text: str, today: date) -> Iterator[tuple[int, int, _Days]]:
    """What the words and their leads name together, with the range of the words."""
    named = iter([*_named(text, today), _Named(len(text), len(text), "", None)])
    for one, other in pairwise(named):
        if one.days is None or one.lead in _TO:
            continue
        first, last = one.days
        if one.lead in _FROM and other.lead in _TO and not text[one.end : other.start].strip():
            if other.days is not None:
                yield one.start, other.end, (first, other.days[1])
        else:
            yield one.start, one.end, (first, today if one.lead in _OPEN else last)


def _named(text: str, today: date) -> Iterator[_Named]:
    """What the forms find, in order; of what overlaps the first that begins, then the longest."""
    found = []
    for form, days_of in _FORMS:
        for match in form.finditer(text):
            try:
                days = days_of(match, today)
            except (ValueError, OverflowError):  # "February 30" is nothing, and no February either
                days = None
            else:
                if days is None:
                    continue
            found.append(_Named(*match.span(), (match["lead"] or "").lower(), days))
    done = 0
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if each.start >= done:
            done = each.end
            yield each


def _iso(match: re.Match[str], today: date) -> _Days:
    day = date.fromisoformat(match["iso"])
    return day, day


def _day(match: re.Match[str], today: date) -> _Days:
    day = date(int(match["year"]), _MONTHS[match["month"].lower()], int(match["day"]))
    return day, day


def _latest_day(match: re.Match[str], today: date) -> _Days:
    month, number = _MONTHS[match["month"].lower()], int(match["day"])
    # Two days of 29 February are eight years apart at most.
    years = range(today.year - 8, today.year + 1)
    days = (date(year, month, number) for year in years if number <= monthrange(year, month)[1])
    day = max(each for each in days if each <= today)
    return day, day


def _month_of_year(match: re.Match[str], today: date) -> _Days:
    return _month(int(match["year"]), _MONTHS[match["month"].lower()])


def _month_of_near_year(match: re.Match[str], today: date) -> _Days:
    """A month of this year, or of the last."""
    year = today.year - (match["which"].lower() == "last")
    return _month(year, _MONTHS[match["month"].lower()])


def _latest_month(match: re.Match[str], today: date) -> _Days | None:
    lead, which = (match["lead"] or "").lower(), (match["which"] or "").lower()
    if lead in ("on", "of") or not (lead or which):
        return None
    if match["month"] in _VERBS and (which == "this" or lead in _TO | _FROM | {"after"}):
        return None
    month = _MONTHS[match["month"].lower()]
    later = month > today.month or (month == today.month and which == "last")
    return _month(today.year - (later and which != "this"), month)


def _year(match: re.Match[str], today: date) -> _Days | None:
    year = int(match["year"])
    return None if match["lead"].lower() == "on" else (date(year, 1, 1), date(year, 12, 31))


def _latest_weekday(match: re.Match[str], today: date) -> _Days | None:
    which = (match["which"] or "").lower()
    if which == "this" or not (which or match["lead"]):
        return None
    ago = (today.weekday() - _WEEKDAYS.index(match["weekday"].lower())) % 7
    day = today - timedelta(days=ago or 7 * (which == "last"))
    return day, day


def _near(match: re.Match[str], today: date) -> _Days | None:
    # "Harbour Today" is an outlet, and "the Today show" a programme.
    if match["near"] == "Today" and match.start("near") > 0:
        return None
    day = today - timedelta(days=match["near"].lower() == "yesterday")
    return day, day


def _unit(match: re.Match[str], today: date) -> _Days:
    """This week, weekend, month or year, or the last."""
    back = int(match["which"].lower() == "last")
    unit = match["unit"].lower()
    if unit == "year":
        return date(today.year - back, 1, 1), date(today.year - back, 12, 31)
    if unit == "month":
        last_of_it = today.replace(day=1) - timedelta(days=1) if back else today
        return _month(last_of_it.year, last_of_it.month)
    monday = today - timedelta(days=today.weekday() + 7 * back)
    return monday + timedelta(days=5 * (unit == "weekend")), monday + timedelta(days=6)


def _past(match: re.Match[str], today: date) -> _Days:
    """From so many days, weeks, months or years ago up to today."""
    written = (match["count"] or "one").lower()
    count = int(written) if written.isdigit() else _NUMBERS.index(written) + 1
    unit = match["unit"].lower()
    if unit in ("day", "week"):
        return today - timedelta(days=count * (7 if unit == "week" else 1)), today
    year, month = divmod(
        today.year * 12 + today.month - 1 - count * (12 if unit == "year" else 1), 12
    )
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1])), today


def _month(year: int, month: int) -> _Days:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern + _END, re.I | re.A)


# Of two forms of one length the first counts.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], _Days | None]], ...] = (
    (_form(rf"(?:{_LEAD})?(?<![\w-])(?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})"), _iso),
    (_form(rf"(?:{_LEAD})?{_DAY_MONTH},?\s+{_YEAR}"), _day),
    (_form(rf"(?:{_LEAD})?{_MONTH_DAY},?\s+{_YEAR}"), _day),
    (_form(rf"{_LEAD}{_DAY_MONTH}(?!,?\s+[0-9])"), _latest_day),
    (_form(rf"{_LEAD}{_MONTH_DAY}(?!,?\s+[0-9])"), _latest_day),
    (_form(rf"(?:{_LEAD})?{_MONTH}(?:,|\s+of)?\s+{_YEAR}"), _month_of_year),
    (_form(rf"(?:{_LEAD})?{_MONTH}(?:,|\s+of)?\s+{_WHICH}year\b"), _month_of_near_year),
    (_form(rf"(?:{_LEAD})?(?:{_WHICH})?{_MONTH}(?!\s+[0-9])"), _latest_month),
    (_form(rf"{_LEAD}{_YEAR}{_NOT_COUNTED}"), _year),
    (_form(rf"(?:{_LEAD})?(?:{_WHICH})?{_WEEKDAY}"), _latest_weekday),
    (_form(rf"(?:{_LEAD})?(?<!\w)(?<!usa )(?P<near>today|yesterday)"), _near),
    (_form(rf"(?:{_LEAD})?{_PAST}(?P<unit>day|week|month|year)s?\b(?!\s+of\b)"), _past),
    (_form(rf"(?:{_LEAD})?{_WHICH}(?P<unit>week|weekend|month|year)\b(?!\s+of\b)"), _unit),
)
