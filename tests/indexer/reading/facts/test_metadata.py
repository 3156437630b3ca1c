"""What a page tells of its article. The pages are made up."""

import pytest

from indexer.article import Date
from tests.support.ferry import TITLE, about, html_of, json_ld_of


def test_what_json_ld_declares() -> None:
    article = {
        "@type": ["NewsArticle"],
        "headline": TITLE,
        "datePublished": "2024-03-12T07:15:00.000Z",
        "dateModified": "2024-03-13",
        "author": [{"@type": "Person", "name": "Tor Lund"}, {"name": "Eva  Dal"}],
        "publisher": {"@type": "Organization", "name": "Aldvik Courier"},
        "inLanguage": "nb-NO",
    }
    told = about(html_of(json_ld_of(**{"@context": "https://schema.org", "@graph": [{}, article]})))
    assert told.title == TITLE
    assert told.published == Date("2024-03-12T07:15:00+00:00", True, "json-ld datePublished")
    assert told.updated == Date("2024-03-13", True, "json-ld dateModified")
    assert (told.author, told.source, told.language) == (
        "Tor Lund, Eva Dal",
        "Aldvik Courier",
        "nb",
    )


def test_what_meta_tags_declare() -> None:
    head = (
        "<meta property='og:site_name' content='Aldvik Courier'>"
        f"<meta property='og:title' content='{TITLE} | Aldvik Courier'>"
        "<meta property='article:published_time' content='2024-03-12T07:15:00+01:00'>"
        "<meta name='author' content='Tor Lund'>"
        "<link rel='canonical' href='https://courier.example/ferry'>"
    )
    told = about(html_of(head, lang=" lang='en-GB'"))
    assert told.title == TITLE
    assert told.published == Date("2024-03-12T07:15:00+01:00", True, "meta article:published_time")
    assert (told.author, told.source, told.language) == (
        "Tor Lund",
        "Aldvik Courier",
        "en",
    )
    assert told.url == "https://courier.example/ferry"


def test_the_node_of_this_article_among_several() -> None:
    others = [
        {"@type": "NewsArticle", "headline": "Council votes", "datePublished": "2024-01-01"},
        {"@type": "NewsArticle", "headline": TITLE, "datePublished": "2024-03-12"},
    ]
    told = about(html_of("".join(json_ld_of(**other) for other in others)))
    assert told.published == Date("2024-03-12", True, "json-ld datePublished")


def test_an_update_before_publication_is_none() -> None:
    head = (
        "<meta property='article:published_time' content='2024-03-12'>"
        "<meta property='article:modified_time' content='2023-01-01'>"
    )
    assert about(html_of(head)).updated is None


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//x", "/ferry", "https://[", ""])
def test_an_address_that_is_none(href: str) -> None:
    assert about(html_of(f"<link rel='canonical' href='{href}'>")).url in (None, "https://[")
