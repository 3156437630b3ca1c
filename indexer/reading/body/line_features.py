"""What the lines of pages look like, in numbers: the evidence by which `lines` judges them.

Everything is computed for several pages at once, over an array of their code points, so that a line
costs microseconds; what is found of a page is the same whichever pages are beside it. Only the word
lists depend on the language, and pages on which no listed word occurs were part of the training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import Float32, Float64, Int64, Mask, UInt8
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
    numbered,
)

_Numbers = NDArray[Any]

# More of a line is not looked at: its length is known, and its beginning says what it is.
LONGEST_VIEW = 1500
_FRAME = [list(WORD_LISTS).index(name) for name in ("frame", "more", "reply")]
_SHORT = 6  # words of a line that may be a button or a menu's
_OF_PAGE = np.uint64(0xD6E8FEB86659FD93)  # what makes the stems of pages differ
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
class Places:
    """Where the lines of pages stand that follow each other; n lines, p pages.

    spans: the lines of each page
    sizes: (p,) float32, how many each has
    page_of: (n,) the page of each line
    """

    spans: list[slice]
    sizes: Float32
    page_of: Int64


@dataclass(frozen=True, slots=True)
class LineFeatures:
    """The lines of pages in numbers; n lines, p pages.

    places: which lines are of which page
    lengths: (n,) characters
    prose: (n,) whether a line is long and ends like a sentence, or is very long
    shape: (n, f) float32, a line and what stands around it
    stems: (w,) the number of the stem of each longer word that its page has twice, in order; each
        page has its own
    lines: (w,) the line in which each stands
    lines_with: (w,) how many words have its stem
    words: (n,) longer words of a line
    repeated: (n,) whether a line occurs twice
    framed: (p,) the share of the lines that are short and have a word of a page's frame
    """

    places: Places
    lengths: Float32
    prose: Mask
    shape: Float32
    stems: Int64
    lines: Int64
    lines_with: Int64
    words: Int64
    repeated: Float32
    framed: Float64

    def words_of(self, page: slice) -> tuple[Int64, Int64]:
        """`stems` and `lines` of one page, whose first line is 0."""
        start, stop = self.lines.searchsorted((page.start, page.stop))
        return self.stems[start:stop], self.lines[start:stop] - page.start


@dataclass(frozen=True, slots=True)
class _Characters:
    """The lines of pages as one text, cut at LONGEST_VIEW; n lines, c characters.

    points, classes, line_of: (c,) code points, their classes, and the line that each stands in
    starts, ends: (n,) where each line begins, and where the line feed after it is; those between
        pages have no class
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


def describe_lines(pages: Sequence[Sequence[str]]) -> LineFeatures:
    """Describe the lines of pages, each without line breaks and not empty; no page is empty."""
    places, texts = _places(pages), list(chain.from_iterable(pages))
    n = len(texts)
    lengths = np.fromiter(map(len, texts), np.float32, n)  # (n,)
    page = _characters(texts, lengths, places)
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
        | _copies(pages)
    )
    ends_sentence = own["ends with a full stop"] | own["ends with an ellipsis"]
    prose = own["prose"] = ((sized >= 8) & ends_sentence) | (sized >= 30)
    around = _around(_rows(*(own[name] for name in _OF_NEIGHBOURS)), places)
    shape = _rows(*own.values(), *around, *_in_page(lengths * prose, places))  # (f, n)
    framed = (sized <= _SHORT) & listed[_FRAME].any(0)  # (n,)
    return LineFeatures(
        places,
        lengths,
        prose,
        shape.T,
        *_stems(words, ~is_listed, word_lines, places),
        repeated=own["repeated"],
        framed=np.bincount(places.page_of, framed) / places.sizes,
    )


def _places(pages: Sequence[Sequence[str]]) -> Places:
    sizes = list(map(len, pages))
    ends = list(accumulate(sizes))
    spans = list(map(slice, [0, *ends], ends))
    return Places(spans, np.array(sizes, np.float32), np.repeat(np.arange(len(sizes)), sizes))


