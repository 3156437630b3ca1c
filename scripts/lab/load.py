"""Clients that ask a server each question once, on kept connections.

To be run in a process of its own: as light as it is, the machine's time goes to the server.
"""

import asyncio
import time
from collections.abc import Sequence
from itertools import takewhile
from urllib.parse import quote

from scripts.lab.client import Client, share

# What is in the answer of each path that is measured if there is a hit.
HIT = {"/v1/search": b'"rank":1,', "/": b'<ol class="hits"'}


async def search(client: Client, path: str, question: str, options: str = "") -> float:
    """Ask, read the whole answer, and return the milliseconds it took.

    Raises:
        RuntimeError: the answer is not a search result with a hit.
    """
    target = f"{path}?q={quote(question, safe='')}{options}"
    started = time.perf_counter()
    status, body = await client.ask(target)
    took = (time.perf_counter() - started) * 1e3
    if status != 200 or HIT[path] not in body:
        raise RuntimeError(f"{target} was answered {status} {body[:200]!r}")
    return took


def load(
    port: int,
    path: str,
    clients: int,
    seconds: float,
    warm_up: Sequence[str],
    questions: Sequence[str],
    options: str = "",
) -> tuple[list[float], float]:
    """Ask all questions, or as many as fit into `seconds`, by `clients` at once.

    warm_up: asked before, unmeasured
    options: what is added to every query, from its "&" on
    Returns the milliseconds of every request, and the seconds from the first to the last answer.
    """
    milliseconds: list[float] = []

    async def ask(client: Client, question: str) -> None:
        milliseconds.append(await search(client, path, question, options))

    async def run() -> float:
        every = [Client(port) for _ in range(clients)]
        await share(every, iter(warm_up), ask)
        milliseconds.clear()
        started = time.perf_counter()
        until = started + seconds
        await share(every, takewhile(lambda _: time.perf_counter() < until, questions), ask)
        took = time.perf_counter() - started
        for client in every:
            await client.close()
        return took

    took = asyncio.run(run())
    return milliseconds, took
