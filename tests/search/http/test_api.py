"""The service as a whole: health, administration, CORS, an index that is not there."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from search.http.access import Access
from tests.conftest import Build
from tests.search.http.conftest import Open
from tests.support.asking import problem_of, search_json
from tests.support.corpus import CORPUS
from tests.support.fakes import FakeEmbedder
from tests.support.keys import ADMIN, KEYS, READ, basic, bearer


def test_health_and_documentation(api_client: TestClient) -> None:
    assert api_client.get("/livez").json() == {"status": "alive"}
    ready = api_client.get("/readyz").json()
    run = ready.pop("last_run")
    assert ready == {"status": "ready"}
    assert (run["failed"], run["added"], run["skipped"]) == (False, 8, 0)
    schema = api_client.get("/openapi.json").json()
    assert {"/v1/search", "/v1/articles/{article_id}", "/livez", "/readyz", "/metrics"} <= set(
        schema["paths"]
    )
    parameters = schema["paths"]["/v1/search"]["get"]["parameters"]
    assert {parameter["name"] for parameter in parameters} == {
        *("q", "limit", "offset", "cursor", "source", "author", "lang", "site", "from", "to"),
        *("group", "sort", "mode", "explain", "floor", "reader"),
    }


def test_an_unexpected_error_is_a_problem_and_counted(
    api_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("search.engine.Searcher.search", broken)
    response = api_client.get("/v1/search", params={"q": "x"})
    assert "secret" not in problem_of(response, 500, "internal")["detail"]
    metrics = api_client.get("/metrics").text.splitlines()
    assert 'article_search_requests_total{route="/v1/search",status="500"} 1.0' in metrics


@pytest.mark.parametrize("path", ["/v1/search?q=x", "/v1/articles/x", "/readyz"])
def test_no_index(live_client: TestClient, path: str) -> None:
    response = live_client.get(path)
    problem_of(response, 503, "index_missing")
    assert int(response.headers["retry-after"]) > 0
    assert live_client.get("/livez").status_code == 200


def _reload(client: TestClient, key: str = ADMIN) -> Response:
    return client.post("/v1/admin/reload", headers={b"Authorization": f"Bearer {key}".encode()})


def test_damaged_index(live_client: TestClient, build: Build, index: Path) -> None:
    summary = build()
    (index / "generations" / str(summary.generation) / "segments/0/tokens.bin").write_bytes(
        b"short"
    )
    problem_of(_reload(live_client), 503, "index_damaged")
    problem_of(live_client.get("/v1/search?q=x"), 503, "index_damaged")
    problem_of(live_client.get("/readyz"), 503, "index_damaged")


def test_index_of_another_model(live_client: TestClient, build: Build) -> None:
    build(CORPUS, FakeEmbedder(sha256="0" * 64))
    problem_of(_reload(live_client), 503, "index_mismatch")
    problem_of(live_client.get("/v1/search?q=x"), 503, "index_mismatch")


def test_reload(live_client: TestClient, build: Build) -> None:
    first = build().generation
    assert _reload(live_client).json()["generation"] == first
    second = build({"one.json": CORPUS["feeds/final.json"]}).generation
    assert _reload(live_client).json()["generation"] == second
    assert search_json(live_client)["index"]["generation"] == second
    assert _reload(live_client).json() == {"generation": second, "swapped": False}


@pytest.mark.parametrize(
    "key", ["", "wrong", f"{ADMIN}x", ADMIN[:-1], f"{ADMIN} {ADMIN}", ADMIN.upper(), "é"]
)
def test_reload_needs_the_key(live_client: TestClient, key: str) -> None:
    response = _reload(live_client, key)
    problem_of(response, 401, "unauthorized")
    assert response.headers["www-authenticate"] == "Bearer"
    problem_of(live_client.post("/v1/admin/reload"), 401, "unauthorized")


def test_nobody_administers_a_server_without_a_key(api_client: TestClient) -> None:
    for key in ("", "None", "x"):
        problem_of(_reload(api_client, key), 403, "admin_disabled")


def test_who_administers(open_client: Open) -> None:
    def reloaded(client: TestClient, headers: Mapping[str, str]) -> int:
        return client.post("/v1/admin/reload", headers=headers).status_code

    client = open_client(KEYS)
    assert reloaded(client, bearer(ADMIN)) == 200
    assert reloaded(client, {"X-API-Key": ADMIN}) == 200
    # A browser sends these by itself, also for a form on another site.
    for headers in (basic(ADMIN), basic(READ), bearer(READ), bearer("x"), {}):
        assert reloaded(client, headers) == 401
    open_to_readers = open_client(Access(admin_key=ADMIN))
    assert open_to_readers.get("/v1/search?q=tram").status_code == 200
    assert reloaded(open_to_readers, {}) == 401
    assert reloaded(open_to_readers, bearer(ADMIN)) == 200
    assert reloaded(open_client(Access(read_keys=(READ,))), bearer(READ)) == 403


def test_origins(open_client: Open) -> None:
    site = {"Origin": "https://app.example"}
    asked = site | {"Access-Control-Request-Method": "GET",
                    "Access-Control-Request-Headers": "authorization, x-api-key"}  # fmt: skip
    paths = {"/v1/search?q=tram": 200, "/v1/search": 422, "/v1/nothing": 404, "/v1/broken": 500}
    client = open_client(Access(origins=("https://app.example",), read_keys=(READ,), rate=6))
    preflight = client.options("/v1/search", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://app.example"
    assert "x-api-key" in preflight.headers["access-control-allow-headers"]
    for path, status in paths.items():
        response = client.get(path, headers=site | bearer(READ))
        assert response.status_code == status
        assert response.headers["access-control-allow-origin"] == "https://app.example"
        assert "access-control-allow-credentials" not in response.headers
        assert "Origin" in response.headers["vary"]
    refused = client.get("/v1/search?q=tram", headers=site)
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://app.example"
    statuses = [client.get("/", headers=site | bearer(READ)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    limited = client.get("/v1/search?q=tram", headers=site | bearer(READ))
    assert limited.headers["access-control-allow-origin"] == "https://app.example"
    assert "Retry-After" in limited.headers["access-control-expose-headers"]
    other = client.get("/v1/nothing", headers={"Origin": "https://evil.example"} | bearer(READ))
    assert "access-control-allow-origin" not in other.headers


def test_all_origins_or_none(open_client: Open) -> None:
    site = {"Origin": "https://any.example"}
    everybody = open_client(Access(origins=("*",)))
    assert everybody.get("/v1/broken", headers=site).headers["access-control-allow-origin"] == "*"
    nobody = open_client(Access())
    for response in (
        nobody.get("/v1/search?q=tram", headers=site),
        nobody.options("/v1/search", headers=site | {"Access-Control-Request-Method": "GET"}),
    ):
        assert "access-control-allow-origin" not in response.headers