def _characters(texts: Sequence[str], lengths: Float32, places: Places) -> _Characters:
    n = len(texts)
    views = [text[:LONGEST_VIEW] for text in texts] if lengths.max() > LONGEST_VIEW else texts
    points, classes = code_points("\n".join([*views, ""]))
    seen = np.minimum(lengths, LONGEST_VIEW)
    sizes = seen.astype(np.int64) + 1  # with the line feed
    ends = sizes.cumsum() - 1
    starts = ends - sizes + 1
    classes[ends[[span.stop - 1 for span in places.spans]]] = CLASSES
    line_of = np.repeat(np.arange(n), sizes)
    # Most characters are lower case letters: those are what is left.
    others = (classes != LOWER).nonzero()[0]
    slots = classes[others].astype(np.int64) * n + line_of[others]  # of (CLASSES + 1, n), flat
    counts = np.bincount(slots, minlength=(CLASSES + 1) * n).reshape(-1, n)
    counts[LOWER] = sizes - counts.sum(0)
    return _Characters(points, classes, line_of, starts, ends, seen, counts[:CLASSES])


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


def _copies(pages: Sequence[Sequence[str]]) -> _Features:
    copied: list[int] = []  # (n,) the first line of its page that is the same
    for page in pages:
        first_at: dict[str, int] = {}
        copied += [first_at.setdefault(text, i) for i, text in enumerate(page, len(copied))]
    original = np.array(copied)
    return {
        "repeated": (np.bincount(original)[original] > 1).astype(np.float32),
        "copy of a line above": original != np.arange(len(original)),
    }


def _stems(
    words: HashedWords, counted: Mask, word_lines: Int64, places: Places
) -> tuple[Int64, Int64, Int64, Int64]:
    """`stems`, `lines`, `lines_with` and `words` of LineFeatures, of the words that are counted."""
    longer = ((words.sizes > 3) & counted).nonzero()[0]
    lines = word_lines[longer]
    pages = places.page_of[lines].astype(np.uint64)
    stems = numbered(words.stems[longer] ^ (pages * _OF_PAGE))
    lines_with = np.bincount(stems)[stems]
    twice = (lines_with > 1).nonzero()[0]
    number = np.bincount(lines, minlength=len(places.page_of))
    return stems[twice], lines[twice], lines_with[twice], number


def weighted(page: LineFeatures, weights: Float32) -> Float32:
    """The features of each line, (n, g), that follow from a guess which lines are the body.

    They tell how much of the body stands before and after a line, how its words agree with the
    body's, and how far it is from the headline and from the longest part.

    weights: (n,) 0 to 1, how far each line is thought to belong to the body
    """
    spans, page_of = page.places.spans, page.places.page_of
    mass = page.lengths * weights  # (n,)
    whole = np.array([mass[span].sum() for span in spans])  # (p,)
    share = mass / np.maximum(whole, 1e-6)[page_of]  # (n,)
    above = np.concatenate([share[span].cumsum() for span in spans]) - share  # (n,)
    largest = np.array([share[span].max() for span in spans])  # (p,)
    return _rows(
        weights,
        *_around(weights[None], page.places),
        above,
        1 - above - share,
        share / np.maximum(largest, 1e-6)[page_of],
        _topic(page, share, above),
        _parts(mass, whole, page.places),
    ).T


def _rows(*features: _Numbers) -> Float32:
    """Features of n lines, each (n,) or (k, n), as one array, (f, n)."""
    n = features[0].shape[-1]
    flat = np.concatenate(features, axis=None, dtype=np.float32, casting="same_kind")  # (f * n,)
    return flat.reshape(-1, n)


def _in_page(mass: Float32, places: Places) -> list[_Numbers]:
    """Where each line stands in its page, and how large the page is, of (n,)."""
    page_of, sizes = places.page_of, places.sizes
    logs = np.log1p(np.arange(sizes.max(), dtype=np.float32)) / 4
    ranges = [logs[: span.stop - span.start] for span in places.spans]
    whole = np.log1p(np.bincount(page_of, mass).astype(np.float32)) / 8
    return [
        np.concatenate(ranges),
        np.concatenate([each[::-1] for each in ranges]),
        (np.log1p(sizes.astype(np.float64)) / 4)[page_of],
        whole[page_of],
        (np.bincount(page_of, mass > 0) / sizes)[page_of],
    ]


def _around(key: Float32, places: Places) -> list[Float32]:
    """Of features (k, n) those of the line before and after each, and means of windows there."""
    # With so many blank lines before the first page and behind each, no window reaches another.
    at = np.arange(key.shape[1]) + _FAR * (places.page_of + 1)  # (n,)
    padded = np.zeros((len(key), at[-1] + 1 + _FAR), np.float32)
    padded[:, at] = key
    # The sum of each window, in the column of its first line; one of so many columns less.
    near = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    double = near[:, :-_NEAR] + near[:, _NEAR:]
    far = (double[:, : -2 * _NEAR] + double[:, 2 * _NEAR :]) / _FAR
    near /= _NEAR

    # With each how far the column of a line is from its own.
    found = [(padded, -1), (padded, 1), (near, -_NEAR), (far, -_FAR), (near, 1), (far, 1)]
    return [means.take(at + away, axis=1) for means, away in found]


