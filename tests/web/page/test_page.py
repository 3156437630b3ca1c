"""The page as HTML: every state a person can see, what is escaped, where marks fall."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import QueryParams

from indexer.article import Article, Date, Span
from indexer.errors import (
    ArticleSearchError,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    ModelError,
)
from indexer.storage.rows import StoredArticle
from search.http.api import create_api
from search.live import LiveSearcher
from search.question.query import MAX_QUESTION, Query
from search.results import Story
from tests.conftest import settings_for
from tests.support.corpus import QUESTIONS
from tests.support.fake_searcher import (
    ANSWER,
    ARTICLE,
    PASSAGE,
    TEXT,
    FakeLive,
    FakeSearcher,
    app_over,
)
from tests.support.fakes import FakeEmbedder
from web.page.form import LAST_PAGE, SearchForm
from web.page.page import _HERE, add_page


@pytest.fixture
def fake() -> FakeSearcher:
    return FakeSearcher()


@pytest.fixture
def live(fake: FakeSearcher) -> FakeLive:
    return FakeLive(fake)


@pytest.fixture
def client(live: FakeLive) -> Iterator[TestClient]:
    with TestClient(app_over(live)) as client:
        yield client


def marks(page: str) -> list[str]:
    found = re.findall(r"<mark[^>]*>(.*?)</mark>", page, re.S)
    return [html.unescape(re.sub(r"</?b>", "", each)) for each in found]


def words(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r"<b>(.*?)</b>", page, re.S)]


def links(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'<a[^>]* href="([^"]*)"', page)]


def box(page: str) -> str:
    found = re.search(r'<input id="q"[^>]* value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_first_visit_shows_the_box_and_hints(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert box(answer.text) == ""
    assert "autofocus" in answer.text
    assert "1,234 articles, indexed" in answer.text
    assert "22 November 2026" in answer.text
    assert marks(answer.text) == []


def test_results_show_the_article_the_passage_and_the_answer(client: TestClient) -> None:
    page = client.get("/", params={"q": "who pays?"}).text
    assert "<title>who pays? – article-search</title>" in page
    assert box(page) == "who pays?"
    assert marks(page) == ["The minister promised new walls."]
    assert " Work begins in May." in page
    assert "Nobody asked" not in page
    assert '<time datetime="2024-11-30T09:12:00+09:00">30 November 2024</time>' in page
    assert "<bdi>Ana Diaz</bdi>" in page
    assert 'role="status">Showing 1–1 of 1 <span class="took">12 ms</span>' in page
    assert words(page) == ["walls"]
    found = links(page)
    spans = f"passage={PASSAGE.start}-{PASSAGE.end}&answer={ANSWER.start}-{ANSWER.end}"
    assert f"/article/storm-1?q=who+pays%3F&{spans}#passage" in found
    assert "/?q=who+pays%3F&source=The+Northern+Ledger" in found
    original = "https://ledger.example/storm?a=1&b=2#:~:text="
    assert f"{original}The%20minister%20promised%20new%20walls." in found
    assert 'rel="noreferrer noopener nofollow"' in page
    assert 'id="passage"' not in page


def test_the_article_opens_at_the_passage(client: TestClient) -> None:
    form = SearchForm(q="who pays?", page=2, sources=("A & B",))
    page = client.get(form.passage_url("storm-1", PASSAGE, ANSWER)).text
    assert marks(page) == ["The minister promised new walls."]
    assert '<span class="passage"> Work begins in May.</span>' in page
    assert page.count('id="passage"') == 1
    assert '<mark id="passage">' in page
    assert "Nobody asked who would pay." in page
    assert form.url in links(page)


def test_an_article_asked_a_question_finds_its_own_sentence(client: TestClient) -> None:
    page = client.get("/article/storm-1?q=what+was+promised").text
    assert marks(page) == ["The minister promised new walls."]


@pytest.mark.parametrize("where", ["", "?passage=9000-9001&answer=9000-9001", "?answer=9-2"])
def test_an_article_without_a_passage_is_shown_unmarked(client: TestClient, where: str) -> None:
    answer = client.get(f"/article/storm-1{where}")
    assert answer.status_code == 200
    assert "Walls for the harbour" in answer.text
    assert "<mark" not in answer.text
    assert "#passage" not in answer.text


def test_nothing_found_suggests_to_remove_filters(client: TestClient, fake: FakeSearcher) -> None:
    fake.total = 0
    page = client.get("/", params={"q": "walls", "source": "X", "from": "2024-01-02"}).text
    assert "Nothing found for" in page
    assert "/?q=walls" in links(page)
    assert "/?q=walls&source=X" in links(page)
    assert "/?q=walls&from=2024-01-02" in links(page)
    assert "Try other words" in client.get("/?q=walls").text


def test_filters_reach_the_query_and_stay_in_the_form(
    client: TestClient, fake: FakeSearcher
) -> None:
    page = client.get(
        "/?q=walls&source=X&source=Y&source=&author=Ana&lang=en&from=2024-01-02&to=2024-02-03"
        "&mode=lexical&group=passage&sort=date&page=2"
    ).text
    assert fake.asked == [
        Query(
            text="walls",
            limit=10,
            offset=10,
            mode="lexical",
            group="passage",
            sources=("X", "Y"),
            published_from=date(2024, 1, 2),
            published_to=date(2024, 2, 3),
            authors=("Ana",),
            languages=("en",),
            sort="date",
            explain=True,
        )
    ]
    assert '<input name="source" value="X"' in page
    assert '<input type="hidden" name="source" value="Y">' in page
    assert '<input name="author" value="Ana"' in page
    assert '<input name="lang" value="en"' in page
    assert 'name="from" value="2024-01-02"' in page
    assert '<option value="lexical" selected>' in page
    assert '<option value="passage" selected>' in page
    assert '<option value="date" selected>' in page
    rest = "from=2024-01-02&to=2024-02-03&mode=lexical&group=passage&sort=date"
    for without in ("source=Y&author=Ana&lang=en", "source=X&source=Y&lang=en"):
        assert f"/?q=walls&{without}&{rest}" in links(page)
    days = "source=X&source=Y&author=Ana&lang=en&mode=lexical&group=passage&sort=date"
    assert f"/?q=walls&{days}" in links(page)


def test_empty_fields_of_a_form_sent_without_scripts_are_defaults(
    client: TestClient, fake: FakeSearcher
) -> None:
    assert (
        client.get("/?q=walls&mode=&group=&sort=&from=&to=&page=&cursor=&author=").status_code
        == 200
    )
    assert fake.asked == [Query(text="walls", group="story", explain=True)]


@pytest.mark.parametrize(
    ("total", "page", "shown", "previous", "following"),
    [
        (10, 1, "1–10", False, False),
        (11, 1, "1–10", False, True),
        (25, 2, "11–20", True, True),
        (25, 3, "21–25", True, False),
        (2000, LAST_PAGE, "401–410", True, False),
    ],
)
def test_pager(
    client: TestClient,
    fake: FakeSearcher,
    total: int,
    page: int,
    shown: str,
    previous: bool,
    following: bool,
) -> None:
    fake.total = total
    text = client.get(f"/?q=walls&page={page}").text
    assert f"Showing {shown} of {total}" in text
    assert ('rel="prev"' in text) == previous
    assert ('rel="next"' in text) == following
    for kind, number in (("prev", page - 1), ("next", page + 1)):
        if found := re.search(f'rel="{kind}" href="([^"]*)"', text):
            target = html.unescape(found[1])
            assert target.startswith(f"/?q=walls&page={number}&cursor=" if number > 1 else "/?q=w")
            assert f"{number * 10 - 9}–" in client.get(target).text


def test_a_page_past_the_end_links_to_the_last(client: TestClient, fake: FakeSearcher) -> None:
    fake.total = 21
    page = client.get("/?q=walls&page=9").text
    assert "There is no page 9" in page
    (last,) = [link for link in links(page) if link.startswith("/?q=walls&page=3&cursor=")]
    assert "Showing 21–21 of 21" in client.get(last).text


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("q=", "the question is empty"),
        ("q=%20%E2%80%8B", "the question is empty"),
        ("q=" + "a" * 1001, "1001 characters"),
        ("q=walls&mode=foo", "mode is “foo”"),
        ("q=walls&group=foo", "group is “foo”"),
        ("q=walls&page=abc", "page is “abc”"),
        ("q=walls&page=0", "page is “0”"),
        ("q=walls&page=92", "page is “92”"),
        ("q=walls&page=%D9%A3", "a number from 1 to 41"),
        ("q=walls&page=" + "9" * 5000, "a number from 1 to 41"),
        ("q=walls&from=not-a-date", "from is “not-a-date”"),
        ("q=walls&from=20240101", "from is “20240101”"),
        ("q=walls&cursor=x", "the cursor is none that this service made"),
        ("q=walls&sort=foo", "sort is “foo”"),
        ("q=source:X", "the question is empty"),
        ("q=walls&to=2024-02-31", "to is “2024-02-31”"),
        ("q=walls&from=2024-02-02&to=2024-02-01", "from 2024-02-02 is after to 2024-02-01"),
        (
            "q=walls&" + "&".join(f"source={i}" for i in range(21)),
            "source is there 21 times; at most 20 are read",
        ),
        ("mode=foo", "mode is “foo”"),
    ],
)
def test_wrong_parameters_get_a_friendly_page(
    client: TestClient, parameters: str, said: str
) -> None:
    answer = client.get(f"/?{parameters}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert said in html.unescape(answer.text)
    assert box(answer.text) == QueryParams(parameters).get("q", "")[:MAX_QUESTION]


LONG = {
    "sources": "q=a&" + "&".join(f"source={i}" for i in range(4000)),
    "authors": "q=a&" + "&".join(f"author={i}" for i in range(4000)),
    "languages": "q=a&" + "&".join(f"lang={i}" for i in range(4000)),
    "a source": "q=a&source=" + "s" * 30_000,
    "a cursor": "q=a&cursor=" + "c" * 30_000,
    "a question": "q=" + "a" * 30_000,
    "operators": "q=" + "%20".join(f"source:{i}" for i in range(2000)),
    "a day": "q=a&from=" + "1" * 30_000,
}


@pytest.mark.parametrize("path", ["/", "/article/nope"])
@pytest.mark.parametrize("parameters", LONG.values(), ids=LONG)
def test_no_address_makes_a_large_page(client: TestClient, path: str, parameters: str) -> None:
    answer = client.get(f"{path}?{parameters}")
    assert answer.status_code in (404, 414, 422)
    assert len(answer.content) < 200_000


@pytest.mark.parametrize("where", ["passage=x", "answer=-1-2", "passage=1-" + "9" * 5000])
def test_wrong_offsets_get_a_friendly_page(client: TestClient, where: str) -> None:
    answer = client.get(f"/article/storm-1?q=walls&{where}")
    assert answer.status_code == 422
    assert "it must be two offsets" in answer.text


@pytest.mark.parametrize(
    ("error", "heading"),
    [
        (IndexMissing, "Nothing has been indexed yet"),
        (IndexDamaged, "The index is damaged"),
        (IndexMismatch, "The index does not fit this program"),
        (ModelError, "The model is not available"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/?q=walls", "/article/storm-1"])
def test_without_an_index_every_page_says_what_to_do(
    client: TestClient, live: FakeLive, error: type[ArticleSearchError], heading: str, path: str
) -> None:
    live.error = error("it is gone; run `reindex PATH --index <dir>`")
    answer = client.get(path)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert heading in answer.text
    assert "<code>reindex PATH --index &lt;dir&gt;</code>" in answer.text
    assert box(answer.text) == ("walls" if "q=" in path else "")


@pytest.mark.parametrize("path", ["/article/", "/article/nope", "/article/%2e%2e%2f%ff%00"])
def test_no_such_article(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "No such article" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_the_json_keeps_its_own_errors(client: TestClient) -> None:
    assert client.get("/v1/search?q=").headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("identity", ["a/b?c=d#e&f", "“ß” & <i>", "../x", "a//b"])
def test_any_id_can_be_opened(client: TestClient, fake: FakeSearcher, identity: str) -> None:
    fake.article_found = Article(identity, "Odd", TEXT)
    (link,) = {link for link in links(client.get("/?q=walls").text) if "/article/" in link}
    assert client.get(link).status_code == 200


def test_the_page_marks_what_the_json_answers(corpus_index: Path, fake_model: FakeEmbedder) -> None:
    app = create_api(LiveSearcher(settings_for(corpus_index)), threads=1)
    add_page(app)
    client = TestClient(app)
    for question in QUESTIONS:
        parameters = {"q": question, "group": "story"}
        hits = client.get("/v1/search", params=parameters).json()["hits"]
        page = client.get("/", params={"q": question}).text
        opened = [link for link in links(page) if link.endswith("#passage")]
        assert len(hits) == len(opened) > 0
        assert solid("".join(marks(page))) == solid("".join(hit["answer"]["text"] for hit in hits))
        for hit, link in zip(hits, opened, strict=True):
            article = client.get(link).text
            assert solid("".join(marks(article))) == solid(hit["answer"]["text"])


HOSTILE = "\"'><script>alert(1)</script>&lt;{{ 7 * 191 }}"


def test_everything_from_outside_is_escaped(client: TestClient, fake: FakeSearcher) -> None:
    text = f"{HOSTILE} first.\n\n{HOSTILE} second."
    fake.article_found = Article(
        HOSTILE,
        HOSTILE,
        text,
        Date(HOSTILE, certain=False, line=HOSTILE),
        HOSTILE,
        f"https://a.example/{HOSTILE}",
        HOSTILE,
        language=HOSTILE,
    )
    fake.story_found = Story([StoredArticle(0, fake.article_found, 0)] * 2, 2)
    fake.passage = fake.answer = Span(0, len(text))
    form = SearchForm(q=HOSTILE, sources=(HOSTILE,))
    pages = [form.url, form.passage_url(HOSTILE, fake.passage, fake.answer)]
    pages += [f"/article/no{quote(HOSTILE)}", f"/?q=x&mode={quote(HOSTILE)}"]
    for path in pages:
        page = client.get(path).text
        assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/page.js" defer>']
        assert "1337" not in page
        assert "&amp;lt;" in page
    page = client.get(form.url).text
    assert marks(page) == [f"{HOSTILE} first.", f"{HOSTILE} second."]
    assert box(page) == HOSTILE


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("javascript:alert(1)", None),
        (" java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("//evil.example/", None),
        ("https://", None),
        ("http://[bad", None),
        (None, None),
        ("HTTP://Ledger.example/a", "ledger.example"),
        ("https://ledger.example@evil.example/", "evil.example"),
    ],
)
def test_only_web_addresses_become_links(
    client: TestClient, fake: FakeSearcher, url: str | None, host: str | None
) -> None:
    fake.article_found = Article("a", "A", TEXT, url=url)
    page = client.get("/?q=walls").text
    assert any(link.startswith(f"{url}#:~:text=") for link in links(page)) == (host is not None)
    assert ("nofollow" in page) == (host is not None)
    if host:
        assert f'rel="noreferrer noopener nofollow">{host} ' in page


@pytest.mark.parametrize(
    ("published", "shown"),
    [("2024-11-05", "5 November 2024"), ("2024-11", "November 2024")],
)
def test_dates_are_as_precise_as_known(
    client: TestClient, fake: FakeSearcher, published: str, shown: str
) -> None:
    fake.article_found = Article("a", "A", TEXT, published=Date(published))
    assert f'<time datetime="{published}">{shown}</time>' in client.get("/?q=walls").text


def test_an_uncertain_date_says_so(client: TestClient, fake: FakeSearcher) -> None:
    assert "(uncertain)" not in client.get("/?q=walls").text
    date = Date("2024-11-05", certain=False, line='Tuesday "5" <November>')
    fake.article_found = replace(ARTICLE, published=date)
    page = client.get("/?q=walls").text
    assert "(uncertain)</span>" in page
    assert "Read from: Tuesday &#34;5&#34; &lt;November&gt;" in page


def test_an_article_names_the_others_of_its_story(client: TestClient, fake: FakeSearcher) -> None:
    assert "The same story" not in client.get("/article/storm-1?q=walls").text
    copy = replace(ARTICLE, id="copy 2", title="Walls <planned>", source="Echo", published=None)
    fake.story_found = Story(
        [StoredArticle(1, copy, 1), StoredArticle(0, ARTICLE, 1, "edited")], 120
    )
    page = client.get("/article/storm-1?q=walls").text
    assert "120 articles, of which the first 2" in page
    assert "/article/copy%202?q=walls" in links(page)
    assert "Walls &lt;planned&gt;" in page
    assert "the earliest" in page
    assert "an edited copy" in page


STATES = ["/", "/?q=walls", "/?q=", "/?q=walls&mode=x", "/article/storm-1?q=walls", "/article/no"]


@pytest.mark.parametrize("path", STATES)
def test_every_page_is_locked_down(client: TestClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", answer.text)
    assert re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="([^"]*)"', answer.text) == [
        "/static/favicon.svg",
        "/opensearch.xml",
        *(["/feed.rss?q=walls", "/feed.json?q=walls"] if path == "/?q=walls" else []),
        "/static/page.css",
        "/static/page.js",
    ]


@pytest.mark.parametrize("path", STATES)
def test_every_page_has_its_landmarks(client: TestClient, path: str) -> None:
    page = client.get(path).text
    assert '<html lang="en">' in page
    assert page.count("<h1") == 1
    assert page.count('<main id="main"') == 1
    assert page.count('<form role="search"') == 1
    assert 'href="#main"' in page
    identities = re.findall(r' id="([^"]*)"', page)
    assert len(identities) == len(set(identities))


@pytest.mark.parametrize("path", [*STATES[:2], "/article/storm-1"])
def test_head_is_answered(client: TestClient, path: str) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.text) == (200, "")


@pytest.mark.parametrize("name", ["page.css", "page.js", "favicon.svg"])
def test_static_files_ask_for_nothing_else(client: TestClient, name: str) -> None:
    answer = client.get(f"/static/{name}")
    assert answer.status_code == 200
    text = answer.text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text)


def solid(text: str) -> str:
    return "".join(text.split())


PAIRS = [
    ("ink", "paper"),
    ("quiet", "paper"),
    ("link", "paper"),
    ("seen", "paper"),
    ("ink", "tint"),
    ("ink", "field"),
    ("quiet", "field"),
    ("on-mark", "mark"),
    ("on-button", "button"),
    ("quiet", "tint"),
    ("link", "field"),
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_contrast_is_enough_to_read(scheme: int, front: str, back: str) -> None:
    rules = re.findall(r":root \{(.*?)\}", (_HERE / "static/page.css").read_text("utf-8"), re.S)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", rules[scheme]))
    lighter, darker = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_reference_lists_every_route_and_loads_nothing_from_elsewhere(
    client: TestClient,
) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page.text
    assert "from 1, to 100, default 10" in page.text
    assert "hybrid or semantic or lexical" in page.text
    assert not re.findall(r"""(?:src|href)=["']https?:""", page.text)
