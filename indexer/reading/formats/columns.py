"""From the places of glyphs on a printed page to its lines, column by column, as they are read.

Places are in points, upwards from the lower left corner.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

# Glyphs further apart than this share of their height are of two pieces, which may be two columns.
_APART = 0.75
# Nearer than this there is no space between them.
_SPACE = 0.15
# Two pieces are of one line if they share so much of the lower one's height.
_LEVEL = 0.5
# A column is so many heights wide, and so many lines long: else it is a table's or a list's.
_WIDE, _LONG = 7, 3
# Of the lines of a page so many may run over the gap between two of its columns.
_CROSSING = 0.34
_DEPTH = 8
# A drop capital is so much higher than what it stands before.
_DROPPED = 1.8


@dataclass(slots=True)
class Glyph:
    """A character, and the box that it fills in its line."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass(slots=True)
class Line:
    """A line of a column, or a piece of one."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """The height of its letters' boxes."""
        return self.top - self.bottom


def columns(glyphs: Iterable[Glyph]) -> list[list[Line]]:
    """The columns of a page in the order of reading, each its lines from top to bottom."""
    pieces = [*_pieces(glyphs)]
    return [_lines(column) for column in _ordered(pieces, 0)] if pieces else []


def _pieces(glyphs: Iterable[Glyph]) -> Iterator[Line]:
    """Glyphs that follow each other closely on one line, joined."""
    piece: Line | None = None
    for glyph in glyphs:
        if glyph.text.isspace():
            if piece is not None:
                piece.text += " "
            continue
        height = glyph.top - glyph.bottom
        if piece is not None:
            gap = glyph.left - piece.right
            near = min(height, piece.height)
            if _overlap(piece, glyph) >= _LEVEL * near and -near <= gap <= _APART * near:
                piece.text += f" {glyph.text}" if gap > _SPACE * near else glyph.text
                piece.right = max(piece.right, glyph.right)
                piece.bottom = min(piece.bottom, glyph.bottom)
                piece.top = max(piece.top, glyph.top)
                continue
            yield piece
        piece = Line(glyph.text, glyph.left, glyph.bottom, glyph.right, glyph.top)
    if piece is not None:
        yield piece


def _overlap(one: Line | Glyph, other: Line | Glyph) -> float:
    return min(one.top, other.top) - max(one.bottom, other.bottom)


def _ordered(pieces: list[Line], depth: int) -> Iterator[list[Line]]:
    """The pieces of each column; what runs over two of them parts the page there."""
    gap = _gap(pieces) if depth < _DEPTH else None
    if gap is None:
        yield pieces
        return
    crossing = sorted(
        (each for each in pieces if each.left < gap < each.right), key=lambda p: -p.top
    )
    sides = sorted(
        (each for each in pieces if not each.left < gap < each.right), key=lambda p: -p.top
    )
    at = 0
    over: list[Line] = []
    for each in crossing:
        below = next(
            (i for i in range(at, len(sides)) if _middle(sides[i]) < _middle(each)), len(sides)
        )
        if below > at:
            if over:
                yield over
                over = []
            yield from _two(sides[at:below], gap, depth)
            at = below
        over.append(each)
    if over:
        yield over
    yield from _two(sides[at:], gap, depth)


def _two(pieces: list[Line], gap: float, depth: int) -> Iterator[list[Line]]:
    for side in ([p for p in pieces if p.right <= gap], [p for p in pieces if p.left >= gap]):
        if side:
            yield from _ordered(side, depth + 1)


def _middle(piece: Line) -> float:
    return (piece.bottom + piece.top) / 2


def _gap(pieces: Sequence[Line]) -> float | None:
    """Where the widest gap between two columns is, if there are two side by side."""
    lefts, rights = sorted(p.left for p in pieces), sorted(p.right for p in pieces)
    count, best = len(pieces), None
    for edge in sorted(set(rights))[:-1]:
        following = bisect_left(lefts, edge)
        if following == count:
            break
        before, after = bisect_right(rights, edge), count - following
        crossing = count - before - after
        if min(before, after) < _LONG or crossing > _CROSSING * count:
            continue
        # Up to the next piece that begins, whatever runs over both.
        score = (-crossing, lefts[following] - edge)
        if best is None or score > best[0]:
            best = (score, (lefts[following] + edge) / 2)
    if best is None:
        return None
    gap = best[1]
    left, right = [p for p in pieces if p.right <= gap], [p for p in pieces if p.left >= gap]
    return gap if _is_column(left) and _is_column(right) and _beside(left, right) else None


def _is_column(pieces: Sequence[Line]) -> bool:
    return median(p.right - p.left for p in pieces) >= _WIDE * median(p.height for p in pieces)


def _beside(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Whether some lines of two columns stand side by side, and not one column under the other."""
    top = min(max(p.top for p in left), max(p.top for p in right))
    bottom = max(min(p.bottom for p in left), min(p.bottom for p in right))
    return all(sum(bottom < _middle(p) < top for p in side) >= _LONG for side in (left, right))


def _lines(pieces: Sequence[Line]) -> list[Line]:
    """The lines of a column, from its pieces that stand side by side."""
    rows: list[list[Line]] = []
    height = median(p.height for p in pieces)
    dropped = [p for p in pieces if len(p.text) <= 2 and p.height > _DROPPED * height]
    for piece in sorted(pieces, key=lambda p: -_middle(p)):
        if piece in dropped:
            continue
        if rows and _overlap(rows[-1][0], piece) >= _LEVEL * min(rows[-1][0].height, piece.height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    lines = [_joined(sorted(row, key=lambda p: p.left)) for row in rows]
    for capital in dropped:
        beside = (
            each for each in lines if _overlap(each, capital) > 0 and each.left >= capital.left
        )
        if (first := next(beside, None)) is None:
            lines.append(capital)
        else:
            first.text = capital.text + first.text
            first.left = capital.left
    return lines


def _joined(row: Sequence[Line]) -> Line:
    text = " ".join(" ".join(piece.text for piece in row).split())
    return Line(
        text,
        row[0].left,
        min(p.bottom for p in row),
        max(p.right for p in row),
        max(p.top for p in row),
    )
