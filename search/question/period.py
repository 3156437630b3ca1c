"""Days that a question names in plain words, "in July 2025" or "last week", to suggest as a filter.

English only, by a table of forms. Nothing is published after today: no period ends later, and one
that would begin later is none. "Since" and "after" lead from the first day up to today; "before"
and "until" have no first day, and name none. A month, a weekday or a day without its year is the
latest that has begun; these and a year alone must be led by a word such as "in", since "may" and
"march" are verbs too and "2024" may count something. Weeks begin on Monday. "Last week" is the one
before this; "the last week", "the past week" and "the last 10 days" end today.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from indexer import day_words
from indexer.day_words import DAY, MONTHS, NUMBERS, RELATIVE_DAYS, RELATIVE_UNITS, WEEKDAYS, Days

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
_MONTH = rf"(?<!\w)(?P<month>{'|'.join(MONTHS)})\b\.?"
_YEAR = r"(?P<year>(?:19|20)[0-9]{2})"
_DAY = rf"(?<![\w.,:/$-]){DAY}"
_WEEKDAY = rf"(?<!\w)(?P<weekday>{'|'.join(WEEKDAYS)})"
_DAY_MONTH = rf"(?:{_WEEKDAY},?\s+)?(?:the\s+)?{_DAY}(?:\s+of)?\s+{_MONTH}"
_MONTH_DAY = rf"(?:{_WEEKDAY},?\s+)?{_MONTH}\s+{_DAY}"
_WHICH = r"(?<!\w)(?P<which>last|this)\s+"
_COUNT = rf"(?P<count>[1-9][0-9]{{0,2}}|{'|'.join(NUMBERS)})"
_PAST = rf"(?<!\w)(?:(?:the\s+)?(?:past|last)\s+{_COUNT}|(?:the\s+)?past|the\s+last)\s+"
# "In 2000 homes" counts.
_NOT_COUNTED = r"(?!\s+(?:people|men|women|children|troops|jobs|homes|years|days|dollars)\b)"

# One of these is in every form. Most questions have none, and are done with.
_PERHAPS = re.compile(
    rf"[0-9]{{4}}|(?<!\w)(?:{'|'.join(MONTHS)}|{'|'.join(WEEKDAYS)}"
    r"|today|yesterday|days?|weeks?|weekend|months?|years?)\b",
    re.I | re.A,
)


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
    days: Days | None


def period(text: str, today: date) -> Period | None:
    """The days that a question names: of several, the fewest days; of those, the first."""
    if not _PERHAPS.search(text):
        return None
    found = []
    for one, other in pairwise([*_named(text, today), _Named(len(text), len(text), "", None)]):
        if one.days is None or one.lead in _TO:
            continue
        (first, last), end = one.days, one.end
        if one.lead in _FROM and other.lead in _TO and not text[end : other.start].strip():
            if other.days is None:
                continue
            last, end = other.days[1], other.end
        elif one.lead in _OPEN:
            last = today
        if first <= min(last, today):
            found.append(Period(text[one.start : end], first, min(last, today), one.start, end))
    return min(found, key=lambda each: (each.last - each.first, each.start), default=None)


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


def _iso(match: re.Match[str], today: date) -> Days:
    return day_words.unit_after(date.fromisoformat(match["iso"]), "day")


def _day(match: re.Match[str], today: date) -> Days:
    month = MONTHS[match["month"].lower()]
    return day_words.unit_after(date(int(match["year"]), month, int(match["day"])), "day")


def _latest_day(match: re.Match[str], today: date) -> Days:
    # Two days of 29 February are eight years apart at most.
    years = range(today.year - 8, today.year + 1)
    days = day_words.same_day(MONTHS[match["month"].lower()], int(match["day"]), years)
    return day_words.unit_after(max(each for each in days if each <= today), "day")


def _month_of_year(match: re.Match[str], today: date) -> Days:
    year = int(match["year"] or today.year + RELATIVE_UNITS[match["which"].lower()])
    return day_words.unit_after(date(year, MONTHS[match["month"].lower()], 1), "month")


def _latest_month(match: re.Match[str], today: date) -> Days | None:
    lead, which = (match["lead"] or "").lower(), (match["which"] or "").lower()
    if lead in ("on", "of") or not (lead or which):
        return None
    if match["month"] in _VERBS and (which == "this" or lead in _TO | _FROM | {"after"}):
        return None
    return day_words.named(match["month"].lower(), today, RELATIVE_UNITS.get(which))


def _year(match: re.Match[str], today: date) -> Days | None:
    on = match["lead"].lower() == "on"
    return None if on else day_words.unit_after(date(int(match["year"]), 1, 1), "year")


def _latest_weekday(match: re.Match[str], today: date) -> Days | None:
    which = (match["which"] or "").lower()
    if which == "this" or not (which or match["lead"]):
        return None
    return day_words.named(match["weekday"].lower(), today, RELATIVE_UNITS.get(which))


def _near(match: re.Match[str], today: date) -> Days | None:
    # "Harbour Today" is an outlet, and "the Today show" a programme.
    if match["near"] == "Today" and match.start("near") > 0:
        return None
    return day_words.unit_after(today, "day", RELATIVE_DAYS[match["near"].lower()])


def _unit(match: re.Match[str], today: date) -> Days:
    """This week, weekend, month or year, or the last."""
    return day_words.unit_after(
        today, match["unit"].lower(), RELATIVE_UNITS[match["which"].lower()]
    )


def _past(match: re.Match[str], today: date) -> Days:
    """From so many days, weeks, months or years ago up to today."""
    count = day_words.number_of((match["count"] or "one").lower())
    unit = match["unit"].lower()
    if unit in ("day", "week"):
        return today - timedelta(days=count * (7 if unit == "week" else 1)), today
    first, last = day_words.unit_after(today, "month", -count * (12 if unit == "year" else 1))
    return first.replace(day=min(today.day, last.day)), today


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern + _END, re.I | re.A)


# Of two forms of one length the first counts.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days | None]], ...] = (
    (_form(rf"(?:{_LEAD})?(?<![\w-])(?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})"), _iso),
    (_form(rf"(?:{_LEAD})?{_DAY_MONTH},?\s+{_YEAR}"), _day),
    (_form(rf"(?:{_LEAD})?{_MONTH_DAY},?\s+{_YEAR}"), _day),
    (_form(rf"{_LEAD}{_DAY_MONTH}(?!,?\s+[0-9])"), _latest_day),
    (_form(rf"{_LEAD}{_MONTH_DAY}(?!,?\s+[0-9])"), _latest_day),
    (_form(rf"(?:{_LEAD})?{_MONTH}(?:,|\s+of)?\s+(?:{_YEAR}|{_WHICH}year\b)"), _month_of_year),
    (_form(rf"(?:{_LEAD})?(?:{_WHICH})?{_MONTH}(?!\s+[0-9])"), _latest_month),
    (_form(rf"{_LEAD}{_YEAR}{_NOT_COUNTED}"), _year),
    (_form(rf"(?:{_LEAD})?(?:{_WHICH})?{_WEEKDAY}"), _latest_weekday),
    (_form(rf"(?:{_LEAD})?(?<!\w)(?<!usa )(?P<near>today|yesterday)"), _near),
    (_form(rf"(?:{_LEAD})?{_PAST}(?P<unit>day|week|month|year)s?\b(?!\s+of\b)"), _past),
    (_form(rf"(?:{_LEAD})?{_WHICH}(?P<unit>week|weekend|month|year)\b(?!\s+of\b)"), _unit),
)
