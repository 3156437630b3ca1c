"""What the lines of a page look like, in numbers: the evidence by which `lines` judges them.

Everything is computed for a whole page at once, over an array of its code points, so that a line
costs microseconds. Only the word lists depend on the language, and pages on which no listed word
occurs were part of the training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import Float32, Int64, Mask, UInt8
from indexer.reading.body.furniture import WORD_LISTS
from indexer.reading.body.line_words import (
    BAR,
    CLASSES,
    COLON,
    DIGIT,
    LOWER,
    QUOTE,
    SPACE,
    STOP,
    UPPER,
    HashedWords,
    code_points,
    find_listed,
    find_words,
)

_Numbers = NDArray[Any]

# More of a line is not looked at: its length is known, and its beginning says what it is.
LONGEST_VIEW = 1500
_FRAME = [list(WORD_LISTS).index(name) for name in ("frame", "more", "reply")]
_SHORT = 6  # words of a line that may be a button or a menu's
_NEAR, _FAR = 3, 12  # lines in the windows before and after a line
# The features of a line, each (n,), by name. Their order is that of the weights in line_model.json.
_Features = dict[str, _Numbers]
# In the order of the classes of characters, and of the lists of words.
_SHARES = [
    f"share of {kind}"
    for kind in (
        *("other letters", "lower case", "capitals", "digits", "spaces", "stops", "commas"),
        *("colons", "bars", "quotes", "other characters"),
    )
]
_LISTED = [f"words of “{name}”" for name in WORD_LISTS]
# What of a line is also a feature of those around it.
_OF_NEIGHBOURS = (
    *("length", "ends with a full stop", "share of digits", "share of other characters"),
    *("capitalised words", *_LISTED, "repeated", "copy of a line above", "prose"),
)


@dataclass(frozen=True, slots=True)
class LineFeatures:
    """The lines of a page in numbers; n lines.

    lengths: (n,) characters
    prose: (n,) whether a line is long and ends like a sentence, or is very long
    shape: (n, f) float32, a line and what stands around it
    stems: (w,) the number of the stem of each longer word that the page has twice, in order
    lines: (w,) the line in which each stands
    lines_with: (w,) how many words have its stem
    words: (n,) longer words of a line
    repeated: (n,) whether a line occurs twice
    framed: the share of the lines that are short and have a word of a page's frame
    """

    lengths: Float32
    prose: Mask
    shape: Float32
    stems: Int64
    lines: Int64
    lines_with: Int64
    words: Int64
    repeated: Float32
    framed: float


@dataclass(frozen=True, slots=True)
class _Characters:
    """The lines of a page as one text, cut at LONGEST_VIEW; n lines, c characters.

    points, classes, line_of: (c,) code points, their classes, and the line that each stands in
    starts, ends: (n,) where each line begins, and where the line feed after it is
    seen: (n,) float32, how many characters of a line there are
    counts: (CLASSES, n) how many of each class
    """

    points: Int64
    classes: UInt8
    line_of: Int64
    starts: Int64
    ends: Int64
    seen: Float32
    counts: Int64


def describe_lines(texts: Sequence[str]) -> LineFeatures:
    """Describe the lines of a page, each without line breaks and not empty."""
    n = len(texts)
    lengths = np.fromiter(map(len, texts), np.float32, n)  # (n,)
    page = _characters(texts, lengths)
    words = find_words(page.points, page.classes)
    word_lines = page.line_of[words.starts]  # (w,)
    number = np.bincount(word_lines, minlength=n)  # (n,)
    letters = page.counts[: UPPER + 1].sum(0)  # (n,)
    # Scripts without spaces: six letters count as a word. (n,)
    sized = np.maximum(np.maximum(number, letters / np.float32(6)), 1) * (lengths / page.seen)
    is_listed, list_of = find_listed(words)  # (w,), and one for each that is listed
    slots = list_of * n + word_lines[is_listed]  # of (lists, n), flat
    listed = np.bincount(slots, minlength=len(WORD_LISTS) * n).reshape(len(WORD_LISTS), n)
    capitals = np.bincount(word_lines[page.classes[words.starts] == UPPER], minlength=n)
    inner = ((page.classes[:-1] == STOP) & (page.classes[1:] == SPACE)).nonzero()[0]
    inner_stops = np.bincount(page.line_of[inner], minlength=n)  # (n,)
    own = (
        {
            "length": np.log1p(np.minimum(lengths, 2000)) / 4,
            "words": np.log1p(np.minimum(sized, 400)) / 3,
            "characters a word": np.minimum(lengths / sized, 15) / 5,
        }
        | _edges(page)
        | dict(zip(_SHARES, page.counts.astype(np.float32) / page.seen, strict=True))
        | {
            "capitalised words": capitals / np.maximum(number, 1),
            "capital letters": page.counts[UPPER] / np.maximum(letters, 0.01 * page.seen),
            "sentences inside": np.minimum(inner_stops, 6) / 3,
            "bars": np.minimum(page.counts[BAR], 5) / 2,
        }
        | dict(zip(_LISTED, np.minimum(listed / np.sqrt(sized), 2), strict=True))
        | _copies(texts)
    )
    ends_sentence = own["ends with a full stop"] | own["ends with an ellipsis"]
    prose = own["prose"] = ((sized >= 8) & ends_sentence) | (sized >= 30)
    around = _around(_rows(*(own[name] for name in _OF_NEIGHBOURS)))
    shape = _rows(*own.values(), *around, *_places(lengths * prose))  # (f, n)
    stems, lines, lines_with, longer = _stems(words, ~is_listed, word_lines, n)
    framed = np.count_nonzero((sized <= _SHORT) & listed[_FRAME].any(0)) / n
    repeated = own["repeated"]
    return LineFeatures(lengths, prose, shape.T, stems, lines, lines_with, longer, repeated, framed)


def _characters(texts: Sequence[str], lengths: Float32) -> _Characters:
    n = len(texts)
    views = [text[:LONGEST_VIEW] for text in texts] if lengths.max() > LONGEST_VIEW else texts
    points, classes = code_points("\n".join(views))
    seen = np.minimum(lengths, LONGEST_VIEW)
    sizes = seen.astype(np.int64) + 1  # with the line feed after each but the last
    ends = sizes.cumsum() - 1
    starts = ends - sizes + 1
    sizes[-1] -= 1
    line_of = np.repeat(np.arange(n), sizes)
    # Most characters are lower case letters: those are what is left.
    others = (classes != LOWER).nonzero()[0]
    slots = classes[others].astype(np.int64) * n + line_of[others]  # of (CLASSES, n), flat
    counts = np.bincount(slots, minlength=CLASSES * n).reshape(CLASSES, n)
    counts[LOWER] = sizes - counts.sum(0)
    return _Characters(points, classes, line_of, starts, ends, seen, counts)


def _edges(page: _Characters) -> _Features:
    """How each line ends, a closing quote not counted, and begins."""
    before = np.maximum(page.ends - 2, page.starts)  # (n,) the last character but one
    last = page.classes[page.ends - 1]  # (n,), and so all below
    mark = np.where(last == QUOTE, page.classes[before], last)
    final = page.points[page.ends - 1]
    twice = (final == ord(".")) & (page.points[before] == ord("."))
    ellipsis = (final == ord("…")) | twice
    first = page.classes[page.starts]
    return {
        "ends with a full stop": (mark == STOP) & ~ellipsis,
        "ends with an ellipsis": ellipsis,
        "ends with a colon": mark == COLON,
        "begins in lower case": first == LOWER,
        "begins with a digit": first == DIGIT,
        "begins with a quote": first == QUOTE,
        "begins with another sign": first >= BAR,
    }


def _copies(texts: Sequence[str]) -> _Features:
    n = len(texts)
    first_at = dict(zip(reversed(texts), range(n - 1, -1, -1), strict=True))
    original = np.fromiter(map(first_at.__getitem__, texts), np.int64, n)  # (n,)
    return {
        "repeated": (np.bincount(original)[original] > 1).astype(np.float32),
        "copy of a line above": original != np.arange(n),
    }


def _stems(
    words: HashedWords, counted: Mask, word_lines: Int64, n: int
) -> tuple[Int64, Int64, Int64, Int64]:
    """`stems`, `lines`, `lines_with` and `words` of LineFeatures, of the words that are counted."""
    longer = ((words.sizes > 3) & counted).nonzero()[0]
    stems, lines = _numbered(words.stems[longer]), word_lines[longer]
    lines_with = np.bincount(stems)[stems]
    twice = (lines_with > 1).nonzero()[0]
    return stems[twice], lines[twice], lines_with[twice], np.bincount(lines, minlength=n)


def weighted(page: LineFeatures, weights: Float32) -> Float32:
    """The features of each line, (n, g), that follow from a guess which lines are the body.

    They tell how much of the body stands before and after a line, how its words agree with the
    body's, and how far it is from the headline and from the longest part.

    weights: (n,) 0 to 1, how far each line is thought to belong to the body
    """
    mass = page.lengths * weights  # (n,)
    share = mass / max(mass.sum(), 1e-6)  # (n,)
    above = share.cumsum() - share  # (n,)
    return _rows(
        weights,
        *_around(weights[None]),
        above,
        1 - above - share,
        share / max(share.max(), 1e-6),
        *_topic(page, share, above),
        _parts(mass),
    ).T


def _numbered(hashes: NDArray[np.uint64]) -> Int64:
    """The rank of each hash, equal ones alike: np.unique's inverse in half its time."""
    order = hashes.argsort()  # (w,), and so all below
    ordered = hashes[order]
    ranks = np.zeros(len(hashes), np.int64)
    (ordered[1:] != ordered[:-1]).cumsum(out=ranks[1:])
    numbers = np.empty_like(ranks)
    numbers[order] = ranks
    return numbers


