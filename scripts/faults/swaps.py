"""Publishing under load: no search fails, and no answer mixes two generations.

A real server is searched by clients on kept connections while new generations are published. Every
sentence of every article ends in a word that names the edition, so that each hit tells which
generation it was read from, and each answer says which it claims to be of.
"""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import get_args
from urllib.parse import urlencode

from indexer.embedding.base import Embedder
from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation
from indexer.storage.parts import open_articles
from scripts.lab.client import NO_ANSWER, Client
from scripts.lab.commands import run_reindex
from scripts.lab.process import say
from scripts.lab.questions import collect_questions
from scripts.lab.server import errors_in, serving
from scripts.lab.sources import write_article, write_sources
from scripts.lab.table import Row, figure, latency
from search.question.query import Group, Mode

ARTICLES = 100
QUESTIONS = 200
# Paragraphs of an article: short, since each edition embeds all of them again.
PARAGRAPHS = 2
# Seconds that the first answer of a generation may take after its publication.
SWAP = 60.0
# Seconds between two looks at what the clients have seen.
LOOK = 0.02
# Failures that are described; the others are counted.
TOLD = 20

_SENTENCE_END = re.compile(r"\.(?=\s|$)")
_EDITION = re.compile(r"edition\d+")

Markers = frozenset[str]


@dataclass(frozen=True, slots=True)
class Publication:
    """A generation, the words that name its edition, and when CURRENT was made to name it."""

    generation: str
    markers: Markers
    changed: float


