"""A light HTTP client in a process of its own: clients on kept connections, each question once.

Raw sockets under asyncio and the standard library alone, so that the machine's time goes to the
server. Questions come on stdin as a JSON list; times leave on stdout as JSON.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from urllib.parse import quote

HOST = "127.0.0.1"
# What is in the answer of each path that is measured if there is a hit.
HIT = {"/v1/search": b'"rank":1,', "/": b"<mark"}
# Seconds for all that is not measured, and for the last answers to arrive.
GRACE = 60.0


class Connection:
    """One kept connection, HTTP/1.1, one request at a time."""

    def __init__(self, port: int) -> None:
        """Open nothing yet."""
        self._port = port

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)

    async def ask(
        self, target: str, method: str = "GET", headers: Sequence[str] = ()
    ) -> tuple[int, bytes]:
        """Send a request without a body; returns the status and the body of the answer.

        Raises:
            OSError, EOFError: the server closed the connection.
            RuntimeError: the answer is not of a kind that this server gives.
        """
        lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}:{self._port}", *headers, "", ""]
        return await self.send("\r\n".join(lines).encode("latin-1"), method != "HEAD")

    async def send(self, request: bytes, has_body: bool = True) -> tuple[int, bytes]:
        """Send a request as it is; see `ask`."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        body = await self._reader.readexactly(_content_length(head)) if has_body else b""
        return int(head.split(maxsplit=2)[1]), body

    async def search(self, path: str, question: str) -> float:
        """Ask, read the whole answer, and return the milliseconds it took.

        Raises:
            RuntimeError: the answer is not a search result with a hit.
        """
        target = f"{path}?q={quote(question, safe='')}"
        started = time.perf_counter()
        status, body = await self.ask(target)
        took = (time.perf_counter() - started) * 1e3
        if status != 200 or HIT[path] not in body:
            raise RuntimeError(f"{target} was answered {status} {body[:200]!r}")
        return took

    async def close(self) -> None:
        """Disconnect."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError(f"the answer has no Content-Length: {head!r}")


async def load(
    port: int,
    path: str,
    clients: int,
    seconds: float,
    warm_up: Sequence[str],
    questions: Sequence[str],
) -> dict[str, object]:
    """Ask all questions, or as many as fit into `seconds`, by `clients` at once.

    Returns `milliseconds` of every request, and `seconds` from the first to the last answer.
    """
    connections = [Connection(port) for _ in range(clients)]
    for connection in connections:
        await connection.open()
    milliseconds: list[float] = []

    async def client(connection: Connection, todo: Iterator[str], until: float) -> None:
        while time.perf_counter() < until and (question := next(todo, None)) is not None:
            milliseconds.append(await connection.search(path, question))

    async def all_clients(todo: Iterator[str], until: float) -> float:
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for connection in connections:
                group.create_task(client(connection, todo, started + until))
        return time.perf_counter() - started

    async with asyncio.timeout(seconds + GRACE):
        await all_clients(iter(warm_up), GRACE)
        milliseconds.clear()
        took = await all_clients(iter(questions), seconds)
        for connection in connections:
            await connection.close()
    return {"milliseconds": milliseconds, "seconds": took}


def main() -> int:
    """Run one load; returns the exit status."""
    parser = argparse.ArgumentParser(prog="benchmark_load", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", choices=HIT, required=True)
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="stop asking after so long")
    parser.add_argument("--warm-up", type=int, default=0, help="questions asked first, unmeasured")
    options = parser.parse_args()
    questions: list[str] = json.load(sys.stdin)
    first = options.warm_up
    result = asyncio.run(
        load(
            options.port,
            options.path,
            options.clients,
            options.seconds,
            questions[:first],
            questions[first:],
        )
    )
    json.dump(result, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
