"""Who is let in: by key, host, size and rate."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from search.http.access import Access
from search.http.api import create_api
from search.http.middleware import gate
from search.live import LiveSearcher
from tests.conftest import settings_for
from tests.search.http.conftest import Open
from tests.support.fakes import FakeEmbedder
from tests.support.keys import ADMIN, KEYS, OTHER, READ, basic, bearer

READING = ("/", "/?q=tram", "/docs", "/v1/search?q=tram", "/v1/articles/owls", "/metrics",
           "/openapi.json", "/nothing", "/v1/nothing", "/static", "/livez/")  # fmt: skip


@pytest.mark.parametrize("path", READING)
def test_reading_needs_a_key(open_client: Open, path: str) -> None:
    client = open_client(KEYS)
    expected = open_client(Access()).get(path, follow_redirects=False).status_code
    assert expected != 401
    refused: list[Mapping[str, str]] = [
        *({}, bearer(""), bearer("wrong"), bearer(READ[:-1]), bearer(f"{READ}x")),
        *(basic("wrong"), basic(READ.upper()), {"Authorization": READ}),
        *({"Authorization": f"Basic {READ}"}, {"Authorization": "Basic \u00e9"}),
        *({"X-API-Key": ""}, {"X-API-Key": f"Bearer {READ}"}, {"Authorization": f"Digest {READ}"}),
    ]
    for headers in refused:
        sent = {name.encode(): value.encode() for name, value in headers.items()}
        response = client.get(path, headers=sent, follow_redirects=False)
        assert response.status_code == 401, headers
        challenge = "Bearer" if path.startswith("/v1/") else "Basic"
        assert response.headers["www-authenticate"].startswith(challenge)
        page = path in ("/", "/?q=tram", "/docs")
        kind = "text/html; charset=utf-8" if page else "application/problem+json"
        assert response.headers["content-type"] == kind
    for key in (READ, OTHER, ADMIN):
        allowed = (bearer(key), {"Authorization": f"bEARER  {key}"}, {"X-API-Key": key},
                   basic(key), basic(key, ""))  # fmt: skip
        for headers in allowed:
            response = client.get(path, headers=headers, follow_redirects=False)
            assert response.status_code == expected, headers


def test_health_and_files_of_the_page_need_no_key(open_client: Open) -> None:
    client = open_client(KEYS)
    for path in ("/livez", "/readyz", "/static/page.css"):
        assert client.get(path).status_code == 200
    assert client.post("/v1/search", json={"q": "tram"}).status_code == 401


HOSTS = Access(hosts=("localhost", "127.0.0.1", "[::1]", "news.example.org", "*.in.example"))


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "localhost.", "localhost.:80", "127.0.0.1:1", "[::1]",
     "[::1]:8000", "news.example.org", "a.in.example", "a.b.in.example:443"],
)  # fmt: skip
def test_known_hosts(open_client: Open, host: str) -> None:
    response = open_client(HOSTS).get("/v1/search?q=tram", headers={"Host": host})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "in.example",
     ".in.example.", "evilin.example", "news.example.org.evil", "news.example.org@evil", "", "::1",
     "localhost:80:80", "localhost/", "localhost,evil", "\x00", "l\u00f6calhost", "[::1",
     "localhost:port"],
)  # fmt: skip
def test_unknown_hosts(open_client: Open, host: str) -> None:
    client = open_client(HOSTS)
    headers = {b"Host": host.encode("latin-1")}
    for path in ("/v1/search?q=tram", "/", "/static/page.css", "/metrics"):
        assert client.get(path, headers=headers).status_code == 421
    body = client.get("/v1/search?q=tram", headers=headers).json()
    assert body["code"] == "host_not_allowed"
    assert "ARTICLE_SEARCH_HOSTS" in body["detail"]
    # Whoever watches the server may know it by an address only.
    assert client.get("/livez", headers=headers).status_code == 200


@pytest.fixture
def client(corpus_index: Path, fake_model: FakeEmbedder) -> Iterator[TestClient]:
    access = Access(read_keys=(READ,), rate=3)
    api = create_api(LiveSearcher(settings_for(corpus_index)), 2, access)
    with TestClient(api, headers={"X-API-Key": READ}) as client:
        yield client


def test_too_many_requests(client: TestClient) -> None:
    statuses = [client.get("/v1/search?q=tram").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = client.get("/v1/search?q=tram")
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    for path in ("/livez", "/readyz", "/metrics"):
        assert client.get(path).status_code == 200
    assert 'article_search_rejected_total{reason="rate"} 2.0' in client.get("/metrics").text


def test_a_body_that_is_too_large(api_client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    largest = b'{"q": "tram"}'.ljust(gate.LARGEST_BODY)
    assert api_client.post("/v1/search", content=largest, headers=headers).status_code == 200
    # Its length declared, and not.
    for content in (largest + b" ", iter([largest, b" "])):
        response = api_client.post("/v1/search", content=content, headers=headers)
        assert response.status_code == 413
        assert response.json()["code"] == "body_too_large"
        assert response.headers["connection"] == "close"


def test_an_address_that_is_too_long(api_client: TestClient) -> None:
    longest = "/v1/search?q=" + "%E4%BD%A0" * 1000
    assert api_client.get(longest).status_code == 200
    for path in ("/v1/search?q=" + "x" * gate.LONGEST_ADDRESS, "/x" * gate.LONGEST_ADDRESS):
        response = api_client.get(path)
        assert response.status_code == 414
        assert response.json()["code"] == "uri_too_long"
