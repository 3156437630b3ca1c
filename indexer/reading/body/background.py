"""Which of the paragraphs that a source repeats are background to the news, and not furniture.

Both stand under many articles. "The bridge was opened in 1931 by Queen Sigrid" tells of the world:
whole sentences, with a name or a number. "Sign up for our newsletter" speaks to the reader, or of
the outlet. The line model does not tell them apart: both are prose.
"""

import itertools
import re
from functools import lru_cache

from indexer.reading.body.words import count_words

# A sentence that says who did what has so many words; "This story has been updated" has fewer.
LEAST_WORDS = 8

_SENTENCE = re.compile(r"[.。।۔][\"'”’»)\]]*$")
_OPENING = "\"'“„«‘(["
_BEFORE_CAPITAL = ".!?:…\"'”’»)]–—-"
# What speaks to the reader, or of the page. Words that are in the news as well (a copyright, a
# subscriber, an app) count only as a page says them.
_FURNITURE = re.compile(
    r"""\b(?:
        you|your|yours|we|our|ours|my|me
        | newsletters?|inbox|sign(?:ing)?[\ -]?up|log\ in|subscrib(?:e|ing)|unsubscribe
        | click(?:ing)?|tap\ here|check\ out|hit\ play|tune\ in|stay\ (?:informed|tuned)|read\ more
        | (?:follow|contact|reach|e-?mail|call|write\ to)\ (?:him|her|them|along)
        | be\ reached\ (?:at|by|on|via)
        | support(?:s|ing)?\ (?:\w+\ )?journalism|content\ partner|sponsored\ content|may\ earn
        | all\ rights\ reserved|copyright\W+(?:\d{4}|by)|terms\ (?:apply|and\ conditions|of\ use)
        | privacy\ policy|use\ cookies|advertisements?|disclaimer|editor['’]?s\ note
        | editorial\ input
        | this\ (?:story|article|report|column|transcript|page|website|site|feature|post|release)
        | (?:reporting|editing|writing)\ by
        | vous|votre|você|usted|uns|abonn(?:ieren|ez)|inscrivez|suscr[ií]b\w+|assine|siga
    )\b
    | ^\W*(?:follow|visit|contact|reach|download|support|watch|listen|here|join|get|see|more)\b
    | ^\W*(?:[^\s:]+\s){0,3}[^\s:]+:\s | \bgenerous\ support\b | \bby\ a\ grant\b
    | \bhere\W*$ | © | @\w | \bhttps?: | \bwww\. | \w\.(?:com|org|net)\b
    """,
    re.I | re.X,
)
# Not the United States.
_US = re.compile(r"\bus\b")


def is_background(paragraph: str, source: str | None) -> bool:
    """Whether a paragraph that recurs tells something of the world, rather than of its source."""
    return (
        count_words(paragraph) >= LEAST_WORDS
        and _SENTENCE.search(paragraph) is not None
        and _is_particular(paragraph)
        and _FURNITURE.search(paragraph) is None
        and _US.search(paragraph) is None
        and not (source and _names(paragraph, source))
    )


def _is_particular(paragraph: str) -> bool:
    """Whether there is a number, or a name: a capital that does not begin a sentence."""
    if any(each.isdigit() for each in paragraph):
        return True
    words = paragraph.split()
    return any(
        word.lstrip(_OPENING)[:1].isupper() and before[-1] not in _BEFORE_CAPITAL
        for before, word in itertools.pairwise(words)
    )


def _names(paragraph: str, source: str) -> bool:
    """Whether a paragraph names its own outlet: USA TODAY, if that is usatoday.com."""
    return any(found[0][0].isupper() for found in _outlet(source).finditer(paragraph))


@lru_cache(maxsize=64)
def _outlet(source: str) -> re.Pattern[str]:
    host = source.casefold().removeprefix("www.")
    name = host.split(".")[0] if "." in host and " " not in host else source
    letters = [each for each in name if each.isalnum()]
    return re.compile(r"\b" + r"\W?".join(letters) + r"\b" if letters else r"(?!)", re.I)
