"""A server under all kinds of requests for long: it refuses what is wrong, and does not grow.

Searches, pages, bad requests and reloads come mixed, while generations are published. Some of these
are broken on purpose: the server has to refuse them and go on with the one before.
"""

import asyncio
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from indexer.embedding.base import Embedder
from indexer.storage.filenames import VECTORS
from indexer.storage.folder import IndexFolder
from scripts.faults.damage import alter
from scripts.faults.requests import KEY, Mix
from scripts.faults.stage import Fault, Stage, run
from scripts.faults.traffic import Traffic, wait_until
from scripts.lab.client import Client
from scripts.lab.corpus import made_articles
from scripts.lab.machine import memory
from scripts.lab.server import serving
from scripts.lab.table import Row, megabytes

ARTICLES = 60
# Of the articles, one in so many differs in each generation.
CHANGED = 5
# Seconds between two hang-up signals, and between two samples.
SIGNAL, SAMPLE = 7.0, 2.0
# Samples at least, however short the soak.
SAMPLES = 30
# The share of the samples that are not judged: the server is still warming up.
WARM_UP = 0.1
# Growth from the second to the last third that is a failure: a share of memory, and descriptors.
# One generation more may be open, for a moment or as long as a request holds it: that is no growth.
MEMORY_GROWTH, DESCRIPTOR_GROWTH = 0.1, 12
# Minutes below which growth is not judged.
JUDGED = 5.0

# How each column of the samples is shown.
SHOWN = {"VmRSS": megabytes, "open descriptors": "{:.0f}".format, "threads": "{:.0f}".format}

_REFUSALS = re.compile(rb'^article_search_generations_total\{result="refused"\} ([0-9.]+)$', re.M)


class Sample(NamedTuple):
    """Resident bytes, open descriptors and threads of the server at one moment."""

    memory: int
    descriptors: int
    threads: int


