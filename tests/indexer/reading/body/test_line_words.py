"""Characters and words as arrays."""

import numpy as np

from indexer.reading.body.furniture import WORD_LISTS
from indexer.reading.body.line_words import (
    BAR,
    COLON,
    COMMA,
    DIGIT,
    LETTER,
    LOWER,
    OTHER,
    QUOTE,
    SPACE,
    STOP,
    UPPER,
    HashedWords,
    code_points,
    find_listed,
    find_words,
)


def words_of(text: str) -> HashedWords:
    return find_words(*code_points(text))


def test_classes_of_characters() -> None:
    points, classes = code_points("aÉ港7 .,:|”#\U0001f989")
    assert points.tolist()[:3] == [ord("a"), ord("É"), ord("港")]
    assert points[-1] == 0xFFFF
    assert classes.tolist() == [
        *(LOWER, UPPER, LETTER, DIGIT, SPACE, STOP, COMMA, COLON, BAR, QUOTE, OTHER, OTHER)
    ]


def test_where_words_begin_and_end() -> None:
    text = "Él said: it’s 7am"
    words = words_of(text)
    found = [
        text[start : start + size]
        for start, size in zip(words.starts.tolist(), words.sizes.tolist(), strict=True)
    ]
    assert found == ["Él", "said", "it", "s", "7am"]
    assert words_of("").starts.tolist() == words_of(" … ").starts.tolist() == []


def test_equal_words_have_equal_hashes_wherever_they_stand() -> None:
    one, other, third = words_of("Harbour, the HARBOUR harbours").exact[[0, 2, 3]].tolist()
    assert one == other != third
    assert len(set(words_of("ab ba aab abb a b").exact.tolist())) == 6


def test_words_that_begin_alike_have_one_stem() -> None:
    promised, promises, prom, promise = words_of("promised promises prom promise").stems.tolist()
    assert promised == promises == promise != prom


def test_listed_words() -> None:
    listed, kinds = find_listed(words_of("the Cookie harbour JANUARY"))
    assert listed.tolist() == [True, True, False, True]
    names = np.array(list(WORD_LISTS))[kinds].tolist()
    assert names == ["english", "frame", "month"]
    # In the list of the months and in that of French words: the first counts.
    assert find_listed(words_of("sept"))[1].tolist() == [list(WORD_LISTS).index("month")]
