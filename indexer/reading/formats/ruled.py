"""Texts that hold several articles, parted by rules: lines of dashes, equals signs or asterisks.

A rule inside an article parts its sections, so one is a border only if what stands behind it
begins as an article does: with a headline and a day, a byline or a dateline; or, behind long rules,
with a headline or a day in most of three parts or more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from indexer.article import Rejected
from indexer.reading.days.dateline import dateline
from indexer.reading.days.dates import find_dates
from indexer.reading.facts.byline import is_byline
from indexer.reading.formats.front_matter import with_front_matter
from indexer.reading.formats.record import Records

_RULE = re.compile(r"[ \t]*([-=*_~#+–—])(?:[ \t]?\1){2,}[ \t]*\r?$")
# A shorter one, "* * *" or "---", parts sections where no day says otherwise.
_LONG = 8
# A line below another of about its length underlines it.
_UNDERLINED = 2
# The lines of a part that its headline and day stand in; characters of both, and other words that
# stand beside a day.
_HEAD, _LONGEST_TITLE, _LONGEST_FACT, _BESIDE = 8, 200, 120, 6
# A line that is shorter is prose only if it ends as a sentence does.
_PROSE, _SENTENCE = 100, 6
_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
# "title: …"
_LABEL = re.compile(r"[a-z_]{3,20}:\s+[\"']?(?=\S)")
_NO_TITLE = re.compile(r"[.:;,…]$")
_MARKS = " #*_>=~+–—-"
# Of a text that has more rules, the parts are too short for articles.
_MOST = 10_000


@dataclass(slots=True)
class _Part:
    """What stands between two rules: its lines, and how it begins.

    titled, told: it begins with a headline; with a day, a byline or a dateline
    prose: it has a sentence
    """

    lines: list[str] = field(default_factory=list)
    titled: bool = False
    told: bool = False
    prose: bool = False

    @property
    def begins(self) -> bool:
        """Whether it begins as nothing but an article does."""
        return self.titled and self.told


def ruled_articles(place: str, text: str) -> Records | None:
    """The articles of a text that are parted by rules, numbered from 1; None if it has no such."""
    lines = text.split("\n")
    rules: dict[tuple[str, bool], list[int]] = {}
    for number, line in enumerate(lines):
        if (found := _RULE.match(line)) and not _underlines(lines, number):
            length = len(line.strip())
            rules.setdefault((found[1], length >= _LONG or found[1] == "="), []).append(number)
    for (_, long), borders in sorted(rules.items(), key=lambda each: -len(each[1])):
        parts = _parts(lines, borders) if len(borders) <= _MOST else []
        if articles := _articles(parts, long):
            return _numbered(place, articles)
    return None


def _underlines(lines: Sequence[str], number: int) -> bool:
    above = lines[number - 1].strip() if number else ""
    return (
        bool(above)
        and not _RULE.match(above)
        and not _NO_TITLE.search(above)
        and abs(len(above) - len(lines[number].strip())) <= _UNDERLINED
    )


def _parts(lines: Sequence[str], borders: Sequence[int]) -> list[_Part]:
    """What stands between rules; a head that stands between two of them is its text's."""
    found: list[_Part] = []
    head: list[str] = []
    for start, stop in zip((-1, *borders), (*borders, len(lines)), strict=True):
        own = lines[max(start, 0) : stop]
        part = _described(own[start >= 0 :])
        if head and part.prose and not part.begins:
            part = _described([*head, *own])
            part.lines = [*head, *own]
        elif head:
            found.append(_described(head))
        head = []
        if part.prose:
            found.append(part)
        elif any(line.strip() for line in part.lines):
            head = list(own)
    if head:
        found.append(_described(head))
    return found


def _described(lines: Sequence[str]) -> _Part:
    part = _Part(list(lines))
    seen = 0
    title: list[str] = []
    for line in lines:
        bare = line.strip().strip(_MARKS)
        if not bare:
            part.titled = part.titled or _is_title(title)
            title = []
            continue
        if not part.prose and seen < _HEAD:
            seen += 1
            if _is_fact(bare):
                part.told, part.titled = True, part.titled or _is_title(title)
                title = []
                continue
            if _is_prose(bare):
                part.titled = part.titled or _is_title(title)
                part.told = part.told or dateline(bare, (), date.today()) is not None
            title.append(bare)
        part.prose = part.prose or _is_prose(bare)
        if part.prose:
            break
    return part


def _is_title(block: Sequence[str]) -> bool:
    """Whether lines that follow each other are a headline, and no paragraph that was wrapped."""
    text = _LABEL.sub("", " ".join(block))
    return (
        1 <= len(block) <= 3
        and len(text.split()) >= 2
        and len(text) <= _LONGEST_TITLE
        and not text[0].islower()
        and not _NO_TITLE.search(text)
    )


def _is_fact(line: str) -> bool:
    """Whether a line is a byline, or a day and few words beside it."""
    if len(line) > _LONGEST_FACT:
        return False
    if is_byline(line):
        return True
    day = next((found for found in find_dates(line) if len(found.iso) > len("2024-03")), None)
    beside = f"{line[: day.start]} {line[day.end :]}".split() if day else []
    return day is not None and len(beside) <= _BESIDE and not line.endswith(".")


def _is_prose(line: str) -> bool:
    return len(line) >= _PROSE or (len(line.split()) >= _SENTENCE and _END.search(line) is not None)


def _articles(parts: Sequence[_Part], long: bool) -> list[_Part]:
    """The parts that are articles, what goes on with one joined to it; none if they are not two."""
    texts = [part for part in parts if part.prose]
    sure = sum(part.begins for part in texts)
    whole = sure >= 2 and (texts[0].begins or sure > 2 or long)
    if not whole:
        likely = sum(part.titled or part.told for part in texts)
        if not long or len(texts) < 3 or likely < 3 or 3 * likely < 2 * len(texts):
            return []
    found: list[_Part] = []
    for part in parts:
        begins = part.begins if whole else part.prose and (part.titled or part.told)
        if begins or not found:
            found.append(part)
        else:
            found[-1].lines += part.lines
            found[-1].prose = found[-1].prose or part.prose
    return found


def _numbered(place: str, found: Sequence[_Part]) -> Records:
    number = 0
    for part in found:
        if part.prose:
            number += 1
            yield f"{place}:{number}", with_front_matter("\n".join(part.lines))
        else:
            yield Rejected(place, "no text: what stands above several articles", foreign=True)
