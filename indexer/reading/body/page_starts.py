"""Where the pages of an article's file begin in its text, so that a page can be cited.

What is made of a text on its way changes its spaces, hyphens and marks, and leaves lines out; the
letters and digits that stay are the same and in order. So a page is known by how many of them stand
before it.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from indexer.article import PARAGRAPH, Document, PageStart
from indexer.reading.body.lines import JudgedLine

_LETTER = re.compile(r"\w")
_NO_LETTER = re.compile(r"\W+")


def page_starts(
    document: Document, judged: Sequence[JudgedLine], text: str
) -> tuple[PageStart, ...]:
    """Where each page of a document begins in the text that was made of it.

    A page of which nothing is left begins where the next does.

    judged: all lines of the document, in order
    """
    starts: list[PageStart] = []
    waiting = list(reversed(document.pages))
    last = 0
    for position, (first, paragraph) in enumerate(_placed(document.content, judged, text)):
        last = first + len(_letters(paragraph))
        while waiting and waiting[-1] < last:
            starts.append(PageStart(position, _place_of(waiting.pop() - first, paragraph)))
    behind = PageStart(len(text.split(PARAGRAPH)), 0)
    return (*starts, *(behind for _ in waiting))


def _place_of(letter: int, paragraph: str) -> int:
    """Where a letter stands, or the sign before it that opens its word.

    letter: its number from 0; before the paragraph if that is negative
    """
    if letter <= 0:
        return 0
    before, first = islice(_LETTER.finditer(paragraph), letter - 1, letter + 1)
    space = paragraph.rfind(" ", before.end(), first.start())
    return first.start() if space < 0 else space + 1


def _placed(content: str, judged: Sequence[JudgedLine], text: str) -> Iterator[tuple[int, str]]:
    """The paragraphs of a text, each with how many letters stand before it in the content."""
    letters, end = _letters(content), 0
    paragraphs = text.split(PARAGRAPH)
    waiting = iter(paragraphs)
    paragraph = next(waiting, None)
    for line in judged:
        own = _letters(line.text)
        # What is not as it was read is behind what was before it.
        found = letters.find(own, end)
        end = (end if found < 0 else found) + len(own)
        # A date is taken off the first.
        if line.kept and paragraph is not None and line.text.endswith(paragraph):
            yield end - len(_letters(paragraph)), paragraph
            paragraph = next(waiting, None)


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text)
