"""Counting words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.letters import UNSPACED
from indexer.reading.body.words import count_words, has_more_words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("—…!", 0),
        ("The ferry sank.", 3),
        ("it’s well-known, isn't it", 4),
        ("2,000 men", 3),
        # One run of letters, and a word for every two characters.
        ("港町の市場", 1 + 2),
        ("시장은 부두", 2 + 2),
        ("ferry 港", 2),
    ],
)
def test_count(text: str, count: int) -> None:
    assert count_words(text) == count


@given(
    st.lists(st.sampled_from(["ferry", "’", "'", "-", " ", "é", "_", "2", ",", "港", "\ud800"])),
    st.integers(0, 9),
)
def test_more_words_are_those_that_are_counted(parts: list[str], words: int) -> None:
    text = "".join(parts)
    assert has_more_words(text, words) == (count_words(text) > words)


def test_scripts_without_spaces() -> None:
    assert UNSPACED.findall("aж港ニน시") == ["港", "ニ", "น"]
