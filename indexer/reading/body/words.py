"""Counting words, in scripts that put no space between them too."""

import re

from indexer import letters

WORD = re.compile(r"\w+(?:[’'-]\w+)*")
# A character of a script that puts no space between words.
UNSPACED = re.compile(f"[{letters.UNSPACED}]")
# And Hangul, whose spaced words are long ones; two characters count as one word.
_COUNTED = re.compile(rf"[{letters.UNSPACED}\uac00-\ud7af]")


def count_words(text: str) -> int:
    """About how many words a text has."""
    words = len(WORD.findall(text))
    return words if text.isascii() else words + len(_COUNTED.findall(text)) // 2
