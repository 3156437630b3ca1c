"""Words in an article that name days, and the days: "on Saturday", "last week", "June 5".

English only. A weekday in the news is the latest one up to the day of publication, unless the
sentence looks ahead: then it is the next one. Weeks begin on Monday.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from indexer import day_words
from indexer.article import Date, Mention, Span
from indexer.day_words import DAY, MONTHS, NUMBERS, RELATIVE_DAYS, RELATIVE_UNITS, WEEKDAYS, Days
from indexer.reading.days.dates import find_dates

# More than an article has; a page of tables may have thousands.
MAX_MENTIONS = 300
# Nobody reads on: text beyond so many characters is a table or an attack.
_LONGEST = 200_000

_NAMES = frozenset(word.capitalize() for word in (*WEEKDAYS, *MONTHS, *RELATIVE_DAYS))
# Names of days have a capital, and their units are few words: looking around these finds all
# phrases ten times faster than looking for whole phrases everywhere.
_ANCHOR = re.compile(
    r"(?P<name>[ADFJMNOSTWY][a-z]{2,8})\b|(?P<near>yesterday|today|tonight|tomorrow)\b"
    r"|(?P<unit>day|week|weekend|month|year|night)s?\b"
)
_WHICH_BEFORE = re.compile(r"\b(?P<which>last|this|next)\s$", re.I)
_COUNT_BEFORE = re.compile(rf"\b(?P<count>[0-9]{{1,3}}|an?|{'|'.join(NUMBERS)})\s$", re.I)
_AGO = re.compile(r"\sago\b")
_DAY_BEFORE = re.compile(rf"(?<![0-9.,$]){DAY}(?:\sof)?\s$")
_DAY_AFTER = re.compile(rf"\.?\s{DAY}\b(?![.,:/]?[0-9]|\s?%)")
# "May" and "March" alone are verbs too.
_MONTH_BEFORE = re.compile(r"\b(?:in|since|until|by|from|late|early|during|mid)[\s-]$", re.I)
_WEEKDAY_BEFORE = re.compile(rf"\b(?P<weekday>{'|'.join(WEEKDAYS)}),?\s(?:the\s)?$", re.I)
# A day of a month after a weekday, without a year: both are one mention.
_DATE_AFTER = re.compile(
    rf",?\s(?:(?:the\s)?{DAY}\s(?:of\s)?(?:{'|'.join(MONTHS)})\b|(?:{'|'.join(MONTHS)})\.?\s[0-9])",
    re.I,
)
# The last of these before a weekday says whether it is past or to come.
_TENSE = re.compile(
    r"\b(?:(?P<ahead>will|would|shall|going to|expected|expects to|scheduled|slated|planned|"
    r"set to|due|plans? to|upcoming|ahead of|is to|are to|until|starting|beginning)|"
    r"said|says|told|reported|announced|confirmed|warned|added|wrote|was|were|had|did|has|have)\b"
)
_SENTENCE_BEFORE = re.compile(r"[.!?:\n\"“‘][\"”’)]*\s*$")
_SENTENCE_END = re.compile(r"[.!?][\"'”’)]*\s+(?=[A-Z\"“])|\n")
# So many characters before a weekday may tell its tense.
_CLAUSE = 120
# A day of the year without "will" is past, unless it is as near as this.
_SOON = timedelta(days=60)

_Found = tuple[int, int, Days]


def mentioned(text: str, published: Date | None) -> tuple[Mention, ...]:
    """The days that a text names, in order, at most the first `MAX_MENTIONS`.

    Relative words need the day of publication: without it, only whole dates are found.
    """
    text = text[:_LONGEST]
    found = [*islice(_absolute(text), MAX_MENTIONS)]
    if published is not None and published.precision != "month":
        day = date.fromisoformat(published.iso[:10])
        found += islice(_relative(text, day, [*found]), MAX_MENTIONS)
    return tuple(
        Mention(Span(start, end), first.isoformat(), last.isoformat())
        for start, end, (first, last) in sorted(found)[:MAX_MENTIONS]
    )


def _absolute(text: str) -> Iterator[_Found]:
    for each in find_dates(text):
        first = date.fromisoformat(f"{each.iso}-01"[:10])
        if not each.open:
            whole = len(each.iso) > len("2024-11")
            days = day_words.unit_after(first, "day" if whole else "month")
            yield each.start, each.end, days


def _relative(text: str, published: date, taken: list[_Found]) -> Iterator[_Found]:
    """The days named relative to that of publication, outside of the ranges that are taken."""
    # The last range lies beyond the text, so that there is always a next one.
    ranges = iter([*(each[:2] for each in taken), (len(text), len(text) + 1)])
    start, end = next(ranges)
    done = 0
    for anchor in _ANCHOR.finditer(text):
        while end <= anchor.start():
            done = end
            start, end = next(ranges)
        if anchor.end() > start or (anchor["name"] and anchor["name"] not in _NAMES):
            continue
        found = _mention(text, anchor, published)
        if found and done <= found[0] and found[1] <= start:
            done = found[1]
            yield found


def _mention(text: str, anchor: re.Match[str], published: date) -> _Found | None:
    """The days that an anchor names together with the words around it, and their range."""
    start, end = anchor.span()
    word = anchor[0].lower()
    before = text[max(0, start - 16) : start]
    near = RELATIVE_DAYS.get(word)
    if near is not None:
        # "Europe Today" is the name of an outlet.
        outlet = anchor["name"] and before and not _SENTENCE_BEFORE.search(before)
        return None if outlet else (start, end, day_words.unit_after(published, "day", near))
    which = _WHICH_BEFORE.search(before)
    shift = RELATIVE_UNITS[which["which"].lower()] if which else None
    wide = start - len(which[0]) if which else start
    if word in WEEKDAYS:
        if _DATE_AFTER.match(text, end):
            return None
        return wide, end, day_words.named(word, published, shift, _looks_ahead(text, start))
    if word in MONTHS:
        return _named_month(text, anchor, wide, shift, published)
    if not anchor["unit"]:
        return None
    if shift is not None:
        return wide, end, day_words.unit_after(published, anchor["unit"], shift)
    if (ago := _AGO.match(text, end)) and (count := _COUNT_BEFORE.search(before)):
        number = day_words.number_of(count["count"].lower())
        days = day_words.unit_after(published, anchor["unit"], -number)
        return start - len(count[0]), ago.end(), days
    return None


def _named_month(
    text: str, month: re.Match[str], wide: int, shift: int | None, published: date
) -> _Found | None:
    name = month[0].lower()
    before = text[max(0, month.start() - 16) : month.start()]
    after, ahead_of = _DAY_AFTER.match(text, month.end()), _DAY_BEFORE.search(before)
    day = after or ahead_of
    if day:
        start = month.start() if after else month.start() - len(day[0])
        weekday = _WEEKDAY_BEFORE.search(text[max(0, start - 16) : start])
        start -= len(weekday[0]) if weekday else 0
        on = WEEKDAYS[weekday["weekday"].lower()] if weekday else None
        days = _day(MONTHS[name], int(day["day"]), on, published, _looks_ahead(text, start))
        return (start, after.end() if after else month.end(), (days, days)) if days else None
    if shift is None and not _MONTH_BEFORE.search(before):
        return None
    ahead = _looks_ahead(text, month.start())
    return wide, month.end(), day_words.named(name, published, shift, ahead)


def _looks_ahead(text: str, start: int) -> bool:
    """Whether what stands before in the sentence says that the day is to come."""
    clause = _SENTENCE_END.split(text[max(0, start - _CLAUSE) : start])[-1]
    *_, tense = [None, *_TENSE.finditer(clause)]
    return tense is not None and tense["ahead"] is not None


def _day(month: int, day: int, weekday: int | None, published: date, ahead: bool) -> date | None:
    """The day of the year that falls on the weekday; of others the next if the sentence looks
    ahead, else the last, or one soon.
    """
    days = day_words.same_day(month, day, range(published.year - 1, published.year + 2))
    if weekday is not None and (fits := day_words.on_weekday(days, weekday)):
        return fits[0]
    if ahead:
        return min((each for each in days if each >= published), default=None)
    return max((each for each in days if each - published <= _SOON), default=None)
