"""The words of a question in a passage, to be marked more softly than the sentence that answers."""

import re
from collections.abc import Sequence

from indexer.article import Span
from indexer.storage.lexical import Words

# What tantivy takes for a word: letters and digits of any script.
_WORD = re.compile(r"[^\W_]+")
# Words that every passage has, and those that a question is made with: marked, they say nothing.
_SAY_NOTHING = """
a about after all also an and any are as at be been before but by can could did do does for from had
has have he her him his how i if in into is it its many may me more most much my no not of on one or
other our out over s she should so some such t than that the their them then there these they this
those to up us was we were what when where which while who whom whose why will with would you your
"""
_FUNCTION_WORDS = frozenset(_SAY_NOTHING.split())


def content_stems(question: str, words: Words) -> frozenset[str]:
    """The stems of the words of a question that say what it is about."""
    said = [word for word in _WORD.findall(question) if word.lower() not in _FUNCTION_WORDS]
    return frozenset(words.terms(" ".join(said)))


def matched_words(text: str, within: Span, stems: frozenset[str], words: Words) -> list[Span]:
    """Where words with these stems stand in a part of a text."""
    found = [Span(*match.span()) for match in _WORD.finditer(text, within.start, within.end)]
    return [
        span
        for span, stem in zip(found, _stems([span.of(text) for span in found], words), strict=True)
        if stem in stems
    ]


def _stems(said: Sequence[str], words: Words) -> list[str | None]:
    """The stem of each word, None for what the word index leaves out."""
    together = words.analyze(" ".join(said))
    if len(together) == len(said):
        return list(together)
    # Some word is too long for the index, or is more than one to it.
    return [next(iter(words.analyze(word)), None) for word in said]
