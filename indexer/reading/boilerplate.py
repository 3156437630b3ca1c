"""What a source prints under all its articles: paragraphs that recur, found by counting them.

The text of one page does not tell "Need a break? Play our crossword" from a sentence of the
article; a thousand pages of the same source do. Nothing is learned that has to be kept: the counts
follow from the articles of an index, and are made anew whenever those change.
"""

import hashlib
import itertools
import re
from array import array
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

# So many articles of a source share a paragraph before it is boilerplate. On 4,159 articles of
# three outlets every paragraph of six words or more that recurred as often was.
ARTICLES = 8
# Fewer are enough if they are this share of the source.
FEW_ARTICLES = 5
LARGE_SHARE = 0.25
# A shorter paragraph ("Virginia", "Why it matters") may well recur in articles.
SHORT = 6
# It is boilerplate only if it stands in this share of them ("CNN —").
SHORT_SHARE = 0.1
# A quotation has so many words; fewer in quotation marks may be a name.
QUOTED = 4
# An article with less than this share of words of its own is a version of another article.
OWN = 1 / 3

_WORD = re.compile(r"\w+")
_QUOTATION = re.compile(r"[\"“„«]([^\"“”„«»]*)[\"”“»]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]


class Recurrence:
    """Counts the paragraphs of articles by source; memory: 16 bytes a paragraph."""

    def __init__(self) -> None:
        """Begin with no article."""
        self._keys = array("Q")
        self._words = array("H")
        self._quoted = array("B")
        self._lengths = array("q")
        self._sources = array("q")
        self._known: dict[str | None, int] = {}

    def add(self, source: str | None, paragraphs: Sequence[str]) -> None:
        """Count one article; those without a source are taken to be of the same."""
        number = self._known.setdefault(source, len(self._known))
        prefix = number.to_bytes(8, "little")
        for paragraph in paragraphs:
            text = " ".join(paragraph.split()).casefold().encode("utf-8", "surrogatepass")
            digest = hashlib.blake2b(prefix + text, digest_size=8).digest()
            self._keys.append(int.from_bytes(digest, "little"))
            self._words.append(min(_count_words(paragraph), 65535))
            self._quoted.append(_quotes(paragraph))
        self._lengths.append(len(paragraphs))
        self._sources.append(number)

    def boilerplate(self) -> Iterator[list[int]]:
        """For each article, in order, the positions of its paragraphs that are the source's.

        A quotation stays however many articles repeat it, and so does all of an article if nothing
        would be left. Versions of one article do not count: what they share is their own.
        """
        if not self._lengths:
            return
        lengths = np.array(self._lengths, np.int64)
        article_of = np.repeat(np.arange(len(lengths)), lengths)
        words = np.array(self._words, np.int64)
        everywhere = np.ones(len(lengths), np.bool_)
        recurring = self._recurring(article_of, everywhere)
        own = np.bincount(article_of, words * ~recurring, len(lengths))
        independent = own >= OWN * np.bincount(article_of, words, len(lengths))
        found = self._recurring(article_of, independent) & ~np.array(self._quoted, np.bool_)
        whole = np.bincount(article_of, ~found, len(lengths)) == 0
        found &= ~whole[article_of]
        starts = np.cumsum(lengths) - lengths
        begins = np.searchsorted(np.flatnonzero(found), [*starts.tolist(), len(found)])
        positions = np.flatnonzero(found) - starts[article_of[found]]
        for one, other in itertools.pairwise(begins):
            yield positions[one:other].tolist()

    def _recurring(self, article_of: Int64, counted: Bool) -> Bool:
        """Which paragraphs stand in enough of the articles that are counted, (p,)."""
        sources = np.array(self._sources, np.int64)
        size = np.bincount(sources[counted], minlength=len(self._known))
        keys, kind = np.unique(np.array(self._keys, np.uint64), return_inverse=True)
        articles = len(self._lengths)
        seen = np.unique((kind * articles + article_of)[counted[article_of]])
        count = np.bincount(seen // articles, minlength=len(keys))[kind]
        share = count / np.maximum(size[sources[article_of]], 1)
        long = np.array(self._words, np.int64) >= SHORT
        often = (count >= ARTICLES) & (long | (share >= SHORT_SHARE))
        return often | ((count >= FEW_ARTICLES) & (share >= LARGE_SHARE))


def _count_words(paragraph: str) -> int:
    """Words; of scripts that put no space between them, one for two characters."""
    return len(_WORD.findall(paragraph)) + len(_CJK.findall(paragraph)) // 2


def _quotes(paragraph: str) -> bool:
    return any(_count_words(said) >= QUOTED for said in _QUOTATION.findall(paragraph))
