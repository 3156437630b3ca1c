"""Requests that never come to their end."""

import signal
import socket
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from search.http.access import Access
from tests.conftest import settings_for
from tests.support.connections import ask, connect, get, rest
from tests.web.conftest import Start
from web import protocol, server


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
    with connect(port) as connection:
        connection.sendall(begin)
        # What the system takes on both sides comes to some megabytes.
        with pytest.raises(OSError, match=r"reset|pipe"):
            connection.sendall(unit * 1000)
    assert ask(port, get("/livez")).startswith("HTTP/1.1 200 ")


def test_a_head_that_is_just_not_too_large(start: Start) -> None:
    _, port = start()
    headers = [f"X-{number}: {'a' * 1000}" for number in range(60)]
    assert ask(port, get("/livez", "localhost", *headers)).startswith("HTTP/1.1 200 ")
    with connect(port) as connection:
        for _ in range(3):
            connection.sendall(get("/livez").replace("close", "keep-alive").encode() * 10)
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
        with connect(ports[0]) as connection:
            connection.sendall(sent)
            assert "200" not in rest(connection)
    # A connection that is kept alive is not one that says nothing.
    with connect(ports[0]) as connection:
        for _ in range(4):
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = b""
            while b'alive"}' not in received:
                received += connection.recv(4096)
            time.sleep(0.1)
    running[0].should_exit = True
    thread.join(20)
    assert not thread.is_alive()
