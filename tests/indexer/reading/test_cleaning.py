"""From messy documents to articles. The messes are made up; the seeds are asked for facts only."""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Date, Document, Rejected
from indexer.reading.cleaning import clean
from indexer.reading.facts.byline import site_folder
from indexer.reading.facts.headline import MAX_HEADLINE
from indexer.reading.input.formats import read_documents
from tests.conftest import require

BODY = (
    "The lighthouse at Gull Point was switched off for the last time on Sunday evening.",
    "Keeper Odd Halvorsen said that satellites now do his work, and that he would miss the fog.",
    "Ships have been guided by the lamp since 1871, when it burned oil from whales.",
    "The tower will become a hostel for walkers, and the lamp will go to a museum inland.",
)


def _article(content: str, kind: str = "text", **declared: Any) -> Article:
    found = clean(Document("a.txt", content, "html" if kind == "html" else "text", **declared))
    assert isinstance(found, Article), found
    return found


def _page(head: str, tail: str, body: tuple[str, ...] = BODY) -> str:
    return "\n\n".join([head, *body, tail])


def test_the_body_alone_is_the_text() -> None:
    article = _article(_page("Lamp of Gull Point goes out", ""))
    assert article.title == "Lamp of Gull Point goes out"
    assert article.text == "\n\n".join(BODY)
    assert article.location == "a.txt"


def test_head_and_tail_are_dropped() -> None:
    head = (
        "Home | News | Sport | Weather | Podcasts\nSearch\nSubscribe\n\n"
        "Lamp of Gull Point goes out\n\n"
        "By Coast Gazette | Published at 2024-05-05 18:30:00 | Updated at 2024-05-06 07:00:00\n"
        "Share on Facebook\nTweet"
    )
    tail = (
        "Leave a Comment\nYour email address will not be published.\nName\nWebsite\n\n"
        "Related articles\n\nTen walks along the coast that you should take before winter comes.\n"
        "© 2024 Coast Gazette. All rights reserved."
    )
    article = _article(_page(head, tail))
    assert article.text == "\n\n".join(BODY)
    assert article.title == "Lamp of Gull Point goes out"
    assert article.published
    assert article.published.iso == "2024-05-05T18:30:00"
    assert article.updated
    assert article.updated.iso == "2024-05-06T07:00:00"
    assert article.source == "Coast Gazette"


@pytest.mark.parametrize(
    "line",
    ["ADVERTISEMENT", "Story continues below", "Read more: Why lamps go out", "Share", "Loading...",
     "Photo: Ola Berg / Coast Gazette", "3 min read", "Follow us on everything",
     "Click here to subscribe", "Accept all cookies",
     "Home    News    Sport    Weather    Opinion    Video"],
)  # fmt: skip
def test_furniture_inside_the_body_is_dropped(line: str) -> None:
    body = (*BODY[:2], line, *BODY[2:])
    assert _article(_page("Lamp of Gull Point goes out", "", body)).text == "\n\n".join(BODY)


@pytest.mark.parametrize(
    "line",
    ["Leave a Reply", "Comments (12)", "No comments yet", "Legal Disclaimer:", "Most Read",
     "Read Entire Article", "Related stories", "Tags: sea, lamps", "You might also like",
     "About the author", "Sign up for our newsletter", "Copyright 2024 Coast Gazette",
     "LEAVE A COMMENT", "More articles"],
)  # fmt: skip
def test_the_tail_is_cut(line: str) -> None:
    tail = f"{line}\n\nAnother story altogether, about a goat that learned to open the gate."
    text = _article(_page("Lamp of Gull Point goes out", tail)).text
    assert "goat" not in text
    assert text.endswith(BODY[-1])


def test_a_marker_above_the_body_does_not_cut_it() -> None:
    text = _article(_page("Latest news\n\nLamp of Gull Point goes out", "")).text
    assert text == "\n\n".join(BODY)


def test_subheadings_and_short_quotations_stay() -> None:
    body = (BODY[0], "A cold summer", BODY[1], "“I will come back.”", BODY[2])
    assert _article(_page("Lamp goes out at Gull Point", "", body)).text == "\n\n".join(body)


def test_text_that_mentions_furniture_words_stays() -> None:
    body = (
        *BODY,
        "He asked visitors to leave a comment in the book, and most read it aloud to the others.",
    )
    assert _article(_page("Lamp of Gull Point goes out", "", body)).text == "\n\n".join(body)


@pytest.mark.parametrize(
    ("byline", "published", "source", "author"),
    [
        ("By Ruth Adeyemi", None, None, "Ruth Adeyemi"),
        ("Published: 5 May 2024", "2024-05-05", None, None),
        ("May 5, 2024 6:30 pm", "2024-05-05T18:30", None, None),
        ("By Coast Gazette | Created at 2024-05-05 18:30", "2024-05-05T18:30", "Coast Gazette",
         None),
        ("Updated: 6 May 2024\nPublished: 5 May 2024", "2024-05-05", None, None),
    ],
)  # fmt: skip
def test_bylines(
    byline: str, published: str | None, source: str | None, author: str | None
) -> None:
    article = _article(_page(f"Lamp of Gull Point goes out\n{byline}", ""))
    assert article.title == "Lamp of Gull Point goes out"
    assert (article.published.iso if article.published else None) == published
    assert article.source == source
    assert article.author == author
    assert article.text == "\n\n".join(BODY)


