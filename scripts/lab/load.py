"""Clients that ask a server each question once, on kept connections.

To be run in a process of its own: as light as it is, the machine's time goes to the server.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from scripts.lab.client import Connection

# What is in the answer of each path that is measured if there is a hit.
HIT = {"/v1/search": b'"rank":1,', "/": b"<mark"}
# Seconds for all that is not measured, and for the last answers to arrive.
GRACE = 60.0


async def search(connection: Connection, path: str, question: str) -> float:
    """Ask, read the whole answer, and return the milliseconds it took.

    Raises:
        RuntimeError: the answer is not a search result with a hit.
    """
    target = f"{path}?q={quote(question, safe='')}"
    started = time.perf_counter()
    status, body = await connection.ask(target)
    took = (time.perf_counter() - started) * 1e3
    if status != 200 or HIT[path] not in body:
        raise RuntimeError(f"{target} was answered {status} {body[:200]!r}")
    return took


@dataclass(frozen=True, slots=True)
class Load:
    """The milliseconds of every request, and the seconds from the first to the last answer."""

    milliseconds: list[float]
    seconds: float


def load(
    port: int,
    path: str,
    clients: int,
    seconds: float,
    warm_up: Sequence[str],
    questions: Sequence[str],
) -> Load:
    """Ask all questions, or as many as fit into `seconds`, by `clients` at once.

    warm_up: asked before, unmeasured
    """
    milliseconds: list[float] = []

    async def client(connection: Connection, todo: Iterator[str], until: float) -> None:
        while time.perf_counter() < until and (question := next(todo, None)) is not None:
            milliseconds.append(await search(connection, path, question))

    async def all_clients(connections: list[Connection], todo: Iterator[str], most: float) -> float:
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for connection in connections:
                group.create_task(client(connection, todo, started + most))
        return time.perf_counter() - started

    async def run() -> float:
        connections = [Connection(port) for _ in range(clients)]
        async with asyncio.timeout(seconds + GRACE):
            for connection in connections:
                await connection.open()
            await all_clients(connections, iter(warm_up), GRACE)
            milliseconds.clear()
            took = await all_clients(connections, iter(questions), seconds)
            for connection in connections:
                await connection.close()
        return took

    took = asyncio.run(run())
    return Load(milliseconds, took)
