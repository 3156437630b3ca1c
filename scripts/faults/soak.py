"""A server under all kinds of requests for long: it refuses what is wrong, and does not grow.

Searches, pages, bad requests and reloads come mixed, while generations are published. Some of these
are broken on purpose: the server has to refuse them and go on with the one before.
"""

import asyncio
import json
import os
import random
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlencode

from indexer.embedding.base import Embedder
from indexer.pipeline import reindex
from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from scripts.benchmarks.serving import Server, serving
from scripts.faults.answers import Fault
from scripts.faults.client import NO_ANSWER, Client
from scripts.faults.damage import alter
from scripts.faults.index import Done, run_reindex, run_rollback, say, write_sources
from scripts.lab.corpus import write_article
from scripts.lab.process import memory
from scripts.lab.questions import collect_questions
from scripts.lab.table import Row, megabytes
from search.question.query import MAX_QUESTION

ARTICLES = 60
QUESTIONS = 200
KEY = "an-admin-key-for-the-soak"
# Seconds between two hang-up signals, and between two samples.
SIGNAL, SAMPLE = 7.0, 2.0
# Samples at least, however short the soak.
SAMPLES = 30
# Seconds that a generation may take to be served, or to be refused.
SWAP = 30.0
# Seconds between two looks at it.
LOOK = 0.1
# Of the articles, one in so many differs in each generation.
CHANGED = 5
# The share of the samples that are not judged: the server is still warming up.
WARM_UP = 0.1
# Growth from the second to the last third that is a failure: a share of memory, and descriptors.
# One generation more that is open, for a moment or as long as a request holds it, is none.
MEMORY_GROWTH, DESCRIPTOR_GROWTH = 0.1, 12
# Minutes below which growth is not judged.
JUDGED = 5.0
# Failures of one kind that are described; the others are counted.
TOLD = 20

_REFUSED = "refused a new generation"
_REFUSALS = re.compile(rb'^article_search_generations_total\{result="refused"\} ([0-9.]+)$', re.M)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, and the statuses that are right; `raw` is sent as it is, 0 means no answer."""

    kind: str
    target: str
    expected: frozenset[int]
    method: str = "GET"
    headers: tuple[str, ...] = ()
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident bytes, open descriptors and threads of the server at one moment."""

    memory: int
    descriptors: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> "Sample":
        """Those of a process."""
        descriptors, threads = (len(os.listdir(f"/proc/{pid}/{name}")) for name in ("fd", "task"))
        return cls(memory(pid, "VmRSS"), descriptors, threads)


