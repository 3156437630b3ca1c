"""Who is let in: keys, hosts, origins; and what every answer says to browsers."""

import base64
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from scripts.cli import main
from search.http.access import Access
from search.http.middleware.accesslog import write_access_log
from search.http.middleware.keys import Keys
from search.live import LiveSearcher
from tests.conftest import settings_for
from tests.support.fakes import FakeEmbedder
from tests.support.serving import app_over

READ, OTHER, ADMIN = "read-key-of-sixteen", "another-reading-key", "the-key-of-the-admin"
KEYS = Access(read_keys=(READ, OTHER), admin_key=ADMIN)

Open = Callable[..., TestClient]


@pytest.fixture
def open_client(corpus_index: Path, fake_model: FakeEmbedder) -> Iterator[Open]:
    """A client of a service with its page, for some `Access`."""
    opened: list[TestClient] = []

    def client(access: Access) -> TestClient:
        app = app_over(LiveSearcher(settings_for(corpus_index)), access)

        @app.get("/v1/broken")
        def broken() -> None:
            raise ZeroDivisionError("secret detail")

        opened.append(TestClient(app, raise_server_exceptions=False).__enter__())
        return opened[-1]

    yield client
    for each in opened:
        each.__exit__(None, None, None)


def _basic(key: str, user: str = "anybody") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()}


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


READING = ("/", "/?q=tram", "/docs", "/v1/search?q=tram", "/v1/articles/owls", "/metrics",
           "/openapi.json", "/nothing", "/v1/nothing", "/static", "/livez/")  # fmt: skip


