"""Sketches: what is kept of a text to tell how much of it another text shares.

The smallest hashes of its three-word shingles (bottom-k; Broder, "On the resemblance and
containment of documents", 1997), each with the eighth of the text it stands in. Where the shared
shingles stand tells an edited copy, which shares a little of every part, from a text with the same
disclaimer or some paragraphs used again, which shares all of a few.
"""

import hashlib
import re
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import Float64, Int64, UInt8
from indexer.article import Article
from indexer.letters import UNSPACED

# Words of a shingle: of two, articles on one topic share too many; of four, edited copies too few.
SHINGLE = 3
# Hashes kept of a text, and the parts that it is divided into.
SKETCH, PARTS = 128, 8
# A part that shares this much is a copy's: with 30% of the words edited about a third is left of
# the shingles, and articles on one topic share some hundredths.
PART_SHARE = 0.2
# Code points of a text that are read, so that none takes long.
LONGEST = 200_000
# Below this many words a text says too little alone: its headline is read with it.
TOO_SHORT = 20
# Up to this many words a text may be all page and no article; see `_stray`. Such a one is no copy
# of what is later and has another headline.
STRAY_WORDS = 250
# In place of a hash where a text has no more.
PAD = 0xFFFFFFFF

# In UTF-8: entities, and punctuation and spaces of Latin-1, Arabic, Unicode's general block, CJK.
_BETWEEN_WORDS = re.compile(
    rb"&#?\w{1,10};|\xc2[\x80-\xbf]|\xd8[\x8c\x9b\x9f]|\xef\xbc[\x80-\xa0]|\xe2[\x80\x81][\x80-\xbf]|\xe3\x80[\x80-\xbf]"
)
_ASCII_WORDS = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() else ord(" ") for byte in range(256)
)
_BYLINE = re.compile(r"(?:by|from|written by|reported by)\s[^\n]{2,100}(?<![.!?\"”])\n", re.I)
# Odd constants of SplitMix64 (Steele et al. 2014) and MurmurHash3's finaliser.
_WEIGHTS = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)
_MIX = np.uint64(0xFF51AFD7ED558CCD)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What finding copies needs to know of one article.

    hashes: (s,) uint32, ascending, s ≤ SKETCH; parts: (s,) uint8, below PARTS
    text: a hash of the whole text in its words, or 0 if it has none
    stray: 0, or a hash of a headline that has nothing to do with a text this short
    """

    hashes: NDArray[np.uint32]
    parts: UInt8
    text: int
    stray: int

    def pack(self) -> bytes:
        """As bytes, 16 and 5 a hash."""
        heads = np.array([self.text, self.stray], "<u8").tobytes()
        return heads + self.hashes.astype("<u4").tobytes() + self.parts.tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> "Sketch":
        """A sketch from `pack`."""
        text, stray = np.frombuffer(packed, "<u8", 2).tolist()
        count = (len(packed) - 16) // 5
        hashes = np.frombuffer(packed, "<u4", count, 16)
        return cls(hashes, np.frombuffer(packed, np.uint8, count, 16 + 4 * count), text, stray)


class Sketches:
    """The sketches of n articles by number, about 660 bytes each."""

    def __init__(self, n: int) -> None:
        """Room for n articles, all without a word."""
        self.hashes = np.full((n, SKETCH), PAD, np.uint32)
        self.parts = np.zeros((n, SKETCH), np.uint8)
        self.texts = np.zeros(n, np.uint64)
        self.strays = np.zeros(n, np.uint64)

    def put(self, number: int, sketch: Sketch) -> None:
        """Set an article's sketch."""
        self.hashes[number, : len(sketch.hashes)] = sketch.hashes
        self.parts[number, : len(sketch.parts)] = sketch.parts
        self.texts[number] = sketch.text
        self.strays[number] = sketch.stray


def sketch(article: Article) -> Sketch:
    """Sketch an article: case, space, punctuation and entities do not count."""
    text = article.text[:LONGEST].lstrip()
    headline = _words(article.title[:LONGEST])
    words = _words(text)
    begin = len(_words(text[: _head(text, article.title)]))
    stray = 0
    if len(words) < TOO_SHORT:
        words, begin = ([] if article.title_made else headline) + words, 0
    elif len(words) <= STRAY_WORDS and _stray(headline, words):
        stray = _digest(headline)
    if not words:
        return Sketch(np.zeros(0, np.uint32), np.zeros(0, np.uint8), 0, 0)
    hashes, places = _shingles(words)
    parts = places[:SKETCH] * PARTS // max(len(words) - SHINGLE + 1, 1)
    digest = _digest(words[begin:] or words)
    return Sketch(hashes[:SKETCH], parts.astype(np.uint8), digest, stray)


