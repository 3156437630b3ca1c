"""Counting words, in scripts that put no space between them too."""

import re

_WORD = re.compile(r"\w+(?:[’'-]\w+)*")
# Kana, Han, Hangul and Thai; two characters count as one word.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def count_words(text: str) -> int:
    """The number of words, about."""
    words = len(_WORD.findall(text))
    return words if text.isascii() else words + len(_UNSPACED.findall(text)) // 2