@pytest.mark.parametrize("path", READING)
def test_reading_needs_a_key(open_client: Open, path: str) -> None:
    client = open_client(KEYS)
    expected = open_client(Access()).get(path, follow_redirects=False).status_code
    assert expected != 401
    refused: list[Mapping[str, str]] = [
        *({}, _bearer(""), _bearer("wrong"), _bearer(READ[:-1]), _bearer(f"{READ}x")),
        *(_basic("wrong"), _basic(READ.upper()), {"Authorization": READ}),
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
        allowed = (_bearer(key), {"Authorization": f"bEARER  {key}"}, {"X-API-Key": key},
                   _basic(key), _basic(key, ""))  # fmt: skip
        for headers in allowed:
            response = client.get(path, headers=headers, follow_redirects=False)
            assert response.status_code == expected, headers


def test_health_and_files_of_the_page_need_no_key(open_client: Open) -> None:
    client = open_client(KEYS)
    for path in ("/livez", "/readyz", "/static/page.css"):
        assert client.get(path).status_code == 200
    assert client.post("/v1/search", json={"q": "tram"}).status_code == 401


def test_who_administers(open_client: Open) -> None:
    def reloaded(client: TestClient, headers: Mapping[str, str]) -> int:
        return client.post("/v1/admin/reload", headers=headers).status_code

    client = open_client(KEYS)
    assert reloaded(client, _bearer(ADMIN)) == 200
    assert reloaded(client, {"X-API-Key": ADMIN}) == 200
    # A browser sends these by itself, also for a form on another site.
    for headers in (_basic(ADMIN), _basic(READ), _bearer(READ), _bearer("x"), {}):
        assert reloaded(client, headers) == 401
    open_to_readers = open_client(Access(admin_key=ADMIN))
    assert open_to_readers.get("/v1/search?q=tram").status_code == 200
    assert reloaded(open_to_readers, {}) == 401
    assert reloaded(open_to_readers, _bearer(ADMIN)) == 200
    assert reloaded(open_client(Access(read_keys=(READ,))), _bearer(READ)) == 403


@given(st.binary(max_size=60), st.sampled_from([b"authorization", b"x-api-key"]))
def test_no_header_is_a_key_by_chance(value: bytes, header: bytes) -> None:
    keys = Keys(KEYS)
    for prefix in (b"", b"Bearer ", b"Basic ", b"basic " + base64.b64encode(value)):
        assert keys.name([(header, prefix + value)]) is None


def test_a_password_of_a_proxy_does_not_hide_the_key() -> None:
    keys = Keys(KEYS)
    proxy = (b"authorization", _basic("of-the-proxy")["Authorization"].encode())
    key = (b"x-api-key", READ.encode())
    assert keys.name([proxy]) is None
    assert keys.name([proxy, key]) == keys.name([key, proxy]) == "read-1"


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
        response = client.get(path, headers=site | _bearer(READ))
        assert response.status_code == status
        assert response.headers["access-control-allow-origin"] == "https://app.example"
        assert "access-control-allow-credentials" not in response.headers
        assert "Origin" in response.headers["vary"]
    refused = client.get("/v1/search?q=tram", headers=site)
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://app.example"
    statuses = [client.get("/", headers=site | _bearer(READ)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    limited = client.get("/v1/search?q=tram", headers=site | _bearer(READ))
    assert limited.headers["access-control-allow-origin"] == "https://app.example"
    assert "Retry-After" in limited.headers["access-control-expose-headers"]
    other = client.get("/v1/nothing", headers={"Origin": "https://evil.example"} | _bearer(READ))
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
    response = client.get("/v1/search?q=tram", headers=_bearer(READ))
    assert response.headers["cache-control"] == "private, no-cache"
    assert client.get("/v1/search?q=tram").headers["cache-control"] == "no-store"


def test_request_ids(open_client: Open) -> None:
    client = open_client(Access())
    for path in ("/livez", "/v1/search", "/v1/broken", "/"):
        given_one = client.get(path, headers={"X-Request-ID": "a.B-3_c"})
        assert given_one.headers["x-request-id"] == "a.B-3_c"
        for bad in ("", "a b", "x" * 65, "é", "<i>", "a\tb"):
            made = client.get(path, headers={b"X-Request-ID": bad.encode("latin-1")})
            assert len(made.headers["x-request-id"]) == 16
            assert len(made.headers.get_list("x-request-id")) == 1
    assert client.get("/livez").headers["x-request-id"] != made.headers["x-request-id"]
    broken = client.get("/v1/broken", headers={"X-Request-ID": "the-one"})
    assert "the-one" in broken.json()["detail"]
    assert "secret" not in broken.text


@pytest.fixture
def access_log(tmp_path: Path) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines of the access log so far, each one read as JSON."""
    logger = logging.getLogger("article_search.access")
    file = tmp_path / "access.log"
    write_access_log(file)
    yield lambda: [json.loads(line) for line in file.read_text("ascii").splitlines()]
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(logging.NOTSET)
    logger.propagate = True


def test_the_access_log(open_client: Open, access_log: Callable[[], list[dict[str, Any]]]) -> None:
    client = open_client(KEYS)
    answer = client.get("/v1/search?q=very+private", headers=_bearer(READ))
    client.get("/v1/articles/owls", headers={"X-Request-ID": "mine"})
    client.head("/", headers=_basic(ADMIN))
    client.get("/v1/broken", headers={"X-API-Key": OTHER})
    first, second, third, fourth = access_log()
    assert set(first) == {
        "time", "id", "client", "key", "method", "path", "status", "ms", "bytes"
    }  # fmt: skip
    assert (first["method"], first["path"], first["status"]) == ("GET", "/v1/search", 200)
    assert (first["key"], first["id"]) == ("read-1", answer.headers["x-request-id"])
    assert first["bytes"] == int(answer.headers["content-length"])
    assert first["ms"] > 0
    assert first["time"].endswith("+00:00")
    assert (second["id"], second["key"], second["status"]) == ("mine", None, 401)
    assert (third["method"], third["key"], third["bytes"]) == ("HEAD", "read-admin", 0)
    assert (fourth["status"], fourth["key"]) == (500, "read-2")
    written = json.dumps(access_log())
    for secret in (READ, OTHER, ADMIN, "private"):
        assert secret not in written


def test_no_line_of_the_log_can_be_forged(
    open_client: Open, access_log: Callable[[], list[dict[str, Any]]]
) -> None:
    client = open_client(Access())
    forged = '\n{"status": 200}\r\n\x1b[2J\u2028\u202e"'
    client.get(f"/v1/articles/{quote(forged)}", headers={"X-Request-ID": "a"})
    client.get("/" + "x" * 5000)
    lines = access_log()
    assert [line["status"] for line in lines] == [404, 404]
    assert forged in lines[0]["path"]
    assert len(lines[1]["path"]) == 500


def test_a_log_that_was_rotated(
    open_client: Open, access_log: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    client = open_client(Access())
    client.get("/livez")
    (tmp_path / "access.log").rename(tmp_path / "access.log.1")
    client.get("/readyz")
    assert [line["path"] for line in access_log()] == ["/readyz"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_machines_are_not_served_without_a_key(
    corpus_index: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["serve", "--host", host, "--port", "0", "--index", str(corpus_index)]
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "ARTICLE_SEARCH_READ_KEY" in err
    assert "--public" in err


def test_a_log_that_cannot_be_written(
    corpus_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "serve",
        "--access-log",
        str(tmp_path / "none" / "x"),
        "--index",
        str(corpus_index),
    ]
    assert main(arguments) == 1
    assert "cannot write the access log" in capsys.readouterr().err
