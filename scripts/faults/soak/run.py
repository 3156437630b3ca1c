"""A server under all kinds of requests for long: it refuses what is wrong, and does not grow.

Searches, pages, bad requests and reloads come mixed, while generations are published. Some of these
are broken on purpose: the server has to refuse them and go on with the one before.
"""

import asyncio
import os
import signal
import time
from pathlib import Path

from indexer.embedding.base import Embedder
from indexer.pipeline import reindex
from scripts.faults.soak.publisher import Publisher
from scripts.faults.soak.report import TOLD, Sample, Soak
from scripts.faults.soak.requests import KEY, Mix
from scripts.lab.client import NO_ANSWER, Client
from scripts.lab.process import say
from scripts.lab.server import Server, errors_in, serving
from scripts.lab.sources import write_sources

ARTICLES = 60
# Seconds between two hang-up signals, and between two samples.
SIGNAL, SAMPLE = 7.0, 2.0
# Samples at least, however short the soak.
SAMPLES = 30

_REFUSED = "refused a new generation"


def soak(
    minutes: float,
    clients: int,
    seed: int,
    embedder: Embedder,
    folder: Path,
    every: float = 60.0,
    broken: int = 10,
    articles: int = ARTICLES,
) -> Soak:
    """Send a server requests of all kinds while generations are published.

    every: seconds between two publications
    broken: each `broken`-th generation is damaged before it is published
    """
    say("building the first generation")
    index, log = folder / "index", folder / "serve.log"
    made = write_sources(folder / "articles", articles)
    reindex([folder / "articles"], index, embedder, None)
    found = Soak(minutes)
    mix = Mix(index, seed)
    with serving(index, log, {"ARTICLE_SEARCH_ADMIN_KEY": KEY}) as server:
        publisher = Publisher(folder, made, server.port, mix, found)
        asyncio.run(_run(server, clients, every, broken, mix, publisher))
    for line in errors_in(log):
        expected = _REFUSED in line and found.broken > 0
        found.refusals += expected
        found.errors += not expected
        if not expected and found.errors <= TOLD:
            found.failures.append(f"the server's log says: {line}")
    found.judge()
    return found


async def _run(
    server: Server, clients: int, every: float, broken: int, mix: Mix, publisher: Publisher
) -> None:
    found = publisher.found
    seconds = found.minutes * 60
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        publishing = group.create_task(publisher.run(until, every, broken))
        for _ in range(clients):
            group.create_task(_client(server.port, mix, found, until, publishing))
        group.create_task(_hang_up(server.pid, until))
        group.create_task(_watch(server.pid, found, until, min(SAMPLE, seconds / SAMPLES)))


async def _hang_up(pid: int, until: float) -> None:
    """Ask for a reload by a signal, again and again."""
    while time.monotonic() + SIGNAL < until:
        await asyncio.sleep(SIGNAL)
        os.kill(pid, signal.SIGHUP)


async def _watch(pid: int, found: Soak, until: float, interval: float) -> None:
    while time.monotonic() < until:
        found.samples.append(Sample.of(pid))
        await asyncio.sleep(interval)


async def _client(
    port: int, mix: Mix, found: Soak, until: float, publishing: "asyncio.Task[None]"
) -> None:
    client = Client(port)
    while time.monotonic() < until or not publishing.done():
        request = mix.next()
        breaking = mix.breaking
        try:
            if request.raw:
                status, body = await client.send(request.raw), b""
            else:
                status, body = await client.ask(request.target, request.method, request.headers)
        except NO_ANSWER as error:
            found.fail(f"{request.kind}, {request.target[:200]}: {error!r}")
            await asyncio.sleep(0.1)
            continue
        found.answers[request.kind, status] += 1
        # A reload that names what is broken is refused.
        refused = request.kind == "reload" and status == 503 and (breaking or mix.breaking)
        if status not in request.expected and not refused:
            found.server_errors += status >= 500
            found.fail(f"{request.kind}, {request.target[:200]}: {status} {body[:200]!r}")
    await client.close()