def _topic(page: LineFeatures, share: Float32, above: Float32) -> Float32:
    """How the words of each line, (n,), agree with those of the body, and where the headline is.

    share: (n,) of the body; above: (n,) the sum of those above
    """
    n = len(share)
    lines, stems, page_of = page.lines, page.stems, page.places.page_of
    number = np.maximum(page.words, 1)
    own = share[lines]  # (w,)
    # How much of the body, this line apart, has the word; and of all the lines that have it.
    elsewhere = np.maximum(np.bincount(stems, own)[stems] - own, 0)  # (w,)

    def mean(values: _Numbers) -> _Numbers:
        return np.bincount(lines, values, n) / number

    agreement = np.bincount(lines, np.minimum(elsewhere, 0.5), n)  # (n,)
    fits = (page.words >= 3) & (page.lengths <= 200) & (above <= 0.5)
    score = (agreement / np.sqrt(number + 2) + 0.2 * page.repeated) * fits  # (n,)
    heads = np.array([span.start + score[span].argmax() for span in page.places.spans])  # (p,)
    head = heads[page_of]  # (n,)
    of_head = np.zeros(stems.max(initial=0) + 1)
    of_head[stems[lines == head[lines]]] = 1
    shared = mean(of_head[stems])
    shared[heads] = page.words[heads] > 0
    away = (np.arange(n) - head).astype(np.float32)
    found = _rows(
        mean(elsewhere > 0.06),
        mean(np.log1p(5 * elsewhere)),
        mean(elsewhere / page.lines_with) * 5,
        np.minimum(number, 30) / 15,
        shared,
        _signed_log(away),
        away > 0,
        away == 0,
        score[head],
    )
    found[:, np.bincount(page_of, page.words)[page_of] == 0] = 0
    return found


def _signed_log(away: Float32) -> Float32:
    return np.copysign(np.log1p(np.abs(away)) / 3, away)


def _parts(mass: Float32, whole: Float32, places: Places) -> Float32:
    """Where each line stands in the parts of the body of its page: six features of n lines.

    A part ends where more than so many lines of little mass follow each other: one, then six.

    whole: (p,) the mass of each page
    """
    n, page_of = len(mass), places.page_of
    least = 0.3 * np.minimum(whole / places.sizes + 1e-6, 100)  # (p,)
    heavy = (mass > least[page_of]).nonzero()[0]  # (h,)
    pages = page_of[heavy]  # (h,)
    body = np.bincount(pages, mass[heavy], len(whole))  # (p,)
    total = np.zeros(len(heavy) + 1)
    mass[heavy].cumsum(out=total[1:])
    apart = heavy[1:] - heavy[:-1]  # (h - 1,)
    turned = pages[1:] != pages[:-1]  # (h - 1,)
    cut = np.ones(len(heavy) + 1, np.bool_)  # before each heavy line, and after the last
    found = np.zeros((2, 3, n), np.float32)  # by gap: size of a line's part, in the longest, away
    low, high = np.zeros((2, 2, len(whole)), np.int64)  # by gap, the lines of the longest parts
    for k, gap in enumerate((1, 6)):
        cut[1:-1] = (apart > gap + 1) | turned
        first, last = cut[:-1], cut[1:]
        lows, highs, page = heavy[first], heavy[last], pages[first]  # of each part
        size = (total[1:][last] - total[:-1][first]) / body[page]
        begun, ended = np.zeros((2, n + 1), np.int64)
        begun[lows] = ended[highs + 1] = 1
        part, inside = begun[:-1].cumsum(), (begun - ended)[:-1].cumsum()
        found[k, 0] = size[part - 1] * inside if len(size) else 0
        largest = np.zeros(len(whole))
        np.maximum.at(largest, page, size)
        # The last of a page counts: of equal ones the first.
        best = (size == largest[page]).nonzero()[0][::-1]
        low[k, page[best]], high[k, page[best]] = lows[best], highs[best]
    i = np.arange(n)
    away = np.minimum(i - low[:, page_of], 0) + np.maximum(i - high[:, page_of], 0)
    found[:, 1] = away == 0
    found[:, 2] = _signed_log(away.astype(np.float32))
    found[:, :, body[page_of] == 0] = 0
    return found
