"""Words and stems: how a text is taken apart, the same for passages, headlines and questions."""

import tantivy

# More words than this in a question are not read: every one costs a posting list.
MAX_TERMS = 64
# Bytes of the longest word that is indexed: longer ones are addresses and accidents.
LONGEST_WORD = 40


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
    return list(_WORDS.analyze(text))


def stems(text: str) -> list[str]:
    """The stemmed words of a text, in order, as often as they are there."""
    return list(_STEMS.analyze(text))


def distinct_stems(text: str) -> list[str]:
    """The first `MAX_TERMS` distinct stemmed words of a text, in order."""
    return list(dict.fromkeys(_STEMS.analyze(text)))[:MAX_TERMS]


def all_stems(text: str) -> list[str]:
    """The stemmed words of a text; none at all if one is too long to be indexed."""
    found = stems(text)
    return found if len(found) == len(plain_words(text)) else []