def _rows(*features: _Numbers) -> Float32:
    """Features of n lines, each (n,) or (k, n), as one array, (f, n)."""
    n = features[0].shape[-1]
    flat = np.concatenate(features, axis=None, dtype=np.float32, casting="same_kind")  # (f * n,)
    return flat.reshape(-1, n)


def _places(mass: Float32) -> list[_Numbers]:
    """Where each line stands in its page, and how large the page is, of (n,)."""
    n = len(mass)
    logs = np.log1p(np.arange(n, dtype=np.float32)) / 4
    whole = [np.log1p(n) / 4, np.log1p(mass.sum()) / 8, np.count_nonzero(mass) / n]
    return [logs, logs[::-1], np.repeat(np.array(whole, np.float32), n)]


def _around(key: Float32) -> list[Float32]:
    """Of features (k, n) those of the line before and after each, and means of windows there."""
    n = key.shape[1]
    padded = np.zeros((len(key), n + 2 * _FAR), np.float32)  # (k, _FAR + n + _FAR)
    padded[:, _FAR : _FAR + n] = key
    # The sum of each window, in the column of its first line; one of so many columns less.
    near = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    double = near[:, :-_NEAR] + near[:, _NEAR:]
    far = (double[:, : -2 * _NEAR] + double[:, 2 * _NEAR :]) / _FAR
    near /= _NEAR

    # With each the column that belongs to the page's first line.
    found = [
        (padded, _FAR - 1),
        (padded, _FAR + 1),
        (near, _FAR - _NEAR),
        (far, 0),
        (near, _FAR + 1),
        (far, _FAR + 1),
    ]
    return [means[:, start : start + n] for means, start in found]


