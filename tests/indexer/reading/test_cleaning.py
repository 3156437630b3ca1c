"""What an article is told to be, by its text and by what is declared. The messes are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Date, Document, Order, Rejected, Remark
from indexer.reading.cleaning import clean
from indexer.reading.facts.byline import site_folder
from indexer.reading.facts.headline import MAX_HEADLINE
from tests.support.lighthouse import BODY, cleaned, page


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
    article = cleaned(page(f"Lamp of Gull Point goes out\n{byline}", ""))
    assert article.title == "Lamp of Gull Point goes out"
    assert (article.published.iso if article.published else None) == published
    assert article.source == source
    assert article.author == author
    assert article.text == "\n\n".join(BODY)


def test_dateline() -> None:
    body = (f"GULL POINT (Coastpress) - {BODY[0]}", *BODY[1:])
    article = cleaned(page("Lamp of Gull Point goes out\nBy Ruth Adeyemi, Gull Point", "", body))
    assert (article.source, article.agency) == ("Coastpress", "Coastpress")
    assert article.author == "Ruth Adeyemi"


def test_the_future_is_refused() -> None:
    text = page("Lamp of Gull Point goes out\nPublished: 5 May 2924", "")
    assert cleaned(text, title="Lamp", date="2924-05-05").published is None


def test_what_is_declared_wins() -> None:
    article = cleaned(
        page("Lamp of Gull Point goes out\nBy Ruth Adeyemi\nPublished: 5 May 2024", ""),
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
        ("/data/web.archive.org/web/2019/a.html", None),
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
    article = cleaned("\n".join(BODY), url="https://www.coast.example/lamp", title="Lamp")
    assert article.source == "coast.example"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd",
     "//evil.example/x", "/relative", "https://", "vbscript:x", "http://[broken"],
)  # fmt: skip
def test_addresses_that_a_page_may_not_link_to(url: str) -> None:
    article = cleaned("\n".join(BODY), url=url, title="Lamp")
    assert article.url is None
    assert article.source is None


def test_ids_depend_on_what_is_said_alone() -> None:
    text = page("Lamp of Gull Point goes out", "")
    one = clean(Document("a.txt", text, "text"))
    two = clean(Document("elsewhere/b.txt", text.replace("\n\n", "\n\n\n"), "text"))
    other = clean(Document("a.txt", text.replace("1871", "1872"), "text"))
    assert isinstance(one, Article)
    assert isinstance(two, Article)
    assert isinstance(other, Article)
    assert one.id == two.id != other.id


@pytest.mark.parametrize("order", ["mdy", "dmy", "ymd"])
def test_ids_do_not_depend_on_the_order_of_dates(order: Order) -> None:
    document = Document("a.txt", "\n\n".join(BODY), "text", title="Lamp", date="03/04/2024")
    usual, ordered = clean(document), clean(document, order)
    assert isinstance(usual, Article)
    assert isinstance(ordered, Article)
    assert usual.id == ordered.id


def test_the_text_stands_in_for_a_declared_date_that_cannot_be_read() -> None:
    text = page("Lamp of Gull Point goes out\nPublished: 5 May 2024", "")
    article = cleaned(text, date="someday")
    assert article.published is not None
    assert article.published.iso == "2024-05-05"
    assert article.remarks == (Remark("date", "someday", "cannot be read"),)


def test_the_text_tells_the_language_of_a_month() -> None:
    polish = (
        "Latarnia morska na przylądku Mew została w tym tygodniu wyłączona po ponad stu latach "
        "służby, a ostatni latarnik, który mieszkał w niej od dzieciństwa, przeniósł się do miasta."
    )
    article = cleaned(polish, title="Latarnia", date="15 listopada 2024")
    assert article.published is not None
    assert article.published.iso == "2024-11-15"


def test_without_a_headline_the_first_sentence_is_the_title() -> None:
    article = cleaned("\n\n".join(BODY))
    assert article.title == BODY[0]
    assert article.text == "\n\n".join(BODY)
    assert len(cleaned("word " * 500).title) <= MAX_HEADLINE


@pytest.mark.parametrize("content", ["", "Page not found", "\n \n", "404", "Share\nTweet\nHome"])
@pytest.mark.parametrize("kind", ["text", "html"])
def test_stubs_are_rejected(content: str, kind: str) -> None:
    found = clean(Document("a", content, "html" if kind == "html" else "text"))
    assert isinstance(found, Rejected)
    assert found.location == "a"
    assert "no article" in found.reason or not content.strip()


def test_a_sentence_below_a_headline_is_an_article() -> None:
    flash = cleaned("The board agreed.", title="Lamp goes out")
    assert (flash.title, flash.text, flash.language) == ("Lamp goes out", "The board agreed.", None)
    assert cleaned("<p>The board agreed.</p>", "html", title="Lamp goes out").text == flash.text
    assert cleaned(f"Lamp of Gull Point goes out\n\n{BODY[0]}").text == BODY[0]
    assert cleaned("The lamp of Gull Point goes out on Sunday.").title_made


@pytest.mark.parametrize("content", ["The lamp", "Lamp goes out", "Agreed."])
def test_less_than_a_sentence_is_none(content: str) -> None:
    assert isinstance(clean(Document("a", content, "text", title="Lamp goes out")), Rejected)


@pytest.mark.parametrize(
    ("declared", "language"),
    [
        ("German", "de"),
        ("deu", "de"),
        ("pt-BR", "pt"),
        (None, "en"),
        ("Klingon of Gull Point", "en"),
    ],
)
def test_a_declared_language_is_believed(declared: str | None, language: str) -> None:
    assert cleaned("\n\n".join(BODY), language=declared).language == language


@pytest.mark.parametrize(
    ("title", "declared"),
    [
        ("Lamp goes out - Coast Gazette", {"source": "Coast Gazette"}),
        ("Lamp goes out | Coast Gazette", {"url": "https://www.coastgazette.example/lamp"}),
    ],
)
def test_a_declared_headline_loses_the_sites_name(title: str, declared: dict[str, str]) -> None:
    assert cleaned("\n\n".join(BODY), title=title, **declared).title == "Lamp goes out"


PITCH = "You have read all your free articles this month. Subscribe and read everything."


def test_what_a_paywall_says_is_dropped_from_a_text() -> None:
    text = page("Lamp of Gull Point goes out", "Subscribe to keep reading\n\n" + PITCH)
    assert cleaned(text).text == "\n\n".join(BODY)
    assert cleaned("\n\n".join([*BODY, PITCH]), title="Lamp").text == "\n\n".join(BODY)


@given(st.text(max_size=300))
def test_any_text_is_an_article_or_rejected(content: str) -> None:
    found = clean(Document("a", content, "text"))
    assert isinstance(found, (Article, Rejected))
    if isinstance(found, Article):
        assert found.text == found.text.strip() != ""
        assert "\n" not in found.title


def test_an_outlet_is_no_password() -> None:
    article = cleaned("\n\n".join(BODY), url="https://user:secret@www.harbour.example/a")
    assert article.source == "harbour.example"
