"""The characters and the words of a text as arrays, without a Python loop over either."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from indexer.arrays import Int64, Mask, UInt8
from indexer.reading.body.furniture import WORD_LISTS

# Classes of characters.
LETTER, LOWER, UPPER, DIGIT, SPACE, STOP, COMMA, COLON, BAR, QUOTE, OTHER = range(11)
CLASSES = 11
_CHARACTERS = {
    SPACE: " \n",
    STOP: ".!?…。！？؟।۔",
    COMMA: ",，、،",
    COLON: ":;：；",
    BAR: "|•·›»/>",
    QUOTE: "\"'“”‘’«„)]」』",
}
_STEM = 6  # letters by which two words count as the same: "promises", "promised"
_BASE = 0x9E3779B97F4A7C15
_BASES = np.array([[_BASE], [pow(_BASE, -1, 2**64)]], np.uint64)
_SLOT_BITS = 18
_USUAL = 2**16  # characters that hardly any page exceeds


def _character_tables() -> tuple[UInt8, NDArray[np.uint64]]:
    characters = np.arange(0x10000, dtype="<u4").view("<U1")
    classes = np.full(0x10000, OTHER, np.uint8)
    classes[np.strings.isalpha(characters)] = LETTER
    classes[np.strings.islower(characters)] = LOWER
    classes[np.strings.isupper(characters)] = UPPER
    classes[np.strings.isdigit(characters)] = DIGIT
    for kind, members in _CHARACTERS.items():
        classes[[ord(each) for each in members]] = kind
    lower = np.strings.lower(characters).astype("<U1").view("<u4")
    return classes, lower.astype(np.uint64)


_CLASS_OF, _LOWER_OF = _character_tables()


@dataclass(frozen=True, slots=True)
class HashedWords:
    """The words of a text, runs of letters and digits, in order; w of them.

    starts, sizes: (w,) where each begins, in characters, and how many it has
    exact: (w,) a hash of each, lower case
    stems: (w,) a hash of its first letters
    """

    starts: Int64
    sizes: Int64
    exact: NDArray[np.uint64]
    stems: NDArray[np.uint64]


@lru_cache(maxsize=2)
def _powers(size: int) -> NDArray[np.uint64]:
    """The powers of the base, and of its inverse, (2, size)."""
    powers = np.empty((2, size), np.uint64)
    powers[:] = _BASES
    powers[:, 0] = 1
    np.cumprod(powers, axis=1, out=powers)
    return powers


def find_words(points: Int64, classes: UInt8) -> HashedWords:
    """The words among code points whose classes are known."""
    inside = np.zeros(len(classes) + 2, np.int8)
    inside[1:-1] = classes <= DIGIT
    edges = (inside[1:] != inside[:-1]).nonzero()[0]
    starts, sizes = edges[::2], edges[1::2] - edges[::2]
    # A word's letters as digits of a number to the base _BASE, modulo 2**64: of the sums up to its
    # end and up to its start the difference, divided by the power at which it starts.
    powers = _powers(max(_USUAL, 1 << len(points).bit_length()))
    upto = np.zeros(len(points) + 1, np.uint64)
    (_LOWER_OF[points] * powers[0, : len(points)]).cumsum(out=upto[1:])
    before, back = upto[starts], powers[1, starts]
    return HashedWords(
        starts,
        sizes,
        (upto[starts + sizes] - before) * back,
        (upto[starts + np.minimum(sizes, _STEM)] - before) * back,
    )


def numbered(hashes: NDArray[np.uint64]) -> Int64:
    """The rank of each hash, equal ones alike: np.unique's inverse in half its time."""
    order = hashes.argsort()  # (w,), and so all below
    ordered = hashes[order]
    ranks = np.zeros(len(hashes), np.int64)
    (ordered[1:] != ordered[:-1]).cumsum(out=ranks[1:])
    numbers = np.empty_like(ranks)
    numbers[order] = ranks
    return numbers


def code_points(text: str) -> tuple[Int64, UInt8]:
    """The code points of a text, those above U+FFFF as that one, and the class of each."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    # As indices: NumPy looks up by any other type several times more slowly.
    indices: Int64 = np.minimum(points, 0xFFFF, dtype=np.intp)
    return indices, _CLASS_OF[indices]


def _slots(hashes: NDArray[np.uint64]) -> Int64:
    # The upper bits alone hardly tell words apart that end alike.
    mixed: NDArray[np.uint64] = (hashes ^ (hashes >> np.uint64(29))) * _BASES[0]
    return (mixed >> np.uint64(64 - _SLOT_BITS)).view(np.int64)


def _word_table() -> tuple[NDArray[np.uint16], NDArray[np.uint64], Int64]:
    """A table of the listed words, numbered from 1: the number in each slot, 0 for none.

    Then, by number, the hash of each word and the number of its list.
    """
    found = find_words(*code_points("\n".join(WORD_LISTS.values()))).exact
    kinds = np.repeat(range(len(WORD_LISTS)), [len(each.split()) for each in WORD_LISTS.values()])
    # Of a word in two lists, the first counts.
    hashes, at = np.unique(found, return_index=True)
    hashes = np.concatenate([np.zeros(1, np.uint64), hashes])
    number_in = np.zeros(2**_SLOT_BITS, np.uint16)
    number_in[_slots(hashes)] = np.arange(len(hashes))
    return number_in, hashes, np.concatenate([[0], kinds[at]])


_NUMBER_IN, _HASHES, _LISTS = _word_table()


def find_listed(words: HashedWords) -> tuple[Mask, Int64]:
    """Which words stand in a list of WORD_LISTS, (w,), and the numbers of the lists of those."""
    numbers = _NUMBER_IN[_slots(words.exact)]
    listed = _HASHES[numbers] == words.exact
    return listed, _LISTS[numbers[listed]]
