"""An article: its paragraphs, and how precise its date is."""

from dataclasses import replace

import pytest

from indexer.article import Article, Date, PageStart, Removed


def test_what_was_removed_can_be_put_back() -> None:
    article = Article("a", "", "two\n\nfour", removed=(Removed(0, "one"), Removed(2, "three")))
    assert article.paragraphs() == ["one", "two", "three", "four"]


def test_the_page_of_an_offset() -> None:
    starts = (PageStart(0, 0), PageStart(1, 2), PageStart(1, 2), PageStart(3, 0))
    whole = Article("a", "", "one\n\ntwo\n\nthree\n\nfour", pages=starts)
    assert [whole.page(whole.text.index(each)) for each in ("one", "two", "three")] == [1, 1, 3]
    assert [whole.page(offset) for offset in (0, 6, 7, 16, 17, 99)] == [1, 1, 3, 3, 4, 4]
    # What is left out of the text does not move the pages.
    for position, paragraph in enumerate(whole.paragraphs()):
        rest = [each for each in whole.paragraphs() if each != paragraph]
        less = replace(whole, text="\n\n".join(rest), removed=(Removed(position, paragraph),))
        for each in rest:
            assert less.page(less.text.index(each)) == whole.page(whole.text.index(each))
    assert Article("a", "", "one").page(0) is None


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
