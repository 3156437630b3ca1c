"""Which of a page's dates is its day of publication, and which that of its last update.

A page prints many dates: today's in its masthead, and those of other articles, of comments and of
the rights. The article's own is known by a label ("Published"), or else by its place: in a short
line above the body, or at the body's beginning. No date is better than a wrong one.
"""

import re
from bisect import bisect, bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Literal

from indexer.article import Date, Order
from indexer.day_words import same_day
from indexer.reading.days.dateline import dateline
from indexer.reading.days.dates import (
    FoundDate,
    as_date,
    find_dates,
    lines_with_years,
    month_of,
    not_after,
)

# A label stands right before its date, in Chinese and Japanese also right after it.
_PUBLISHED = re.compile(
    r"\b(?:published|posted|created|issued|date|publié|paru|veröffentlicht|erstellt|publicad[oa]|"
    r"pubblicato|gepubliceerd|geplaatst)\b.{0,40}$|(?:опубликовано|公開日?|掲載日?|投稿日?|"
    r"发布(?:时间)?|發布|게시|입력)\W{0,4}$",
    re.I,
)
_UPDATED = re.compile(
    r"\b(?:last\s?)?(?:updated?|modified|edited|revised|corrected|actualisé|aktualisiert|geändert|"
    r"actualizado|atualizado|aggiornato|bijgewerkt|mis à jour)\b.{0,40}$|"
    r"(?:обновлено|更新日?|수정)\W{0,4}$",
    re.I,
)
# A date after one of these is not that of the article.
_OTHERWISE = re.compile(
    r"©|\(c\)|copyright|\b(?:joined|born|died|since|until|expires?|effective|deadline|as of|est|"
    r"established|"
    r"archives?|retrieved|accessed|founded|upcoming|next)\b",
    re.I,
)
_AFTER = re.compile(r"\W{0,2}(?:(?P<published>公開|掲載|投稿|发布|發布)|更新|lastupdate)")
_BY = re.compile(r"\b(?:by|von|par|por)\b", re.I)
_PREFIX = re.compile(r"\W*(?:date|published|posted)?\W*", re.I)
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[^\W\d_{_CJK}]+|[{_CJK}]{{1,4}}")
# A line of no more words besides its dates is about them: a byline, a label.
_SLIM = 10
# Of an outlet and its place, or a byline.
_BESIDE_OLD = 6
# Nothing that is about a date is longer; a line of megabytes is not read to its end.
_LONGEST = 300
# A date leads a body line if it stands this near to its beginning.
_LEADING = 60
# Of this many lines between two bare dates, both are of a list.
_LIST_STEP = 10
_URL_DAY = re.compile(
    r"[/_-](?P<year>(?:19|20)[0-9]{2})(?P<sign>[/_-]?)(?P<month>[0-9]{2}|[a-z]{3}|[0-9])(?P=sign)"
    r"(?P<day>[0-3]?[0-9])(?![0-9])"
)
_NUMBERS = re.compile(r"(?<![0-9/])([0-9]{1,2})/([0-9]{1,2})/(?:20)?[0-9]{2}(?![0-9/])")
# A longer line is prose.
_PARAGRAPH = 100
# Points were set by hand, for what people go by; halving or doubling one changes few pages.
# A date in a line that is about it is the article's, one in a sentence is not.
_IN_SLIM_LINE, _IN_SENTENCE = 3.0, -3.0
_OF_LABEL = {"published": 3.0, "updated": -1.0, "other": -9.0, "": 0.0}
_WITH_TIME, _ALONE, _IN_BYLINE = 0.5, 0.5, 1.0
# For each line between the date and the prose below, counted up to so many; if all of the prose
# stands above the date, a part of it in proportion; and for a date below the last of the prose.
_ABOVE, _MOST_ABOVE, _INSIDE, _UNDER = -0.05, 60, -6.0, -3.0
_BEFORE_HEADLINE, _IN_LIST, _NAMED_ELSEWHERE = -1.5, -2.5, 4.0
# With more points a date is certain; with none or less it is as good as none.
_CERTAIN = 2.0
# Time zones, and the night before: days no further apart are the same one.
_SAME = timedelta(days=2)
# An agency's code stands among the first lines under the body.
_CODE_LINES = 15
# An agency's code holds a day: "MENAFN13072025000045017169ID1109793436".
_CODE = re.compile(
    r"[A-Z]{3,12}(?P<day>[0-3][0-9])(?P<month>[01][0-9])(?P<year>20[0-9]{2})[0-9]{4,}"
)

