"""Publishing generations to a server that is in use, some of them broken on purpose."""

import asyncio
import json
import random
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from indexer.storage.filenames import VECTORS
from indexer.storage.folder import IndexFolder
from scripts.faults.answers import Fault
from scripts.faults.damage import alter
from scripts.faults.soak.report import Soak
from scripts.faults.soak.requests import Mix
from scripts.lab.client import NO_ANSWER, Client
from scripts.lab.commands import Done, run_reindex, run_rollback
from scripts.lab.process import say
from scripts.lab.sources import write_article

# Seconds that a generation may take to be served, or to be refused, and between two looks at it.
SWAP, LOOK = 30.0, 0.1
# Of the articles, one in so many differs in each generation.
CHANGED = 5

_REFUSALS = re.compile(rb'^article_search_generations_total\{result="refused"\} ([0-9.]+)$', re.M)


class Publisher:
    """Publishes generations that are sound, and some that are not."""

    def __init__(
        self,
        folder: Path,
        articles: Sequence[Mapping[str, str]],
        port: int,
        mix: Mix,
        found: Soak,
    ) -> None:
        """Publish what is made of `folder`/articles, and note in `found` what goes wrong."""
        self._folder = folder
        self._sources = folder / "articles"
        self._index = folder / "index"
        self._articles = articles
        self._port = port
        self._mix = mix
        self._random = random.Random(0)
        self.found = found

    async def run(self, until: float, every: float, broken: int) -> None:
        """Publish `every` so many seconds until the end; each `broken`-th generation is broken."""
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
        alter(written.path / VECTORS, self._random)
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
    if done.problem:
        raise Fault(f"a command {done.problem}")
