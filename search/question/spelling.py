"""Misspelled words and variants of names in a question, read as words that the corpus has.

A word is looked up if the corpus lacks it and it is no word of the language: five letters or more,
no digit, no acronym. It is read as the nearest word of the corpus that begins with the same letter,
by optimal string alignment: a letter missing, added, replaced, or two neighbours swapped; in words
of eight letters or more two of these, if no letter was replaced by one that sounds otherwise. Of
equally near words the one most alike in letters and sounds, then the one in most articles.

Most words that a corpus lacks are not misspelled but new to it. So in a question with capitals case
has to tell as well: a word with a capital may be a name however it was misspelled, and one without
is never read as a name. What is not read as a name must be a slip: no letter or sound added that
the other lacks, none replaced; or one edit in a long word. So questions asked of another corpus get
half as many corrections, and names are corrected as before (scripts/benchmarks/spelling.py).
"""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import OSA

from indexer.arrays import Int32
from indexer.folding import folded
from indexer.letters import OTHER_WORD

SHORTEST = 5
# From so many letters on, two edits.
LONG = 8
# Words of a question that are looked up: each takes .4 ms among 150,000 words.
MOST_LOOKED_UP = 8

# Letters that transliterations mix up are one sound; vowels all are.
_SOUNDS = str.maketrans("eiouywcqzj", "aaaaavkksg", "h")
_RUN = re.compile(r"(.)\1+")

# The words of a first letter and a length, and the number of each.
_Block = tuple[list[str], list[int]]


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of a question and how it is read; `written` is `text[start:end]`, in code points."""

    start: int
    end: int
    written: str
    read: str


class Speller:
    """Corrects questions by the words of a corpus; safe to use from several threads."""

    def __init__(self, words: Sequence[str], articles: Int32, known: Container[str]) -> None:
        """Take over the words of a corpus, and words of the language that it may lack.

        words: distinct, not stemmed, `folded`
        articles: (w,), how many articles have each
        known: folded
        """
        self._words = words
        self._articles = articles
        self._known = known
        self._blocks: dict[tuple[str, int], _Block] | None = None

    def corrections(
        self, text: str, written: Callable[[str], str], lacks: Callable[[str], bool]
    ) -> list[Correction]:
        """The words of a text that are to be read otherwise, in order.

        written: how the corpus mostly writes one of its words; a name has a capital
        lacks: whether no passage has a word of the same stem
        """
        cased = any(character.isupper() for character in text)
        found: list[Correction] = []
        looked_up = 0
        for match in OTHER_WORD.finditer(text):
            word = folded(match[0])
            if not _may_be_wrong(match[0], word) or word in self._known or not lacks(word):
                continue
            if looked_up == MOST_LOOKED_UP:
                break
            looked_up += 1
            capital = match[0][0].isupper()
            for near, slip in self._nearest(word):
                read = written(near)
                name = read[0].isupper()
                if not cased or (name or slip if capital else slip and not name):
                    found.append(Correction(*match.span(), match[0], read))
                    break
        return found

    def _nearest(self, word: str) -> Iterator[tuple[str, bool]]:
        """What a word may be read as, nearest first, and whether it is a slip of that."""
        sounds = _sounds(word)
        most = 2 if len(word) >= LONG else 1
        near: list[tuple[int, int, int, str, bool]] = []
        for length in range(len(word) - most, len(word) + most + 1):
            words, numbers = self._block(word[0], length)
            for other, edits, at in process.extract(
                word, words, scorer=OSA.distance, score_cutoff=most, limit=None
            ):
                replaced = _replaced(sounds, _sounds(other))
                if replaced and edits == 2:
                    continue
                slip = not (replaced or _adds(word, other)) or (edits == 1 and len(word) >= LONG)
                unlike = replaced + _unlike(Counter(word), Counter(other))
                near.append((int(edits), unlike, -int(self._articles[numbers[at]]), other, slip))
        return ((other, slip) for *_, other, slip in sorted(near))

    def _block(self, first: str, length: int) -> _Block:
        blocks = self._blocks
        if blocks is None:
            blocks = {}
            for number, word in enumerate(self._words):
                words, numbers = blocks.setdefault((word[0], len(word)), ([], []))
                words.append(word)
                numbers.append(number)
            # Whole, so that threads that come at once each build one and use any.
            self._blocks = blocks
        return blocks.get((first, length), ([], []))


def _may_be_wrong(written: str, word: str) -> bool:
    """Whether it is long enough, and neither a number nor an acronym."""
    # "NATO", "mRNA", "DECnet"; but not "McConnell"
    acronym = any(one.isupper() and not other.islower() for one, other in pairwise(f"{written}."))
    inner = written[0].islower() and not written.islower()
    return len(word) >= SHORTEST and word.isalpha() and not acronym and not inner


def sound(word: str) -> str:
    """How a word sounds, roughly: letters that are taken for each other are one."""
    return _RUN.sub(r"\1", word.translate(_SOUNDS))


def _sounds(word: str) -> Counter[str]:
    return Counter(sound(word))


def _replaced(one: Counter[str], other: Counter[str]) -> int:
    """How many sounds of one were replaced to make the other."""
    return min((one - other).total(), (other - one).total())


def _unlike(one: Counter[str], other: Counter[str]) -> int:
    """How many letters tell two words apart, in whatever order: none if two were swapped."""
    return max((one - other).total(), (other - one).total())


def _adds(word: str, other: str) -> bool:
    """Whether a word has a letter more that is not in the other."""
    return len(word) > len(other) and not set(word) <= set(other)
