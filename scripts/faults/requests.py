"""Requests of all kinds at random, right ones and wrong ones, and the statuses that are due."""

import random
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

from indexer.storage.articles import Articles
from scripts.faults.stage import Stage
from scripts.faults.traffic import Request
from search.question.query import MAX_QUESTION

QUESTIONS = 200
KEY = "an-admin-key-for-the-soak"

_LONG = "a" * (MAX_QUESTION + 1)
# Targets, methods where they are not GET, and the status that is due.
_BAD: dict[int, tuple[str, ...]] = {
    422: (
        f"/v1/search?q={_LONG}",
        f"/v1/search?q={20 * _LONG}",
        f"/?q={_LONG}",
        "/v1/search",
        "/v1/search?q=",
        "/v1/search?q=%00%20%E2%80%8B",
        "/v1/search?q=a&from=2024-13-01",
        "/v1/search?q=a&from=yesterday",
        "/v1/search?q=a&from=2024-02-01&to=2024-01-01",
        "/v1/search?q=a&limit=0",
        "/v1/search?q=a&limit=101",
        "/v1/search?q=a&offset=-1",
        "/v1/search?q=a&mode=best",
        "/v1/search?q=a" + "&source=b" * 21,
        "/?q=a&page=0",
        "/?q=a&from=2024-13-01",
        "POST /v1/search?q=a",
    ),
    200: ("/v1/search?q=%ff%fe%ed%a0%80", "/?q=%ff%fe%ed%a0%80"),
    404: (
        "/nowhere",
        "/v1/articles/none",
        "/v1/articles/%ff%00",
        "/article/%ed%a0%80",
        "/static/../../secret",
    ),
    405: ("PUT /v1/search?q=a", "DELETE /", "GET /v1/admin/reload"),
}
_BAD_REQUESTS = [
    Request("bad request", f"/{path}", (status,), method.strip() or "GET")
    for status, targets in _BAD.items()
    for method, _, path in (target.partition("/") for target in targets)
]


class Mix(Iterator[Request]):
    """Requests of every kind, at random; `breaking` while a broken generation is published."""

    def __init__(self, stage: Stage, seed: int) -> None:
        """Ask about what an index holds."""
        stored = Articles(stage.live)
        self._ids = [article.article.id for article, _ in stored.everything()]
        self._sources = [source for source, _ in stored.counted("source") if source]
        self._questions = stage.questions(QUESTIONS)
        self._random = random.Random(seed)
        self.breaking = False
        self._kinds: dict[Callable[[], Request], int] = {
            self._search: 30,
            self._filtered: 20,
            self._article: 10,
            self._page: 10,
            self._article_page: 8,
            self._other_page: 4,
            lambda: self._random.choice(_BAD_REQUESTS): 12,
            self._broken_bytes: 2,
            self._wrong_key: 2,
            self._reload: 2,
        }

    def __next__(self) -> Request:
        """A request; there is always another."""
        (make,) = self._random.choices(list(self._kinds), list(self._kinds.values()))
        return make()

    def _question(self) -> str:
        return self._random.choice(self._questions)

    def _id(self) -> str:
        return quote(self._random.choice(self._ids), safe="")

    def _search(self) -> Request:
        return Request("search", f"/v1/search?q={quote(self._question())}")

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
        query = urlencode([("q", self._question()), *chosen])
        return Request("filtered search", f"/v1/search?{query}")

    def _article(self) -> Request:
        return Request("article", f"/v1/articles/{self._id()}")

    def _page(self) -> Request:
        query = {"q": self._question(), "page": self._random.randint(1, 5)}
        return Request("page", f"/?{urlencode(query)}")

    def _article_page(self) -> Request:
        return Request("article page", f"/article/{self._id()}?q={quote(self._question())}")

    def _other_page(self) -> Request:
        targets = ("/", "/docs", "/openapi.json", "/livez", "/readyz", "/metrics")
        return Request("other page", self._random.choice(targets))

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
        return Request("broken bytes", "", (0, 400, 404), raw=raw)

    def _wrong_key(self) -> Request:
        key = self._random.choice(("", "Bearer", "Bearer wrong", f"Basic {KEY}", "Bearer \xff\xfe"))
        headers = (f"Authorization: {key}",) if key else ()
        return Request("wrong key", "/v1/admin/reload", (401,), "POST", headers)

    def _reload(self) -> Request:
        # A reload that names what is broken is refused.
        expected = (200, 503) if self.breaking else (200,)
        headers = (f"Authorization: Bearer {KEY}",)
        return Request("reload", "/v1/admin/reload", expected, "POST", headers)
