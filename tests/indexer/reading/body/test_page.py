"""From the HTML of a page to its body. The pages are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.body.page import LARGEST_PAGE, Page, read_page, visible_lines
from tests.support.ferry import BODY, PARAGRAPHS, TITLE, TODAY, html_of, json_ld_of, page_of


def test_the_body_alone_is_the_text() -> None:
    assert page_of(html_of()).text == "\n\n".join(BODY)


def test_teasers_and_buttons_are_dropped() -> None:
    inside = (
        f"<p>{BODY[0]}</p><p>Read more: Council votes on the new harbour wall</p><p>{BODY[1]}</p>"
        f"<p><a href='/2024/wall.html'>Islanders ask for a tunnel instead of a ferry</a></p>"
        f"<p>{BODY[2]}</p><p>{BODY[3]}</p><p>Share on Facebook</p>"
    )
    assert page_of(html_of(body=inside)).text == "\n\n".join(BODY)


def test_a_table_is_kept() -> None:
    rows = "".join(f"<tr><td>Ferry {n}</td><td>{n}00 passengers</td></tr>" for n in range(1, 6))
    text = page_of(html_of(body=f"{PARAGRAPHS}<table>{rows}</table>")).text
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
    text = page_of(html_of(body=f"<div class='chunks'>{divided}</div>")).text
    assert all(f"In year {n} of" in text for n in range(1, 17))
    assert text.index("In year 8 of") < text.index("In year 9 of")


def test_the_declared_body_of_a_page_without_text() -> None:
    body = "\n".join(BODY)
    declared = json_ld_of(**{"@type": "NewsArticle", "articleBody": body})
    html = f"<html><head>{declared}</head><body></body>"
    assert page_of(html).text == "\n\n".join(BODY)


PITCH = (
    "<div class='offer'><h3>Subscribe to keep reading</h3><p>You have read all your free articles "
    "this month. Subscribe for 9 crowns a month and read everything.</p></div>"
)


@pytest.mark.parametrize(
    "shown",
    [f"<p>{BODY[0]}</p>", f"<p>{BODY[0][:80]}…</p>", f"<p>{BODY[0]}</p>{PITCH}", PITCH],
    ids=["a paragraph", "cut", "above an offer", "an offer alone"],
)
@pytest.mark.parametrize(
    "body",
    [
        "\n\n".join(BODY),
        PARAGRAPHS,
        "".join(BODY),
        "\r\n".join(BODY).replace("Monday", "Mon&#100;ay"),
    ],
    ids=["lines", "markup", "glued", "references"],
)
def test_the_declared_body_of_a_teaser(shown: str, body: str) -> None:
    declared = json_ld_of(**{"@type": "NewsArticle", "headline": TITLE, "articleBody": body})
    assert page_of(html_of(declared, shown)).text == "\n\n".join(BODY)


def test_the_declared_body_of_a_page_that_is_not_free() -> None:
    article = {
        "@type": "NewsArticle",
        "articleBody": "\n".join(BODY),
        "isAccessibleForFree": "False",
    }
    shown = (
        "<p>Islanders have waited for it for months, and now their ship has come in at last.</p>"
    )
    assert page_of(html_of(json_ld_of(**article), shown)).text == "\n\n".join(BODY)


@pytest.mark.parametrize("body", [BODY[0], "Another tale of another island altogether. " * 40])
def test_a_declared_body_that_is_not_the_whole(body: str) -> None:
    declared = json_ld_of(**{"@type": "NewsArticle", "headline": "Else", "articleBody": body})
    assert page_of(html_of(declared)).text == "\n\n".join(BODY)


def test_what_a_paywall_says_is_dropped() -> None:
    assert page_of(html_of(body=PARAGRAPHS + PITCH)).text == "\n\n".join(BODY)


MENU = "<tr><td><a href='/'>Front page</a></td><td><a href='/l'>Local</a></td><td>Sport</td></tr>"


def test_tables_that_lay_a_page_out() -> None:
    text = "<br><br>".join(BODY)
    html = (
        f"<html><head><title>{TITLE}</title></head><body><table>{MENU}</table><table><tr><td><font>"
        f"<a href='/w'>Weather</a><br><a href='/a'>Archive</a></font></td><td><table><tr><td><font>"
        f"<b>{TITLE}</b><br><br>{text}</font></td></tr></table></td></tr></table></body></html>"
    )
    assert page_of(html).text == "\n\n".join(BODY)


@pytest.mark.parametrize("row", [MENU, MENU.replace("<a", "<b").replace("</a>", "</b>")])
def test_a_row_of_sections_is_a_menu(row: str) -> None:
    assert page_of(html_of(body=f"<table>{row}</table>{PARAGRAPHS}")).text == "\n\n".join(BODY)


def test_captions_of_a_gallery() -> None:
    captions = ["The ferry at the quay on Monday.", "Ingrid Voll waves from the harbour wall."]
    figures = "".join(
        f"<figure><img src='a.jpg'><figcaption>{text}</figcaption></figure>" for text in captions
    )
    assert page_of(html_of(body=figures)).text == "\n\n".join(captions)


def test_prose_lines_of_a_page_too_large_for_extraction() -> None:
    html = f"<html><body>{'<i></i>' * 40_000}<div>News</div>{PARAGRAPHS}</body></html>"
    assert page_of(html).text == "\n\n".join(BODY)


def test_images_inside_of_a_page_do_not_count() -> None:
    image = f"<img src='data:image/png;base64,{'QUJD' * 10_000_000}'>"
    assert page_of(html_of(body=image + PARAGRAPHS)).text == "\n\n".join(BODY)


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
        json_ld_of(
            **{"@type": "Article", "headline": 7, "author": {"name": []}, "datePublished": {}}
        ),
        "<meta property='og:title' content='" + "x" * 100_000 + "'>",
        "<title>" + "a - b | " * 50_000 + "</title>",
        "<link rel='canonical' href='https://[bad'>",
    ],
    ids=range(6),
)
def test_declarations_gone_wrong(head: str) -> None:
    found = page_of(html_of(head))
    assert found.text == "\n\n".join(BODY)
    assert found.about.title == TITLE


def test_control_characters_do_not_end_a_page() -> None:
    body = PARAGRAPHS.replace("ferry", "fer\x00ry&#27;\x1b")
    assert page_of(html_of(body=body)).text == "\n\n".join(BODY)


@given(st.text(alphabet="<>/=\"'&;#!-[]pdivah1 x\x00\ud800é。", max_size=300))
def test_any_text_is_read(html: str) -> None:
    assert isinstance(read_page(html, None, TODAY), str | Page)
    visible_lines(html)