@dataclass(slots=True)
class Soak:
    """What was seen."""

    minutes: float
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    wrong: int = 0
    server_errors: int = 0
    errors: int = 0
    refusals: int = 0
    published: int = 0
    broken: int = 0
    failures: list[str] = field(default_factory=list)

    def fail(self, problem: str) -> None:
        """Count an answer that is not the right one, and describe it if few are."""
        self.wrong += 1
        if self.wrong <= TOLD:
            self.failures.append(problem)

    def thirds(self, value: Callable[[Sample], int]) -> tuple[float, float, float]:
        """The medians of each third of the samples, the warm-up left out."""
        values = [value(sample) for sample in self.samples[int(len(self.samples) * WARM_UP) :]]
        size = max(1, len(values) // 3)
        thirds = values[:size], values[size : 2 * size] or values, values[-size:]
        first, second, last = (float(median(third)) for third in thirds)
        return first, second, last

    def judge(self) -> None:
        """Add growth to the failures, if there was time to grow."""
        if self.minutes < JUDGED:
            return
        _, second, last = self.thirds(lambda sample: sample.memory)
        if last > second * (1 + MEMORY_GROWTH):
            self.failures.append(f"memory grew from {megabytes(second)} to {megabytes(last)}")
        _, second, last = self.thirds(lambda sample: sample.descriptors)
        if last > second + DESCRIPTOR_GROWTH:
            self.failures.append(f"open descriptors grew from {second:.0f} to {last:.0f}")

    def rows(self) -> list[Row]:
        """The report."""
        statuses = sorted({status for _, status in self.answers})
        return [
            Row("minutes", f"{self.minutes:g}"),
            *(
                Row(
                    f"answered {status}" if status else "closed without an answer",
                    f"{sum(n for (_, each), n in self.answers.items() if each == status):,}",
                    ", ".join(
                        f"{kind} {n:,}"
                        for (kind, each), n in sorted(self.answers.items())
                        if each == status
                    ),
                )
                for status in statuses
            ),
            Row("5xx", f"{self.server_errors:,}", "but for reloads of a broken generation"),
            Row("other wrong answers", f"{self.wrong - self.server_errors:,}"),
            Row("generations published", f"{self.published:,}"),
            Row("broken generations", f"{self.broken:,}", "all refused, the one before went on"),
            Row("refusals in the log", f"{self.refusals:,}", "reloads try again"),
            Row("other errors in the log", f"{self.errors:,}"),
            self._row("VmRSS", lambda sample: sample.memory, megabytes),
            self._row("open descriptors", lambda sample: sample.descriptors, "{:.0f}".format),
            self._row("threads", lambda sample: sample.threads, "{:.0f}".format),
        ]

    def _row(self, name: str, value: Callable[[Sample], int], shown: Callable[[float], str]) -> Row:
        medians = " → ".join(shown(third) for third in self.thirds(value))
        most = max(value(sample) for sample in self.samples)
        judged = "" if self.minutes >= JUDGED else f"; not judged under {JUDGED:g} minutes"
        return Row(name, medians, f"medians of the thirds; at most {shown(most)}{judged}")


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
    """Load a server for so long, and publish `every` so many seconds, each `broken`-th broken."""
    say("building the first generation")
    index, log = folder / "index", folder / "serve.log"
    made = write_sources(folder / "articles", articles)
    reindex([folder / "articles"], index, embedder)
    found = Soak(minutes)
    mix = Mix(index, seed)
    with serving(index, log, {"ARTICLE_SEARCH_ADMIN_KEY": KEY}) as server:
        publisher = _Publisher(folder, made, server.port, mix, found)
        asyncio.run(_run(server, clients, every, broken, mix, publisher))
    for line in log.read_text("utf-8", "replace").splitlines():
        if line.startswith(("ERROR", "CRITICAL", "Traceback")):
            expected = _REFUSED in line and found.broken > 0
            found.refusals += expected
            found.errors += not expected
            if not expected and found.errors <= TOLD:
                found.failures.append(f"the server's log says: {line}")
    found.judge()
    return found


class Mix:
    """Requests of every kind, at random; `breaking` while a broken generation is published."""

    def __init__(self, index: Path, seed: int) -> None:
        """Ask about what an index holds."""
        generation = IndexFolder(index).open_current()
        stored = Articles(generation.path / "articles.db")
        self._ids = [article.article.id for article, _ in stored.everything()]
        self._sources = [source for source, _ in stored.sources() if source]
        self._questions = collect_questions(generation, QUESTIONS, None).texts
        self._random = random.Random(seed)
        self.breaking = False
        self._kinds: dict[Callable[[], Request], int] = {
            self._search: 30,
            self._filtered: 20,
            self._article: 10,
            self._page: 10,
            self._article_page: 8,
            self._other_page: 4,
            self._bad: 12,
            self._broken_bytes: 2,
            self._wrong_key: 2,
            self._reload: 2,
        }

    def next(self) -> Request:
        """A request."""
        (make,) = self._random.choices(list(self._kinds), list(self._kinds.values()))
        return make()

    @property
    def question(self) -> str:
        """Some question."""
        return self._random.choice(self._questions)

    def _search(self) -> Request:
        return _request("search", f"/v1/search?q={quote(self.question)}")

    def _filtered(self) -> Request:
        options: list[tuple[str, object]] = [
            ("source", self._random.choice(self._sources)),
            ("from", f"20{self._random.randrange(15, 20)}-01-01"),
            ("to", f"20{self._random.randrange(20, 26)}-12-31"),
            ("mode", self._random.choice(("hybrid", "semantic", "lexical"))),
            ("group", self._random.choice(("article", "story", "passage"))),
            ("limit", self._random.randint(1, 100)),
            ("offset", self._random.randint(0, 400)),
        ]
        chosen = self._random.sample(options, self._random.randint(1, len(options)))
        query = urlencode([("q", self.question), *chosen])
        return _request("filtered search", f"/v1/search?{query}")

    def _article(self) -> Request:
        return _request("article", f"/v1/articles/{quote(self._id(), safe='')}")

    def _page(self) -> Request:
        query = {"q": self.question, "page": self._random.randint(1, 5)}
        return _request("page", f"/?{urlencode(query)}")

    def _article_page(self) -> Request:
        target = f"/article/{quote(self._id(), safe='')}?q={quote(self.question)}"
        return _request("article page", target)

    def _id(self) -> str:
        return self._random.choice(self._ids)

    def _other_page(self) -> Request:
        targets = ("/", "/docs", "/openapi.json", "/livez", "/readyz", "/metrics")
        return _request("other page", self._random.choice(targets))

    def _bad(self) -> Request:
        long = "a" * (MAX_QUESTION + 1)
        target, method, status = self._random.choice(
            (
                (f"/v1/search?q={long}", "GET", 422),
                (f"/v1/search?q={20 * long}", "GET", 422),
                (f"/?q={long}", "GET", 422),
                ("/v1/search", "GET", 422),
                ("/v1/search?q=", "GET", 422),
                ("/v1/search?q=%00%20%E2%80%8B", "GET", 422),
                ("/v1/search?q=a&from=2024-13-01", "GET", 422),
                ("/v1/search?q=a&from=yesterday", "GET", 422),
                ("/v1/search?q=a&from=2024-02-01&to=2024-01-01", "GET", 422),
                ("/v1/search?q=a&limit=0", "GET", 422),
                ("/v1/search?q=a&limit=101", "GET", 422),
                ("/v1/search?q=a&offset=-1", "GET", 422),
                ("/v1/search?q=a&mode=best", "GET", 422),
                ("/v1/search?q=a" + "&source=b" * 21, "GET", 422),
                ("/?q=a&page=0", "GET", 422),
                ("/?q=a&from=2024-13-01", "GET", 422),
                ("/v1/search?q=%ff%fe%ed%a0%80", "GET", 200),
                ("/?q=%ff%fe%ed%a0%80", "GET", 200),
                ("/nowhere", "GET", 404),
                ("/v1/articles/none", "GET", 404),
                ("/v1/articles/%ff%00", "GET", 404),
                ("/article/%ed%a0%80", "GET", 404),
                ("/static/../../secret", "GET", 404),
                ("/v1/search?q=a", "POST", 422),
                ("/v1/search?q=a", "PUT", 405),
                ("/", "DELETE", 405),
                ("/v1/admin/reload", "GET", 405),
            )
        )
        return _request("bad request", target, status, method=method)

    def _broken_bytes(self) -> Request:
        raw = self._random.choice(
            (
                b"GET /v1/search?q=\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
                b"GET /\xed\xa0\x80 HTTP/1.1\r\nHost: a\r\n\r\n",
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
                b"NONSENSE\r\n\r\n",
                self._random.randbytes(100) + b"\r\n\r\n",
            )
        )
        return Request("broken bytes", "", frozenset((0, 400, 404)), raw=raw)

    def _wrong_key(self) -> Request:
        key = self._random.choice(("", "Bearer", "Bearer wrong", f"Basic {KEY}", "Bearer \xff\xfe"))
        headers = (f"Authorization: {key}",) if key else ()
        return _request("wrong key", "/v1/admin/reload", 401, method="POST", headers=headers)

    def _reload(self) -> Request:
        headers = (f"Authorization: Bearer {KEY}",)
        return _request("reload", "/v1/admin/reload", method="POST", headers=headers)


def _request(
    kind: str, target: str, status: int = 200, method: str = "GET", headers: Sequence[str] = ()
) -> Request:
    return Request(kind, target, frozenset((status,)), method, tuple(headers))


async def _run(
    server: Server, clients: int, every: float, broken: int, mix: Mix, publisher: "_Publisher"
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


class _Publisher:
    """Publishes generations that are sound, and some that are not."""

    def __init__(
        self,
        folder: Path,
        articles: Sequence[Mapping[str, str]],
        port: int,
        mix: Mix,
        found: Soak,
    ) -> None:
        self._folder = folder
        self._sources = folder / "articles"
        self._index = folder / "index"
        self._articles = articles
        self._port = port
        self._mix = mix
        self._random = random.Random(0)
        self.found = found

    async def run(self, until: float, every: float, broken: int) -> None:
        """Publish until it is time, each `broken`-th generation broken."""
        number = 0
        while time.monotonic() + every < until:
            await asyncio.sleep(every)
            number += 1
            try:
                await (self._renew(number) if number % broken else self._break(number))
                say(f"generation {number}: as it should be")
            except (Fault, *NO_ANSWER) as error:
                say(f"generation {number}: {error!r}")
                self.found.failures.append(f"generation {number}: {error!r}")

    async def _renew(self, number: int, *options: str) -> None:
        """Publish a sound generation, and wait until it is served."""
        self._revise(number)
        _demand(await asyncio.to_thread(run_reindex, self._sources, self._index, *options))
        name = IndexFolder(self._index).current_id()
        until = time.monotonic() + SWAP
        while await self._served() != name:
            if time.monotonic() > until:
                raise Fault(f"{name} is not served after {SWAP:.0f} s")
            await asyncio.sleep(LOOK)
        self.found.published += 1

    async def _break(self, number: int) -> None:
        """Publish a broken generation, wait until it is refused, and mend the index."""
        before, refused = await self._served(), await self._refusals()
        self._mix.breaking = True
        name = await asyncio.to_thread(self._publish_broken, number)
        self.found.broken += 1
        try:
            until = time.monotonic() + SWAP
            while await self._refusals() == refused:
                if time.monotonic() > until:
                    raise Fault(f"{name}, which is broken, is not refused after {SWAP:.0f} s")
                await asyncio.sleep(LOOK)
            if await self._served() != before:
                raise Fault(f"{before} does not go on when {name}, which is broken, is published")
        finally:
            # The two ways out that the program names, in turn.
            if self.found.broken % 2:
                _demand(await asyncio.to_thread(run_rollback, self._index))
                await self._renew(number)
            else:
                await self._renew(number, "--full")
            self._mix.breaking = False

    def _revise(self, number: int) -> None:
        for article in self._articles[number % CHANGED :: CHANGED]:
            text = f"{article['text']}\n\nThis is version {number} of what was first reported."
            write_article(self._sources, {**article, "text": text})

    def _publish_broken(self, number: int) -> str:
        """Write a generation elsewhere, damage it, and then make it the live one."""
        scratch = self._folder / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(self._index, scratch)
        self._revise(number)
        _demand(run_reindex(self._sources, scratch))
        written = IndexFolder(scratch).open_current()
        alter(written.path / "vectors.faiss", self._random)
        shutil.copytree(written.path, self._index / "generations" / written.id)
        current = self._index / "CURRENT.new"
        current.write_text(f"{written.id}\n", "ascii")
        current.replace(self._index / "CURRENT")
        return written.id

    async def _served(self) -> str:
        """The generation that answers."""
        status, body = await self._ask(f"/v1/search?q={quote(self._mix.question)}")
        if status != 200:
            raise Fault(f"a search was answered {status} {body[:200]!r}")
        return str(json.loads(body)["index"]["generation"])

    async def _refusals(self) -> float:
        """How many generations the server has refused, as it says itself."""
        _, body = await self._ask("/metrics")
        found = _REFUSALS.search(body)
        if not found:
            raise Fault("/metrics does not say how many generations were refused")
        return float(found[1])

    async def _ask(self, target: str) -> tuple[int, bytes]:
        # On a connection of its own: the server closes one that is not used for seconds.
        client = Client(self._port)
        try:
            return await client.ask(target)
        finally:
            await client.close()


def _demand(done: Done) -> None:
    if done.status != 0:
        raise Fault(f"a command ended with status {done.status}: {done.error}")
