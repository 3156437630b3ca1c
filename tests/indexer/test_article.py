"""An article: its paragraphs, and how precise its date is."""

import pytest

from indexer.article import Article, Date, Removed


def test_what_was_removed_can_be_put_back() -> None:
    article = Article("a", "", "two\n\nfour", removed=(Removed(0, "one"), Removed(2, "three")))
    assert article.paragraphs() == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("iso", "precision"),
    [
        ("2024-11", "month"),
        ("2024-11-30", "day"),
        ("2024-11-30T09:12", "minute"),
        ("2024-11-30T09:12+09:00", "minute"),
        ("2024-11-30T09:12:00", "second"),
        ("2024-11-30T09:12:00+09:00", "second"),
    ],
)
def test_a_date_is_as_precise_as_it_is_written(iso: str, precision: str) -> None:
    assert Date(iso).precision == precision
