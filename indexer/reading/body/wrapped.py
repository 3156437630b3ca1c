"""Lines that were wrapped at a fixed width, joined to paragraphs: wire copy, print, PDF made text.

Narrow columns too. A line goes on in the next where the next one's first word had no room in it.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from indexer.reading.body.hyphens import Hyphens

# Characters of a line that was wrapped, unless it is one word, an address.
_LONGEST = 130
# A column has no fewer characters; to so many its headline takes several lines, at most so many.
_NARROWEST, _NARROW, _MOST_OF_HEADLINE = 15, 60, 4
# So many characters may be left of a line whose sentence goes on: "… the text on / 24 October".
_OPEN_END = 8
# A first line is set in by so many characters, and a centred one by more.
_INDENTS = range(2, 13)
PROSE_END = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_DIVIDED = re.compile(r"[^\W\d_][-‐¬]$")
# A date, or a byline.
_FACTS = re.compile(r".*\d|(?i:by|von|par|por)\b")


def unwrapped(lines: Sequence[str]) -> Sequence[str]:
    """The paragraphs of lines that were wrapped at a fixed width; other lines as they are."""
    if any(len(line) > _LONGEST and " " in line.strip() for line in lines):
        return lines
    bare = [line.strip() for line in lines]
    pairs = [(one, other) for one, other in pairwise(bare) if one and other]
    broken = [(one, other) for one, other in pairs if _is_broken(one, other)]
    if not broken or len(broken) * 4 < len(pairs):
        return lines
    taken = [len(one) for one, _ in broken]
    width = float(np.quantile(taken, 0.9))
    if width < _NARROWEST:
        return lines
    # How much room is left at most where a line surely goes on: print is not set to the letter.
    room = [width - _needed(one, other) for one, other in broken]
    slack = max(0.0, float(np.quantile(room, 0.9)))
    return list(_paragraphs(lines, bare, width - slack))


def _is_broken(line: str, following: str) -> bool:
    """Whether a line surely goes on in the next."""
    if not following[0].islower():
        return False
    return _DIVIDED.search(line) is not None or not PROSE_END.search(line)


def _needed(line: str, following: str) -> int:
    """The characters that a line would have with the first word of the next."""
    return len(line) + 1 + len(following.split(maxsplit=1)[0])


def _paragraphs(lines: Sequence[str], bare: Sequence[str], width: float) -> Iterator[str]:
    hyphens = Hyphens(bare)
    headline = _headline(bare) if width <= _NARROW else range(0)
    paragraph = ""
    for number, line in enumerate(bare):
        if paragraph and line:
            inside = number in headline and number - 1 in headline
            if inside or _goes_on(lines[number - 1], lines[number], width):
                paragraph = hyphens.joined(paragraph, line)
                continue
        if paragraph:
            yield paragraph
        paragraph = line
    if paragraph:
        yield paragraph


def _goes_on(before: str, line: str, width: float) -> bool:
    """Whether a line belongs to the paragraph of the one above."""
    above, own = before.strip(), line.strip()
    if _is_broken(above, own) and (_DIVIDED.search(above) or 2 * len(above) > width):
        return True
    if above.isupper() and own.isupper() and " " in above and not _FACTS.match(own):
        return True
    # A line that is nearly full and ends in the middle of a sentence goes on, also with a number.
    open_end = width > _NARROW and not PROSE_END.search(above)
    full = width - _OPEN_END if open_end else width
    return _needed(above, own) > full and _indent(line) - _indent(before) not in _INDENTS


def _headline(bare: Sequence[str]) -> range:
    """The lines of a text's first block, if they are its headline's; else none."""
    first = next(number for number, line in enumerate(bare) if line)
    rest = range(first, len(bare))
    end = next((n for n in rest if not bare[n] or _FACTS.match(bare[n])), len(bare))
    block = bare[first:end]
    fits = 2 <= len(block) <= _MOST_OF_HEADLINE and not any(
        PROSE_END.search(line) or " " not in line for line in block
    )
    return range(first, end if fits else first)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
