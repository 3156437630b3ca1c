"""PDF with a text layer: one article a file. This runs in a process of its own, see `apart`.

PDFium tells where each character stands; which column, line and paragraph it is of is told here.
"""

import re
from collections.abc import Callable, Iterator
from io import FileIO
from math import pi
from typing import Any

import pypdfium2
from pypdfium2 import raw

from indexer.reading.formats.apart import Answers
from indexer.reading.formats.columns import Glyph, Line, columns
from indexer.reading.formats.paragraphs import paragraphs
from indexer.reading.formats.properties import a_name, a_title

MAX_PAGES = 500
# Characters of a page; a newspaper's have 30,000.
_MAX_CHARACTERS = 100_000
# Fewer words than these on average are what a scanner's or printer's stamp leaves on pictures.
_FEW_WORDS = 10
# Of a quarter turn, what a line of text may lack of it.
_SLANTED = 0.05
_WORD, _LONG_WORD = re.compile(r"\w+"), re.compile(r"\w{4,}")


def read(file: int, most: str) -> Answers:
    """The record of a PDF.

    most: the characters after which no further page is read
    """
    try:
        document = pypdfium2.PdfDocument(FileIO(file))
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        yield None, "encrypted: a PDF with a password" if locked else "damaged: no PDF"
        return
    count = len(document)
    pages, characters = [], 0
    for number in range(min(count, MAX_PAGES)):
        pages.append(_columns(document, number))
        characters += sum(len(line.text) for column in pages[-1] for line in column)
        if characters > int(most):
            break
    found, starts = paragraphs(pages)
    text = "\n\n".join(found)
    words = len(_WORD.findall(text))
    if words < _FEW_WORDS or words < _FEW_WORDS * len(pages) / 4:
        yield None, "no text: its pages are empty, or pictures of text"
        return
    first = " ".join(line.text for column in pages[0] for line in column)
    yield None, {"text": text, "pagestarts": starts, **_about(document, first)}
    if count > len(pages):
        yield None, f"too long: {len(pages)} of its {count:,} pages are read"


def _columns(document: Any, number: int) -> list[list[Line]]:
    """The columns of a page; of lines that run another way than most, after the others."""
    ways: dict[int, list[Glyph]] = {}
    for way, glyph in _glyphs(document, number):
        ways.setdefault(way, []).append(glyph)
    return [each for some in sorted(ways.values(), key=len, reverse=True) for each in columns(some)]


def _glyphs(document: Any, number: int) -> Iterator[tuple[int, Glyph]]:
    """The characters of a page in the order in which they stand: the way they run, and their box.

    Slanted ones, which stamp a page, are left out.
    """
    try:
        page = document[number]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return
    box = raw.FS_RECTF()
    for index in range(min(text.count_chars(), _MAX_CHARACTERS)):
        # PDFium makes this of a hyphen that it takes for the end of a line.
        character = chr(raw.FPDFText_GetUnicode(text, index)).replace("\x02", "-")
        turns = raw.FPDFText_GetCharAngle(text, index) / (pi / -2)
        way = round(turns)
        if raw.FPDFText_GetLooseCharBox(text, index, box) and abs(turns - way) < _SLANTED:
            seen = _SEEN[way % 4](box.left, box.bottom, box.right, box.top)
            yield way % 4, Glyph(character, *seen)
    text.close()
    page.close()


# Characters may run up, backwards or down: so many quarters of a turn.
_SEEN: dict[int, Callable[[float, float, float, float], tuple[float, float, float, float]]] = {
    0: lambda left, bottom, right, top: (left, bottom, right, top),
    1: lambda left, bottom, right, top: (bottom, -right, top, -left),
    2: lambda left, bottom, right, top: (-right, -top, -left, -bottom),
    3: lambda left, bottom, right, top: (-top, left, -bottom, right),
}


def _about(document: Any, first: str) -> dict[str, str | None]:
    """What the document says of itself, as far as its first page bears it out."""
    title = a_title(document.get_metadata_value("Title"))
    words = _LONG_WORD.findall((title or "").casefold())
    printed = set(_LONG_WORD.findall(first.casefold()))
    borne_out = 2 * sum(word in printed for word in words) >= len(words)
    author = a_name(document.get_metadata_value("Author"))
    return {"title": title if borne_out else None, "author": author}
