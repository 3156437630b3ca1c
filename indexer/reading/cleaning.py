"""From a document to an article: the body kept, the page around it dropped, the metadata read.

HTML goes through trafilatura. A text dump is read line by line: a line is kept if it is prose, or a
short line between prose, and the article ends where the page's tail begins (comments, disclaimers,
related links). What a file declares wins over what is guessed here.
"""

import hashlib
import html
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import urlsplit

import trafilatura

from indexer.article import Article, Document, Rejected
from indexer.reading.dates import dateline_date, find_dates, parse_date
from indexer.reading.furniture import ends_article, is_furniture, is_menu

# A page with less than this many words of prose is a stub: a gallery, a paywall, an error page.
MIN_WORDS = 5
# A headline longer than this is a paragraph.
MAX_HEADLINE = 220

_PROSE_END = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_WORD = re.compile(r"\w+(?:[’'-]\w+)*")

# Lines wrapped at a fixed width are between these, but for the last of a paragraph.
LONGEST_WRAPPED = 130
SHORTEST_WRAPPED = 50

# "&#27;": lxml gives up on a page that names a control character.
_CONTROL_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[\da-f]));", re.I
)
_LONG_REFERENCE = re.compile(r"&#(?:\d{8,}|x[\da-f]{7,});?", re.I)
_BAR = re.compile(r"\s[|•·›»]\s|\s>\s")
_MARKDOWN_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\s]{0,1000}\)")
_COPYRIGHT = re.compile(
    r"^\W*(?:©|\(c\)|copyright)[\s©]*(?:\d{4}(?:\s?[-–]\s?\d{4})?)?\s*"
    r"(?P<name>[A-Z][\w&’' -]{2,40}?)"
    r"(?:\s*[.,|·]|\s+(?:all|ltd|inc|llc|publishing|media|group|\d{4})\b|$)",
    re.I,
)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.I)
_BYLINE = re.compile(
    r"^\W*(?:(?:written |reported |posted |story )?by:?|author:|from)\s+(?P<who>[^|•·]{2,80}?)"
    r"(?:\s*[|•·].*|,?\s+(?:updated|published|posted|created)\b.*)?$",
    re.I,
)
_LABELLED_DATE = re.compile(
    r"\b(?:published|posted|created|updated|modified|date|issued|first published|last updated)\b",
    re.I,
)
_UPDATED = re.compile(r"\b(?:updated|modified|last updated)\b[^|•·]*$", re.I)
_AGENCY = re.compile(
    r"^(?:[^()\n]{0,60})\((?P<name>[A-Z][A-Za-z .&/-]{1,30})\)\s?(?:[-–—:]|[A-Z])", re.M
)
_DATE_PREFIX = re.compile(r"^\W*(?:date|published|posted)?\W*$", re.I)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    words: int
    prose: bool
    furniture: bool


def clean(document: Document) -> Article | Rejected:
    """Make an article of a document, or say why it is none."""
    found = _clean_html(document) if document.format == "html" else _clean_text(document)
    if isinstance(found, Rejected):
        return found
    title = document.title or found.title or _first_sentence(found.text)
    published = parse_date(document.date) if document.date else found.published
    source = document.source or found.source or _host(document.url or found.url)
    identity = document.id or content_id(title, found.text, published, source)
    return Article(
        id=identity,
        title=title[:MAX_HEADLINE].strip(),
        text=found.text,
        published=published,
        source=source,
        url=_safe_url(document.url or found.url),
        author=document.author or found.author,
        location=document.location,
    )


def content_id(title: str, text: str, published: str | None, source: str | None) -> str:
    """An id from what an article says: the same after its file is moved or renamed."""
    parts = "\0".join([title, text, published or "", source or ""])
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    title: str | None = None
    published: str | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None


