"""What a source prints under all its articles: paragraphs that recur, found by counting them.

The text of one page does not tell "Need a break? Play our crossword" from a sentence of the
article; a thousand pages of the same source do. Nothing is learned that has to be kept: the counts
follow from the articles of an index, and are made anew whenever those change.

Background to the news recurs as well. Which of both a paragraph is, its words tell (background.py);
here only the article is found that has it first.
"""

import hashlib
import re
from array import array
from collections.abc import Iterator, Sequence

import numpy as np

from indexer.arrays import Int64, Mask
from indexer.reading.body.words import count_words

# So many articles of a source share a paragraph before it is boilerplate. On 4,159 articles of
# three outlets every paragraph of six words or more that recurred as often was.
LEAST_ARTICLES = 8
# Fewer are enough if they are this share of the source.
FEW_ARTICLES = 5
LARGE_SHARE = 0.25
# Between paragraphs of the article, where agencies repeat what went before, it takes more.
INSIDE_ARTICLES = 25
# A shorter paragraph ("Virginia", "Why it matters") may well recur in articles.
SHORT = 6
# It is boilerplate only if it stands in this share of them ("CNN —").
SHORT_SHARE = 0.1
# A quotation has so many words; fewer in quotation marks may be a name.
QUOTED = 4
# An article with less than this share of words of its own is a version of another article.
OWN = 0.4

# The last of several paragraphs of a quotation alone is closed.
_QUOTATION = re.compile(
    r"[\"“„«]([^\"“”„«»]*)(?:[\"”“»]|$)|(?<!\w)[‘']{1,2}([^‘’']*)[’']|[「『]([^「」『』]*)[」』]"
)


# What is counted of a paragraph: a digest of its text, how many words it has, whether it quotes.
_COUNTED = np.dtype([("key", "<u8"), ("words", "<u2"), ("quoted", "u1")])
# An odd number, by which a source's number is spread over the bits of a key (Knuth's golden ratio).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def described(paragraphs: Sequence[str]) -> bytes:
    """What is counted of the paragraphs of an article, 11 bytes each."""
    return np.array([_described(each) for each in paragraphs], _COUNTED).tobytes()


def _described(paragraph: str) -> tuple[int, int, bool]:
    text = " ".join(paragraph.split()).casefold().encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return (
        int.from_bytes(digest, "little"),
        min(count_words(paragraph), 65535),
        _quotes(paragraph),
    )


class Recurrence:
    """Counts the paragraphs of articles by source.

    Memory: 11 bytes a paragraph, and some ten times that while they are counted.
    """

    def __init__(self) -> None:
        """Begin with no article."""
        self._paragraphs = bytearray()
        self._lengths = array("q")
        self._sources = array("q")
        self._days = array("q")
        self._known: dict[str | None, int] = {}

    def add(self, source: str | None, published: str | None, paragraphs: bytes) -> None:
        """Count one article; those without a source are taken to be of the same.

        published: ISO 8601; an article without a day comes after those that have one
        paragraphs: as `described`
        """
        self._paragraphs += paragraphs
        self._lengths.append(len(paragraphs) // _COUNTED.itemsize)
        self._sources.append(self._known.setdefault(source, len(self._known)))
        self._days.append(int((published or "")[:10].replace("-", "").ljust(8, "9")))

    def boilerplate(self) -> Iterator[list[tuple[int, bool]]]:
        """For each article, in order, the positions of its paragraphs that are the source's.

        With each goes whether no article has the paragraph before this one, by day and then in
        order.

        A quotation stays however many articles repeat it, and so does all of an article if nothing
        would be left. Versions of one article do not count: what they share is their own.
        """
        if not self._lengths:
            return
        lengths = np.array(self._lengths, np.int64)
        article_of = np.repeat(np.arange(len(lengths)), lengths)
        counted = np.frombuffer(self._paragraphs, _COUNTED)
        words = counted["words"].astype(np.int64)
        # The same text of two sources is two paragraphs.
        sources = np.array(self._sources, np.uint64)[article_of]
        _, kind = np.unique(counted["key"] ^ (sources * _SPREAD), return_inverse=True)
        recurring = self._recurring(kind, words, article_of, np.ones(len(lengths), np.bool_))
        own = np.bincount(article_of, words * ~recurring, len(lengths))
        independent = own >= OWN * np.bincount(article_of, words, len(lengths))
        found = self._recurring(kind, words, article_of, independent)
        found &= ~counted["quoted"].astype(np.bool_)
        whole = np.bincount(article_of, ~found, len(lengths)) == 0
        found &= ~whole[article_of]
        starts = np.cumsum(lengths) - lengths
        where = np.flatnonzero(found)
        positions = where - starts[article_of[where]]
        first = self._first(kind[where], article_of[where])
        for own in np.split(np.arange(len(where)), np.searchsorted(where, starts[1:])):
            yield list(zip(positions[own].tolist(), first[own].tolist(), strict=True))

    def _first(self, kind: Int64, article_of: Int64) -> Mask:
        """Which of some paragraphs, (n,), are the first of their kind, (n,)."""
        # Stable: of one day, the one before comes first.
        order = np.argsort(np.array(self._days, np.int64)[article_of], kind="stable")
        _, earliest = np.unique(kind[order], return_index=True)
        first = np.zeros(len(kind), np.bool_)
        first[order[earliest]] = True
        return first

    def _recurring(self, kind: Int64, words: Int64, article_of: Int64, counted: Mask) -> Mask:
        """Which paragraphs stand in enough of the articles that are counted, (p,).

        kind: (p,) the same of paragraphs that say the same
        For a paragraph at the beginning or end of its articles, or next to one, fewer are enough.
        """
        sources = np.array(self._sources, np.int64)
        size = np.bincount(sources[counted], minlength=len(self._known))
        count = self._articles_with(kind, article_of, counted[article_of])
        share = count / np.maximum(size[sources[article_of]], 1)
        # Articles of no known source are of many.
        share[sources[article_of] == self._known.get(None, -1)] = 0
        long = words >= SHORT
        often = (count >= LEAST_ARTICLES) & (long | (share >= SHORT_SHARE))
        often |= (count >= FEW_ARTICLES) & (share >= LARGE_SHARE)
        at_ends = counted[article_of] & _at_ends(often, article_of)
        mostly_outside = 2 * self._articles_with(kind, article_of, at_ends) >= count
        return often & (mostly_outside | (count >= INSIDE_ARTICLES) | (share >= LARGE_SHARE))

    def _articles_with(self, kind: Int64, article_of: Int64, where: Mask) -> Int64:
        """For each paragraph, (p,), how many articles have it at a place where `where` is true."""
        articles = len(self._lengths)
        seen = (kind * articles + article_of)[where]
        # Sorting numbers is ten times faster than np.unique.
        seen.sort()
        seen = seen[np.append(True, seen[1:] != seen[:-1])[: len(seen)]]
        return np.bincount(seen // articles, minlength=int(kind.max(initial=0)) + 1)[kind]


def _at_ends(found: Mask, article_of: Int64) -> Mask:
    """Which of the paragraphs found, (p,), are in a run of such at an end of their article."""
    begins = np.searchsorted(article_of, article_of, side="left")
    ends = np.searchsorted(article_of, article_of, side="right")
    own = np.concatenate([[0], np.cumsum(~found)])
    before, after = own[:-1] - own[begins], own[ends] - own[1:]
    at_ends: Mask = found & ((before == 0) | (after == 0))
    return at_ends


def _quotes(paragraph: str) -> bool:
    return any(count_words("".join(said)) >= QUOTED for said in _QUOTATION.findall(paragraph))