def test_dateline() -> None:
    body = (f"GULL POINT (Coastpress) - {BODY[0]}", *BODY[1:])
    article = _article(_page("Lamp of Gull Point goes out\nBy Ruth Adeyemi, Gull Point", "", body))
    assert (article.source, article.agency) == ("Coastpress", "Coastpress")
    assert article.author == "Ruth Adeyemi"


def test_the_future_is_refused() -> None:
    page = _page("Lamp of Gull Point goes out\nPublished: 5 May 2924", "")
    assert _article(page, title="Lamp", date="2924-05-05").published is None
    assert _article(HTML.replace("2024-05-05", "2924-05-05"), "html").published is None


def test_what_is_declared_wins() -> None:
    article = _article(
        _page("Lamp of Gull Point goes out\nBy Ruth Adeyemi\nPublished: 5 May 2024", ""),
        id="x", title="Declared", date="Sun, 02 Jun 2024 10:00:00 GMT", source="Declared Source",
        url="https://declared.example/1", author="Declared Author",
    )  # fmt: skip
    assert article.id == "x"
    assert article.title == "Declared"
    assert article.published == Date("2024-06-02T10:00:00+00:00", line="date")
    assert article.source == "Declared Source"
    assert article.url == "https://declared.example/1"
    assert article.author == "Declared Author"


@pytest.mark.parametrize(
    ("location", "site"),
    [
        ("/data/www.coast.example/2024/a.txt", "coast.example"),
        ("/crawl.example.org/www.coast.example/a.txt", "coast.example"),
        ("/data/Coast.Example/a.jsonl:3", "Coast.Example"),
        ("/data/articles/coast.example", None),
        ("/data/v1.2/articles/a.txt", None),
        ("a.txt", None),
    ],
)
def test_source_from_the_nearest_folder_named_like_a_site(location: str, site: str | None) -> None:
    assert site_folder(location) == site
    article = clean(Document(location, "\n\n".join(BODY), "text"))
    assert isinstance(article, Article)
    assert article.source == site


def test_source_from_the_address() -> None:
    article = _article("\n".join(BODY), url="https://www.coast.example/lamp", title="Lamp")
    assert article.source == "coast.example"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd",
     "//evil.example/x", "/relative", "https://", "vbscript:x", "http://[broken"],
)  # fmt: skip
def test_addresses_that_a_page_may_not_link_to(url: str) -> None:
    article = _article("\n".join(BODY), url=url, title="Lamp")
    assert article.url is None
    assert article.source is None


def test_ids_depend_on_what_is_said_alone() -> None:
    text = _page("Lamp of Gull Point goes out", "")
    one = clean(Document("a.txt", text, "text"))
    two = clean(Document("elsewhere/b.txt", text.replace("\n\n", "\n\n\n"), "text"))
    other = clean(Document("a.txt", text.replace("1871", "1872"), "text"))
    assert isinstance(one, Article)
    assert isinstance(two, Article)
    assert isinstance(other, Article)
    assert one.id == two.id != other.id


def test_entities_and_spaces() -> None:
    article = _article("Tom &amp; Odd said&nbsp;that the   lamp &quot;will not&quot; burn again.\n")
    assert article.text == 'Tom & Odd said that the lamp "will not" burn again.'


def test_without_a_headline_the_first_sentence_is_the_title() -> None:
    article = _article("\n\n".join(BODY))
    assert article.title == BODY[0]
    assert article.text == "\n\n".join(BODY)
    assert len(_article("word " * 500).title) <= MAX_HEADLINE