@dataclass(slots=True)
class Swaps:
    """What the clients have seen; times in seconds."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0
    answers: Counter[tuple[str, Markers]] = field(default_factory=Counter)
    first_seen: dict[str, float] = field(default_factory=dict)
    publications: list[Publication] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def searches(self) -> int:
        """Searches that were answered or have failed."""
        return len(self.milliseconds) + self.failed

    @property
    def mixed(self) -> int:
        """Answers with a hit that is not of the generation that the answer names."""
        published = {each.generation: each.markers for each in self.publications}
        return sum(
            count
            for (generation, markers), count in self.answers.items()
            if published.get(generation) != markers
        )

    @property
    def longest_swap(self) -> float:
        """The longest time from a publication to the first answer of it."""
        return max(
            (
                self.first_seen[each.generation] - each.changed
                for each in self.publications[1:]
                if each.generation in self.first_seen
            ),
            default=float("nan"),
        )

    def fail(self, problem: str) -> None:
        """Count a search that failed, and describe it if few have."""
        self.failed += 1
        if len(self.failures) < TOLD:
            self.failures.append(problem)

    def conclude(self) -> None:
        """Add the failures that only show when all is done."""
        if self.mixed:
            known = {each.generation: sorted(each.markers) for each in self.publications}
            self.failures += [
                f"{count} answers of {generation}, {known.get(generation)}, hold {sorted(markers)}"
                for (generation, markers), count in self.answers.items()
                if known.get(generation) != sorted(markers)
            ]
        self.failures += [
            f"no answer was of generation {each.generation}"
            for each in self.publications
            if each.generation not in self.first_seen
        ]

    def rows(self) -> list[Row]:
        """The report."""
        return [
            Row("searches", f"{self.searches:,}", f"in {figure(self.seconds)} s"),
            Row("failed", f"{self.failed:,}", "another status than 200, no hit, or no answer"),
            Row("mixed", f"{self.mixed:,}", "a hit of another generation than the answer names"),
            Row(
                "generations seen",
                f"{len(self.first_seen):,} of {len(self.publications):,}",
                "the first one and those published while it was searched",
            ),
            Row("rate", f"{figure(self.searches / max(self.seconds, 1e-9))} searches/s"),
            Row("latency", latency(self.milliseconds or [0.0], (50, 95, 99))),
            Row(
                "longest swap",
                f"{figure(self.longest_swap)} s",
                "from the publication to the first answer of it",
            ),
        ]


def swap(
    searches: int,
    clients: int,
    generations: int,
    embedder: Embedder,
    folder: Path,
    articles: int = ARTICLES,
) -> Swaps:
    """Search an index while new generations of it are published at even distances.

    searches: how many at least
    """
    say("building the first generation")
    sources, index, log = folder / "articles", folder / "index", folder / "serve.log"
    made = [_short(article) for article in write_sources(sources, articles)]
    _write_edition(sources, made, 0)
    reindex([sources], index, embedder, None)
    first = IndexFolder(index).open_current()
    questions = collect_questions(first, QUESTIONS, None).texts
    found = Swaps(publications=[_publication(index, first)])
    with serving(index, log) as server:
        publisher = _Publisher(sources, index, made, found)
        asyncio.run(_search(server.port, searches, clients, generations, questions, publisher))
    found.failures += [f"the server's log says: {line}" for line in errors_in(log)[:TOLD]]
    found.conclude()
    return found


def _short(article: Mapping[str, str]) -> dict[str, str]:
    return {**article, "text": "\n\n".join(article["text"].split("\n\n")[:PARAGRAPHS])}


def _write_edition(folder: Path, articles: Sequence[Mapping[str, str]], edition: int) -> None:
    """Write every article with the word of an edition at the end of its title and sentences."""
    for article in articles:
        text = _SENTENCE_END.sub(f" edition{edition}.", article["text"])
        title = f"{article['title']} edition{edition}"
        write_article(folder, {**article, "title": title, "text": text})


def _publication(index: Path, generation: Generation) -> Publication:
    """What a published generation holds, read from it."""
    stored = open_articles(generation.path).everything()
    markers = frozenset(
        marker for each, _ in stored for marker in _EDITION.findall(each.article.text)
    )
    if len(markers) != 1:
        raise RuntimeError(f"generation {generation.id} holds {sorted(markers)}, not one edition")
    return Publication(generation.id, markers, (index / "CURRENT").stat().st_mtime)


class _Publisher:
    """Publishes one edition after the other."""

    def __init__(
        self, sources: Path, index: Path, articles: Sequence[Mapping[str, str]], found: Swaps
    ) -> None:
        self._sources = sources
        self._index = index
        self._articles = articles
        self.found = found

    async def publish(self, generations: int, searches: int) -> None:
        """Publish generations at even distances, each once an answer of the one before was seen."""
        for edition in range(1, generations + 1):
            while self.found.searches < searches * edition / (generations + 1):
                await asyncio.sleep(LOOK)
            _write_edition(self._sources, self._articles, edition)
            done = await asyncio.to_thread(run_reindex, self._sources, self._index)
            if done.problem:
                self.found.failures.append(f"edition {edition}: reindex {done.problem}")
                return
            generation = IndexFolder(self._index).open_current()
            self.found.publications.append(_publication(self._index, generation))
            say(f"{self.found.searches:,} searches, published edition {edition}")
            until = time.monotonic() + SWAP
            while generation.id not in self.found.first_seen and time.monotonic() < until:
                await asyncio.sleep(LOOK)


async def _search(
    port: int,
    searches: int,
    clients: int,
    generations: int,
    questions: Sequence[str],
    publisher: _Publisher,
) -> None:
    """Run the clients until everything is published and all searches are done."""
    found = publisher.found
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        publishing = group.create_task(publisher.publish(generations, searches))
        targets = _targets(questions)
        for _ in range(clients):
            group.create_task(_client(port, targets, found, searches, publishing))
    found.seconds = time.monotonic() - started


def _targets(questions: Sequence[str]) -> Iterator[str]:
    """Endless requests: every question in every mode and group."""
    asked = [
        (question, mode, group)
        for group in get_args(Group)
        for mode in get_args(Mode)
        for question in questions
    ]
    for question, mode, group in cycle(asked):
        yield "/v1/search?" + urlencode({"q": question, "mode": mode, "group": group})


async def _client(
    port: int, targets: Iterator[str], found: Swaps, searches: int, publishing: "asyncio.Task[None]"
) -> None:
    client = Client(port)
    while found.searches < searches or not publishing.done():
        target = next(targets)
        started = time.perf_counter()
        try:
            status, body = await client.ask(target)
        except NO_ANSWER as error:
            found.fail(f"{target}: {error!r}")
            await asyncio.sleep(LOOK)
        else:
            _look(target, status, body, (time.perf_counter() - started) * 1e3, found)
    await client.close()


def _look(target: str, status: int, body: bytes, took: float, found: Swaps) -> None:
    """Count one answer."""
    answer = json.loads(body) if status == 200 else {}
    hits = answer.get("hits")
    if not hits:
        found.fail(f"{target} was answered {status} {body[:200]!r}")
        return
    found.milliseconds.append(took)
    generation = answer["index"]["generation"]
    found.first_seen.setdefault(generation, time.time())
    texts = [
        text
        for hit in hits
        for text in (hit["article"]["title"], hit["passage"]["text"], hit["answer"]["text"])
    ]
    markers = [_EDITION.findall(text) or ["none"] for text in texts]
    found.answers[generation, frozenset(marker for each in markers for marker in each)] += 1
