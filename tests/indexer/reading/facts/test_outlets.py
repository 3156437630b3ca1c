"""An outlet that only some of its pages declare is one source, not two."""

from collections.abc import Sequence
from typing import Any

import pytest

from indexer.article import Article
from indexer.reading.facts.outlets import Outlets

HOST = "valeexaminer.example"
URL = f"https://www.{HOST}/2024/story"


def _article(source: str | None, url: str | None = URL, **fields: Any) -> Article:
    return Article(id="a", title="Vote", text="It was so.", source=source, url=url, **fields)


def _named(articles: Sequence[Article]) -> list[str | None]:
    outlets = Outlets()
    for article in articles:
        outlets.add(article)
    return [outlets.named(article).source for article in articles]


def test_others_of_the_host_get_its_name() -> None:
    articles = [_article("Vale Examiner"), _article(HOST), _article(HOST, None)]
    assert _named(articles) == ["Vale Examiner"] * 3


@pytest.mark.parametrize("url", [f"https://m.{HOST}/a", f"http://amp.{HOST}/a"])
def test_one_host_by_several_names(url: str) -> None:
    articles = [_article("Vale Examiner"), _article(f"m.{HOST}", url), _article(f"www.{HOST}", url)]
    assert _named(articles) == ["Vale Examiner"] * 3


def test_what_was_read_is_kept() -> None:
    outlets = Outlets()
    outlets.add(_article("Vale Examiner"))
    named = outlets.named(_article(HOST))
    assert (named.source, named.source_read) == ("Vale Examiner", HOST)
    assert outlets.named(_article("Vale Examiner")).source_read is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        # A name that the host is made of needs no others.
        (["Vale Examiner"], "Vale Examiner"),
        (["Vale Examiner"] * 21 + ["Reuters"], "Vale Examiner"),
        (["Vale Examiner"] * 20 + ["Reuters"], HOST),
        (["The Vale Examiner", "Vale Examiner", "Vale Examiner"], "Vale Examiner"),
        # One that it is not made of may be an agency's.
        (["Dale Media"] * 2, "Dale Media"),
        (["Dale Media"], HOST),
        ([], HOST),
    ],
)
def test_the_name_that_nearly_all_declare(names: list[str], expected: str) -> None:
    assert _named([*map(_article, names), _article(HOST)])[-1] == expected


def test_a_name_that_few_of_a_host_declare() -> None:
    articles = [_article("Dale Media")] * 2
    assert _named([*articles, *[_article(HOST)] * 18])[-1] == "Dale Media"
    assert _named([*articles, *[_article(HOST)] * 19])[-1] == HOST


def test_an_agency_is_no_name_of_a_host() -> None:
    articles = [_article("Reuters", agency="Reuters")] * 5
    assert _named([*articles, _article(HOST)])[-1] == HOST


@pytest.mark.parametrize("source", ["Echo", "Vale.Examiner", None])
def test_what_is_no_host_stays(source: str | None) -> None:
    articles = [_article("Vale Examiner")] * 30
    assert _named([*articles, _article(source)])[-1] == source


def test_another_host_stays() -> None:
    other = "https://echo.example/a"
    assert _named([_article("Vale Examiner"), _article("echo.example", other)])[1] == "echo.example"


def test_a_name_that_looks_like_a_host() -> None:
    articles = [_article("Salon.com", "https://salon.com/a"), _article("salon.com", None)]
    assert _named(articles) == ["Salon.com", "Salon.com"]
