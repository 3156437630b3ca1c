"""Marked text: an article's text as paragraphs of pieces, each plain, passage or answer.

Offsets are code points and are cut here, before anything is escaped: the template only escapes
whole pieces, so no mark can fall inside an entity or be shifted by an emoji.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from indexer.article import Span

Kind = Literal["plain", "passage", "answer"]

_GAP = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `anchor` is true for the first piece of all that is not plain."""

    text: str
    kind: Kind
    anchor: bool


def marked(
    text: str, within: Span | None = None, passage: Span | None = None, answer: Span | None = None
) -> list[list[Piece]]:
    """The paragraphs of `text`, or of the part `within`, cut where a mark begins or ends."""
    spans: list[tuple[Kind, Span]] = []
    if answer:
        spans.append(("answer", answer))
    if passage:
        spans.append(("passage", passage))
    paragraphs: list[list[Piece]] = []
    anchored = False
    edges = {edge for _, span in spans for edge in (span.start, span.end)}
    for start, end in _paragraphs(text, within or Span(0, len(text))):
        if not text[start:end].strip():
            continue
        cuts = sorted({start, end, *(edge for edge in edges if start < edge < end)})
        pieces = []
        for left, right in pairwise(cuts):
            kind: Kind = next(
                (kind for kind, span in spans if span.start <= left and right <= span.end), "plain"
            )
            pieces.append(Piece(text[left:right], kind, kind != "plain" and not anchored))
            anchored = anchored or kind != "plain"
        paragraphs.append(pieces)
    return paragraphs


def _paragraphs(text: str, within: Span) -> Iterator[tuple[int, int]]:
    start = within.start
    for gap in _GAP.finditer(text, within.start, within.end):
        yield start, gap.start()
        start = gap.end()
    yield start, within.end
