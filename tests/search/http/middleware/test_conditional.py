"""Reading over HTTP: HEAD, ETag, If-None-Match, gzip."""

import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from search.engine import Searcher
from search.http.api import create_api
from search.http.middleware import conditional
from search.live import LiveSearcher
from tests.conftest import Build, settings_for
from tests.support.corpus import CORPUS
from tests.support.fakes import FakeEmbedder
from tests.support.serving import app_over

READ = (
    "/v1/search?q=tram",
    "/v1/articles/owls",
    "/v1/articles/owls/similar",
    "/v1/stories/owls",
    "/v1/suggest?q=tra",
    "/?q=tram",
    "/",
    "/article/owls",
    "/feed.rss?q=tram",
    "/feed.json?q=tram",
)


@pytest.fixture
def live(index: Path, build: Build, fake_model: FakeEmbedder) -> LiveSearcher:
    build()
    return LiveSearcher(settings_for(index))


@pytest.fixture
def client(live: LiveSearcher) -> Iterator[TestClient]:
    with TestClient(app_over(live), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the index."""
    asked: list[str] = []
    for name in ("search", "article", "suggest"):
        method = getattr(Searcher, name)

        def watched(*args: Any, _name: str = name, _method: Any = method, **options: Any) -> Any:
            asked.append(_name)
            return _method(*args, **options)

        monkeypatch.setattr(Searcher, name, watched)
    return asked


@pytest.mark.parametrize("path", READ)
def test_what_has_not_changed_is_not_made_again(
    client: TestClient, searches: list[str], path: str
) -> None:
    first = client.get(path)
    assert first.status_code == 200
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["cache-control"] == "no-cache"
    done = len(searches)
    for sent in (tag, tag.removeprefix("W/"), f'"other", {tag}', f'{tag},W/"other"'):
        again = client.get(path, headers={"If-None-Match": sent})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "no-cache"
        assert again.headers["vary"] == "Accept-Encoding"
        assert "content-type" not in again.headers
    assert client.head(path, headers={"If-None-Match": tag}).status_code == 304
    assert len(searches) == done
    for sent in ('"other"', "", tag.strip('W/"'), tag[:-2] + '"'):
        assert client.get(path, headers={"If-None-Match": sent}).status_code == 200
    assert client.get(path).headers["etag"] == tag


def test_every_address_has_its_own_tag(client: TestClient) -> None:
    paths = (*READ, "/v1/search?q=trams", "/v1/search?q=tram&limit=1", "/?q=bees")
    tags = [client.get(path).headers["etag"] for path in paths]
    # Absolute addresses are of the host that was asked.
    hosts = {"Host": "other.example"}
    tags += [client.get(path, headers=hosts).headers["etag"] for path in READ]
    assert len(set(tags)) == len(tags)


def test_a_new_generation_is_another_answer(
    client: TestClient, live: LiveSearcher, build: Build
) -> None:
    before = client.get("/v1/search?q=tram")
    build({"one.json": CORPUS["feeds/final.json"]})
    live.reload()
    after = client.get("/v1/search?q=tram", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]
    assert after.json()["index"] != before.json()["index"]


def test_a_swap_while_a_question_is_answered_leaves_no_tag(
    client: TestClient, live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Searcher.search

    def swapped(searcher: Searcher, *args: Any) -> Any:
        monkeypatch.setattr(Searcher, "search", search)
        results = search(searcher, *args)
        build({"one.json": CORPUS["feeds/final.json"]})
        live.reload()
        return results

    first = client.get("/v1/search?q=tram").json()["index"]["generation"]
    monkeypatch.setattr(Searcher, "search", swapped)
    response = client.get("/v1/search?q=tram")
    assert response.json()["index"]["generation"] == first
    assert "etag" not in response.headers
    assert "etag" in client.get("/v1/search?q=tram").headers


def test_tomorrow_is_another_answer(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = client.get("/v1/search?q=tram+last+week").headers["etag"]

    class Tomorrow(date):
        @classmethod
        def today(cls) -> "Tomorrow":
            return cls(2999, 1, 1)

    monkeypatch.setattr(conditional, "date", Tomorrow)
    again = client.get("/v1/search?q=tram+last+week", headers={"If-None-Match": tag})
    assert again.status_code == 200


def test_what_has_no_tag(client: TestClient) -> None:
    for path in ("/livez", "/readyz", "/metrics", "/v1/search", "/v1/articles/none", "/?q=%20",
                 "/nothing"):  # fmt: skip
        assert "etag" not in client.get(path).headers
    assert "etag" not in client.post("/v1/search", json={"q": "tram"}).headers
    static = client.get("/static/page.css").headers
    again = client.get("/static/page.css", headers={"If-None-Match": static["etag"]})
    assert again.status_code == 304


def test_without_an_index_there_is_no_tag(index: Path, fake_model: FakeEmbedder) -> None:
    with TestClient(create_api(LiveSearcher(settings_for(index)), 1)) as client:
        response = client.get("/v1/search?q=tram", headers={"If-None-Match": "*"})
    assert response.status_code == 503
    assert "etag" not in response.headers


VARYING = {"x-request-id", "date", "content-length"}


@pytest.mark.parametrize(
    "path",
    [*READ, "/livez", "/readyz", "/openapi.json", "/docs", "/static/page.css", "/v1/search",
     "/v1/articles/none", "/nothing", "/article/none"],
)  # fmt: skip
def test_head_is_get_without_the_body(client: TestClient, path: str) -> None:
    for encoding in ("identity", "gzip"):
        got = client.get(path, headers={"Accept-Encoding": encoding})
        head = client.head(path, headers={"Accept-Encoding": encoding})
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert {name: value for name, value in head.headers.items() if name not in VARYING} == {
            name: value for name, value in got.headers.items() if name not in VARYING
        }
        # Equal but for the digits of `took_ms`.
        assert abs(int(head.headers["content-length"]) - int(got.headers["content-length"])) < 100


def test_head_is_counted_by_its_route(client: TestClient) -> None:
    client.head("/v1/search?q=tram")
    tag = client.get("/v1/search?q=tram").headers["etag"]
    client.head("/v1/search?q=tram", headers={"If-None-Match": tag})
    lines = client.get("/metrics").text.splitlines()
    assert 'article_search_requests_total{route="/v1/search",status="200"} 2.0' in lines
    assert 'article_search_requests_total{route="/v1/search",status="304"} 1.0' in lines


def test_gzip(client: TestClient) -> None:
    plain = client.get("/v1/search?q=tram", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", "/v1/search?q=tram", headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        assert packed.headers["etag"] == plain.headers["etag"]
        content = b"".join(packed.iter_raw())
    assert len(content) == int(packed.headers["content-length"]) < len(plain.content) / 2
    assert len(gzip.decompress(content)) == pytest.approx(len(plain.content), abs=20)
    small = client.get("/livez", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in small.headers
