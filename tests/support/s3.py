"""An S3 server on this machine (moto), behind a gate: it can be away, or too busy."""

import os
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from unittest import mock

from tests.support.needs import ROOT, require

SERVER = ROOT / ".venv" / "s3" / "bin" / "moto_server"
BUCKET = "news"
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "a-secret-that-none-may-see",
}
SLOW_DOWN = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    b"Content-Length: 100\r\n\r\n<?xml version='1.0'?><Error><Code>SlowDown</Code>"
    b"<Message>Reduce your request rate</Message></Error>"
)


@dataclass
class Gate:
    """Lets connections through to a port, or does not.

    state: "open"; "away", which closes them at once; "busy", which answers 503 SlowDown
    connections: how many have come
    """

    behind: int
    state: Literal["open", "away", "busy"] = "open"
    connections: int = 0
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        threading.Thread(target=self._accept, daemon=True).start()

    def set(self, state: Literal["open", "away", "busy"]) -> None:
        """Change what happens, to connections that are there too."""
        self.state = state
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.state == "open":
                server = socket.create_connection(("127.0.0.1", self.behind))
                self._open += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()
                continue
            if self.state == "busy":
                client.recv(65536)
                client.sendall(SLOW_DOWN)
            client.close()

    def close(self) -> None:
        self.set("away")
        self._listener.close()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for each in (one, other):
        with suppress(OSError):
            each.close()


@contextmanager
def s3_server(folder: Path, keys_known: bool = True) -> Iterator[Gate]:
    """Start the server, with an empty bucket; the variables name it until the end of the block.

    keys_known: whether it lets the keys of the variables in, as any others; else none
    """
    require(SERVER.exists(), f"there is no {SERVER}: `make test` installs it")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with (folder / "s3.log").open("w") as log:
        command = [str(SERVER), "-H", "127.0.0.1", "-p", str(port)]
        # After one request, which makes the bucket, it asks for keys that it has given out.
        asking = {} if keys_known else {"INITIAL_NO_AUTH_ACTION_COUNT": "1"}
        server = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **asking})
    gate = Gate(port)
    try:
        _make_bucket(port)
        gate.start()
        variables = {
            **KEYS, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{gate.port}"
        }  # fmt: skip
        with mock.patch.dict(os.environ, variables):
            yield gate
    finally:
        gate.close()
        server.terminate()
        server.wait(30)


def _make_bucket(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/{BUCKET}", method="PUT")
        try:
            with urllib.request.urlopen(asked, timeout=10):
                return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
