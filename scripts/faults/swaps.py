"""Publishing under load: no search fails, and no answer mixes two generations.

A real server is searched by clients on kept connections while new generations are published. Every
sentence of every article ends in a word that names the edition, so that each hit tells which
generation it was read from, and each answer says which it claims to be of.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlencode

from indexer.embedding.base import Embedder
from scripts.faults.stage import Stage
from scripts.faults.traffic import LOOK, Request, Traffic
from scripts.lab.corpus import made_articles
from scripts.lab.server import serving
from scripts.lab.table import Row, figure, latency
from search.question.query import Group, Mode

ARTICLES = 100
QUESTIONS = 200
# Paragraphs of an article: short, since each edition embeds all of them again.
PARAGRAPHS = 2

_SENTENCE_END = re.compile(r"\.(?=\s|$)")
_EDITION = re.compile(r"edition(\d+)")


@dataclass
class Swaps(Traffic):
    """What the clients have seen.

    editions: answers by the generation that they name and the editions of their hits
    """

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    editions: Counter[tuple[str, frozenset[int]]] = field(default_factory=Counter)

    def accepts(self, found: dict[str, Any], milliseconds: float) -> bool:
        """Count an answer with its editions; one without a hit is wrong."""
        texts = [
            text
            for hit in found["hits"]
            for text in (hit["article"]["title"], hit["passage"]["text"], hit["answer"]["text"])
        ]
        if texts:
            self.milliseconds.append(milliseconds)
            editions = [number for text in texts for number in _EDITION.findall(text) or [-1]]
            self.editions[found["index"]["generation"], frozenset(map(int, editions))] += 1
        return bool(texts)

    @property
    def mixed(self) -> Counter[tuple[str, frozenset[int]]]:
        """The answers with a hit of another generation than they name."""
        known = {(name, frozenset([number])) for name, (number, _) in self.published.items()}
        return Counter({each: n for each, n in self.editions.items() if each not in known})

    @property
    def longest_swap(self) -> float:
        """The longest time from a publication to the first answer of it."""
        took = [
            self.first_seen[name] - published
            for name, (number, published) in self.published.items()
            if number and name in self.first_seen
        ]
        return max(took, default=float("nan"))

    def conclude(self) -> None:
        """Add the failures that only show when all is done."""
        self.failures += [
            f"{count} answers of {name}, {self.published.get(name)}, hold {sorted(editions)}"
            for (name, editions), count in self.mixed.items()
        ]
        unseen = self.published.keys() - self.first_seen.keys()
        self.failures += [f"no answer was of generation {name}" for name in sorted(unseen)]

    def rows(self) -> list[Row]:
        """The report."""
        searches, seen = self.answers.total(), len(self.published.keys() & self.first_seen.keys())
        return [
            Row("searches", f"{searches:,}", f"in {figure(self.seconds)} s"),
            Row("failed", f"{self.wrong:,}", "another status than 200, no hit, or no answer"),
            Row(
                "mixed",
                f"{self.mixed.total():,}",
                "a hit of another generation than the answer names",
            ),
            Row(
                "generations seen",
                f"{seen:,} of {len(self.published):,}",
                "the first one and those published while it was searched",
            ),
            Row("rate", f"{figure(searches / max(self.seconds, 1e-9))} searches/s"),
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
    made = list(islice(made_articles(), articles))
    stage = Stage(folder, embedder, _edition(made, 0))
    found = Swaps(published={stage.live.id: (0, time.time())})

    async def publish() -> None:
        for number in range(1, generations + 1):
            while found.answers.total() < searches * number / (generations + 1):
                await asyncio.sleep(LOOK)
            publishing = found.publish(stage, number, _edition(made, number))
            await found.attempt(f"edition {number}", publishing)

    def enough() -> bool:
        return found.answers.total() >= searches

    with serving(stage.index, stage.log) as server:
        started = time.monotonic()
        asked = _requests(stage.questions(QUESTIONS))
        asyncio.run(found.run(server.port, clients, asked, enough, publish()))
        found.seconds = time.monotonic() - started
    found.read_log(stage)
    found.conclude()
    return found


def _edition(articles: Iterable[Mapping[str, str]], number: int) -> Iterator[dict[str, str]]:
    """Articles cut short, with the word of an edition at the end of each title and sentence."""
    for article in articles:
        text = "\n\n".join(article["text"].split("\n\n")[:PARAGRAPHS])
        yield {
            **article,
            "title": f"{article['title']} edition{number}",
            "text": _SENTENCE_END.sub(f" edition{number}.", text),
        }


def _requests(questions: Sequence[str]) -> Iterator[Request]:
    """Endless requests: every question in every mode and group."""
    for group, mode, question in cycle(product(get_args(Group), get_args(Mode), questions)):
        query = urlencode({"q": question, "mode": mode, "group": group})
        yield Request("search", f"/v1/search?{query}")
