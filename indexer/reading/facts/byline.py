"""Who wrote an article, which outlet printed it, and which agency sent it, from the page's text.

An outlet stands in the byline ("By Northern Times | …"), in the copyright line, or is the name of
the folder that a crawler saved its pages under; an agency stands in the dateline ("(Reuters) -").
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from indexer.reading.days.dates import find_dates, lines_with_years
from indexer.reading.facts.address import is_archive
from indexer.reading.input.files import MEMBER

# Agencies whose name in a byline is not that of an author or of an outlet.
_AGENCIES = re.compile(
    r"(?:the )?(?:Reuters|Thomson Reuters|AP|Associated Press|AFP|Agence France-Presse|UPI|"
    r"United Press International|PTI|Press Trust of India|ANI|IANS|TNN|Xinhua|TASS|Interfax|"
    r"Yonhap|Kyodo|dpa|EFE|ANSA|PA Media|PA|Canadian Press|MENAFN)(?: news agency)?",
    re.I,
)
# Of organisations, what is nobody's name.
_NO_NAMES = r"desk|staff|team|editors?|newsroom|correspondents?|agencies|bureau|reporters?"
_ORGANISATION = re.compile(
    r"\b(?:today|news|newspaper|times|post|press|agency|network|journal|tribune|herald|magazine|"
    r"daily|weekly|media|online|radio|tv|television|broadcasting|gazette|observer|telegraph|"
    rf"chronicle|wire|review|report|guardian|mirror|globe|com|org|net|{_NO_NAMES})\b|^[A-Z]{{2,6}}$",
    re.I,
)
_NOBODY = re.compile(rf"\b(?:{_NO_NAMES})\b", re.I)
# At the beginning of a line, or behind its date, which is a bar by then.
_BY = re.compile(
    r"(?:^\W*|[|•·)]\s?)(?:(?:written|reported|posted|story|edited|text)\s)?"
    r"(?:(?:by|author|par|von|por)(?=\s|:\s?|[A-Z])\s?:?\s?){1,2}"
    r"(?P<who>[^|•·/@()<>:\d]{2,160})",
    re.I,
)
# A whole line: "By Jane Doe", "By Jane Doe and John Roe, Reuters".
_ONLY_BY = re.compile(r"(?:by|author):?\s(?P<who>[^|•·/@()<>:\d.!?…–—“”\"]{2,90})", re.I)
# What follows the names in a byline.
_REST = re.compile(
    r"\s*(?:(?:staff|senior|special|chief|contributing)\s)+(?:writer|reporter|editor|correspondent).*|"
    r"\s[-–—]\s.*|[\s,]+(?:(?:on|in|for|at|last|first|posted|updated|published|created|modified)\b"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b).*",
    re.I,
)
_NAME = re.compile(
    r"[A-ZÀ-ÞŁŠŽ][\w.’'-]*(?:\s(?:(?:de|del|della|der|den|van|von|bin|al|la|le|da|dos)\s){0,2}"
    r"[A-ZÀ-ÞŁŠŽ][\w.’'-]*){1,4}"
)
_BETWEEN_NAMES = re.compile(r",\s*(?:and\s)?|\s(?:and|&|et|und)\s")
_CHUNK = re.compile(r"\s*[|•·/]\s*|\s[-–—]\s|,\s")
_DATELINE = re.compile(
    r"(?:(?P<place>[^\W\d_][^()\n]{1,60})[(/](?P<sent>[A-Za-z][A-Za-z .&-]{1,30})[)/]\s?[-–—:.]"
    r"|[(/](?P<opens>[A-Za-z][A-Za-z .&-]{1,30})[)/]\s?[-–—:A-Z])"
)
_COPYRIGHT = re.compile(
    r"(?:©|\([cC]\)(?!\()|(?i:\bcopyright)(?=\s(?:[0-9]{4}|by)\b))"
    r"(?:[\s©,]|(?i:copyright|by)\b|[0-9]{4}(?:\s?[-–]\s?[0-9]{4})?)*"
    r"(?P<name>[A-Z][\w&’'. -]{1,40}?)"
    r"(?:\s*[,|·]|\.?\s*$|\.\s|\s+(?i:all rights|alle rechte|ltd|inc|llc|limited|[0-9]{4})\b)"
)
# Of "Harbour Dispatch Publishing" the outlet is what stands before.
_COMPANY = re.compile(
    r"(?<=\w)(?:,?\s(?:publishing|publications|group|holdings|company|co|corp|corporation|gmbh|plc|"
    r"ltd|limited|inc|llc)\.?)+$",
    re.I,
)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.I)
# No byline is longer; so many lines above the body may hold one, or below it the owner.
_LONGEST = 200
_LONGEST_BYLINE = 100
_NEAR = 40


@dataclass(frozen=True, slots=True)
class Byline:
    """Who an article is by; `source` is the outlet, or else the agency."""

    author: str | None = None
    source: str | None = None
    agency: str | None = None


def byline(head: Sequence[str], text: str, tail: Sequence[str], location: str) -> Byline:
    """Who an article is by, from the lines above and below its body, its text and its file's path.

    `head` and `tail` are lines of the page, `text` is the body, `location` the path of the file.
    """
    authors: list[str] = []
    outlet = agency = None
    for names in _bylines(head[-_NEAR:]):
        for name in names:
            if _AGENCIES.fullmatch(name):
                agency = agency or name
            elif _ORGANISATION.search(name):
                outlet = outlet or (None if _NOBODY.search(name) else name)
            else:
                authors.append(name)
        if authors or outlet or agency:
            break
    agency = _sent_by(text) or agency
    outlet = outlet or _owner(tail) or site_folder(location)
    # "By Jane Doe, Port Averley" above "PORT AVERLEY —".
    place = text[:_LONGEST].casefold()
    authors = [name for name in authors if not place.startswith(name.casefold())]
    return Byline(", ".join(authors) or None, outlet or agency, agency)


def is_byline(line: str) -> bool:
    """Whether a line is nothing but names after "By"; in doubt it is a sentence."""
    if len(line) > _LONGEST_BYLINE or not (match := _ONLY_BY.fullmatch(line)):
        return False
    names = [name.strip() for name in _BETWEEN_NAMES.split(match["who"])]
    return all(_NAME.fullmatch(name) or _AGENCIES.fullmatch(name) for name in names)


def site_folder(location: str) -> str | None:
    """The folder named like a site that is nearest to a file: crawlers save pages under one."""
    # An archive is no folder.
    outside, _, inside = location.partition(MEMBER)
    folders = PurePath(outside).parts[:-1] + PurePath(inside).parts[:-1]
    for folder in reversed(folders):
        site = folder.removeprefix("www.")
        if _HOST.fullmatch(folder) and not is_archive(site.casefold()):
            return site
    return None


def _bylines(head: Sequence[str]) -> Iterator[list[str]]:
    """The names in each byline, from the one nearest to the body upwards."""
    short = [line for line in reversed(head) if len(line) <= _LONGEST]
    dated = {n: [*find_dates(short[n])] for n in lines_with_years(short)}
    for n, line in enumerate(short):
        dates = dated.get(n, [])
        barred = line
        for found in reversed(dates):
            barred = f"{barred[: found.start]} | {barred[found.end :]}"
        if match := _BY.search(barred):
            who = _REST.sub("", match["who"])
            names = [name.strip(" .,;-") for name in _BETWEEN_NAMES.split(who)]
            yield [name for name in names if _is_name(name)]
        elif dates:
            # "Jane Doe - Nov 30, 2024", "Jane Doe · Northern News · Posted: …"
            chunks = [chunk.strip() for chunk in _CHUNK.split(line[: dates[0].start])]
            if len(chunks) > 1 and _NAME.fullmatch(chunks[0]):
                yield [chunk for chunk in chunks[:2] if _is_name(chunk)]


def _is_name(text: str) -> bool:
    return bool(
        _NAME.fullmatch(text) or _AGENCIES.fullmatch(text) or re.fullmatch(r"[A-Z]\w{1,11}", text)
    )


def _sent_by(text: str) -> str | None:
    match = _DATELINE.match(text[:120])
    if match is None:
        return None
    place = (match["place"] or "").split(",")[0]
    # A place is few words, each with a capital: "Smith, who lost (badly) - " is a sentence.
    if any(word[:1].islower() for word in place.split()):
        return None
    name = (match["sent"] or match["opens"]).strip()
    return name if name[0].isupper() or _AGENCIES.fullmatch(name) else None


def _owner(tail: Sequence[str]) -> str | None:
    marked = (
        line
        for line in tail
        if len(line) <= 2 * _LONGEST
        and ("©" in line or "opyright" in line or "(c)" in line.lower())
    )
    for line in islice(marked, _NEAR):
        match = _COPYRIGHT.search(line)
        if match and not re.match(r"all rights|reserved", match["name"], re.I):
            return _COMPANY.sub("", match["name"].strip(" .-"))
    return None