_Label = Literal["published", "updated", "other", ""]


@dataclass(frozen=True, slots=True)
class Published:
    """When an article appeared, and when it was last changed, as far as its page says."""

    published: Date | None = None
    updated: Date | None = None


@dataclass(frozen=True, slots=True)
class _Printed:
    """A date that the page prints: where, what it is labelled, and how well it fits (points)."""

    found: FoundDate
    line: int
    label: _Label
    points: float

    @property
    def day(self) -> date:
        return date.fromisoformat(f"{self.found.iso}-01"[:10])


def publication(
    lines: Sequence[str],
    body: Sequence[int],
    *,
    url: str | None = None,
    declared: Date | None = None,
    today: date,
) -> Published:
    """The dates of the article whose body is `lines[i]` for each `i` of `body`, ascending.

    `declared` is what the file says itself, and wins. `today` is the day on which the page was
    read: what is later is another's date, but for the day that time zones may make of it.
    """
    latest = today + timedelta(days=1)
    printed = [*_printed(lines, body, latest, None)]
    if any(each.found.open for each in printed) and (order := _order(lines)):
        printed = [*_printed(lines, body, latest, order)]
    published = declared or _best(printed, lines, body, url or "", latest)
    # Years before 1900 are numbers, too, and founding years: only where there is nothing else.
    published = published or _best([*_old(lines, body)], lines, body, "", latest)
    return Published(published, _last_update(printed, published, lines))


def without_leading_date(paragraph: str) -> str:
    """A paragraph less the date that is printed before its first sentence.

    "date 2024-11-04 (AGENCY) The ferry …" is "(AGENCY) The ferry …".
    """
    found = next(find_dates(paragraph[:_LEADING], old=len(paragraph) <= _LEADING), None)
    if found is None or not _PREFIX.fullmatch(paragraph[: found.start]):
        return paragraph
    rest = paragraph[found.end :].lstrip(" ,.:-–—|")
    # "30 November 2024 was a cold day", "January 2023 to March 2024": the sentence is about it.
    about = rest[:1].islower() or rest[:1] in (")", "]") or len(found.iso) == len("2024-11")
    return paragraph if about else rest


def _best(
    printed: Sequence[_Printed], lines: Sequence[str], body: Sequence[int], url: str, latest: date
) -> Date | None:
    """The printed date with most points, unless the page's address knows better."""
    addressed = _day_of(_URL_DAY.search(url[:_LONGEST].lower()), latest)
    tail = lines[body[-1] : body[-1] + _CODE_LINES] if body else []
    coded, code = next(
        ((day, line) for line in tail if (day := _day_of(_CODE.match(line), latest))), (None, "")
    )
    named = addressed or coded
    bare = sorted({each.line for each in printed if not each.label})

    def points(one: _Printed) -> float:
        listed = bisect(bare, one.line + _LIST_STEP) - bisect(bare, one.line - _LIST_STEP - 1)
        agrees = named is not None and abs(one.day - named) <= _SAME
        in_list = not one.label and listed >= 3
        return one.points + _IN_LIST * in_list + _NAMED_ELSEWHERE * agrees

    best = max(
        printed, key=lambda one: (points(one), -one.line, -one.day.toordinal()), default=None
    )
    if best and points(best) > 0 and (not addressed or abs(best.day - addressed) <= _SAME):
        certain = points(best) > _CERTAIN and best.label != "updated"
        return as_date(best.found, certain, lines[best.line][:_LONGEST])
    if addressed:
        return Date(addressed.isoformat(), line="url")
    days = [each.day for each in printed if each.label != "other"] + ([coded] if coded else [])
    for number in body[:3]:
        if found := dateline(lines[number], days, latest):
            return found
    return Date(coded.isoformat(), certain=False, line=code[:_LONGEST]) if coded else None


