"""The article of a web page: its body, with the site's headers, teasers and forms left out.

trafilatura finds the body; what it misses of the same column is added, teasers that it took are
dropped. Where it finds nothing, the page's JSON-LD or its visible lines are read instead.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape

import lxml.etree
import lxml.html
import trafilatura
from lxml.html import HtmlElement

from indexer.article import PARAGRAPH
from indexer.reading.body.archive_frame import cut_frame, is_framed, without_toolbar
from indexer.reading.body.furniture import ends_page, is_furniture
from indexer.reading.body.no_article import is_front, no_article
from indexer.reading.body.tables import ROW, is_menu_row, unfold_layout
from indexer.reading.body.words import count_words, has_more_words
from indexer.reading.facts.address import host_of, original_address
from indexer.reading.facts.declared import json_ld, key_of
from indexer.reading.facts.metadata import Metadata, read_metadata
from indexer.reading.input.markup import is_html

# A page with less than this many words of text is a stub: a gallery, a paywall, an error page.
MIN_WORDS = 5
# But for a sentence below a headline: "The board agreed."
FLASH_WORDS = 3
# In characters, inlined images not counted; the parser takes some twenty times as many bytes.
LARGEST_PAGE = 32_000_000
# Where trafilatura is not asked: its time grows with the square of the elements (1 s for 20,000,
# 158 s for 200,000), with their depth and with the text below each. Of 325 news pages the largest
# has 1.9 million characters, 11,529 elements and a load of 41 million.
LARGE_PAGE, MOST_ELEMENTS, LARGEST_LOAD = 4_000_000, 30_000, 60_000_000
# What an element weighs beside its text, in characters.
ELEMENT_LOAD = 100

# An extraction is only a stub if it has fewer words than this, and less than this share of the
# words that a laxer one finds.
STUB_WORDS, STUB_SHARE = 80, 0.4
# Missed paragraphs are looked for where they are at least this share of the words found: a smaller
# one is mostly captions and teasers.
MISSED_SHARE = 0.5

# A body that is declared replaces the one shown if that is shorter than this share of it, and has
# this share of its runs of four words from it.
TEASER_SHARE, TEASER_KNOWN = 0.8, 0.5
# The first line of several that are glued has no more words.
_FIRST_PIECE = 50

# "&#27;": the parser gives up on a page that names a control character. "&shy;": what is not seen
# would be found between the letters of a word.
_CONTROL = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcef]|1[\da-f]));|[\x00-\x08\x0b\x0c\x0e-\x1f]"
    r"|&(?:shy|ZeroWidthSpace|NoBreak|#0*(?:173|8203|8288|65279)|#x0*(?:ad|200b|2060|feff));",
    re.I,
)
_INLINED = re.compile(r"data:[\w/+.;=-]{1,100};base64,[A-Za-z0-9+/=]*")
_SENTENCE_END = re.compile(r"[.!?…:;。！？؟।][\"'”’»)\]」』]*$")
_UNSEEN = frozenset((
    "head", "script", "style", "noscript", "template", "svg", "math", "iframe", "object",
    "select", "textarea", "button",
))  # fmt: skip
_INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn",
    "em", "font", "i", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    "img",
))  # fmt: skip
_GLUED = re.compile(
    r"(?<=[a-z][.!?])(?=[“\"]?[A-Z][a-z ])|(?<=[a-z][.!?][”\"])(?=[“\"]?[A-Z][a-z ])"
)
_ARTICLE = ("article", "main")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)

_Column = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The article of a page, blank lines between paragraphs, and what the page says of it."""

    text: str
    about: Metadata


def read_page(html: str, url: str | None, today: date, titled: bool = False) -> Page | str:
    """The article of a page, or the reason why there is none; never raises.

    `url` is where the page came from, if that is known. No date is later than the day after
    `today`. `titled`: the headline is known from elsewhere.
    """
    html = _less_images(html)
    if len(html) > LARGEST_PAGE:
        return f"an HTML page of more than {LARGEST_PAGE // 1_000_000} million characters"
    tree, address = _parsed(html)
    if tree is None:
        return "HTML that cannot be parsed"
    large = len(html) > LARGE_PAGE or _is_laborious(tree)
    found = read_metadata(tree, address or url, today, guess=not large)
    seen = list(_lines(tree))
    lines = [] if large else _extracted(tree, found, seen)
    if _count(lines) < MIN_WORDS:
        prose = _declared_body(tree) or [
            line for line in seen if _is_prose(line) and not _is_frame(line)
        ]
        lines = prose if prose or large else lines
    why = no_article([*found.titles, *found.headings], lines, seen)
    if why is None and not found.is_article and is_front(found.headings, _links(tree), seen):
        why = "no article: list of links"
    if why is not None:
        return why
    if not is_text(" ".join(lines), titled or found.title is not None):
        return "no article text found in the HTML"
    return Page(PARAGRAPH.join(lines), found)


