"""Tables that hold no data: those that lay a page out, and rows of section names."""

import re
from collections.abc import Collection

from lxml.html import HtmlElement

from indexer.reading.body.words import count_words
from indexer.reading.facts.declared import key_of

# How trafilatura writes a table's row.
ROW = "| "
# A cell of so many words holds a column of the page.
_COLUMN_WORDS = 50
# A table of one row and so many short cells is a menu.
_FEWEST_CELLS, _CELL_WORDS = 3, 3
_DIGIT = re.compile(r"[0-9]")


def unfold_layout(tree: HtmlElement) -> None:
    """Make blocks of the tables that lay a page out, as those of the 1990s do."""
    layout = {
        table
        for table in tree.iter("table")
        if next(table.iterdescendants("table", "h1"), None) is not None
        or any(count_words(cell.text_content()) >= _COLUMN_WORDS for cell in table.iter("td"))
    }
    parts = [
        part
        for part in tree.iter("thead", "tbody", "tfoot", "tr", "td", "th")
        if next(part.iterancestors("table"), None) in layout
    ]
    for element in [*parts, *layout]:
        element.tag = "div"


def is_menu_row(row: str, links: Collection[str], alone: bool) -> bool:
    """Whether a row is all links, or a table of its own that names sections.

    links: the keys of the texts that are links; alone: no row is above or below
    """
    cells = [cell.strip() for cell in row.strip(" |").split(" | ") if cell.strip(" |")]
    if len(cells) < 2:
        return False
    if all(key_of(cell) in links for cell in cells):
        return True
    short = all(len(cell.split()) <= _CELL_WORDS and not _DIGIT.search(cell) for cell in cells)
    return alone and short and len(cells) >= _FEWEST_CELLS