def _printed(
    lines: Sequence[str], body: Sequence[int], latest: date, order: Order | None
) -> Iterator[_Printed]:
    """Every day that the page prints, with the points of its line and of its place."""
    inside = set(body)
    # Long lines, the article's or not, tell the place better than a body that begins too early.
    prose = [i for i, line in enumerate(lines) if len(line) > _PARAGRAPH] or body
    first, last = (prose[0], prose[-1]) if prose else (0, len(lines))
    above = [0, *accumulate(len(lines[i]) for i in prose)]
    begun = [line[:_LONGEST] for line in lines]
    found_in = {n: find_dates(begun[n], order) for n in lines_with_years(begun)}
    past = {n: [not_after(each, latest) for each in found] for n, found in found_in.items()}
    dated = {n: dates for n, found in past.items() if (dates := list(filter(None, found)))}
    undated = (n for n in range(len(lines)) if n not in dated)
    headline = next((n for n in undated if len(_WORD.findall(begun[n])) >= 4), len(lines))
    for number, dates in dated.items():
        line, share = begun[number], above[bisect_left(prose, number)] / (above[-1] or 1)
        place = _INSIDE * share + _UNDER * (number > last)
        place += _ABOVE * min(max(first - number, 0), _MOST_ABOVE)
        before = lines[number - 1] if number and len(lines[number - 1]) <= 30 else ""
        before = "" if _OTHERWISE.search(before) else before
        for found, label, points in _labelled(line, dates, before):
            if number in inside and _PREFIX.fullmatch(line[: found.start]):
                yield _Printed(found, number, label, place + _IN_SLIM_LINE)
            elif len(found.iso) > len("2024-11") or label == "published":
                points += 0.0 if headline < number else _BEFORE_HEADLINE
                yield _Printed(found, number, label, place + points)


def _old(lines: Sequence[str], body: Sequence[int]) -> Iterator[_Printed]:
    """The days before 1900 in lines above the body that are a date, or an outlet or place with it.

    "The Skerry Post, 4 March 1889"
    """
    inside = set(body)
    prose = [n for n, line in enumerate(lines) if n in inside and len(line) > _PARAGRAPH] or body
    for number, line in enumerate(lines[: prose[0] if prose else 0]):
        dates = list(find_dates(line, old=True)) if len(line) <= _PARAGRAPH else []
        if len(dates) != 1 or len(dates[0].iso) == len("1889-03"):
            continue
        for found, label, points in _labelled(line, dates, ""):
            beside = f"{line[: found.start]} {line[found.end :]}"
            if found.iso < "1900" and len(_WORD.findall(beside)) <= _BESIDE_OLD:
                place = _ABOVE * min(prose[0] - number, _MOST_ABOVE)
                yield _Printed(found, number, label, points + place)


def _labelled(
    line: str, dates: Sequence[FoundDate], line_before: str
) -> Iterator[tuple[FoundDate, _Label, float]]:
    """The dates of a line, each with its label and the points of both."""
    rest = line
    for found in reversed(dates):
        rest = f"{rest[: found.start]} {rest[found.end :]}"
    words = len(_WORD.findall(rest))
    end = 0
    for found in dates:
        before = line[end : found.start]
        label = _label(before if before.strip(" :|–—-") or end else line_before, line[found.end :])
        slim = words <= _SLIM * (3 if label == "published" else 1)
        points = (_IN_SLIM_LINE if slim else _IN_SENTENCE) + _OF_LABEL[label]
        points += _WITH_TIME * ("T" in found.iso) + _ALONE * (words == 0)
        points += _IN_BYLINE * (_BY.search(rest) is not None)
        yield found, label, points
        end = found.end


def _label(before: str, after: str) -> _Label:
    if _OTHERWISE.search(before):
        return "other"
    behind = _AFTER.match(after)
    if _UPDATED.search(before) or (behind and not behind["published"]):
        return "updated"
    return "published" if behind or _PUBLISHED.search(before) else ""


def _order(lines: Sequence[str]) -> Order | None:
    """Whether the page writes 11/30/2024 or 30/11/2024, as far as it shows."""
    shown: set[Order] = {
        "mdy" if int(two) > 12 else "dmy"
        for line in lines
        for one, two in _NUMBERS.findall(line[:_LONGEST])
        if (int(one) > 12) != (int(two) > 12)
    }
    return shown.pop() if len(shown) == 1 else None


def _day_of(match: re.Match[str] | None, latest: date) -> date | None:
    """The day that a match names, if there is one that is not in the future."""
    if match is None:
        return None
    month = int(match["month"]) if match["month"].isdigit() else month_of(match["month"])
    days = same_day(month or 0, int(match["day"]), [int(match["year"])])
    return next((day for day in days if day <= latest), None)


def _last_update(
    printed: Sequence[_Printed], published: Date | None, lines: Sequence[str]
) -> Date | None:
    """The update printed at the likeliest place, unless it is before the publication."""
    updates = [each for each in printed if each.label == "updated" and each.points > 0]
    if not updates:
        return None
    best = max(updates, key=lambda each: (each.points, each.found.iso))
    if published is not None and best.found.iso[:10] < published.iso[:10]:
        return None
    return as_date(best.found, True, lines[best.line][:_LONGEST])
