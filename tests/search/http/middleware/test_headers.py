"""What every answer says to browsers and caches."""

import pytest

from search.http.access import Access
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
