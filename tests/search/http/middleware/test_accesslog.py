"""One line for each request, which nobody can forge, and the id of its answer."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scripts.cli import main
from search.http.access import Access
from search.http.middleware.accesslog import write_access_log
from tests.search.http.conftest import Open
from tests.support.keys import ADMIN, KEYS, OTHER, READ, basic, bearer


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
    answer = client.get("/v1/search?q=very+private", headers=bearer(READ))
    client.get("/v1/articles/owls", headers={"X-Request-ID": "mine"})
    client.head("/", headers=basic(ADMIN))
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
