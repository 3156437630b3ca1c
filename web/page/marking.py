"""Marked text: an article's text as paragraphs of runs, each plain, passage or answer.

Offsets are code points and are cut here, before anything is escaped: the template only escapes
whole pieces, so no mark can fall inside an entity or be shifted by an emoji.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from indexer.article import Span

Mark = Literal["plain", "passage", "answer"]

_SPACE = re.compile(r"\s+")
_GAP = re.compile(r"\n\s*\n")
# Characters of a passage that a hit shows: passages that touch are merged, up to whole articles.
LONGEST_EXCERPT = 700


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text, and whether it is a word of the question."""

    text: str
    match: bool


@dataclass(frozen=True, slots=True)
class MarkedText:
    """Pieces of one kind; `anchor` is true for the first run of all that is not plain."""

    pieces: list[Piece]
    kind: Mark
    anchor: bool

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(piece.text for piece in self.pieces)


def marked(
    text: str,
    within: Span | None = None,
    passage: Span | None = None,
    answer: Span | None = None,
    matches: Sequence[Span] = (),
) -> list[list[MarkedText]]:
    """The paragraphs of `text`, or of the part `within`, cut where a mark begins or ends."""
    spans: list[tuple[Mark, Span]] = []
    if answer:
        spans.append(("answer", answer))
    if passage:
        spans.append(("passage", passage))
    edges = {edge for _, span in spans for edge in (span.start, span.end)}
    edges |= {edge for span in matches for edge in (span.start, span.end)}
    starts = {span.start: span.end for span in matches}
    anchored = False
    paragraphs: list[list[MarkedText]] = []
    for start, end in _paragraphs(text, within or Span(0, len(text))):
        if not text[start:end].strip():
            continue
        cuts = sorted({start, end, *(edge for edge in edges if start < edge < end)})
        runs = []
        for kind, parts in groupby(pairwise(cuts), lambda part: _kind(spans, *part)):
            pieces = [Piece(text[left:right], starts.get(left) == right) for left, right in parts]
            runs.append(MarkedText(pieces, kind, kind != "plain" and not anchored))
            anchored = anchored or kind != "plain"
        paragraphs.append(runs)
    return paragraphs


def excerpt(text: str, passage: Span, answer: Span) -> Span:
    """The part of a passage to show: what holds the answer, and the paragraphs beside it that fit.

    `answer` lies inside `passage`. At most `LONGEST_EXCERPT` characters, of the answer as many.
    """
    paragraphs = list(_paragraphs(text, passage))
    first = next(i for i, (_, end) in enumerate(paragraphs) if answer.start < end)
    last = next(i for i, (_, end) in enumerate(paragraphs) if answer.end <= end)

    def fits(first: int, last: int) -> bool:
        return paragraphs[last][1] - paragraphs[first][0] <= LONGEST_EXCERPT

    grown = True
    while grown:
        grown = False
        if first > 0 and fits(first - 1, last):
            first, grown = first - 1, True
        if last + 1 < len(paragraphs) and fits(first, last + 1):
            last, grown = last + 1, True
    shown = Span(paragraphs[first][0], paragraphs[last][1])
    return shown if fits(first, last) else _cut(text, shown, answer)


def _cut(text: str, shown: Span, answer: Span) -> Span:
    """What surrounds the answer, cut between words where there are any."""
    spare = max(0, LONGEST_EXCERPT - (answer.end - answer.start))
    start = max(shown.start, answer.start - spare // 2)
    end = min(shown.end, start + LONGEST_EXCERPT)
    if start > shown.start and (space := _SPACE.search(text, start, answer.start)):
        start = space.end()
    if end < shown.end and (last := text.rfind(" ", answer.end, end)) >= 0:
        end = last
    return Span(start, end)


def _kind(spans: Sequence[tuple[Mark, Span]], left: int, right: int) -> Mark:
    return next((kind for kind, span in spans if span.start <= left and right <= span.end), "plain")


def _paragraphs(text: str, within: Span) -> Iterator[tuple[int, int]]:
    start = within.start
    for gap in _GAP.finditer(text, within.start, within.end):
        yield start, gap.start()
        start = gap.end()
    yield start, within.end