def visible_lines(html: str) -> list[str]:
    """The lines that a person sees, in order; of a page too large to be read, none."""
    html = _less_images(html)
    tree = _parsed(html)[0] if len(html) <= LARGEST_PAGE else None
    return [] if tree is None else list(_lines(tree))


def is_text(text: str, titled: bool) -> bool:
    """Whether a text is long enough to be an article's; one sentence is, below a headline."""
    if titled and _SENTENCE_END.search(text[-10:]):
        return has_more_words(text, FLASH_WORDS - 1)
    return has_more_words(text, MIN_WORDS - 1)


def _less_images(html: str) -> str:
    """A page less the images that browsers save inside of it, which are most of such a page."""
    return _INLINED.sub("", html) if "base64," in html else html


def _parsed(html: str) -> tuple[HtmlElement | None, str | None]:
    """The page's tree, and its own address where an archive has put a frame around it.

    The parser drops what is nested more than 256 deep, and so bounds the tree.
    """
    framed = is_framed(html)
    page, address = without_toolbar(html) if framed else (html, None)
    parser = lxml.html.HTMLParser(
        collect_ids=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    content = _CONTROL.sub("", page).encode("utf-8", "replace")
    try:
        tree = lxml.html.document_fromstring(content, parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return None, None
    return tree, (cut_frame(tree) if framed else None) or address


def _is_laborious(tree: HtmlElement) -> bool:
    """Whether the elements are too many, or too much text stands too deep."""
    depth = load = elements = 0
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            depth += 1
            elements += 1
            load += depth * (ELEMENT_LOAD + len(element.text or ""))
        else:
            depth -= 1
            load += depth * len(element.tail or "")
        if load > LARGEST_LOAD or elements > MOST_ELEMENTS:
            return True
    return False


def _lines(tree: HtmlElement) -> Iterator[str]:
    """The visible text, a line for each block; walked without recursion."""
    parts: list[str] = []
    walk = lxml.etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            style = element.get("style")
            hidden = "hidden" in element.attrib or (style and _HIDDEN_STYLE.search(style[:1000]))
            if hidden or tag in _UNSEEN:
                walk.skip_subtree()
                continue
            text = element.text
        else:
            text = element.tail
        if tag not in _INLINE:
            if line := " ".join("".join(parts).split()):
                yield line
            parts.clear()
        if text:
            parts.append(text)
    if line := " ".join("".join(parts).split()):
        yield line


def _extracted(tree: HtmlElement, found: Metadata, seen: list[str]) -> list[str]:
    """trafilatura's lines. Its precise mode is the better one, but may keep a stub of the body."""
    titles = {key_of(text) for text in [*found.titles, *found.headings]}
    lines = _bare(tree, favor_precision=True)
    if 2 * _count([line for line in lines if line.startswith(ROW)]) > _count(lines):
        unfold_layout(tree)
        lines = _bare(tree, favor_precision=True)
    lines = lines or _declared_body(tree)
    if _count(lines) < STUB_WORDS:
        balanced = _bare(tree, fast=True)
        lines = balanced if _count(lines) < STUB_SHARE * _count(balanced) else lines
    lines = _less_teasers(_unglued(_continued(tree, lines), seen, titles), tree, found.url)
    lines = [line.strip(" |") for line in lines if key_of(line) not in titles]
    return _whole(lines, _declared_body(tree), _is_paid(tree))


def _unglued(lines: list[str], seen: list[str], titles: set[str]) -> list[str]:
    """Lines, those cut up that are several lines of the page in a row."""
    whole, starts = set(seen), {line: number for number, line in reversed([*enumerate(seen)])}
    result: list[str] = []
    for line in lines:
        pieces = [] if line in whole or line.startswith(ROW) else _pieces(line, seen, starts)
        # What is no sentence, no title and not short was but a part of one.
        parts = [
            part for part in pieces if count_words(part) > MIN_WORDS and key_of(part) not in titles
        ]
        whole_ones = parts and all(_SENTENCE_END.search(part[-10:]) for part in parts)
        result += pieces if whole_ones else [line]
    return result


def _pieces(line: str, seen: list[str], starts: dict[str, int]) -> list[str]:
    """The lines of the page that make up a line, none if it is not made of whole ones."""
    words = line.split(" ", _FIRST_PIECE)
    prefixes = (" ".join(words[:n]) for n in range(1, len(words)))
    first = next((starts[prefix] for prefix in prefixes if prefix in starts), len(seen))
    found, end = [], 0
    for part in seen[first:]:
        if not line.startswith(part, end):
            break
        found.append(part)
        end += len(part)
        end += line.startswith(" ", end)
    return found if end == len(line) else []


def _whole(lines: list[str], declared: list[str], paid: bool) -> list[str]:
    """The declared body in place of its beginning, which is what a paywall shows of it."""
    known, shown = _shingles(declared), _shingles(lines)
    of_it = len(shown & known) >= TEASER_KNOWN * len(shown)
    if _count(lines) < TEASER_SHARE * _count(declared):
        return declared if paid or of_it else lines
    # trafilatura reads it too, and glues its paragraphs.
    return declared if of_it and len(lines) == 1 < len(declared) else lines


def _is_paid(tree: HtmlElement) -> bool:
    free = {str(node.get("isAccessibleForFree")).casefold() for node in json_ld(tree)}
    return "false" in free


def _shingles(lines: list[str]) -> set[tuple[str, ...]]:
    words = key_of(" ".join(lines)).split()
    return set(zip(words, words[1:], words[2:], words[3:], strict=False))


def _bare(tree: HtmlElement, **mode: bool) -> list[str]:
    try:
        found = trafilatura.bare_extraction(
            tree, include_comments=False, include_tables=True, **mode
        )
    except Exception:  # noqa: BLE001 - whatever a parser makes of a hostile page
        return []
    lines = found.text.split("\n") if found else []
    return [line for raw in lines if (line := " ".join(raw.split()))]


def _continued(tree: HtmlElement, lines: list[str]) -> list[str]:
    """Add the paragraphs in the same column of the page as those found, if there are many.

    The column: the path of tags and classes down to most of the paragraphs found, in one `article`.
    An advertisement may divide it into several blocks, of which trafilatura takes one.
    """
    position = {key_of(line): number for number, line in enumerate(lines)}
    known: dict[HtmlElement, _Column | None] = {}
    paragraphs = [
        (_column(p.getparent(), known), " ".join(p.text_content().split())) for p in tree.iter("p")
    ]
    columns = Counter(column for column, text in paragraphs if column and key_of(text) in position)
    if not columns:
        return lines
    best = columns.most_common(1)[0][0]
    found = "\n".join(position)
    added: dict[int, list[str]] = {}
    at = None
    for column, text in paragraphs:
        key = key_of(text)
        if key in position:
            at = position[key]
        elif column == best and at is not None and _is_prose(text) and key[:40] not in found:
            added.setdefault(at, []).append(text)
    if sum(map(_count, added.values())) < MISSED_SHARE * _count(lines):
        return lines
    return [each for n, line in enumerate(lines) for each in [line, *added.get(n, [])]]


def _column(parent: HtmlElement, known: dict[HtmlElement, _Column | None]) -> _Column | None:
    """The `article` or `main` around a paragraph, and the tags and classes between; else None."""
    if parent not in known:
        path: list[object] = []
        for outer in itertools.chain([parent], parent.iterancestors()):
            path.append(outer if outer.tag in _ARTICLE else (outer.tag, outer.get("class")))
            if outer.tag in _ARTICLE:
                break
        known[parent] = tuple(path) if outer.tag in _ARTICLE else None
    return known[parent]


def _less_teasers(lines: list[str], tree: HtmlElement, url: str | None) -> list[str]:
    """Drop buttons, menus and credits, and lines that are wholly a link to a page of the site."""
    links = _links(tree, (host_of(url), ""))
    return [
        line
        for before, line, after in zip(["", *lines], lines, [*lines[1:], ""], strict=False)
        if not (
            is_menu_row(line, links, alone="|" not in (before[:1], after[:1]))
            if line.startswith(ROW)
            else _is_frame(line.strip("- ")) or (line.count(" ") >= 4 and key_of(line) in links)
        )
    ]


def _links(tree: HtmlElement, hosts: tuple[str, ...] | None = None) -> set[str]:
    """The keys of the texts that are links, to any or to these hosts."""
    return {
        key_of(link.text_content())
        for link in tree.iter("a")
        if (address := link.get("href") or "")
        and not address.startswith("#")
        and (hosts is None or host_of(original_address(address)) in hosts)
    }


def _declared_body(tree: HtmlElement) -> list[str]:
    """The longest text of an article that the page's JSON-LD holds, in paragraphs."""
    bodies = [node.get("articleBody") for node in json_ld(tree)]
    body = max((body for body in bodies if isinstance(body, str)), key=len, default="")
    if is_html(body) and (markup := _parsed(body)[0]) is not None:
        lines = list(_lines(markup))
    else:
        lines = [" ".join(raw.split()) for raw in unescape(body).split("\n")]
        # Some sites glue the paragraphs: "… eleven million crowns.Auctioneer Ragna Toft …"
        lines = [part for line in lines for part in _GLUED.split(line)]
    return [line for line in lines if line and not _is_frame(line)]


def _is_frame(line: str) -> bool:
    return is_furniture(line) or ends_page(line)


def _is_prose(line: str) -> bool:
    words = count_words(line[:1000])
    return words >= 30 or (words >= MIN_WORDS and _SENTENCE_END.search(line[-10:]) is not None)


def _count(lines: list[str]) -> int:
    return sum(map(count_words, lines))
