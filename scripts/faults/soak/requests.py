"""Requests of all kinds at random, right ones and wrong ones, and the statuses that are due."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from indexer.storage.folder import IndexFolder
from indexer.storage.parts import open_articles
from scripts.lab.questions import collect_questions
from search.question.query import MAX_QUESTION

QUESTIONS = 200
KEY = "an-admin-key-for-the-soak"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, and the statuses that are right; `raw` is sent as it is, 0 means no answer."""

    kind: str
    target: str
    expected: frozenset[int]
    method: str = "GET"
    headers: tuple[str, ...] = ()
    raw: bytes = b""


class Mix:
    """Requests of every kind, at random; `breaking` while a broken generation is published."""

    def __init__(self, index: Path, seed: int) -> None:
        """Ask about what an index holds."""
        generation = IndexFolder(index).open_current()
        stored = open_articles(generation.path)
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