@pytest.mark.parametrize("content", ["", "Page not found", "\n \n", "404", "Share\nTweet\nHome"])
@pytest.mark.parametrize("kind", ["text", "html"])
def test_stubs_are_rejected(content: str, kind: str) -> None:
    found = clean(Document("a", content, "html" if kind == "html" else "text"))
    assert isinstance(found, Rejected)
    assert found.location == "a"
    assert "no article text" in found.reason or not content.strip()


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
    article = _article(HTML, "html")
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
    article = _article(
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
    article = _article(content, "html")
    for text in (article.title, article.text):
        assert not set(text) & {"\x1b", "\x9b"}


@given(st.text(max_size=300))
def test_any_text_is_an_article_or_rejected(content: str) -> None:
    found = clean(Document("a", content, "text"))
    assert isinstance(found, (Article, Rejected))
    if isinstance(found, Article):
        assert found.text == found.text.strip() != ""
        assert "\n" not in found.title


@dataclass(frozen=True)
class Seed:
    """What a seed holds: its article is the lines first to last of those with text, from 1."""

    first: int
    last: int
    title: str | None
    published: str
    source: str | None
    updated: str | None = None
    certain: bool = True
    agency: str | None = None


SEEDS = {
    "000": Seed(
        4,
        11,
        "Pyongyang will stand by Moscow until victory – North Korea",
        "2024-11-01T13:40:15",
        "Russia Today",
        updated="2024-11-01T15:31:47",
    ),
    "001": Seed(1, 5, None, "2024-11-04", "MENAFN", agency="MENAFN"),
    "002": Seed(
        9,
        15,
        "North Korea’s Leader Pledges Full, Unconditional Support for Russia",
        "2025-07-13T03:04:10",
        "MENAFN",
        agency="MENAFN",
    ),
    "003": Seed(
        3,
        16,
        "Putin says Russia supports North Korea against ‘treacherous’ West",
        "2024-06-26",
        None,
        certain=False,
    ),
    "004": Seed(
        2,
        7,
        "North Korean leader meets Russia's Defence chief, "
        "vows continued support for Moscow's war efforts",
        "2024-11-30",
        "IANS",
        agency="IANS",
    ),
}


@pytest.mark.shared
@pytest.mark.parametrize("number", SEEDS)
def test_seeds(shared: Path, number: str) -> None:
    files = list((shared / "seeds").glob(f"{number}_*"))
    require(files, f"there is no seed {number} in {shared / 'seeds'}")
    (document,) = read_documents(files[0])
    assert isinstance(document, Document)
    article, seed = clean(document), SEEDS[number]
    assert isinstance(article, Article)
    lines = [" ".join(line.split()) for line in document.content.split("\n")]
    body = [line for line in lines if line][seed.first - 1 : seed.last]
    assert article.paragraphs() == [body[0].removeprefix("date 2024-11-04 "), *body[1:]]
    assert article.published
    assert article.published.line
    assert (article.published.iso, article.published.certain) == (seed.published, seed.certain)
    assert (article.updated.iso if article.updated else None) == seed.updated
    assert (article.source, article.agency, article.language) == (seed.source, seed.agency, "en")
    assert article.title_made == (seed.title is None)
    if seed.title:
        assert article.title == seed.title
    else:
        assert article.title == (
            "North Korea has affirmed its commitment to support Russia in the ongoing conflict "
            "in Ukraine, with Foreign Choe Son-hui…"
        )


@pytest.mark.parametrize("reference", ["&#" + "9" * 5000 + ";", "&#x" + "f" * 5000 + ";"])
@pytest.mark.parametrize("kind", ["text", "html"])
def test_a_reference_of_thousands_of_digits(reference: str, kind: str) -> None:
    content = f"{BODY[0]} {reference}\n\n{BODY[1]}"
    page = "".join(f"<p>{paragraph}</p>" for paragraph in content.split("\n\n"))
    article = _article(content if kind == "text" else f"<article>{page}</article>", kind)
    assert BODY[1][:40] in article.text


def test_an_outlet_is_no_password() -> None:
    article = _article("\n\n".join(BODY), url="https://user:secret@www.harbour.example/a")
    assert article.source == "harbour.example"


def test_wrapped_lines_become_paragraphs() -> None:
    words = " ".join(f"word{i}" for i in range(60)) + "."
    wrapped = textwrap.fill(f"The council met on Monday and {words}", 90)
    assert _article(f"{wrapped}\n\n{wrapped}").text.count("\n") == 2


@pytest.mark.parametrize("published", ["0001-01-01T00:00:00", "0500-05-05", "1899-12-31"])
def test_a_year_before_there_were_pages_is_no_date(published: str) -> None:
    assert _article(HTML.replace("2024-05-05T18:30:00Z", published), "html").published is None


def test_a_date_of_two_readings_is_uncertain_in_html_too() -> None:
    article = _article(HTML.replace("2024-05-05T18:30:00Z", "03/04/2024"), "html")
    assert article.published
    assert not article.published.certain


def test_what_json_ld_declares_has_no_control_characters() -> None:
    declared = (
        '<script type="application/ld+json">{"@type": "NewsArticle", '
        r'"headline": "Lamp \ud800of Gull\u0000 Point goes out", "author": "Jane \u001b[31m Doe"}'
        "</script></head>"
    )
    page = HTML.replace("</head>", declared).replace('<meta name="author"', '<meta name="x"')
    article = _article(page, "html")
    for text in (article.title, article.author or ""):
        text.encode()
        assert not set(text) & {"\x00", "\x1b"}


@pytest.mark.parametrize(
    "first",
    ["March 2024 was the warmest since records began, scientists said on Monday.",
     "30 November 2024 was a cold day on the island, and nobody went out.",
     "By Monday, the river had risen past the bridge, and nobody had been warned.",
     "By Christmas, everything had changed: the mill was shut for good."],
)  # fmt: skip
def test_a_first_sentence_that_begins_like_a_dateline_or_byline_stays(first: str) -> None:
    article = _article("\n\n".join([first, *BODY]), title="Lamp")
    assert article.text.startswith(first)
    assert article.author is None


def test_a_brief_without_spaces_between_words() -> None:
    text = "昨日、港町の市場で火災があり、三人が負傷した。警察が原因を調べている。"
    assert _article(text, title="火災").text == text
    assert _article(f"<html><body><article><p>{text}</p></article></body></html>", "html").text
