"""Words and stems: how a text is taken apart, the same for passages, headlines and questions.

Some words are written in several ways, or are lost when signs and case are: `respelled` writes such
a word so that its ways meet, or adds what else it may be called. "U.S." and "US" are one word, and
another than "us"; "C++" is found by "C" and told from "C#"; "200m" is also "200 million". Before
that, `spaced` (letters.py) writes every letter in one form, and cuts what has no spaces.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import tantivy

from indexer.letters import spaced

# More words than this in a question are not read: every one costs a posting list.
MAX_TERMS = 64
# Bytes of the longest word that is indexed: longer ones are addresses and accidents.
LONGEST_WORD = 40
# Words that every passage has, and those that a question is made with: they say nothing.
_SAY_NOTHING = """
a about after all also an and any are as at be been before but by can could did do does for from had
has have he her him his how i if in into is it its many may me more most much my no not of on one or
other our out over s she should so some such t than that the their them then there these they this
those to up us was we were what when where which while who whom whose why will with would you your
"""
FUNCTION_WORDS = frozenset(_SAY_NOTHING.split())
# Before a function word that is an acronym: no word of a text begins so and is one.
_ACRONYM = "0"

# What must not stand before a word is looked for behind its first letter, since patterns that begin
# with what they find are searched for ten times as fast.
_DOTTED = re.compile(r"[A-Z](?<![\w.].)\.(?:[A-Z]\.)*[A-Z](?:\.|(?!\w))")
_CAPITALS = re.compile(r"[A-Z](?<![\w'’].)[A-Z]{1,4}(?![\w'’])")
# C++, C#, A*, Disney+; .NET; AT&T
_SIGNED = re.compile(
    r"(?<![\w.])(?P<base>[A-Za-z]|[A-Z]\w{1,20})(?P<signs>[+#*]{1,3})(?!\w)"
    r"|(?<![\w.])\.(?P<net>(?i:net))(?!\w)"
    r"|(?<![\w&])(?P<one>[A-Za-z]{1,3})&(?P<other>[A-Za-z]{1,3})(?![\w&])"
)
_SIGNS = {"+": "plus", "#": "sharp", "*": "star"}
_AMOUNT = re.compile(
    r"(?P<number>\d(?<![\w.,].)\d{0,2}(?:[.,]\d{1,3})?) ?(?P<unit>k|mn?|bn|tn)(?!\w)", re.I
)
_UNITS = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion", "tn": "trillion"}
_DOZENS = re.compile(r"\b(?P<count>half a|a|two|three|four|five|six) dozen\b", re.I)
_IN_A_DOZEN = {"half a": 6, "a": 12, "two": 24, "three": 36, "four": 48, "five": 60, "six": 72}
# Longer words of other scripts than Latin, whose letters take two or three bytes each, are cut.
_LONG = re.compile(r"[^\W\x00-\u036f]{14,}")
# In a line of so many words in capitals, capitals say nothing.
_SHOUTED = 4


def analyzer() -> tantivy.TextAnalyzer:
    """Words of letters and digits, lower case, without accents, stemmed for English."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(LONGEST_WORD))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def _unstemmed() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .build()
    )


_STEMS, _WORDS = analyzer(), _unstemmed()


def plain_words(text: str) -> list[str]:
    """The words of a text as they are before stemming, of any length, in order."""
    return list(_WORDS.analyze(spaced(text)))


def respelled(text: str) -> str:
    """A text as the word index reads it: letters in one form, runs without spaces cut.

    Acronyms, names with signs and amounts are made to meet.
    """
    if not text.isascii():
        text = _LONG.sub(_that_fits, spaced(text))
    if "." in text:
        text = _DOTTED.sub(lambda found: found[0].replace(".", "") + " ", text)
    lines = text.split("\n")
    text = "\n".join(line if _shouted(line) else _CAPITALS.sub(_acronym, line) for line in lines)
    lower = text.lower()
    if any(sign in text for sign in "+#*&") or ".net" in lower:
        text = _SIGNED.sub(_with_signs, text)
    text = _AMOUNT.sub(_with_amount, text)
    if "dozen" in lower:
        text = _DOZENS.sub(lambda found: f"{found[0]} {_IN_A_DOZEN[found['count'].lower()]}", text)
    return text


def _shouted(line: str) -> bool:
    if not line.isupper():
        return False
    # Of scripts without capitals "US" is no louder than the rest.
    return sum(word.isupper() or not any(map(str.isalpha, word)) for word in line.split()) >= (
        _SHOUTED
    )


def _that_fits(word: re.Match[str]) -> str:
    return word[0].encode()[: LONGEST_WORD - 1].decode(errors="ignore")


def _acronym(found: re.Match[str]) -> str:
    return _ACRONYM + found[0] if found[0].lower() in FUNCTION_WORDS else found[0]


def _with_signs(found: re.Match[str]) -> str:
    if found["base"]:
        other = found["base"] + "".join(_SIGNS[sign] for sign in found["signs"])
    else:
        other = f"dot{found['net']}" if found["net"] else f"{found['one']}and{found['other']}"
    return f"{found[0]} {other} "


def _with_amount(found: re.Match[str]) -> str:
    return f"{found[0]} {found['number']} {_UNITS[found['unit'].lower()]} "


def stems(text: str) -> list[str]:
    """The stemmed words of a text, in order, as often as they are there."""
    return stems_of(respelled(text))


def stems_of(read: str) -> list[str]:
    """The stems of what is `respelled` already."""
    return list(_STEMS.analyze(read))


def distinct_stems(text: str) -> list[str]:
    """The first `MAX_TERMS` distinct stemmed words of a text, in order."""
    return list(dict.fromkeys(stems(text)))[:MAX_TERMS]


def all_stems(text: str) -> list[str]:
    """The stemmed words of a text; none at all if one is too long to be indexed."""
    read = respelled(text)
    found = stems_of(read)
    return found if len(found) == len(list(_WORDS.analyze(read))) else []


_FUNCTION_STEMS = frozenset(_STEMS.analyze(" ".join(FUNCTION_WORDS)))


def pairs(stems: Sequence[str]) -> Iterator[str]:
    """Stems that follow each other, as one term each; not where both are of function words."""
    for one, other in pairwise(stems):
        if not (one in _FUNCTION_STEMS and other in _FUNCTION_STEMS):
            yield f"{one}_{other}"
