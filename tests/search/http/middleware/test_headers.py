"""What every answer says to browsers and caches."""

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from search.http.access import Access
from search.http.middleware.headers import AnswerHeaders
from tests.search.http.conftest import Open
from tests.support.keys import KEYS, READ, bearer


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/?q=tram"), ("GET", "/?q=%20"), ("GET", "/article/none"),
     ("GET", "/static/page.css"), ("GET", "/docs"), ("GET", "/v1/search?q=x"),
     ("GET", "/v1/search"), ("GET", "/v1/broken"), ("GET", "/nothing"), ("GET", "/livez"),
     ("GET", "/metrics"), ("GET", "/openapi.json"), ("DELETE", "/v1/search"),
     ("HEAD", "/v1/search?q=x"), ("POST", "/v1/admin/reload"), ("OPTIONS", "/")],
)  # fmt: skip
def test_every_answer_is_safe(open_client: Open, method: str, path: str) -> None:
    headers = open_client(Access()).request(method, path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] in ("no-cache", "no-store")
    for name in ("content-security-policy", "cache-control", "x-content-type-options"):
        assert len(headers.get_list(name)) == 1


def test_answers_behind_a_key_are_private(open_client: Open) -> None:
    client = open_client(KEYS)
    response = client.get("/v1/search?q=tram", headers=bearer(READ))
    assert response.headers["cache-control"] == "private, no-cache"
    assert client.get("/v1/search?q=tram").headers["cache-control"] == "no-store"


@pytest.fixture
def echoing() -> TestClient:
    """Answers with the status and the headers that are asked for."""

    async def answer(request: Request) -> Response:
        headers = dict(request.query_params)
        return Response(status_code=int(headers.pop("status", "200")), headers=headers)

    routes = [Route("/", answer, methods=["GET", "POST"])]
    return TestClient(AnswerHeaders(Starlette(routes=routes), private=False))


def test_what_a_route_has_said_stays(echoing: TestClient) -> None:
    said = {"Content-Security-Policy": "script-src 'self'", "Cache-Control": "max-age=60"}
    headers = echoing.get("/", params=said).headers
    for name, value in said.items():
        assert headers.get_list(name) == [value]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "status", "kept"),
    [("GET", 200, True), ("HEAD", 200, True), ("GET", 304, True), ("POST", 200, False),
     ("GET", 206, False), ("GET", 404, False), ("GET", 503, False)],
)  # fmt: skip
def test_only_what_was_read_is_kept(
    echoing: TestClient, method: str, status: int, kept: bool
) -> None:
    headers = echoing.request(method, "/", params={"status": str(status)}).headers
    assert headers["cache-control"] == ("no-cache" if kept else "no-store")
    # A browser puts the headers of a 304 in place of those that it has kept.
    assert ("content-security-policy" in headers) == (status != 304)
