"""Words and stems, by hand."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.analysis import MAX_TERMS, all_stems, distinct_stems, plain_words, stems


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
