"""What a page says of itself."""

import lxml.html
import pytest

from indexer.reading.facts.declared import (
    LONGEST_FIELD,
    field_of,
    json_ld,
    key_of,
    names_of,
    read_declared,
    text_of,
    texts_of,
)
from tests.support.ferry import TITLE, html_of, json_ld_of


def test_meta_tags() -> None:
    head = (
        "<meta property='OG:Title' content='One'><meta name='og:title' content=' Two  words '>"
        "<meta itemprop='date' value='today'><meta name='empty' content=' '>"
    )
    page = read_declared(lxml.html.document_fromstring(html_of(head)))
    assert page.meta == {"og:title": ["One", "Two words"], "date": ["today"]}
    assert page.first("none", "date", "og:title") == "today"
    assert page.first("none") is None
    assert page.headings == [TITLE]
    assert page.node == {}


def test_articles_in_json_ld() -> None:
    article = {"@type": ["Thing", "NewsArticle"], "headline": "Inner"}
    head = (
        json_ld_of(**{"@type": "WebPage", "mainEntity": [article]})
        + json_ld_of(**{"@type": "BlogPosting", "headline": "Outer"})
        + "<script type='application/ld+json'>{broken</script>"
        + '<script>{"@type": "Article"}</script>'
    )
    found = json_ld(lxml.html.document_fromstring(html_of(head)))
    assert [each["headline"] for each in found] == ["Inner", "Outer"]


@pytest.mark.parametrize("place", ["itemListElement", "hasPart", "mentions", "isPartOf"])
def test_no_article_that_json_ld_only_lists(place: str) -> None:
    other = {"@type": "NewsArticle", "headline": TITLE, "datePublished": "2020-05-05"}
    head = json_ld_of(**{"@type": "WebPage", place: [{"@type": "ListItem", "item": other}]})
    assert read_declared(lxml.html.document_fromstring(html_of(head))).node == {}


@pytest.mark.parametrize(
    ("headline", "heading", "same"),
    [
        ("Lighthouse keeper retires", "Fish auction closes", False),
        ("Auction of fish to close", "Fish auction closes", True),
        (None, "Fish auction closes", True),
        ("漁港の競りが終了", "競り、百年で終了", True),
        ("灯台守引退", "競り、百年で終わる", False),
        ("Lighthouse keeper retires", "", True),
    ],
)
def test_an_article_of_another_headline_is_not_the_pages(
    headline: str | None, heading: str, same: bool
) -> None:
    node = {"@type": "NewsArticle", "headline": headline, "datePublished": "2020-05-05"}
    page = f"{json_ld_of(**node)}<h1>{heading}</h1><p>Text."
    assert bool(read_declared(lxml.html.document_fromstring(page)).node) is same


def test_values_of_json_ld() -> None:
    assert text_of(" a \n b ") == "a b"
    assert text_of(7) is text_of(["a"]) is text_of(" ") is None
    assert texts_of(["a", 7, " ", "b"]) == ["a", "b"]
    assert texts_of("a") == ["a"]
    people = [{"name": "Tor Lund"}, "Eva Dal", {"name": "Tor Lund"}, "https://x.example", {}]
    assert names_of(people) == "Tor Lund, Eva Dal"
    assert names_of({"name": 7}) is None


def test_a_field_is_one_line_of_some_length() -> None:
    assert field_of("a\x00\n\tb") == "a b"
    assert field_of("x" * LONGEST_FIELD) == "x" * LONGEST_FIELD
    assert field_of("x" * (LONGEST_FIELD + 1)) is field_of(None) is field_of("\n") is None
    # Space is not counted, within reason.
    assert field_of("x" + " " * LONGEST_FIELD) == "x"
    assert field_of("x" + " " * 10 * LONGEST_FIELD) is None


def test_keys() -> None:
    assert key_of("  “The Ferry”—it’s  BACK: Straße! ") == "the ferry it s back strasse"