def _clean_html(document: Document) -> _Found | Rejected:
    try:
        extracted = trafilatura.bare_extraction(
            _CONTROL_REFERENCE.sub("", document.content),
            url=document.url,
            with_metadata=True,
            include_comments=False,
            include_tables=False,
            favor_precision=False,
        )
    except Exception as error:  # noqa: BLE001 - whatever a parser makes of a hostile page
        return Rejected(document.location, f"HTML that cannot be parsed: {error!r:.200}")
    if extracted is None or len(_WORD.findall(extracted.text or "")) < MIN_WORDS:
        return Rejected(document.location, "no article text found in the HTML")
    return _Found(
        text=_tidy("\n\n".join(extracted.text.split("\n"))),
        title=_one_line(extracted.title),
        published=extracted.date,
        source=_one_line(extracted.sitename),
        url=extracted.url,
        author=_one_line(extracted.author),
    )


def _clean_text(document: Document) -> _Found | Rejected:
    content = document.content
    if "&" in content:
        # A reference of thousands of digits is no character, and too much for int().
        content = html.unescape(_LONG_REFERENCE.sub("", content))
    lines = [_line(raw) for raw in _unwrapped(content.split("\n"))]
    prose = [i for i, line in enumerate(lines) if line.prose]
    if not prose:
        # A page without one whole sentence: keep what is there rather than lose it.
        kept = [i for i, line in enumerate(lines) if line.text and not line.furniture]
        if sum(lines[i].words for i in kept) < MIN_WORDS:
            return Rejected(document.location, "no article text found")
        return _Found(_tidy("\n\n".join(lines[i].text for i in kept)), title=None)
    first = prose[0]
    end = _tail(lines, prose)
    body = _body(lines, first, end)
    # A file that declares its title holds the body alone, so nothing above it is a headline.
    head = [line for line in lines[:first] if line.text]
    paragraphs = [lines[i].text for i in body]
    headline = None if document.title else _headline(head, "\n".join(paragraphs))
    published, rest = _leading_date(paragraphs[0])
    paragraphs[0] = rest
    if paragraphs and headline and _same(paragraphs[0], headline):
        paragraphs.pop(0)
    text = _tidy("\n\n".join(paragraphs))
    if len(_WORD.findall(text)) < MIN_WORDS:
        return Rejected(document.location, "no article text found")
    return _Found(
        text=text,
        title=headline,
        published=_published(head) or published or dateline_date(paragraphs[0]),
        source=_source(head, text, lines[body[-1] + 1 :], document.location),
        author=_author(head),
    )


def _unwrapped(lines: list[str]) -> list[str]:
    """Join the lines of paragraphs that were wrapped at a fixed width, as agencies send them."""
    pairs = [(one, other) for one, other in itertools.pairwise(lines) if one.strip() and other]
    broken = sum(other[:1].islower() and not _PROSE_END.search(one) for one, other in pairs)
    if broken * 4 < len(pairs) or max(map(len, lines)) > LONGEST_WRAPPED:
        return lines
    paragraphs: list[list[str]] = [[]]
    for before, line in zip(["", *lines], lines, strict=False):
        if len(before) <= SHORTEST_WRAPPED or not line.strip():
            paragraphs.append([])
        paragraphs[-1].append(line)
    return [" ".join(paragraph) for paragraph in paragraphs[1:]]


def _line(raw: str) -> _Line:
    text = " ".join(_MARKDOWN_LINK.sub(r"\1", raw).strip(" #*_=>\t").split())
    words = len(_WORD.findall(text))
    # The raw line too: the wide gaps between the cells of a menu are lost in `text`.
    furniture = bool(text) and (is_furniture(text) or is_menu(raw))
    ends = _PROSE_END.search(text) is not None
    prose = not furniture and ((ends and words >= 8) or words >= 30)
    return _Line(text, words, prose, furniture)


def _tail(lines: list[_Line], prose: list[int]) -> int:
    """The line at which the page's tail begins: a marker with at least half of the prose above."""
    total = sum(lines[i].words for i in prose)
    above = 0
    for i, line in enumerate(lines):
        if above * 2 >= total and line.text and ends_article(line.text):
            return i
        if line.prose:
            above += line.words
    return len(lines)


