"""Counting words, in scripts that put no space between them too."""

import re

from indexer.letters import PAIRED

WORD = re.compile(r"\w+(?:[’'-]\w+)*")
# Scripts without spaces, and Hangul, whose words are long ones: two letters count as one word.
_COUNTED = re.compile(f"[{PAIRED}]")


def count_words(text: str) -> int:
    """About how many words a text has."""
    words = len(WORD.findall(text))
    return words if text.isascii() else words + len(_COUNTED.findall(text)) // 2
