"""Counting words, in scripts that put no space between them too."""

import re

WORD = re.compile(r"\w+(?:[’'-]\w+)*")
_SCRIPTS = r"\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f"
# Kana, Han and Thai, which put no space between words.
UNSPACED = re.compile(f"[{_SCRIPTS}]")
# And Hangul, whose spaced words are long ones; two characters count as one word.
_COUNTED = re.compile(rf"[{_SCRIPTS}\uac00-\ud7af]")


def count_words(text: str) -> int:
    """About how many words a text has."""
    words = len(WORD.findall(text))
    return words if text.isascii() else words + len(_COUNTED.findall(text)) // 2
