"""What web archives put around a page: cut off before the page is read, the address kept.

The dates of a frame are those of captures, its prose is the archive's.
"""

import re
from collections.abc import Iterator
from itertools import islice

import lxml.html
from lxml.html import HtmlElement

from indexer.reading.facts.address import host_of, is_archive, original_address

_BEGIN, _END = "<!-- BEGIN WAYBACK TOOLBAR INSERT -->", "<!-- END WAYBACK TOOLBAR INSERT -->"
# Pages without any of these are of no archive that is known here.
_MARKS = (
    "WAYBACK TOOLBAR", "wm-ipp", "__wm.", "google-cache-hdr", "This is Google", "Perma.cc",
    "Saved from",
)  # fmt: skip
_BY_ID = (
    "//*[starts-with(@id, 'wm-ipp') or @id='wm-capinfo' or @id='wm-tools' or @id='donato' or "
    "contains(@id, 'google-cache-hdr')] | "
    "//*[@id='HEADER'][contains(., 'Saved from')]"
)
# The text of an element inside of a frame that has no id, and what else the frame says.
_BY_TEXT = (
    (re.compile(r"This is Google['’]s cache of"), re.compile(r"snapshot of the page|as retrieved")),
    (re.compile(r"Perma\.cc"), re.compile(r"(?:Captured|Uploaded).*View the live page", re.S)),
)
# Characters of such a frame, and so many elements that may be inside of one are looked at.
_LONGEST_FRAME, _MOST = 1200, 20
# archive.today declares its own copy in the page's head.
_OF_COPY = (
    "//meta[@property='og:site_name' or @property='og:url' or contains(@itemprop, 'date') or "
    "contains(@property, '_time')]"
)
# Where a page of an archive has its own address, the surest first.
_ADDRESSES = (
    re.compile(r"__wm\.\w+\(\s*[\"'](https?://[^\"'\s]+)|wbCurrentUrl\s*=\s*\"(https?://[^\"\s]+)"),
    re.compile(r"value=[\"']?(https?://[^\"'\s<>]+)"),
    re.compile(r"(https?://[^\"'\s<>]+)"),
)
_NO_PAGE = re.compile(r"(?:^|\.)(?:google\.com|facebook\.com|twitter\.com|reddit\.com|w3\.org)$")

# A text begins with one of these within so many lines, if an archive's frame is above it.
_FIRST_LINES = 10
_DAY = r"[0-9]{1,2} [A-Z][a-z]{2} [0-9]{2,4}"
_OPENS = re.compile(
    r"[0-9][0-9,.]* captures?$|This is Google['’]s cache of \S|archive\.(?:today|ph|is|li|vn|fo|"
    r"md)$|"
    r"webpage capture$|Saved from https?://|The Wayback Machine - https?://|"
    r"(?:This is a )?Perma\.cc record$"
)
_OF_FRAME = re.compile(
    rf"{_OPENS.pattern}|{_DAY} [-–] {_DAY}$|About this capture$|Collected by\b|Timestamps$|"
    rf"(?:Organization|Collection): |{_DAY} [0-9:]+ UTC$|no other snapshots|All snapshots\b|"
    r"Webpage\s+Screenshot$|share\s+download \.zip|Full version\s?Text-only|"
    r"Tip: To quickly find your search term|Show record details$|View the live page$|"
    r"What is Perma\.cc\?$|Captured [A-Z][a-z]+ [0-9]{1,2}, [0-9]{4}",
    re.I,
)
# The calendar of a toolbar and its buttons: of the frame only right below another line of it.
_BESIDE = re.compile(
    r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|[0-9]{1,4}|success|fail|search|"
    r"history|go|"
    r"close|help)(?:\s+|$))+$",
    re.I,
)
# A description of the collection has no more lines.
_LONGEST_GAP = 4


def without_toolbar(html: str) -> tuple[str, str | None]:
    """A page less what stands between the Wayback Machine's comments, and its own address."""
    page, _, behind = html.partition(_BEGIN)
    frame, end, rest = behind.partition(_END)
    address = _first_address(_ADDRESSES[:1], html) or _first_address(_ADDRESSES, frame)
    return (page + rest if end else html), address


def is_framed(html: str) -> bool:
    """Whether a page has a mark of an archive, as few others do."""
    return any(mark in html for mark in _MARKS)


def cut_frame(tree: HtmlElement) -> str | None:
    """Remove what an archive put into a parsed page; the page's own address if that tells it."""
    address = None
    for element in [*tree.xpath(_BY_ID), *_by_text(tree)]:
        written = lxml.html.tostring(element, encoding="unicode", with_tail=False)
        address = address or _first_address(_ADDRESSES, written)
        if element.get("id") == "HEADER":
            for meta in tree.xpath(_OF_COPY):
                meta.drop_tree()
        if element.getparent() is not None:
            element.drop_tree()
    return address


def _by_text(tree: HtmlElement) -> Iterator[HtmlElement]:
    """The frame that is known by what it says, as far out as it is nothing but frame."""
    for inside, whole in _BY_TEXT:
        elements = tree.iter("div", "span", "p", "td", "a", "font", "center")
        marked = (each for each in elements if inside.search((each.text or "")[:200]))
        for element in islice(marked, _MOST):
            frame = element
            for outer in element.iterancestors():
                if outer.tag in ("body", "html") or len(outer.text_content()) > _LONGEST_FRAME:
                    break
                frame = outer
            if whole.search(frame.text_content()):
                yield frame
                return


def text_without_frame(text: str) -> tuple[str, str | None]:
    """A text less the lines of an archive's frame above it, and its address if they tell it."""
    lines = text.split("\n", 200)
    filled = (number for number, line in enumerate(lines[:200]) if line and not line.isspace())
    beginning = islice(filled, _FIRST_LINES)
    first = next((n for n in beginning if _OPENS.match(lines[n].strip()[:300])), None)
    if first is None:
        return text, None
    last, gap = first, 0
    for number in filled:
        line = lines[number].strip()[:300]
        if _OF_FRAME.match(line) or (not gap and len(line) < 40 and _BESIDE.match(line)):
            last, gap = number, 0
        else:
            gap += 1
        if gap > _LONGEST_GAP:
            break
    frame = "\n".join(lines[first : last + 1])
    return "\n".join([*lines[:first], *lines[last + 1 :]]), _first_address(_ADDRESSES[2:], frame)


def _first_address(places: tuple[re.Pattern[str], ...], frame: str) -> str | None:
    """The first address in a frame that is no archive's, or that a copy is of."""
    for place in places:
        for match in place.finditer(frame):
            found = original_address(next(filter(None, match.groups())).rstrip(".,;)"))
            host = host_of(found)
            if host and not is_archive(host) and not _NO_PAGE.search(host):
                return found
    return None
