"""Requests to a server while generations of its index are published, and what is answered."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from scripts.faults.stage import Fault, Stage, run
from scripts.lab.client import NO_ANSWER, Client, share
from scripts.lab.measure import say
from scripts.lab.server import errors_in

# Seconds that a generation may take to be served, or to be refused, and between two looks at it.
SWAP, LOOK = 60.0, 0.02
# Wrong answers that are described, and errors in the log; the others are counted.
TOLD = 20


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, and the statuses that are right; `raw` is sent as it is, 0 means no answer."""

    kind: str
    target: str
    expected: tuple[int, ...] = (200,)
    method: str = "GET"
    headers: tuple[str, ...] = ()
    raw: bytes = b""


@dataclass
class Traffic:
    """What clients were answered.

    answers: how many of each kind and status, 0 for none
    published: the number of each generation, and when it was published, in seconds since 1970
    first_seen: when each generation answered first
    latest: the generation that answered last
    """

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    published: dict[str, tuple[int, float]] = field(default_factory=dict)
    first_seen: dict[str, float] = field(default_factory=dict)
    latest: str = ""
    wrong: int = 0
    server_errors: int = 0
    failures: list[str] = field(default_factory=list)

    def accepts(self, found: dict[str, Any], milliseconds: float) -> bool:
        """Whether a search may be answered so, beyond its status."""
        return True

    async def run(
        self,
        port: int,
        clients: int,
        requests: Iterator[Request],
        enough: Callable[[], bool],
        *others: Coroutine[Any, Any, None],
    ) -> None:
        """Send requests by `clients` at once until there were enough, and all else has ended."""
        every = [Client(port) for _ in range(clients)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(other) for other in others]

            def is_on(_: Request) -> bool:
                return not (enough() and all(task.done() for task in tasks))

            await share(every, takewhile(is_on, requests), self._send)
        for client in every:
            await client.close()

    async def _send(self, client: Client, request: Request) -> None:
        started, body = time.perf_counter(), b""
        try:
            if request.raw:
                status = await client.send(request.raw)
            else:
                status, body = await client.ask(request.target, request.method, request.headers)
        except NO_ANSWER as error:
            status, body = 0, repr(error).encode()
            await asyncio.sleep(LOOK)
        took = (time.perf_counter() - started) * 1e3
        self.answers[request.kind, status] += 1
        right = status in request.expected
        if right and status == 200 and request.target.startswith("/v1/search"):
            found = json.loads(body)
            self.latest = found["index"]["generation"]
            self.first_seen.setdefault(self.latest, time.time())
            right = self.accepts(found, took)
        if not right:
            self.wrong += 1
            self.server_errors += status >= 500
            if self.wrong <= TOLD:
                about = f"{request.kind}, {request.target[:200]}"
                self.failures.append(f"{about}: {status} {body[:200]!r}")

    async def publish(
        self, stage: Stage, number: int, articles: Iterable[Mapping[str, str]], *options: str
    ) -> None:
        """Publish a generation with these articles changed, and wait until it answers."""
        stage.write(articles)
        await asyncio.to_thread(run, stage.reindex(stage.index, *options))
        name = stage.live.id
        self.published[name] = number, (stage.index / "CURRENT").stat().st_mtime

        async def is_served() -> bool:
            return name in self.first_seen

        await wait_until(is_served, f"{name} is not served")

    async def attempt(self, about: str, publishing: Awaitable[None]) -> None:
        """Await what publishes something, and note what goes wrong."""
        try:
            await publishing
            say(f"{about}: as it should be")
        except (Fault, *NO_ANSWER) as error:
            say(f"{about}: {error!r}")
            self.failures.append(f"{about}: {error!r}")

    def read_log(self, stage: Stage, expected: str | None = None) -> tuple[int, int]:
        """Add the errors of the server's log to the failures; counts them, expected ones apart."""
        lines = errors_in(stage.log)
        others = [line for line in lines if not (expected and expected in line)]
        self.failures += [f"the server's log says: {line}" for line in others[:TOLD]]
        return len(others), len(lines) - len(others)


async def wait_until(holds: Callable[[], Awaitable[bool]], otherwise: str) -> None:
    """Look again and again.

    Raises:
        Fault: it does not hold in the end.
    """
    until = time.monotonic() + SWAP
    while not await holds():
        if time.monotonic() > until:
            raise Fault(f"{otherwise} after {SWAP:.0f} s")
        await asyncio.sleep(LOOK)
