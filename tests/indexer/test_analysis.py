"""Words and stems, by hand."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.analysis import (
    MAX_TERMS,
    all_stems,
    distinct_stems,
    pairs,
    plain_words,
    respelled,
    stems,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ferries, the FERRY", ["the", "ferri", "the", "ferri"]),
        ("ferry's", ["ferri", "s"]),
        ("Café CAFE", ["cafe", "cafe"]),
        ("12,000 visitors in 2024-11", ["12", "000", "visitor", "in", "2024", "11"]),
        ("🦉 … !!", []),
        ("", []),
    ],
)
def test_stems(text: str, expected: list[str]) -> None:
    assert stems(text) == expected
    assert distinct_stems(text) == list(dict.fromkeys(expected))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the US Navy", "the U.S. Navy"),
        ("US", "U.S"),
        ("a U.S.-led force", "a US-led force"),
        ("the U.N., the U.S.S.R.", "the UN, the USSR"),
        ("a un resolution", "a U.N. resolution"),
        ("J.D. Vance", "JD Vance"),
    ],
)
def test_acronyms_meet_with_and_without_points(one: str, other: str) -> None:
    assert stems(one) == stems(other)


@pytest.mark.parametrize(
    ("acronym", "word"),
    [("the US left", "the us left"), ("WHO says", "who says"), ("seen in IT", "seen in it")],
)
def test_an_acronym_is_not_the_word_of_the_same_letters(acronym: str, word: str) -> None:
    assert stems(acronym) != stems(word)


@pytest.mark.parametrize("text", ["I SAW HIM AND HE SAW US", "us", "A man", "OK, I do", "it's"])
def test_capitals_of_a_line_in_capitals_and_of_single_letters_say_nothing(text: str) -> None:
    assert stems(text) == stems(text.lower())


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("written in C++.", "C++"),
        ("written in c#, mostly", "C#"),
        ("the .NET runtime", ".net"),
        ("AT&T said", "AT&T"),
        ("Disney+ rose", "Disney+"),
        ("a 5G mast", "5G"),
    ],
)
def test_names_with_signs_are_found_exactly_and_by_their_letters(text: str, among: str) -> None:
    held, asked = stems(text), stems(among)
    at = held.index(asked[0])
    assert held[at : at + len(asked)] == asked


def test_names_that_differ_by_a_sign_differ() -> None:
    names = ["C", "C++", "C#", "F#", "A*", "Disney", "Disney+", ".NET", "net"]
    assert len({tuple(stems(name)) for name in names}) == len(names)
    assert stems("65+ people, rated 5* by 3+4") == stems("65 people, rated 5 by 3 4")


@pytest.mark.parametrize(
    ("written", "also"),
    [
        ("200m viewers", "200 million"),
        ("$1.5bn deal", "1.5 billion"),
        ("£2.4tn", "2.4 trillion"),
        ("12k runners", "12 thousand"),
        ("a dozen eggs", "12"),
        ("two dozen men", "24"),
    ],
)
def test_amounts_are_found_in_other_words(written: str, also: str) -> None:
    assert set(stems(also)) <= set(stems(written))


def test_what_is_no_amount_is_left() -> None:
    text = "The 1990s, 747-400s and MP3, 4km of A4 at 5pm; dozens came, K 2 stood."
    assert respelled(text) == text


def test_pairs_are_of_neighbours_that_say_something() -> None:
    assert list(pairs(stems("the Bank of the North"))) == ["the_bank", "bank_of", "the_north"]
    assert list(pairs(["bank"])) == list(pairs([])) == []


def test_words_are_not_stemmed() -> None:
    assert plain_words("The FERRIES of Café Ünlü") == ["the", "ferries", "of", "cafe", "unlu"]


def test_more_than_so_many_stems_are_not_read() -> None:
    assert len(distinct_stems(" ".join(f"word{number}" for number in range(500)))) == MAX_TERMS


def test_a_text_with_a_word_too_long_for_the_index_has_no_stems_at_all() -> None:
    endless = "w" * 60
    assert stems(f"pilot {endless}") == ["pilot"]
    assert all_stems(f"pilot {endless}") == []
    assert all_stems("the pilots") == ["the", "pilot"]
    assert plain_words(endless) == [endless]


def test_threads_may_share_the_analyzer() -> None:
    texts = [f"ferries number {n} and harbours" * 20 for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(stems, texts)) == [stems(text) for text in texts]
