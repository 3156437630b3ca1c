"""The server as a process, over real connections."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

from indexer.errors import SettingsError
from search.http.access import Access
from tests.conftest import ROOT, settings_for
from web import protocol, server

Start = Callable[..., tuple[subprocess.Popen[str], int]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `serve` on a folder without an index, which needs no model."""
    started: list[subprocess.Popen[str]] = []

    def run(*options: str, **environment: str) -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.cli", "serve", "--port", "0", *options,
             "--index", str(tmp_path / "index")],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout
        address = process.stdout.readline().split()[-1]
        port = int(address.rsplit(":", 1)[1].strip("/"))
        _ask(port, "GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return process, port

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def _ask(port: int, request: str) -> str:
    with _connect(port) as connection:
        connection.sendall(request.encode("latin-1"))
        return _rest(connection)


def _rest(connection: socket.socket) -> str:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received.decode("latin-1")


def _get(path: str, host: str = "localhost", *headers: str) -> str:
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", "")
    return "\r\n".join(lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_finishes_what_it_has_begun(start: Start, number: signal.Signals) -> None:
    process, port = start()
    idle = _connect(port)
    begun = _connect(port)
    # The service waits for the rest of the body.
    begun.sendall(
        b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b'Content-Length: 13\r\n\r\n{"q": '
    )
    time.sleep(0.2)
    process.send_signal(number)
    time.sleep(0.3)
    assert process.poll() is None
    with pytest.raises(OSError, match=r"refused|reset"):
        _connect(port)
    begun.sendall(b'"tram"}')
    answer = _rest(begun)
    assert answer.startswith("HTTP/1.1 503 ")
    assert "index_missing" in answer
    assert "connection: close" in answer
    assert process.wait(10) == 0
    assert process.stderr
    errors = process.stderr.read()
    assert errors.count("\n") == 1, errors
    assert errors.startswith("WARNING: serving without an index")
    for connection in (idle, begun):
        connection.close()


def test_it_does_not_wait_for_ever(start: Start) -> None:
    process, port = start()
    with _connect(port) as begun:
        begun.sendall(
            b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b'Content-Length: 13\r\n\r\n{"q": '
        )
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        answer = _rest(begun)
    assert answer.startswith("HTTP/1.1 503 ")
    assert '"stopping"' in answer
    assert process.wait(10) == 0
    assert process.stderr
    assert "Traceback" not in process.stderr.read()


def test_only_its_own_names_are_answered_on_loopback(start: Start) -> None:
    _, port = start()
    for host in ("localhost", f"127.0.0.1:{port}", "[::1]"):
        assert _ask(port, _get("/v1/search?q=x", host)).startswith("HTTP/1.1 503 ")
    for host in ("evil.example", f"127.0.0.1.evil.example:{port}"):
        answer = _ask(port, _get("/v1/search?q=x", host))
        assert answer.startswith("HTTP/1.1 421 ")
        assert "host_not_allowed" in answer
    assert _ask(port, "GET / HTTP/1.0\r\n\r\n").startswith("HTTP/1.1 421 ")


def test_names_of_a_proxy(start: Start) -> None:
    _, port = start(ARTICLE_SEARCH_HOSTS="news.example.org, *.in.example")
    for host in ("news.example.org", "a.in.example:80", "localhost"):
        assert _ask(port, _get("/v1/search?q=x", host)).startswith("HTTP/1.1 503 ")
    assert _ask(port, _get("/v1/search?q=x", "evil.example")).startswith("HTTP/1.1 421 ")


def test_a_key_opens_the_server_to_other_machines(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    key = "a-key-of-some-length"
    options = ("--host", "0.0.0.0", "--access-log", str(log))
    _, port = start(*options, ARTICLE_SEARCH_READ_KEY=key)
    assert _ask(port, _get("/v1/search?q=x", "any.example")).startswith("HTTP/1.1 401 ")
    answer = _ask(port, _get("/v1/search?q=x", "any.example", f"Authorization: Bearer {key}"))
    assert answer.startswith("HTTP/1.1 503 ")
    assert "server:" not in answer
    lines = log.read_text().splitlines()
    assert len(lines) == 3
    assert key not in log.read_text()


def test_public_without_a_key(start: Start) -> None:
    _, port = start("--host", "0.0.0.0", "--public")
    assert _ask(port, _get("/v1/search?q=x", "any.example")).startswith("HTTP/1.1 503 ")


def _guarded(host: str, access: Access, public: bool = False) -> tuple[str, ...]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        return server._guarded(access, listener, host, public).hosts


def test_what_guards_an_address() -> None:
    key = Access(read_keys=("k" * 16,))
    names = Access(hosts=("a.example",))
    assert _guarded("127.0.0.1", Access()) == server.LOOPBACK
    assert _guarded("127.0.0.1", names) == (*server.LOOPBACK, "a.example")
    assert _guarded("127.0.0.1", key) == ()
    assert _guarded("0.0.0.0", key) == ()
    assert _guarded("0.0.0.0", Access(), public=True) == ()
    assert _guarded("0.0.0.0", names, public=True) == (*server.LOOPBACK, "0.0.0.0", "a.example")
    for access in (Access(), names, Access(admin_key="k" * 16)):
        with pytest.raises(SettingsError, match="ARTICLE_SEARCH_READ_KEY"):
            _guarded("0.0.0.0", access)


@pytest.mark.parametrize(
    ("begin", "unit"),
    [
        (b"GET /", b"a" * 65536),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"a" * 65536),
        (b"GET / HTTP/1.1\r\n", b"a: b\r\n" * 10_000),
        (
            b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n",
            b"a: b\r\n" * 10_000,
        ),
    ],
    ids=["address", "header", "headers", "trailers"],
)
def test_a_head_without_an_end(start: Start, begin: bytes, unit: bytes) -> None:
    _, port = start()
    with _connect(port) as connection:
        connection.sendall(begin)
        # What the system takes on both sides comes to some megabytes.
        with pytest.raises(OSError, match=r"reset|pipe"):
            connection.sendall(unit * 1000)
    assert _ask(port, _get("/livez")).startswith("HTTP/1.1 200 ")


def test_a_head_that_is_just_not_too_large(start: Start) -> None:
    _, port = start()
    headers = [f"X-{number}: {'a' * 1000}" for number in range(60)]
    assert _ask(port, _get("/livez", "localhost", *headers)).startswith("HTTP/1.1 200 ")
    with _connect(port) as connection:
        for _ in range(3):
            connection.sendall(_get("/livez").replace("close", "keep-alive").encode() * 10)
            for _ in range(10):
                received = b""
                while b'alive"}' not in received:
                    received += connection.recv(1)


def test_requests_that_never_come(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 0.2)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    ports: list[int] = []
    running: list[uvicorn.Server] = []
    run = uvicorn.Server.run

    def watched(self: uvicorn.Server, sockets: list[socket.socket]) -> None:
        running.append(self)
        run(self, sockets)

    monkeypatch.setattr(uvicorn.Server, "run", watched)
    settings = settings_for(tmp_path / "index")

    def announce(url: str) -> None:
        ports.append(int(url.split(":")[2].strip("/")))

    thread = threading.Thread(
        target=server.serve, args=(settings, Access(), "127.0.0.1", 0, announce)
    )
    thread.start()
    while not ports:
        time.sleep(0.01)
    partial = (b"", b"GET /", b"GET / HTTP/1.1\r\nHost: localhost\r\n",
               b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n1")  # fmt: skip
    for sent in partial:
        with _connect(ports[0]) as connection:
            connection.sendall(sent)
            assert "200" not in _rest(connection)
    # A connection that is kept alive is not one that says nothing.
    with _connect(ports[0]) as connection:
        for _ in range(4):
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = b""
            while b'alive"}' not in received:
                received += connection.recv(4096)
            time.sleep(0.1)
    running[0].should_exit = True
    thread.join(20)
    assert not thread.is_alive()
