"""From the HTML of a page to its article. The pages are made up."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Date
from indexer.reading.body.page import LARGEST_PAGE, Page, read_page, visible_lines
from indexer.reading.facts.metadata import Metadata

TODAY = date(2024, 11, 30)
TITLE = "Ferry to Skarholm returns after a winter in the dry dock"
BODY = (
    "The ferry between Aldvik and Skarholm sailed again on Monday, five months after its engine "
    "failed in the middle of the sound.",
    "Harbour master Ingrid Voll said that the winter in the dry dock had cost the island half of "
    "its visitors and all of its patience.",
    "The shipyard replaced both engines and the bow door, which had leaked since the ferry was "
    "built in the last century.",
    "A second crossing in the evening begins in June, when the school on Skarholm is closed and "
    "the campsite at the lighthouse opens.",
)
PARAGRAPHS = "".join(f"<p>{text}</p>" for text in BODY)


def _html(head: str = "", body: str = PARAGRAPHS, title: str = TITLE, lang: str = "") -> str:
    return (
        f"<!DOCTYPE html><html{lang}><head><meta charset='utf-8'>{head}</head><body>"
        "<nav><ul><li><a href='/news'>News</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
        f"<article><h1>{title}</h1>{body}</article>"
        "<footer><p>© 2024 Aldvik Courier. All rights reserved.</p></footer></body></html>"
    )


def _page(html: str, url: str | None = None) -> Page:
    found = read_page(html, url, TODAY)
    assert isinstance(found, Page), found
    return found


def _about(html: str, url: str | None = None) -> Metadata:
    return _page(html, url).about


def _ld(**fields: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(fields)}</script>"


# --- body -----------------------------------------------------------------------------------------


def test_the_body_alone_is_the_text() -> None:
    assert _page(_html()).text == "\n\n".join(BODY)


def test_teasers_and_buttons_are_dropped() -> None:
    inside = (
        f"<p>{BODY[0]}</p><p>Read more: Council votes on the new harbour wall</p><p>{BODY[1]}</p>"
        f"<p><a href='/2024/wall.html'>Islanders ask for a tunnel instead of a ferry</a></p>"
        f"<p>{BODY[2]}</p><p>{BODY[3]}</p><p>Share on Facebook</p>"
    )
    assert _page(_html(body=inside)).text == "\n\n".join(BODY)


def test_a_table_is_kept() -> None:
    rows = "".join(f"<tr><td>Ferry {n}</td><td>{n}00 passengers</td></tr>" for n in range(1, 6))
    text = _page(_html(body=f"{PARAGRAPHS}<table>{rows}</table>")).text
    assert "Ferry 3 | 300 passengers" in text.split("\n\n")


def test_a_column_that_an_advertisement_divides() -> None:
    def block(start: int) -> str:
        texts = [
            f"In year {n} of its service the ferry carried some {n * 731} islanders and {n * 97} "
            "cows across the sound, as its log book says in a neat hand."
            for n in range(start, start + 8)
        ]
        return "<div class='body column'>" + "".join(f"<p>{text}</p>" for text in texts) + "</div>"

    divided = block(1) + "<div class='ad'><div>Advertisement</div></div>" + block(9)
    text = _page(_html(body=f"<div class='chunks'>{divided}</div>")).text
    assert all(f"In year {n} of" in text for n in range(1, 17))
    assert text.index("In year 8 of") < text.index("In year 9 of")


def test_the_declared_body_of_a_page_without_text() -> None:
    body = "\n".join(BODY)
    html = f"<html><head>{_ld(**{'@type': 'NewsArticle', 'articleBody': body})}</head><body></body>"
    assert _page(html).text == "\n\n".join(BODY)


def test_prose_lines_of_a_page_too_large_for_extraction() -> None:
    html = f"<html><body>{'<i></i>' * 40_000}<div>News</div>{PARAGRAPHS}</body></html>"
    assert _page(html).text == "\n\n".join(BODY)


def test_images_inside_of_a_page_do_not_count() -> None:
    image = f"<img src='data:image/png;base64,{'QUJD' * 10_000_000}'>"
    assert _page(_html(body=image + PARAGRAPHS)).text == "\n\n".join(BODY)


# --- metadata -------------------------------------------------------------------------------------


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
    about = _about(_html(_ld(**{"@context": "https://schema.org", "@graph": [{}, article]})))
    assert about.title == TITLE
    assert about.published == Date("2024-03-12T07:15:00+00:00", True, "json-ld datePublished")
    assert about.updated == Date("2024-03-13", True, "json-ld dateModified")
    assert (about.author, about.source, about.language) == (
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
    about = _about(_html(head, lang=" lang='en-GB'"))
    assert about.title == TITLE
    assert about.published == Date("2024-03-12T07:15:00+01:00", True, "meta article:published_time")
    assert (about.author, about.source, about.language) == (
        "Tor Lund",
        "Aldvik Courier",
        "en",
    )
    assert about.url == "https://courier.example/ferry"


def test_the_node_of_this_article_among_several() -> None:
    others = [
        {"@type": "NewsArticle", "headline": "Council votes", "datePublished": "2024-01-01"},
        {"@type": "NewsArticle", "headline": TITLE, "datePublished": "2024-03-12"},
    ]
    about = _about(_html("".join(_ld(**other) for other in others)))
    assert about.published == Date("2024-03-12", True, "json-ld datePublished")


@pytest.mark.parametrize(
    ("declared", "shown", "title"),
    [
        (f"{TITLE} - Aldvik Courier", "Aldvik Courier", TITLE),
        (f"Aldvik Courier: {TITLE}", "Aldvik Courier", TITLE),
        (f"{TITLE} | Courier", TITLE, TITLE),
        ("Ferry to Skarholm is back after winter in dry dock", TITLE, TITLE),
        (TITLE, "Menu", TITLE),
    ],
)
def test_the_headline_is_agreed_upon(declared: str, shown: str, title: str) -> None:
    assert _about(_html(f"<title>{declared}</title>", title=shown)).title == title


def test_a_time_element_that_is_not_of_an_update() -> None:
    times = (
        "<p>Updated <time datetime='2024-05-01T10:00:00Z'>1 May</time></p>"
        "<p><time datetime='2024-03-12T07:15:00Z'>12 March</time></p>"
    )
    about = _about(_html(body=times + PARAGRAPHS))
    assert about.published == Date("2024-03-12T07:15:00+00:00", True, "<time datetime>")


def test_the_day_in_an_address_is_not_certain() -> None:
    about = _about(_html(), "https://courier.example/2024/03/12/ferry")
    assert about.published == Date("2024-03-12", False, "url")


@pytest.mark.parametrize("day", ["2024-12-02", "1970-01-01", "2024-02-30", "soon"])
def test_no_such_day(day: str) -> None:
    head = f"<meta property='article:published_time' content='{day}'>"
    assert _about(_html(head)).published is None


def test_tomorrow_is_today_in_the_east() -> None:
    head = "<meta property='article:published_time' content='2024-12-01'>"
    assert _about(_html(head)).published == Date("2024-12-01", True, "meta article:published_time")


def test_a_year_in_a_copyright_line_is_no_date() -> None:
    assert _about(_html()).published is None


def test_an_update_before_publication_is_none() -> None:
    head = (
        "<meta property='article:published_time' content='2024-03-12'>"
        "<meta property='article:modified_time' content='2023-01-01'>"
    )
    assert _about(_html(head)).updated is None


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//x", "/ferry", "https://[", ""])
def test_an_address_that_is_none(href: str) -> None:
    assert _about(_html(f"<link rel='canonical' href='{href}'>")).url in (None, "https://[")


# --- lines, and hostile pages ---------------------------------------------------------------------


def test_visible_lines() -> None:
    html = (
        "<head><title>No</title></head><body><script>no()</script><style>p {}</style>"
        "<p>One <b>line</b>\n of text</p><p hidden>no</p><div style='DISPLAY : none'>no</div>"
        "two<br>three<ul><li>four<li>five</ul><noscript>no</noscript><!-- no -->six"
    )
    assert visible_lines(html) == ["One line of text", "two", "three", "four", "five", "six"]


@pytest.mark.parametrize(
    "html",
    [
        "",
        " \n ",
        "plain words",
        "<",
        "<p" * 100_000,
        "<!--" * 100_000,
        "<![CDATA[" * 10_000,
        '<a href="' * 100_000,
        "&" * 100_000,
        "<div>" * 100_000,
        "<h1>" * 250 + "x\n" * 4,
        "<table><tr><td>" * 20_000,
        "<p>Hi.</p>" * 200_000,
        "\x00\x01&#27;&#x1f;",
        "\ud800\udfff",
    ],
    ids=lambda html: repr(html[:12]),
)
def test_no_article(html: str) -> None:
    assert isinstance(read_page(html, None, TODAY), str)
    visible_lines(html)


def test_a_page_too_large() -> None:
    found = read_page("x" * (LARGEST_PAGE + 1), None, TODAY)
    assert found == "an HTML page of more than 32 million characters"
    assert visible_lines("x" * (LARGEST_PAGE + 1)) == []


@pytest.mark.parametrize(
    "head",
    [
        "<script type='application/ld+json'>" + "[" * 100_000 + "</script>",
        '<script type=\'application/ld+json\'>{"@type": 3, "headline": [{}]}</script>',
        _ld(**{"@type": "Article", "headline": 7, "author": {"name": []}, "datePublished": {}}),
        "<meta property='og:title' content='" + "x" * 100_000 + "'>",
        "<title>" + "a - b | " * 50_000 + "</title>",
        "<link rel='canonical' href='https://[bad'>",
    ],
    ids=range(6),
)
def test_declarations_gone_wrong(head: str) -> None:
    page = _page(_html(head))
    assert page.text == "\n\n".join(BODY)
    assert page.about.title == TITLE


def test_control_characters_do_not_end_a_page() -> None:
    body = PARAGRAPHS.replace("ferry", "fer\x00ry&#27;\x1b")
    assert _page(_html(body=body)).text == "\n\n".join(BODY)


@given(st.text(alphabet="<>/=\"'&;#!-[]pdivah1 x\x00\ud800é。", max_size=300))
def test_any_text_is_read(html: str) -> None:
    assert isinstance(read_page(html, None, TODAY), str | Page)
    visible_lines(html)
