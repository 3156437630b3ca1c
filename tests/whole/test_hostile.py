"""Hostile articles and questions through every door: nothing is run, and nothing breaks."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from fastapi.testclient import TestClient
from lxml import etree, html

from indexer.pipeline import reindex
from search.live import LiveSearcher
from tests.conftest import settings_for, write_tree
from tests.support.fakes import FakeEmbedder
from tests.support.hostile import ARTICLES, BAIT, articles, questions
from tests.support.serving import app_over

SCRIPTS = {"/static/page.js"}


@pytest.fixture(scope="module")
def hostile_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("hostile") / "articles", articles())


@pytest.fixture(scope="module")
def hostile_index(
    hostile_files: Path, tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder
) -> Path:
    index = tmp_path_factory.mktemp("hostile-index") / "index"
    summary = reindex([hostile_files], index, embedder, None)
    assert summary.articles >= ARTICLES - 15  # the others are refused as binary or empty
    return index


@pytest.fixture
def client(hostile_index: Path, fake_model: FakeEmbedder) -> Iterator[TestClient]:
    app = app_over(LiveSearcher(settings_for(hostile_index)))
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def _harmless(page: str) -> html.HtmlElement:
    """The page, in which no element came from an article or a question."""
    tree = html.document_fromstring(page)
    assert {script.get("src") for script in tree.iter("script")} == SCRIPTS
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        assert element.tag not in ("iframe", "object", "embed", "base", "style", "img"), element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on"), name
            assert name != "style"
            if name in ("href", "src", "action", "formaction"):
                parts = urlsplit(value.strip())
                assert parts.scheme in ("", "http", "https"), value
                assert parts.scheme or not parts.netloc, value
            if name == "http-equiv":
                raise AssertionError(value)
    return tree


def test_questions_do_no_harm(client: TestClient) -> None:
    found = 0
    for question in questions():
        asked = urlencode({"q": question}, errors="replace")
        page = client.get(f"/?{asked}")
        assert page.status_code in (200, 422), question
        found += len(_harmless(page.text).xpath("//ol[contains(@class, 'hits')]/li"))
        for path in ("/v1/search", "/v1/suggest", "/feed.json", "/suggest.json"):
            answer = client.get(f"{path}?{asked}")
            assert answer.status_code in (200, 422), (path, question)
            json.loads(answer.content)
        posted = client.post("/v1/search", json={"q": question})
        assert posted.status_code in (200, 422)
        feed = client.get(f"/feed.rss?{asked}")
        assert feed.status_code in (200, 422)
        if feed.status_code == 200:
            root = etree.fromstring(feed.content)
            assert {element.tag for element in root.iter()} <= {
                "rss", "channel", "item", "title", "link", "description", "guid", "pubDate",
                "category", "language", "lastBuildDate", "{http://www.w3.org/2005/Atom}link",
                "{http://purl.org/dc/elements/1.1/}creator",
            }  # fmt: skip
            assert all(
                urlsplit(link.text or "").hostname == "127.0.0.1" for link in root.iter("link")
            )
    assert found > 1000


def _every_article(client: TestClient) -> list[dict[str, object]]:
    found: dict[object, dict[str, object]] = {}
    for q, mode in product((BAIT, "report", f"{BAIT} report"), ("lexical", "semantic")):
        cursor = None
        while True:
            asked = {"q": q, "limit": 100, "mode": mode, "floor": 0}
            body = client.post("/v1/search", json={**asked, "cursor": cursor}).json()
            found |= {hit["article"]["id"]: hit["article"] for hit in body["hits"]}
            cursor = body["next"]
            if cursor is None:
                break
    return list(found.values())


def test_articles_do_no_harm(client: TestClient) -> None:
    every = _every_article(client)
    assert len(every) >= ARTICLES / 2
    for article in every:
        identity = quote(str(article["id"]), safe="", errors="replace")
        assert article["url"] is None or str(article["url"]).startswith(("http://", "https://"))
        page = client.get(f"/article/{identity}?q={BAIT}")
        assert page.status_code == 200, article["id"]
        tree = _harmless(page.text)
        assert BAIT in tree.text_content().lower()
        for path in (f"/v1/articles/{identity}", f"/v1/stories/{identity}"):
            assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "raw",
    [
        "q=%FF%FE%C3%28", "q=%00", "q=%ED%A0%80", "q=" + "a" * 5000, "q[]=a&q", "q=%", "q=a&q=b",
        "q=a&from=%00", "q=a&source=%FF&source=" + "s" * 3000, "q=a&cursor=%FF", "q=a&page=١",
        "q=%22%22%22", "q=a&group=%3Cscript%3E", "q=\ud800",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/", "/v1/search", "/v1/suggest", "/feed.rss", "/feed.json", "/suggest.json"]
)
def test_broken_addresses(client: TestClient, path: str, raw: str) -> None:
    answer = client.get(f"{path}?{raw.encode('utf-8', 'replace').decode()}")
    assert answer.status_code in (200, 422), answer.text
    if path == "/":
        _harmless(answer.text)


def test_a_word_of_a_million_letters_is_refused(client: TestClient) -> None:
    word = "W" * 1_000_000
    assert client.post("/v1/search", json={"q": word}).status_code in (413, 422)
    assert client.get("/v1/articles/" + "W" * 3000).status_code in (404, 422)
