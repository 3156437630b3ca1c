"""Misspelled words are read as words of the corpus, and nothing else is."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.folding import folded
from search.question.spelling import LONG, MOST_LOOKED_UP, SHORTEST, Correction, Speller

NAMES = (
    "Belousov Zelensky Gaddafi Khamenei Netanyahu Erdoğan Kim Jong Un Hezbollah Philippines "
    "Cincinnati McConnell Medvedev Łukaszenko Renée"
)
ORDINARY = (
    "minister resigned government parliament committee supreme court causes cases whale harbour "
    "station"
)
WRITTEN = {folded(word): word for word in f"{NAMES} {ORDINARY}".split()}
# In so many articles; the others in 3.
OFTEN = {"cases": 90, "causes": 20}
KNOWN = frozenset(["whaling", "wailing", "harbor"])


def speller(words: Iterable[str] = WRITTEN) -> Speller:
    vocabulary = sorted(words)
    articles = np.array([OFTEN.get(word, 3) for word in vocabulary], np.int32)
    return Speller(vocabulary, articles, KNOWN)


def corrections(text: str, by: Speller | None = None) -> list[Correction]:
    def lacks(word: str) -> bool:
        # As a stemmer would have it.
        return word not in WRITTEN and word.removesuffix("s") not in WRITTEN

    return (by or speller()).corrections(text, lambda word: WRITTEN.get(word, word), lacks)


def reads(text: str) -> list[tuple[str, str]]:
    return [(each.written, each.read) for each in corrections(text)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Belousow", "Belousov"),
        ("Zelenskyy", "Zelensky"),
        ("Zelenskiy", "Zelensky"),
        ("Gadhafi", "Gaddafi"),
        ("Khameini", "Khamenei"),
        ("Netanyahoo", "Netanyahu"),
        ("Hizbullah", "Hezbollah"),
        ("Phillipines", "Philippines"),
        ("Cincinatti", "Cincinnati"),
        ("McConnel", "McConnell"),
        ("Medwedew", "Medvedev"),
        ("Erdogen", "Erdoğan"),
        ("Lukaszenka", "Łukaszenko"),
        ("Rénee\u0301e", "Renée"),
        ("minsiter", "minister"),
        ("Minsiter", "minister"),
        ("parliment", "parliament"),
        ("Goverment", "government"),
        ("comittee", "committee"),
        ("Cuort", "court"),
    ],
)
def test_misspelled(written: str, read: str) -> None:
    for text in (written, f"What did {written} say?", f"what of {written.lower()}"):
        assert [other for _, other in reads(text)] == [read], text


def test_where_they_are() -> None:
    text = "🦉 Belousow’s minsiter — who?"
    assert corrections(text) == [
        Correction(2, 10, "Belousow", "Belousov"),
        Correction(13, 21, "minsiter", "minister"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Belousov and Zelensky resigned",
        "Kim Jong Un and Kim Jong-un",
        "Erdogan, ERDOĞAN, Erdog\u0306an",
        "governments",  # its stem is there
        "whaling and wailing in the harbor",  # the language has them
        "cort Kims corts",  # too short, or nothing is near
        "BELOUSOW CUORT",  # acronyms
        "eCourt MRcourt courT",
        "court5 5court cour7 gov_ernment",
        "Ministerium Courtroom",  # too far
        "Xelensky",  # the first letter
        "Qatar Ouagadougou",
        "Which stadion has a wharf",
        "Зеленский 東京都知事選挙",
    ],
)
def test_left_alone(text: str) -> None:
    assert reads(text) == []


def test_case_tells_names_from_words() -> None:
    assert reads("who saw gadhafi") == [("gadhafi", "Gaddafi")]
    assert reads("Who saw Gadhafi") == [("Gadhafi", "Gaddafi")]
    assert reads("Who saw gadhafi") == []
    # A consonant replaced by another: a name may be misspelled so, a word is another one.
    assert reads("the coumt of it") == [("coumt", "court")]
    assert reads("The coumt of it") == []
    assert reads("The cuort of it") == [("cuort", "court")]


def test_two_edits_only_in_long_words_that_sound_alike() -> None:
    assert reads("Zelinskyi") == [("Zelinskyi", "Zelensky")]
    assert reads("Zebenskyi") == []
    assert reads("Gadafhi") == []


def test_the_likelier_of_two_words() -> None:
    # Two letters swapped, though more articles have the other.
    assert reads("casues") == [("casues", "causes")]
    # One vowel for another, and more articles.
    other = speller(["harbour", "causes", "cases"])
    assert [each.read for each in corrections("cauzes casis", other)] == ["causes", "cases"]


def test_as_many_words_as_are_looked_up() -> None:
    wrong = ["minsiter"] * (MOST_LOOKED_UP + 1)
    assert len(corrections(" ".join(wrong))) == MOST_LOOKED_UP
    assert corrections(" ".join([*["Ouagadougou"] * MOST_LOOKED_UP, "minsiter"])) == []


def test_an_empty_corpus() -> None:
    empty = Speller([], np.zeros(0, np.int32), KNOWN)
    assert corrections("minsiter", empty) == []


def test_threads_that_come_at_once() -> None:
    fresh = speller()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: corrections("Belousow", fresh), range(64)))
    assert found == [[Correction(0, 8, "Belousow", "Belousov")]] * 64


# Few letters, so that many words are near each other.
RANDOM_WORDS = st.text("aeort", min_size=1, max_size=10)


def distance(one: str, other: str) -> int:
    """Optimal string alignment, by its definition."""
    rows, columns = len(one) + 1, len(other) + 1
    table = np.zeros((rows, columns), np.int64)
    table[:, 0], table[0] = np.arange(rows), np.arange(columns)
    for i in range(1, rows):
        for j in range(1, columns):
            steps = [
                table[i - 1, j] + 1,
                table[i, j - 1] + 1,
                table[i - 1, j - 1] + (one[i - 1] != other[j - 1]),
            ]
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                steps.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(steps)
    return int(table[-1, -1])


@given(st.lists(RANDOM_WORDS, unique=True, min_size=5, max_size=40), RANDOM_WORDS)
@example(["belousov", "belousova"], "belousow")
@example(["cases", "causes"], "casues")
@example(["aeortaeo"], "eaortaeo")
def test_the_nearest_words(words: list[str], word: str) -> None:
    articles = np.ones(len(words), np.int32)
    found = Speller(sorted(words), articles, frozenset()).corrections(
        word, lambda read: read, lambda lacked: lacked not in words
    )
    distances = {other: distance(word, other) for other in words if other[0] == word[0]}
    near = {other: edits for other, edits in distances.items() if edits <= 2}
    if word in words or len(word) < SHORTEST:
        assert found == []
    elif 1 in near.values():
        assert [near[each.read] for each in found] == [1]
    elif len(word) < LONG:
        assert found == []
    else:
        assert {each.read for each in found} <= near.keys()


@given(st.text(max_size=1000))
@example("ß" * 10)
@example("ŉŉŉŉŉ")
@example("\u0301" * 10)
@example("ﬁﬁﬁﬁﬁ")
def test_any_text(text: str) -> None:
    end = 0
    for each in corrections(text):
        assert end <= each.start < each.end <= len(text)
        assert each.written == text[each.start : each.end]
        assert each.read in WRITTEN.values()
        end = each.end