def _topic(page: LineFeatures, share: Float32, above: Float32) -> list[_Numbers]:
    """How the words of each line, (n,), agree with those of the body, and where the headline is.

    share: (n,) of the body; above: (n,) the sum of those above
    """
    n = len(share)
    lines, stems = page.lines, page.stems
    if not page.words.any():
        return [np.zeros((9, n), np.float32)]
    number = np.maximum(page.words, 1)
    own = share[lines]  # (w,)
    # How much of the body, this line apart, has the word; and of all the lines that have it.
    elsewhere = np.maximum(np.bincount(stems, own)[stems] - own, 0)  # (w,)

    def mean(values: _Numbers) -> _Numbers:
        return np.bincount(lines, values, n) / number

    agreement = np.bincount(lines, np.minimum(elsewhere, 0.5), n)  # (n,)
    fits = (page.words >= 3) & (page.lengths <= 200) & (above <= 0.5)
    score = (agreement / np.sqrt(number + 2) + 0.2 * page.repeated) * fits  # (n,)
    head = int(score.argmax())
    of_head = np.zeros(stems.max(initial=0) + 1)
    of_head[stems[lines == head]] = 1
    shared = mean(of_head[stems])
    shared[head] = page.words[head] > 0
    away = np.arange(n, dtype=np.float32) - head
    return [
        mean(elsewhere > 0.06),
        mean(np.log1p(5 * elsewhere)),
        mean(elsewhere / page.lines_with) * 5,
        np.minimum(number, 30) / 15,
        shared,
        _signed_log(away),
        away > 0,
        away == 0,
        np.full(n, score[head]),
    ]


def _signed_log(away: Float32) -> Float32:
    return np.copysign(np.log1p(np.abs(away)) / 3, away)


def _parts(mass: Float32) -> Float32:
    """Where each line stands in the parts of the body: six features of n lines.

    A part ends where more than so many lines of little mass follow each other: one, then six.
    """
    n = len(mass)
    heavy = (mass > 0.3 * min(mass.sum() / n + 1e-6, 100)).nonzero()[0]  # (h,)
    if not len(heavy):
        return np.zeros((6, n), np.float32)
    total = np.zeros(len(heavy) + 1)
    mass[heavy].cumsum(out=total[1:])
    apart = heavy[1:] - heavy[:-1]  # (h - 1,)
    cut = np.ones(len(heavy) + 1, np.bool_)  # before each heavy line, and after the last
    found = np.empty((2, 3, n), np.float32)  # by gap: size of a line's part, in the longest, away
    low, high = longest = np.empty((2, 2, 1), np.float32)
    for k, gap in enumerate((1, 6)):
        cut[1:-1] = apart > gap + 1
        lows, highs = heavy[cut[:-1]], heavy[cut[1:]]  # (p,) the first and last line of each part
        size = (total[1:][cut[1:]] - total[:-1][cut[:-1]]) / total[-1]
        edges = np.zeros(n + 1)
        edges[lows], edges[highs + 1] = size, -size
        found[k, 0] = edges[:-1].cumsum()
        best = size.argmax()
        longest[:, k, 0] = lows[best], highs[best]
    i = np.arange(n, dtype=np.float32)
    away = np.minimum(i - low, 0) + np.maximum(i - high, 0)
    found[:, 1] = away == 0
    found[:, 2] = _signed_log(away)
    return found
