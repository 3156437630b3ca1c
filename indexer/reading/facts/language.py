"""Which language an article is in: as it is declared, or by py3langid, naive Bayes over n-grams.

Lui and Baldwin, "langid.py: An Off-the-shelf Language Identification Tool", ACL 2012. English that
is plain to see is not asked about: that costs .3 ms an article, and the model 100 MB.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, cast

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from indexer.reading.body.words import has_more_words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Characters that are looked at: enough for every one of 4,721 articles of news.
_SAMPLE = 400
# Words that no other language has as often, and how many of them make a beginning English.
_ENGLISH = re.compile(r"\b(?:the|and|that|with|from|which|this|were|have|has|been|its)\b", re.I)
_ENOUGH = 5
# Words below which a text does not tell, and from which it does whatever the page declares.
_FEWEST, _PLAIN = 12, 30
# Below this the text is no language, or of several.
_LEAST_PROBABILITY = 0.5
# "en", "en-US", "en_GB.UTF-8", "eng"; characters of what is declared.
_TAG = re.compile(r"([a-z]{2,3})(?![a-z])(?!\s[a-z])")
_LONGEST = 40


def language(text: str) -> str | None:
    """The ISO 639-1 code of the language that most of a text's beginning is in.

    None if it is too short to tell: under a dozen words any language is found. The first call loads
    the model; safe to call from threads.
    """
    sample = text.lstrip()[:_SAMPLE]
    if not has_more_words(sample, _FEWEST - 1):
        return None
    if len(_ENGLISH.findall(sample)) >= _ENOUGH:
        return "en"
    code, probability = _model().classify(sample)
    return cast(str, code) if probability >= _LEAST_PROBABILITY else None


def page_language(declared: str | None, text: str) -> str | None:
    """The language of a page's text: the declared one, but where it is or is not English to see.

    "en" is what templates declare that nobody has looked at, and translated pages keep the language
    of their site: of 325 pages, on the four where both differ the text was right.
    """
    found = language(text)
    if (
        found
        and declared
        and found != declared
        and "en" in (found, declared)
        and has_more_words(text[:_SAMPLE], _PLAIN - 1)
    ):
        return found
    return declared or found


def language_code(declared: str | None) -> str | None:
    """The ISO 639-1 code of a language as it is declared: "en-US", "eng", "English", "Deutsch".

    None if it is no language that is known, or none in particular.
    """
    name = (declared or "").strip()[:_LONGEST].casefold()
    if not name:
        return None
    tag = _TAG.match(name)
    code = get_global("language_aliases").get(tag[1], tag[1]) if tag else None
    if code is None or len(code) != 2:
        return _names().get(name)
    return code if code in Locale("en").languages else None


@cache
def _names() -> dict[str, str]:
    """The codes of languages by what English calls them, and what they are called in themselves."""
    english = {code: name for code, name in Locale("en").languages.items() if len(code) == 2}
    own = {name: code for code in english if (name := _own_name(code))}
    return own | {name.casefold(): code for code, name in english.items()}


def _own_name(code: str) -> str | None:
    try:
        name = Locale(code).get_language_name()
    except UnknownLocaleError:
        return None
    return name.casefold() if name else None


@cache
def _model() -> "LanguageIdentifier":
    # Imported here: half a second and 100 MB that only indexing pays for.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # ISO 639-1 has two letters. The others are of small languages, mistaken for their neighbours.
    model.set_languages(code for code in model.labels if len(code) == 2)
    return model
