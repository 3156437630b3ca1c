"""From web pages to articles. The pages are made up."""

import pytest

from indexer.article import Article, Date, Document, Rejected
from indexer.reading.cleaning import clean
from tests.support.lighthouse import BODY, cleaned

HTML = f"""<!doctype html><html lang="en"><head><title>Lamp goes out - Coast Gazette</title>
<meta property="og:title" content="Lamp of Gull Point goes out">
<meta property="og:site_name" content="Coast Gazette">
<meta property="article:published_time" content="2024-05-05T18:30:00Z">
<meta name="author" content="Ruth Adeyemi">
<link rel="canonical" href="https://coast.example/lamp"></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<script>alert("steal cookies")</script>
<article><h1>Lamp of Gull Point goes out</h1>
<p>{BODY[0]}</p><p>{BODY[1]}</p><p>{BODY[2]} &amp; more.</p><p>{BODY[3]}</p></article>
<footer>© Coast Gazette, all rights reserved</footer></body></html>"""


def test_html() -> None:
    article = cleaned(HTML, "html")
    assert article.title == "Lamp of Gull Point goes out"
    assert article.published
    assert article.published.iso.startswith("2024-05-05")
    assert article.source == "Coast Gazette"
    assert article.author == "Ruth Adeyemi"
    assert article.url == "https://coast.example/lamp"
    for sentence in BODY:
        assert sentence in article.text
    for foreign in ("alert", "<", "&amp;", "Sport", "rights reserved"):
        assert foreign not in article.text


def test_what_a_page_prints_stands_in_for_what_it_does_not_declare() -> None:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in BODY)
    article = cleaned(
        "<html><head><title>Lamp of Gull Point goes out - Quay &amp; Sail</title></head><body>"
        '<div><a href="/">Quay &amp; Sail</a> <span>Tuesday, May 7, 2024</span></div>'
        "<div><h2>Lamp of Gull Point goes out</h2>"
        "<div>Posted by Ruth Adeyemi on Sunday, May 5, 2024 – 12 Comments</div>"
        f"{paragraphs}</div><div>© 2024 Quay Publishing Ltd. All rights reserved</div>"
        "</body></html>",
        "html",
    )
    assert article.title == "Lamp of Gull Point goes out"
    assert article.published
    assert (article.published.iso, article.published.certain) == ("2024-05-05", True)
    assert (article.author, article.source) == ("Ruth Adeyemi", "Quay")
    assert article.text == "\n\n".join(BODY)


@pytest.mark.parametrize(
    "content",
    ["<html>", "<" * 5000, "<!-- ", "<?xml version='1.0' encoding='utf-8'?><html><p>x</p></html>",
     "<div>" * 5000, "plain text that is no HTML", "&#0;&#27;", "<html></html>\ufffd", "<p>\x85"],
)  # fmt: skip
def test_broken_html_is_an_article_or_rejected(content: str) -> None:
    assert isinstance(clean(Document("a", content, "html")), (Article, Rejected))


def test_html_cannot_smuggle_control_characters() -> None:
    content = HTML.replace("Lamp of Gull", "Lamp &#27;[31m of &#x9b;Gull")
    article = cleaned(content, "html")
    for text in (article.title, article.text):
        assert not set(text) & {"\x1b", "\x9b"}


def test_the_future_is_refused() -> None:
    assert cleaned(HTML.replace("2024-05-05", "2924-05-05"), "html").published is None


@pytest.mark.parametrize("published", ["0001-01-01T00:00:00", "0500-05-05", "1899-12-31"])
def test_a_year_before_there_were_pages_is_no_date(published: str) -> None:
    assert cleaned(HTML.replace("2024-05-05T18:30:00Z", published), "html").published is None


def test_a_date_of_two_readings_is_uncertain_in_html_too() -> None:
    article = cleaned(HTML.replace("2024-05-05T18:30:00Z", "03/04/2024"), "html")
    assert article.published
    assert not article.published.certain


def test_what_json_ld_declares_has_no_control_characters() -> None:
    declared = (
        '<script type="application/ld+json">{"@type": "NewsArticle", '
        r'"headline": "Lamp \ud800of Gull\u0000 Point goes out", "author": "Jane \u001b[31m Doe"}'
        "</script></head>"
    )
    page = HTML.replace("</head>", declared).replace('<meta name="author"', '<meta name="x"')
    article = cleaned(page, "html")
    for text in (article.title, article.author or ""):
        text.encode()
        assert not set(text) & {"\x00", "\x1b"}


def test_a_date_and_a_byline_above_the_body_are_not_of_it() -> None:
    above = "<p>Published: March 4, 2009</p><p>By Ruth Adeyemi</p>"
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in BODY)
    article = cleaned(
        f"<html><body><h1>Lamp goes out</h1>{above}{paragraphs}</body></html>", "html"
    )
    assert article.text == "\n\n".join(BODY)
    assert article.published == Date("2009-03-04", True, "Published: March 4, 2009")