def _words(text: str) -> list[bytes]:
    """The words in UTF-8, case folded: half the time that a regular expression for words takes."""
    folded = text.casefold()
    if not folded.isascii():
        folded = UNSPACED.sub(r" \g<0> ", folded)
    encoded = folded.encode("utf-8", "surrogatepass")
    return _BETWEEN_WORDS.sub(b" ", encoded).translate(_ASCII_WORDS).split()


def _head(text: str, title: str) -> int:
    """Where the text begins behind a headline and a byline on lines of their own."""
    begin = 0
    if title and text.startswith(f"{title}\n"):
        begin = len(title) + 1
    while begin < len(text) and text[begin].isspace():
        begin += 1
    byline = _BYLINE.match(text, begin)
    return byline.end() if byline else begin


def _stray(headline: list[bytes], words: list[bytes]) -> bool:
    """Whether a text has no more than a quarter of a headline's longer words, by their stems.

    Where extraction failed, a cookie notice stands under many headlines: the texts are the same,
    the stories are not. Of articles cut to 100 words one in 14 is taken for such, of those cut to
    250 one in 30.
    """
    own = {word[:5] for word in headline if len(word) > 3}
    return 4 * len(own & {word[:5] for word in words}) <= len(own) if own else False


def _digest(words: list[bytes]) -> int:
    return int.from_bytes(hashlib.blake2b(b" ".join(words), digest_size=8).digest(), "little") | 1


def _shingles(words: list[bytes]) -> tuple[NDArray[np.uint32], Int64]:
    """The hashes of all shingles, ascending, each once, and where each first stands in the text.

    A text of fewer words is one shingle.
    """
    padded = words + [b""] * (SHINGLE - len(words))
    hashes = np.fromiter(map(zlib.crc32, padded), np.uint64, len(padded))
    last = len(hashes) - SHINGLE + 1
    weighted = (hashes[i : i + last] * weight for i, weight in enumerate(_WEIGHTS))
    mixed = np.add.reduce(list(weighted))
    mixed = (mixed ^ (mixed >> np.uint64(33))) * _MIX
    mixed = np.minimum(mixed >> np.uint64(32), np.uint64(PAD - 1))
    # One number each, hash before place: sorting numbers is ten times faster than np.unique.
    keys = (mixed << np.uint64(32)) | np.arange(last, dtype=np.uint64)
    keys.sort()
    found = (keys >> np.uint64(32)).astype(np.uint32)
    new = np.append(True, found[1:] != found[:-1])
    return found[new], (keys[new] & np.uint64(PAD)).astype(np.int64)


def overlap(sketches: Sketches, one: Int64, other: Int64) -> Float64:
    """The share of either text that is a copy of the other, for pairs of articles (p,): (p, 2).

    Each part of a text counts by the share of its shingles that the other text has, PART_SHARE and
    more as 1; a text's share is the mean over its parts.
    """
    pairs = len(one)
    # (p, 2 · SKETCH): hash, then side, then part in the low bits, so that equal hashes are adjacent
    keys = np.concatenate(
        [
            (sketches.hashes[number].astype(np.int64) << 4) | (side << 3) | sketches.parts[number]
            for side, number in enumerate((one, other))
        ],
        axis=1,
    )
    keys.sort(axis=1)
    hashes = keys >> 4
    # Beyond the last hash of a full sketch it is not known what the text has.
    limit = np.minimum(sketches.hashes[one, -1], sketches.hashes[other, -1])
    counted = (hashes <= limit[:, None]) & (hashes < PAD)
    equal = (hashes[:, 1:] == hashes[:, :-1]) & counted[:, 1:]
    shared = np.zeros_like(counted)
    shared[:, 1:] |= equal
    shared[:, :-1] |= equal
    slots = (keys & 15) + 16 * np.arange(pairs)[:, None]
    total, found = (
        np.bincount(slots[mask], minlength=16 * pairs).reshape(pairs, 2, PARTS)
        for mask in (counted, shared)
    )
    parts = np.minimum(found / np.maximum(total, 1) / PART_SHARE, 1)
    shares: Float64 = parts.sum(axis=2) / np.maximum((total > 0).sum(axis=2), 1)
    return shares
