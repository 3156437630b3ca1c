"""Letters of every script in one form each, and runs of letters without space between words.

A letter is written in the same way however it was typed: in full width, with or without the points
of Hebrew and Arabic, ё as е. What Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese write in
one run is cut into pairs of letters that overlap, as Lucene's CJKAnalyzer does: 港町祭, 港町 町祭.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise


def _ranges(codes: Sequence[int]) -> str:
    """Ascending code points as what a class of a pattern holds, which compiles in a tenth."""
    known = set(codes)
    first = [code for code in codes if code - 1 not in known]
    last = [code for code in codes if code + 1 not in known]
    return "".join(f"{chr(one)}-{chr(other)}" for one, other in zip(first, last, strict=True))


# Kana and Han; Thai, Lao, Burmese and Khmer. None of their digits and signs.
_UNSPACED = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf"
    "\u1000-\u102a\u103f\u1050-\u1055\u1780-\u17b3"
)
# A letter of a script that puts no space between words.
UNSPACED = re.compile(f"[{_UNSPACED}]")
_HANGUL = "\uac00-\ud7a3"
# Letters that are cut into pairs.
PAIRED = f"{_UNSPACED}{_HANGUL}"
_BELOW_SYMBOLS = range(0x300, 0x1D00)
_MARK_CODES = [code for code in _BELOW_SYMBOLS if unicodedata.category(chr(code)).startswith("M")]
# What belongs to the letter before it, in half width too.
MARKS = f"{_ranges(_MARK_CODES)}\u3099\u309a\uff9e\uff9f"
# Of Burmese and Khmer: the letter behind is written below the one before.
_STACKERS = "\u1039\u17d2"
# Vowels of Thai and Lao that are written before their consonant, and letters for those behind it.
_BEFORE, _BEHIND = "\u0e40-\u0e44\u0ec0-\u0ec4", "\u0e30\u0e32\u0e33\u0e45\u0eb0\u0eb2\u0eb3"
_LETTER = rf"[{_BEFORE}]?[{PAIRED}](?:[{_STACKERS}][{PAIRED}]|[{MARKS}{_BEHIND}])*"
_ONE = re.compile(_LETTER)
PAIRED_RUN = re.compile(rf"(?:{_LETTER})+")
_OTHER = rf"[^\W_{PAIRED}]"
# A word of another script: letters, digits and their marks.
OTHER_WORD = re.compile(rf"{_OTHER}+(?:[{MARKS}]+{_OTHER}*)*")

# Latin letters and digits as wide as Han ideographs, and as they are to everybody else.
FULL_WIDTH = {0xFEE0 + code: chr(code) for code in range(0x30, 0x7B) if chr(code).isalnum()}

# Where a text has none of these, as English has not, there is nothing to do.
_CONCERNED = re.compile(
    "[\u0130\u0300-\u0530\u0590-\u1cff\u1f00-\u1fff\u2e80-\ud7ff\uf900-\ufaff\ufb1d-\ufdff"
    "\ufe70-\uffdc\U00020000-\U0003ffff]"
)
# Forms of Hebrew and Arabic letters by where they stand in a word; full and half width.
_PRESENTED = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc\uff01-\uffdc]+")
# Han ideographs may say which of several drawings is meant.
_DRAWINGS = re.compile(
    "(?<=[\u3400-\u9fff\U00020000-\U0003ffff])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)


def _greek() -> dict[int, str | None]:
    """Greek letters without accents; they are not written on capitals."""
    codes = (*range(0x370, 0x400), *range(0x1F00, 0x2000))
    bare = {code: unicodedata.normalize("NFD", chr(code))[0] for code in codes}
    return {code: letter for code, letter in bare.items() if letter.isalpha()}


# Marks of the scripts from Greek to Arabic: a word is the same without them.
_POINTS = [code for code in _MARK_CODES if code < 0x900]
_ONE_FORM: dict[int, str | None] = {
    **_greek(),
    ord("ς"): "σ",
    # Russian and Bulgarian: ё, ѐ, ѝ; Turkish İ.
    **{ord(one): plain for one, plain in zip("ёЁѐЀѝЍİ", "еЕеЕиИI", strict=True)},
    # Arabic and Persian, as Lucene normalizes them: alef, yeh, kaf, heh; no tatweel.
    **dict.fromkeys(map(ord, "\u0622\u0623\u0625\u0671"), "\u0627"),
    **dict.fromkeys(map(ord, "\u0649\u06cc"), "\u064a"),
    **dict.fromkeys(map(ord, "\u06a9"), "\u0643"),
    **dict.fromkeys(map(ord, "\u0629\u06c1\u06d5"), "\u0647"),
    **dict.fromkeys((*_POINTS, 0x640)),
}
# tantivy takes some of the other marks for ends of words: letters of Yi stand for all of them.
_LATER = (code for code in _MARK_CODES if code >= 0x900)
_AS_LETTERS = {code: chr(0xA000 + number) for number, code in enumerate(_LATER)}
# Pairs of letters, and what has such letters, are no words to correct to.
UNCORRECTED = re.compile(f"[{PAIRED}\ua000-\ua48c]")


def spaced(text: str) -> str:
    """A text for the analyzer: its letters in one form, runs without spaces cut into pairs."""
    if text.isascii() or not _CONCERNED.search(text):
        return text
    text = unicodedata.normalize("NFC", text)
    text = _PRESENTED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    # NFKC takes apart the one Thai and Lao vowel that everybody types as one.
    text = text.replace("\u0e4d\u0e32", "\u0e33").replace("\u0ecd\u0eb2", "\u0eb3")
    text = _DRAWINGS.sub("", text.translate(_ONE_FORM))
    return PAIRED_RUN.sub(_cut, text).translate(_AS_LETTERS)


def _cut(run: re.Match[str]) -> str:
    return f" {' '.join(run.string[start:end] for start, end in words_of(run))} "


def words_of(run: re.Match[str]) -> list[tuple[int, int]]:
    """Where the words are that a run of letters is cut into, in order: pairs that overlap.

    A letter that has no other beside it is a word, and so is one that has another script's word or
    a number beside it: so 11月 is found in 昨年11月に as 11 月, and as a phrase.
    """
    letters = [letter.span() for letter in _ONE.finditer(run.string, *run.span())]
    words = [(one[0], other[1]) for one, other in pairwise(letters)]
    if not words:
        return letters
    before = run.string[max(0, run.start() - 2) : run.start()].rstrip()[-1:]
    after = run.string[run.end() : run.end() + 2].lstrip()[:1]
    first = letters[:1] if OTHER_WORD.match(before) else []
    last = letters[-1:] if OTHER_WORD.match(after) else []
    return [*first, *words, *last]
