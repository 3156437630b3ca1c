"""The HTTP contract of docs/http-api.md."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.exceptions import HTTPException

from indexer.errors import ArticleSearchError
from indexer.storage.folder import IndexFolder
from search.http.access import Access
from search.http.api import create_api
from search.http.problems import KINDS, PROBLEM_JSON, ProblemKind, kind_of_problem
from search.live import LiveSearcher
from tests.conftest import Build, settings_for
from tests.support.corpus import CORPUS, QUESTIONS
from tests.support.fakes import FakeEmbedder

KEY = "the-key-of-the-admin"


def _search(client: TestClient, question: str = "tram", **parameters: Any) -> dict[str, Any]:
    response = client.get("/v1/search", params={"q": question, **parameters})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    body: dict[str, Any] = response.json()
    return body


def _problem(response: Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM_JSON
    body: dict[str, Any] = response.json()
    assert set(body) == {"type", "title", "status", "code", "detail"}
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["title"]
    assert body["detail"]
    return body


def test_fields(api_client: TestClient, corpus_index: Path) -> None:
    body = _search(api_client, "cost of the tram line to the harbour")
    assert set(body) == {
        *("query", "hits", "total", "total_relation", "next", "answerable", "confidence"),
        *("facets", "parsed", "corrections", "relaxed", "period", "took_ms", "index"),
    }
    assert body["query"] == "cost of the tram line to the harbour"
    assert body["index"] == {"generation": IndexFolder(corpus_index).current_id(), "model": "fake"}
    assert body["took_ms"] > 0
    assert len(body["hits"]) == body["total"] == 8
    hit = body["hits"][0]
    assert set(hit) == {
        *("rank", "score", "article", "passage", "answer", "matches", "story", "explanation"),
    }
    assert hit["article"] == {
        "id": "tram 1/a",
        "title": "Council votes for a harbour tram",
        "source": "Kestrel Post",
        "agency": None,
        "url": "https://kestrel.example/tram",
        "published": "2024-04-22",
        "updated": None,
        "author": None,
        "language": "en",
    }
    assert set(hit["passage"]) == {"id", "ids", "text", "start", "end"}
    assert set(hit["answer"]) == {"text", "start", "end"}
    assert [hit["rank"] for hit in body["hits"]] == list(range(1, 9))
    scores = [hit["score"] for hit in body["hits"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("question", QUESTIONS)
def test_offsets_slice_the_article(api_client: TestClient, question: str) -> None:
    for hit in _search(api_client, question, group="passage")["hits"]:
        article = api_client.get(f"/v1/articles/{quote(hit['article']['id'], safe='')}").json()
        assert {name: article[name] for name in hit["article"]} == hit["article"]
        for span in (hit["passage"], hit["answer"]):
            assert article["text"][span["start"] : span["end"]] == span["text"] != ""
        assert hit["passage"]["start"] <= hit["answer"]["start"]
        assert hit["answer"]["end"] <= hit["passage"]["end"]


def test_offsets_count_code_points(api_client: TestClient) -> None:
    hit = _search(api_client, "Mayor Pia Lund called it a triumph")["hits"][0]
    assert hit["article"]["title"] == "Owls 🦉 everywhere"
    text = api_client.get("/v1/articles/owls").json()["text"]
    assert text.index("🦉") < hit["answer"]["start"]
    assert text[hit["answer"]["start"] : hit["answer"]["end"]] == hit["answer"]["text"]


def test_article_ids_with_slash_and_space(api_client: TestClient) -> None:
    for path in ("tram 1/a", "tram%201%2Fa"):
        response = api_client.get(f"/v1/articles/{path}")
        assert response.status_code == 200
        body = response.json()
        assert set(body) == {
            *("id", "title", "title_made", "text", "source", "agency", "author", "url"),
            *("published", "updated", "dates", "mentioned", "language", "story"),
        }
        assert body["id"] == "tram 1/a"


def test_parameters(api_client: TestClient) -> None:
    assert len(_search(api_client, limit=3)["hits"]) == 3
    assert [hit["rank"] for hit in _search(api_client, limit=2, offset=4)["hits"]] == [5, 6]
    assert _search(api_client, offset=400)["hits"] == []
    assert _search(api_client, "bakery", group="story")["total"] == 7
    assert _search(api_client, "bakery", group="article")["total"] == 8
    assert _search(api_client, "Xylophon", mode="lexical")["hits"] == []
    assert _search(api_client, "Xylophon", mode="semantic")["total"] == 8


def test_filters(api_client: TestClient) -> None:
    def found(**parameters: Any) -> set[str]:
        hits = _search(api_client, "bakery tram bees cup", **parameters)["hits"]
        return {hit["article"]["title"] for hit in hits}

    tram, final = "Council votes for a harbour tram", "Rovers win the cup"
    bees, copy = "Bees that groom each other", "Bakery shuts after 91 years"
    assert found(source="kestrel POST") == {tram, final}
    assert found(source=["Kestrel Post", "Teal Times"]) == {tram, final, bees, copy}
    assert found(source="Nobody") == set()
    assert found(**{"from": "2024-05-01", "to": "2024-05-18"}) == {bees, final}
    assert found(**{"from": "2024-05-01", "to": "2024-05-17"}) == {bees}
    assert found(source="Kestrel Post", to="2024-05-01") == {tram}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"q": ""},
        {"q": " \t\u200b "},
        {"q": "x" * 1001},
        {"q": "x", "limit": 0},
        {"q": "x", "limit": 101},
        {"q": "x", "limit": "many"},
        {"q": "x", "offset": -1},
        {"q": "x", "offset": 401},
        {"q": "x", "mode": "psychic"},
        {"q": "x", "group": "author"},
        {"q": "x", "from": "yesterday"},
        {"q": "x", "to": "2024-02-30"},
        {"q": "x", "from": "1700000000"},
        {"q": "x", "from": "2024-05-01T00:00"},
        {"q": "x", "sort": "random"},
        {"q": "x", "explain": "perhaps"},
        {"q": "x", "cursor": "none"},
        {"q": "x", "cursor": "x" * 201},
        {"q": "x", "from": "2024-05-02", "to": "2024-05-01"},
        {"q": "x", "source": [str(number) for number in range(21)]},
    ],
)
def test_wrong_parameters(api_client: TestClient, parameters: dict[str, Any]) -> None:
    _problem(api_client.get("/v1/search", params=parameters), 422, "invalid_request")


def test_a_problem_names_the_parameter(api_client: TestClient) -> None:
    response = api_client.get("/v1/search", params={"q": "x", "limit": 101})
    assert "limit" in _problem(response, 422, "invalid_request")["detail"]


def test_largest_parameters(api_client: TestClient) -> None:
    _search(api_client, "x" * 1000, limit=100, offset=400, source=["a"] * 20)


def test_absent(api_client: TestClient) -> None:
    _problem(api_client.get("/v1/articles/nowhere"), 404, "article_not_found")
    _problem(api_client.get("/v1/nothing"), 404, "not_found")


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE", "OPTIONS", "QUERY", "BREW"])
def test_a_wrong_method_is_told_the_right_ones(api_client: TestClient, method: str) -> None:
    for path, allowed in (
        ("/v1/search", "GET, HEAD, POST"),
        ("/v1/articles/owls", "GET, HEAD"),
        ("/v1/articles/owls/similar", "GET, HEAD"),
        ("/v1/stories/owls", "GET, HEAD"),
        ("/v1/suggest", "GET, HEAD"),
        ("/livez", "GET, HEAD"),
        ("/v1/admin/reload", "POST"),
    ):
        response = api_client.request(method, path)
        _problem(response, 405, "method_not_allowed")
        assert response.headers["allow"] == allowed


def test_post_is_get(api_client: TestClient) -> None:
    requests: list[dict[str, Any]] = [
        {"q": "tram", "limit": 2, "offset": 1, "mode": "lexical", "group": "passage"},
        {"q": "bakery tram", "source": ["Kestrel Post"], "from": "2024-05-01", "explain": True},
        {"q": '"harbour tram" -bees', "sort": "date", "group": "story", "to": "2024-05-18"},
    ]
    for parameters in requests:
        got = api_client.get("/v1/search", params=parameters).json()
        response = api_client.post("/v1/search", json=parameters)
        assert response.status_code == 200
        posted = response.json()
        del got["took_ms"], posted["took_ms"]
        assert posted == got


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"tram", b'{"q": ""}', b'{"q": 1}', b'{"q": "x", "k": 1}',
     b'{"q": "x", "limit": 0}', b'{"q": "x", "limit": "many"}', b'{"q": "x", "source": "a"}',
     b'{"q": "x", "from": 1700000000}', b'{"q": "x", "from": "1700000000"}', b'{"q": "\\ud800"}',
     b'{"q": "x", "\\ud800": 1}', b'{"q": "x"' + b', "k": 1' * 6000 + b"}",
     b'{"q": "x",' + b",".join(b'"%d": 1' % number for number in range(5000)) + b"}"],
)  # fmt: skip
def test_wrong_bodies(api_client: TestClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = api_client.post("/v1/search", content=body, headers=headers)
    assert len(_problem(response, 422, "invalid_request")["detail"]) <= 2000


@pytest.mark.parametrize("body", [b"\xff", b"[" * 60_000])
def test_bodies_that_cannot_be_read(api_client: TestClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    _problem(api_client.post("/v1/search", content=body, headers=headers), 400, "bad_request")


def test_a_body_that_is_not_said_to_be_json(api_client: TestClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        response = api_client.post(
            "/v1/search", content=b'{"q": "tram"}', headers={"Content-Type": kind}
        )
        _problem(response, 422, "invalid_request")


def test_health_and_documentation(api_client: TestClient) -> None:
    assert api_client.get("/livez").json() == {"status": "alive"}
    assert api_client.get("/readyz").json() == {"status": "ready"}
    schema = api_client.get("/openapi.json").json()
    assert {"/v1/search", "/v1/articles/{article_id}", "/livez", "/readyz", "/metrics"} <= set(
        schema["paths"]
    )
    parameters = schema["paths"]["/v1/search"]["get"]["parameters"]
    assert {parameter["name"] for parameter in parameters} == {
        *("q", "limit", "offset", "cursor", "source", "author", "lang", "site", "from", "to"),
        *("group", "sort", "mode", "explain"),
    }


def test_metrics(api_client: TestClient) -> None:
    _search(api_client)
    api_client.get("/v1/search")
    api_client.get("/v1/articles/nowhere")
    lines = api_client.get("/metrics").text.splitlines()
    count = "article_search_requests_total"
    assert f'{count}{{route="/v1/search",status="200"}} 1.0' in lines
    assert f'{count}{{route="/v1/search",status="422"}} 1.0' in lines
    assert any("/v1/articles/{article_id" in line and 'status="404"' in line for line in lines)
    assert 'article_search_stage_seconds_count{stage="total"} 1.0' in lines


def test_an_unexpected_error_is_a_problem_and_counted(
    api_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("search.engine.Searcher.search", broken)
    response = api_client.get("/v1/search", params={"q": "x"})
    assert "secret" not in _problem(response, 500, "internal")["detail"]
    metrics = api_client.get("/metrics").text.splitlines()
    assert 'article_search_requests_total{route="/v1/search",status="500"} 1.0' in metrics


@pytest.fixture
def live_client(index: Path, fake_model: FakeEmbedder) -> Iterator[TestClient]:
    """A client of a service whose index does not exist yet."""
    api = create_api(LiveSearcher(settings_for(index)), 2, Access(admin_key=KEY))
    with TestClient(api, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("path", ["/v1/search?q=x", "/v1/articles/x", "/readyz"])
def test_no_index(live_client: TestClient, path: str) -> None:
    response = live_client.get(path)
    _problem(response, 503, "index_missing")
    assert int(response.headers["retry-after"]) > 0
    assert live_client.get("/livez").status_code == 200


def _reload(client: TestClient, key: str = KEY) -> Response:
    return client.post("/v1/admin/reload", headers={b"Authorization": f"Bearer {key}".encode()})


def test_damaged_index(live_client: TestClient, build: Build, index: Path) -> None:
    summary = build()
    (index / "generations" / str(summary.generation) / "tokens.bin").write_bytes(b"short")
    _problem(_reload(live_client), 503, "index_damaged")
    _problem(live_client.get("/v1/search?q=x"), 503, "index_damaged")
    _problem(live_client.get("/readyz"), 503, "index_damaged")


def test_index_of_another_model(live_client: TestClient, build: Build) -> None:
    build(CORPUS, FakeEmbedder(sha256="0" * 64))
    _problem(_reload(live_client), 503, "index_mismatch")
    _problem(live_client.get("/v1/search?q=x"), 503, "index_mismatch")


def test_reload(live_client: TestClient, build: Build) -> None:
    first = build().generation
    assert _reload(live_client).json()["generation"] == first
    second = build({"one.json": CORPUS["feeds/final.json"]}).generation
    assert _reload(live_client).json()["generation"] == second
    assert _search(live_client)["index"]["generation"] == second
    assert _reload(live_client).json() == {"generation": second, "swapped": False}


@pytest.mark.parametrize(
    "key", ["", "wrong", f"{KEY}x", KEY[:-1], f"{KEY} {KEY}", KEY.upper(), "é"]
)
def test_reload_needs_the_key(live_client: TestClient, key: str) -> None:
    response = _reload(live_client, key)
    _problem(response, 401, "unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"
    _problem(live_client.post("/v1/admin/reload"), 401, "unauthorized")


def test_nobody_administers_a_server_without_a_key(api_client: TestClient) -> None:
    for key in ("", "None", "x"):
        _problem(_reload(api_client, key), 403, "admin_disabled")


def test_metrics_of_the_index(live_client: TestClient, build: Build, index: Path) -> None:
    before = live_client.get("/metrics").text
    assert 'article_search_generations_total{result="swapped"} 0.0' in before
    assert "article_search_passages" not in before
    build()
    _reload(live_client)
    bad = build({"one.json": CORPUS["feeds/final.json"]})
    (index / "generations" / str(bad.generation) / "tokens.bin").unlink()
    _problem(_reload(live_client), 503, "index_damaged")
    metrics = live_client.get("/metrics").text
    assert 'article_search_generations_total{result="swapped"} 1.0' in metrics
    refused = re.search(r'generations_total{result="refused"} (\d+)\.0', metrics)
    assert refused
    assert int(refused[1]) >= 1
    assert "article_search_articles 8.0" in metrics
    assert "article_search_passages 8.0" in metrics
    created = re.search(r"^article_search_index_created_seconds (\S+)", metrics, re.M)
    assert created
    assert abs(float(created[1]) - time.time()) < 600


def test_every_mapped_status_has_its_own_code() -> None:
    mapped = [
        kind for kind in KINDS.values() if issubclass(kind.error or object, ArticleSearchError)
    ]
    assert len({kind.error for kind in mapped}) == len(mapped) == 9
    assert all(kind.status in (410, 422, 503) for kind in mapped)
    assert all((kind.status == 503) == (kind.retry_after is not None) for kind in KINDS.values())


def test_an_error_is_of_its_own_kind_before_that_of_its_base() -> None:
    for kind in KINDS.values():
        if kind.error and kind.error is not HTTPException:
            assert kind_of_problem(kind.error("x")) is kind
    assert kind_of_problem(HTTPException(404)) is KINDS["not_found"]
    assert kind_of_problem(HTTPException(418)) == ProblemKind("http_error", 418)
    assert kind_of_problem(ArticleSearchError("x")) is KINDS["internal"]


@pytest.mark.parametrize("name", ["sorce", "sources", "text", "published_from", "mark", "page"])
def test_an_unknown_parameter_is_named(api_client: TestClient, name: str) -> None:
    answer = api_client.get("/v1/search", params={"q": "x", name: "a"})
    assert _problem(answer, 422, "invalid_request")["detail"] == (
        f"{name}: there is no such parameter"
    )
    answer = api_client.post("/v1/search", json={"q": "x", name: "a"})
    assert _problem(answer, 422, "invalid_request")["detail"] == (
        f"{name}: there is no such parameter"
    )


def test_an_empty_cursor_is_none(api_client: TestClient) -> None:
    assert _search(api_client, cursor="")["hits"] == _search(api_client)["hits"]
