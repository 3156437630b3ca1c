"""From the printed lines of a document to its paragraphs, across columns and pages.

What is printed on the edge of several pages, or numbers them, is no part of it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from indexer.reading.body.hyphens import Hyphens
from indexer.reading.formats.columns import Line
from indexer.reading.input.characters import seen
from indexer.reading.input.decoding import tidy

# So many lines from the top or the bottom of a page may be its edge.
_EDGE = 3
# On so many pages a line of the edge is a running head; of two pages on both.
_SEVERAL = 3
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"\W{0,3}(?:(?:page|p\.|seite|s\.|página|pagina|pág\.|стр\.|side|sida)\s{0,2})?"
    r"\d{1,5}(?:\s{0,2}(?:of|/|von|de|sur|di|van|из)\s{0,2}\d{1,5})?\W{0,3}",
    re.I,
)
# A hyphen at a line's end, as fonts, typesetters and PDFium write it; the latter only part a word.
_HYPHEN = re.compile(r"\w[-\u00ad\u2010\ufffe\x02]$")
_SOFT_HYPHEN = re.compile(r"(?<=\w)[\u00ad\ufffe\x02]$")
_ENDS = re.compile(r"[.!?:…。！？]\W{0,3}$")
_LETTER = re.compile(r"\w")
# Of one size are letters that differ by less; a greater step down than so many is a new paragraph.
_SIZE, _STEP = 1.12, 1.4
# In heights of a line: how far the first line of a paragraph is set in, and what a last one lacks.
_INDENT, _SHORT = 0.7, 3


def paragraphs(pages: Sequence[Sequence[Sequence[Line]]]) -> tuple[list[str], list[int]]:
    """The paragraphs of a document, from the columns of each page and the lines of each column.

    And for each page how many letters and digits stand before it, which no joining of lines
    changes.
    """
    edges = _running(pages)
    found: list[_Paragraph] = []
    starts, letters = [], 0
    for number, page in enumerate(pages):
        starts.append(letters)
        for column in page:
            kept = [line for line in column if (number, id(line)) not in edges]
            _add(found, kept)
            letters += sum(len(_LETTER.findall(tidy(_seen(line)))) for line in kept)
    hyphens = Hyphens([line for each in found for line in each.lines])
    return [text for each in found if (text := _text(each.lines, hyphens))], starts


class _Paragraph:
    """The lines of a paragraph; the last of them, and how its column stands."""

    def __init__(self, line: Line) -> None:
        self.lines = [_seen(line)]
        self.last = line
        self.right = line.right

    def add(self, line: Line) -> None:
        self.lines.append(_seen(line))
        self.last = line


def _running(pages: Sequence[Sequence[Sequence[Line]]]) -> set[tuple[int, int]]:
    """The page and the identity of each line that is a running head, or a page's number."""
    edges = [(number, line) for number, page in enumerate(pages) for line in _edge(page)]
    on = Counter(
        head
        for page in pages
        for head in {_DIGITS.sub("0", line.text.casefold()) for line in _edge(page)}
    )
    several = min(len(pages), _SEVERAL) if len(pages) > 1 else 2
    return {
        (number, id(line))
        for number, line in edges
        if on[_DIGITS.sub("0", line.text.casefold())] >= several
        or _PAGE_NUMBER.fullmatch(line.text)
    }


def _edge(page: Iterable[Sequence[Line]]) -> list[Line]:
    """The lines at the top and at the bottom of a page."""
    rows: list[list[Line]] = []
    for line in sorted((line for column in page for line in column), key=lambda each: -each.top):
        if rows and line.top > rows[-1][0].bottom + line.height / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    outer = rows if len(rows) <= 2 * _EDGE else rows[:_EDGE] + rows[-_EDGE:]
    return [line for row in outer for line in row]


def _add(found: list[_Paragraph], column: Sequence[Line]) -> None:
    """Add the lines of a column, the first of which may go on with the last paragraph."""
    if not column:
        return
    left, right = _side([line.left for line in column]), max(line.right for line in column)
    steps = [above.bottom - below.bottom for above, below in pairwise(column)]
    step = median(steps) if steps else 0.0
    above: Line | None = None
    for line in column:
        begins = not found or not _goes_on(found[-1], line, left)
        if above is not None and not begins:
            indented = above.left - left > _INDENT * line.height
            set_in = line.left - left > _INDENT * line.height and not indented
            begins = set_in or above.bottom - line.bottom > _STEP * step
        if begins:
            found.append(_Paragraph(line))
        else:
            found[-1].add(line)
        found[-1].right = right
        above = line


def _side(lefts: Sequence[float]) -> float:
    """Where most lines of a column begin."""
    return min(Counter(round(each) for each in lefts).most_common(3), key=lambda each: each[0])[0]


def _goes_on(before: _Paragraph, line: Line, left: float) -> bool:
    """Whether a line goes on with the paragraph before it."""
    last = before.last
    if not 1 / _SIZE < line.height / last.height < _SIZE:
        return False
    if _HYPHEN.search(last.text) or line.text[:1].islower():
        return True
    short = last.right < before.right - _SHORT * last.height
    return not short and not (_ENDS.search(last.text) and line.left - left > _INDENT * line.height)


def _seen(line: Line) -> str:
    return seen(_SOFT_HYPHEN.sub("¬", line.text))


def _text(lines: Sequence[str], hyphens: Hyphens) -> str:
    """The text of a paragraph, words that were parted at the ends of lines whole again."""
    parts = [lines[0]]
    for line in lines[1:]:
        parts[-1:] = [hyphens.joined(parts[-1], line).removesuffix(line), line]
    return " ".join("".join(parts).removesuffix("¬").split())
