"""The names of months in 114 languages, those that `language.py` tells, as CLDR has them.

Unicode Common Locale Data Repository, by Babel. Loading takes half a second, once, and only where
a date is declared in a language that `day_words` does not know.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from indexer.day_words import MONTHS_OF_ALL_LANGUAGES
from indexer.folding import folded

_CODES = (
    "af am an ar as az ba be bg bn br bs ca cs cy da de dz el en eo es et eu fa fi fo fr fy ga gd "
    "gl gu ha he hi hr ht hu hy id ig is it ja jv ka kk km kn ko ku ky la lb lg ln lo lt lv mg mk "
    "ml mn mr ms mt my ne nl nn no oc om or pa pl ps pt qu ro ru rw sa se si sk sl sn so sq sr st "
    "sv sw ta te tg th tk tl tr tt ug uk ur uz vi vo wa xh yo zh zu"
)
_LANGUAGES = frozenset(_CODES.split())
# Marks of Indian and other scripts are no word characters to `re`, so a word is what nothing else
# is; points inside belong to it: "มี.ค.".
_WORD = re.compile(r"[^\s\d,;:/|()\[\]'‘’\"“”،·–—-]+")


def months_named(text: str, language: str | None) -> set[int]:
    """The months, from 1, that words of a text name.

    Those of `day_words` win. Of a name that is another month's elsewhere, "listopad", it is the
    language that decides; if that is not known, all of them are.
    """
    words = [*_words(text)]
    if known := {
        MONTHS_OF_ALL_LANGUAGES[word] for word in words if word in MONTHS_OF_ALL_LANGUAGES
    }:
        return known
    found: set[int] = set()
    for word in words:
        meant = _names().get(word, {})
        found.update([meant[language]] if language in meant else meant.values())
    return found


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if stripped := folded(word.strip(".")):
            yield stripped


@cache
def _names() -> dict[str, dict[str, int]]:
    """By word the month that it names in each language, from 1."""
    # Imported here: most corpora never need it.
    from babel import Locale, localedata
    from babel.dates import format_date

    names: dict[str, dict[str, int]] = {}
    for locale in map(Locale.parse, sorted(localedata.locale_identifiers())):
        if locale.territory or locale.variant or locale.language not in _LANGUAGES:
            continue
        written: dict[str, set[int]] = {}
        for month in range(1, 13):
            day = date(2024, month, 28)
            texts = [format_date(day, style, locale=locale) for style in ("long", "medium")]
            for context in locale.months.values():
                texts += [context[width][month] for width in ("wide", "abbreviated")]
            for word in _words(" ".join(texts)):
                written.setdefault(word, set()).add(month)
        for word, months in written.items():
            # What all months have is a word for "of", or for "month".
            if len(months) == 1:
                names.setdefault(word, {})[locale.language] = min(months)
    return names