def _body(lines: list[_Line], first: int, end: int) -> list[int]:
    kept: list[int] = []
    last = max(i for i in range(first, end) if lines[i].prose)
    for i in range(first, last + 1):
        line = lines[i]
        if line.prose or (line.text and not line.furniture and not ends_article(line.text)):
            kept.append(i)
    # Short quotations and last words may follow the last long paragraph.
    for i in range(last + 1, end):
        line = lines[i]
        if not line.text:
            continue
        if line.furniture or not _PROSE_END.search(line.text) or line.words < 4:
            break
        kept.append(i)
    return kept


def _headline(head: list[_Line], body: str) -> str | None:
    """The line above the body that shares most words with it; a doubled one counts for more."""
    beginnings = _beginnings(body[:4000])
    copies = Counter(line.text.casefold() for line in head)
    best: tuple[float, str] | None = None
    for number, line in enumerate(head):
        if (
            line.furniture
            or not 3 <= line.words <= 35
            or len(line.text) > MAX_HEADLINE
            or _BAR.search(line.text)
            or next(find_dates(line.text), None)
            or _BYLINE.match(line.text)
            or ends_article(line.text)
        ):
            continue
        own = _beginnings(line.text)
        shared = len(own & beginnings) / max(len(own), 1)
        doubled = copies[line.text.casefold()] > 1
        # Longer headlines share more by chance; the line nearest the body wins a tie.
        score = shared + 0.5 * doubled + min(line.words, 8) / 16 + number / 1000
        if (shared > 0 or doubled) and (best is None or score > best[0]):
            best = (score, line.text)
    return best[1] if best else None


def _beginnings(text: str) -> set[str]:
    """The first five letters of the longer words: "promises" and "promised" are one."""
    return {word[:5] for word in _WORD.findall(text.casefold()) if len(word) > 3}


def _published(head: list[_Line]) -> str | None:
    """The date above the body: a labelled one before a bare one, and the nearest of those."""
    bare: str | None = None
    for line in reversed(head):
        if line.words > 25:
            continue
        for found in find_dates(line.text):
            before = line.text[: found.start]
            if _UPDATED.search(before):
                continue
            if _LABELLED_DATE.search(before):
                return found.iso
            bare = bare or found.iso
    return bare


def _leading_date(paragraph: str) -> tuple[str | None, str]:
    """A date printed before the first sentence ("date 2024-11-04 (MENAFN) …"), and the rest."""
    found = next(find_dates(paragraph[:60]), None)
    if found is None or not _DATE_PREFIX.match(paragraph[: found.start]):
        return None, paragraph
    return found.iso, paragraph[found.end :].lstrip(" ,.:-–—|")


def _source(head: list[_Line], text: str, tail: list[_Line], location: str) -> str | None:
    """The outlet: from the byline, the copyright line, a folder named like a site, the dateline."""
    for line in head:
        match = _BYLINE.match(line.text)
        if match and _BAR.search(line.text) and not re.search(r"\d", match["who"]):
            return match["who"].strip()
    for line in tail:
        if match := _COPYRIGHT.search(line.text):
            return match["name"].strip()
    if site := site_folder(location):
        return site
    agency = _AGENCY.match(text[:120])
    return agency["name"].strip() if agency else None


def site_folder(location: str) -> str | None:
    """The folder named like a site that is nearest to a file: crawlers save pages under one."""
    for folder in reversed(PurePath(location).parts[:-1]):
        if _HOST.fullmatch(folder):
            return folder.removeprefix("www.")
    return None


def _author(head: list[_Line]) -> str | None:
    for line in head:
        match = _BYLINE.match(line.text)
        if match and not _BAR.search(line.text) and line.words <= 8:
            return match["who"].strip()
    return None


def _same(one: str, other: str) -> bool:
    return _WORD.findall(one.casefold()) == _WORD.findall(other.casefold())


def _first_sentence(text: str) -> str:
    line = text.split("\n", 1)[0]
    sentence = re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0]
    return sentence if len(sentence) <= 120 else sentence[:119].rsplit(" ", 1)[0] + "…"


def _one_line(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[^\S\n]+", " ", text)).strip()


def _safe_url(url: str | None) -> str | None:
    """The url if it is one a page may link to, else None: articles are untrusted."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def _host(url: str | None) -> str | None:
    safe = _safe_url(url)
    return (urlsplit(safe).hostname or "").removeprefix("www.") or None if safe else None