@dataclass
class Soak(Traffic):
    """What was seen."""

    minutes: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    errors: int = 0
    refusals: int = 0
    broken: int = 0

    def thirds(self, column: int) -> tuple[float, float, float]:
        """The medians of each third of a column of the samples, the warm-up left out."""
        values = [sample[column] for sample in self.samples[int(len(self.samples) * WARM_UP) :]]
        size = max(1, len(values) // 3)
        thirds = values[:size], values[size : 2 * size] or values, values[-size:]
        first, second, last = (float(median(third)) for third in thirds)
        return first, second, last

    def judge(self) -> None:
        """Add growth to the failures, if there was time to grow."""
        if self.minutes < JUDGED:
            return
        (_, second, last), (_, opened, still) = self.thirds(0), self.thirds(1)
        if last > second * (1 + MEMORY_GROWTH):
            self.failures.append(f"memory grew from {megabytes(second)} to {megabytes(last)}")
        if still > opened + DESCRIPTOR_GROWTH:
            self.failures.append(f"open descriptors grew from {opened:.0f} to {still:.0f}")

    def rows(self) -> list[Row]:
        """The report."""
        rows = [Row("minutes", f"{self.minutes:g}")]
        for status in sorted({status for _, status in self.answers}):
            counts = {kind: n for (kind, each), n in self.answers.items() if each == status}
            kinds = ", ".join(f"{kind} {n:,}" for kind, n in sorted(counts.items()))
            name = f"answered {status}" if status else "closed without an answer"
            rows.append(Row(name, f"{sum(counts.values()):,}", kinds))
        rows += [
            Row("5xx", f"{self.server_errors:,}", "but for reloads of a broken generation"),
            Row("other wrong answers", f"{self.wrong - self.server_errors:,}"),
            Row("generations published", f"{len(self.published):,}"),
            Row("broken generations", f"{self.broken:,}", "all refused, the one before went on"),
            Row("refusals in the log", f"{self.refusals:,}", "reloads try again"),
            Row("other errors in the log", f"{self.errors:,}"),
        ]
        judged = "" if self.minutes >= JUDGED else f"; not judged under {JUDGED:g} minutes"
        for column, (name, shown) in enumerate(SHOWN.items()):
            most = shown(max(sample[column] for sample in self.samples))
            about = f"medians of the thirds; at most {most}{judged}"
            rows.append(Row(name, " → ".join(map(shown, self.thirds(column))), about))
        return rows


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
    stage = Stage(folder, embedder, islice(made_articles(), articles))
    found, mix = Soak(minutes=minutes), Mix(stage, seed)
    with serving(stage.index, stage.log, {"ARTICLE_SEARCH_ADMIN_KEY": KEY}) as server:
        until = time.monotonic() + minutes * 60
        publishing = _Publisher(stage, server.port, mix, found).run(until, every, broken)
        watching = _watch(server.pid, found, until, min(SAMPLE, minutes * 60 / SAMPLES))
        others = (publishing, watching, _hang_up(server.pid, until))
        asyncio.run(found.run(server.port, clients, mix, lambda: time.monotonic() > until, *others))
    expected = "refused a new generation" if found.broken else None
    found.errors, found.refusals = found.read_log(stage, expected)
    found.judge()
    return found


async def _hang_up(pid: int, until: float) -> None:
    """Ask for a reload by a signal, again and again."""
    while time.monotonic() + SIGNAL < until:
        await asyncio.sleep(SIGNAL)
        os.kill(pid, signal.SIGHUP)


async def _watch(pid: int, found: Soak, until: float, interval: float) -> None:
    while time.monotonic() < until:
        descriptors, threads = (len(os.listdir(f"/proc/{pid}/{name}")) for name in ("fd", "task"))
        found.samples.append(Sample(memory(pid, "VmRSS"), descriptors, threads))
        await asyncio.sleep(interval)


@dataclass(frozen=True, slots=True)
class _Publisher:
    """Publishes generations that are sound, and some that are not."""

    stage: Stage
    port: int
    mix: Mix
    found: Soak
    random: Random = field(default_factory=lambda: Random(0))

    async def run(self, until: float, every: float, broken: int) -> None:
        """Publish `every` so many seconds until the end; each `broken`-th generation is broken."""
        number = 0
        while time.monotonic() + every < until:
            await asyncio.sleep(every)
            number += 1
            publishing = self._renew(number) if number % broken else self._break(number)
            await self.found.attempt(f"generation {number}", publishing)

    async def _renew(self, number: int, *options: str) -> None:
        await self.found.publish(self.stage, number, self._revised(number), *options)

    async def _break(self, number: int) -> None:
        """Publish a broken generation, wait until it is refused, and mend the index."""
        before, refused = self.found.latest, await self._refusals()
        self.mix.breaking = True
        name = await asyncio.to_thread(self._publish_broken, number)
        self.found.broken += 1

        async def is_refused() -> bool:
            return await self._refusals() != refused

        async def goes_on() -> bool:
            return self.found.latest != ""

        try:
            await wait_until(is_refused, f"{name}, which is broken, is not refused")
            self.found.latest = ""
            await wait_until(goes_on, f"no search is answered with {name}, which is broken,")
            if self.found.latest != before or name in self.found.first_seen:
                raise Fault(f"{before} does not go on when {name}, which is broken, is published")
        finally:
            # The two ways out that the program names, in turn.
            if self.found.broken % 2:
                await asyncio.to_thread(run, ["rollback", "--index", str(self.stage.index)])
                await self._renew(number)
            else:
                await self._renew(number, "--full")
            self.mix.breaking = False

    def _revised(self, number: int) -> Iterator[Mapping[str, str]]:
        for article in self.stage.articles[number % CHANGED :: CHANGED]:
            text = f"{article['text']}\n\nThis is version {number} of what was first reported."
            yield {**article, "text": text}

    def _publish_broken(self, number: int) -> str:
        """Write a generation elsewhere, damage it, and then make it the live one."""
        index, scratch = self.stage.index, self.stage.folder / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(index, scratch)
        self.stage.write(self._revised(number))
        run(self.stage.reindex(scratch))
        written = IndexFolder(scratch).open_current()
        alter(written.path / written.manifest.segments[-1].folder / VECTORS, self.random)
        shutil.copytree(written.path, index / "generations" / written.id)
        current = index / "CURRENT.new"
        current.write_text(f"{written.id}\n", "ascii")
        current.replace(index / "CURRENT")
        return written.id

    async def _refusals(self) -> float:
        """How many generations the server has refused, as it says itself."""
        # On a connection of its own: the server closes one that is not used for seconds.
        client = Client(self.port)
        _, body = await client.ask("/metrics")
        await client.close()
        found = _REFUSALS.search(body)
        if not found:
            raise Fault("/metrics does not say how many generations were refused")
        return float(found[1])
