"""Feeds, what browsers ask for a search box, robots.txt; parsed by lxml, which takes only XML."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from indexer.article import Article, Date, Span
from indexer.errors import QueryError
from search.live import LiveSearcher
from tests.conftest import Build, settings_for
from tests.support.corpus import generated
from tests.support.fake_searcher import FakeLive, FakeSearcher
from tests.support.fakes import FakeEmbedder
from tests.support.serving import app_over
from web.feeds import FEED_SIZE
from web.page.form import SearchForm

BASE = "http://news.example:8080"
TRAM = {"q": "council voted to build a tram line"}
ATOM = "{http://www.w3.org/2005/Atom}link"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


@contextmanager
def client_of(index: Path) -> Iterator[TestClient]:
    with TestClient(app_over(LiveSearcher(settings_for(index))), base_url=BASE) as client:
        yield client


@pytest.fixture
def client(corpus_index: Path, fake_model: FakeEmbedder) -> Iterator[TestClient]:
    with client_of(corpus_index) as client:
        yield client


def channel(client: TestClient, **parameters: str) -> etree._Element:
    answer = client.get("/feed.rss", params=parameters)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/rss+xml"
    root = etree.fromstring(answer.content, PARSER)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    return root.find("channel")


def test_rss(client: TestClient) -> None:
    feed = channel(client, **TRAM)
    assert feed.findtext("title") == f"{TRAM['q']} – article-search"
    assert feed.findtext("link") == f"{BASE}/?q=council+voted+to+build+a+tram+line"
    assert feed.find(ATOM).get("href") == f"{BASE}/feed.rss?q=council+voted+to+build+a+tram+line"
    item = feed.find("item")
    assert item.findtext("title") == "Council votes for a harbour tram"
    assert item.findtext("category") == "Kestrel Post"
    assert parsedate_to_datetime(item.findtext("pubDate")) == datetime.fromisoformat(
        "2024-04-22T00:00Z"
    )
    assert item.findtext("guid") == "urn:article-search:tram%201%2Fa"
    assert item.find("guid").get("isPermaLink") == "false"
    description = item.findtext("description")
    assert description.startswith("<p><strong>Kestrel City council voted on Monday")
    assert description.count("<strong>") == 1
    assert client.get(item.findtext("link")).status_code == 200


def test_json_feed(client: TestClient) -> None:
    answer = client.get("/feed.json", params=TRAM)
    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["home_page_url"] == f"{BASE}/?q=council+voted+to+build+a+tram+line"
    assert client.get(feed["feed_url"]).json() == feed
    item = feed["items"][0]
    assert item["id"] == "urn:article-search:tram%201%2Fa"
    assert item["title"] == "Council votes for a harbour tram"
    assert item["summary"].startswith("Kestrel City council voted on Monday")
    assert item["external_url"] == "https://kestrel.example/tram"
    assert item["date_published"] == "2024-04-22T00:00:00+00:00"
    assert item["tags"] == ["Kestrel Post"]
    assert client.get(item["url"]).status_code == 200


def test_both_feeds_have_the_hits_of_the_page(client: TestClient) -> None:
    for parameters in (
        {"q": "harbour"},
        {"q": "harbour", "sort": "date"},
        {"q": "flour prices", "group": "article", "mode": "lexical"},
        {"q": "harbour", "from": "2024-04-01", "to": "2024-05-31"},
        {"q": "harbour", "source": "Teal Times", "page": "3"},
    ):
        asked = {name: value for name, value in parameters.items() if name != "page"}
        found = client.get("/v1/search", params={"group": "story", "limit": 20, **asked}).json()
        items = client.get("/feed.json", params=parameters).json()["items"]
        names = [quote(hit["article"]["id"], safe="") for hit in found["hits"]]
        assert [item["id"].rpartition(":")[2] for item in items] == names
        links = [item.findtext("link") for item in channel(client, **parameters).iter("item")]
        assert links == [item["url"] for item in items]
        page = client.get("/", params=asked).text
        assert all(f"/article/{name}?" in page for name in names[:10])


def test_an_identity_outlives_the_host_and_is_one_in_its_feed(
    build: Build, index: Path, fake_model: FakeEmbedder
) -> None:
    build(generated(12))
    with client_of(index) as client:
        for group in ("story", "article", "passage"):
            asked = {"q": "harbour storm", "group": group}
            items = client.get("/feed.json", params=asked).json()["items"]
            identities = [item["id"] for item in items]
            assert len(set(identities)) == len(identities)
            elsewhere = client.get("/feed.json", params=asked, headers={"host": "other.example"})
            assert [item["id"] for item in elsewhere.json()["items"]] == identities
        # The last feed, of passages, had several of an article.
        assert len({name.partition("#")[0] for name in identities}) < len(identities)


@pytest.mark.parametrize("feed", ["/feed.rss", "/feed.json"])
def test_wrong_searches_are_problems(client: TestClient, feed: str) -> None:
    for query, word in (
        ("", "empty"),
        ("?q=", "empty"),
        ("?q=x&mode=best", "mode"),
        ("?q=x&from=May", "from"),
        (f"?q={'x' * 1001}", "1000"),
    ):
        answer = client.get(feed + query)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "invalid_request"
        assert word in answer.json()["detail"]


@pytest.mark.parametrize("feed", ["/feed.rss", "/feed.json", "/suggest.json"])
def test_without_an_index(feed: str, tmp_path: Path, fake_model: FakeEmbedder) -> None:
    with client_of(tmp_path / "none") as client:
        answer = client.get(feed, params={"q": "harbour"})
        assert (answer.status_code, answer.json()["code"]) == (503, "index_missing")


def test_head(client: TestClient) -> None:
    for path in (
        "/feed.rss?q=x",
        "/feed.json?q=x",
        "/opensearch.xml",
        "/suggest.json",
        "/robots.txt",
    ):
        got, head = client.get(path), client.head(path)
        assert head.status_code == 200
        assert head.content == b""
        assert head.headers["content-type"] == got.headers["content-type"]


def test_opensearch(client: TestClient) -> None:
    answer = client.get("/opensearch.xml")
    assert answer.headers["content-type"] == "application/opensearchdescription+xml"
    root = etree.fromstring(answer.content, PARSER)
    assert root.tag == f"{OPENSEARCH}OpenSearchDescription"
    assert 0 < len(root.findtext(f"{OPENSEARCH}ShortName")) <= 16
    templates = {each.get("type"): each.get("template") for each in root.iter(f"{OPENSEARCH}Url")}
    for kind, template in templates.items():
        answer = client.get(template.replace("{searchTerms}", "tram"))
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)
    assert templates["text/html"] == f"{BASE}/?q={{searchTerms}}"
    assert client.get(root.findtext(f"{OPENSEARCH}Image")).status_code == 200


def test_suggestions(client: TestClient) -> None:
    answer = client.get("/suggest.json", params={"q": "coun"})
    assert answer.headers["content-type"] == "application/x-suggestions+json"
    typed, texts, descriptions, urls = answer.json()
    assert typed == "coun"
    assert "Council votes for a harbour tram" in texts
    assert len(texts) == len(descriptions) == len(urls) <= 8
    assert all(client.get(url).status_code == 200 for url in urls)


def test_suggestions_for_nothing_and_for_too_much(client: TestClient) -> None:
    assert client.get("/suggest.json").json() == ["", [], [], []]
    assert client.get("/suggest.json", params={"q": "x" * 1001}).status_code == 422


def test_robots(client: TestClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.splitlines() == ["User-agent: *", "Disallow: /"]


@pytest.mark.parametrize("host", ['a"><script>alert(1)</script>', "a b", "x&y<z", "é.example", "["])
@pytest.mark.parametrize("path", ["/feed.rss?q=tram", "/feed.json?q=tram", "/opensearch.xml"])
def test_a_hostile_host_stays_out(client: TestClient, path: str, host: str) -> None:
    answer = client.get(path, headers={b"host": host.encode("latin-1")})
    assert answer.status_code == 200
    if not path.startswith("/feed.json"):
        root = etree.fromstring(answer.content, PARSER)
        assert not [each for each in root.iter() if etree.QName(each).localname == "script"]
    assert "<script>" not in answer.text


# What may break out of text, or is none in XML.
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p><b>",
    "&lt;i&gt;",
    "]]>",
    "<!--",
    *"\x00\x08\x0b\x1f\x7f\x85\u2028\u202e\ufdd0\ufffe\uffff<>&\"'",
)
TEXT = st.lists(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(HOSTILE), max_size=20
).map("".join)
DATES = st.sampled_from(
    [
        "2024-11",
        "2024-11-30",
        "2024-11-30T09:12",
        "2024-11-30T09:12:00+09:00",
        "1970-01-01T00:00:00",
    ]
)


@st.composite
def articles(draw: st.DrawFn) -> tuple[Article, Span, Span]:
    """Articles that say anything at all, a passage of each, and its answer."""
    text = draw(TEXT.filter(str.strip))
    cuts = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 4)))
    article = Article(
        draw(TEXT.filter(bool)),
        draw(TEXT),
        text,
        published=draw(st.none() | DATES.map(Date)),
        source=draw(st.none() | TEXT),
        url=draw(st.none() | TEXT | st.just("javascript:alert(1)")),
        author=draw(st.none() | TEXT),
    )
    return article, Span(cuts[0], cuts[3]), Span(cuts[1], cuts[2])


@pytest.fixture(scope="module")
def hostile() -> Iterator[tuple[TestClient, FakeSearcher]]:
    searcher = FakeSearcher()
    with TestClient(app_over(FakeLive(searcher))) as client:
        yield client, searcher


def sayable(text: str) -> str:
    """What XML can say of a text, as lxml gives it back: by the code points of the standard."""
    said = [
        each
        for each in text
        if each in "\t\n\r"
        or " " <= each <= "\ud7ff"
        or "\ue000" <= each <= "\ufffd"
        or each >= "\U00010000"
    ]
    return "".join(said).replace("\r\n", "\n").replace("\r", "\n")


@given(shown=articles(), q=TEXT.filter(str.strip))
def test_any_text_is_only_text(
    hostile: tuple[TestClient, FakeSearcher], shown: tuple[Article, Span, Span], q: str
) -> None:
    client, searcher = hostile
    article, passage, answer = shown
    searcher.article_found, searcher.passage, searcher.answer = shown
    response = client.get("/feed.rss", params={"q": q})
    if response.status_code == 422:
        # A question of operators or of control characters alone is none.
        with pytest.raises(QueryError, match="empty"):
            SearchForm(q=q).query()
        return
    feed = etree.fromstring(response.content, PARSER).find("channel")
    assert feed.findtext("title") == f"{sayable(q)} – article-search"
    item = feed.find("item")
    assert item.findtext("title") == sayable(article.title or "Untitled")
    assert (item.findtext("category") or "") == sayable(article.source or "")
    assert (item.findtext(CREATOR) or "") == sayable(article.author or "")
    said = passage.of(article.text)
    only_says(item.findtext("description") or "", said)
    (entry,) = json.loads(client.get("/feed.json", params={"q": q}).content)["items"]
    assert entry["title"] == (article.title or "Untitled")
    assert entry["summary"] == answer.of(article.text)
    assert not entry.get("external_url", "https:").startswith("javascript:")
    only_says(entry["content_html"], said)


def only_says(content: str, said: str) -> None:
    """The HTML says this, and holds no other elements than it may."""
    if not content:
        assert not said.strip()
        return
    root = html.fragment_fromstring(content, create_parent="div")
    assert {each.tag for each in root.iter()} <= {"div", "p", "strong"}
    assert not [each for each in root.iter() if each.attrib]
    assert letters(str(root.text_content())) == letters(said)


def letters(text: str) -> str:
    """Letters and signs that neither XML nor HTML drops or replaces."""
    return "".join(each for each in text if each.isprintable() and each != "\ufffd" and each > " ")


def test_a_feed_is_bounded(client: TestClient) -> None:
    assert FEED_SIZE == 20
    assert len(client.get("/feed.json", params={"q": "the", "limit": "90"}).json()["items"]) <= 20
