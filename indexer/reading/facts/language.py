"""Which language an article is in, by py3langid: naive Bayes over byte n-grams.

Lui and Baldwin, "langid.py: An Off-the-shelf Language Identification Tool", ACL 2012. English that
is plain to see is not asked about: that costs .3 ms an article, and the model 100 MB.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Characters that are looked at: enough for every one of 4,721 articles of news.
_SAMPLE = 400
# Words that no other language has as often, and how many of them make a beginning English.
_ENGLISH = re.compile(r"\b(?:the|and|that|with|from|which|this|were|have|has|been|its)\b", re.I)
_ENOUGH = 5
# Below this the text is too short to tell, or no language.
_LEAST_PROBABILITY = 0.5


def language(text: str) -> str | None:
    """The ISO 639-1 code of the language that most of a text's beginning is in.

    None if it is too short to tell. The first call loads the model; safe to call from threads.
    """
    sample = text.lstrip()[:_SAMPLE]
    if len(_ENGLISH.findall(sample)) >= _ENOUGH:
        return "en"
    code, probability = _model().classify(sample)
    return cast(str, code) if probability >= _LEAST_PROBABILITY else None


@cache
def _model() -> "LanguageIdentifier":
    # Imported here: half a second and 100 MB that only indexing pays for.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # ISO 639-1 has two letters. The others are of small languages, mistaken for their neighbours.
    model.set_languages(code for code in model.labels if len(code) == 2)
    return model
