"""A searcher that says what a test tells it to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from indexer.article import CLEANING, Article, Date, Degree, Passage, Span
from indexer.errors import ArticleSearchError
from indexer.storage.manifest import FORMAT, Published
from indexer.storage.rows import Outline, StoredArticle, StoredPassage, Suggestion
from search.engine import Searcher
from search.live import LiveSearcher
from search.question.cursor import read_cursor
from search.question.period import Period
from search.question.query import Query
from search.question.spelling import Correction
from search.results import Count, Facets, Hit, HitStory, Neighbour, Results, Story
from tests.support.generations import DRAFT

TEXT = (
    "Rain 🌧️ fell on the harbour all night.\n\n"
    "The minister promised new walls. Work begins in May.\n\n"
    "Nobody asked who would pay."
)
ANSWER = Span(TEXT.index("The minister"), TEXT.index(" Work"))
PASSAGE = Span(ANSWER.start, TEXT.index("\n\nNobody"))
WALLS = Span(TEXT.index("walls"), TEXT.index("walls") + len("walls"))
ARTICLE = Article(
    "storm-1",
    "Walls for the harbour",
    TEXT,
    published=Date("2024-11-30T09:12:00+09:00"),
    source="The Northern Ledger",
    url="https://ledger.example/storm?a=1&b=2",
    author="Ana Diaz",
)
MANIFEST = replace(
    DRAFT,
    format=FORMAT,
    number=1,
    pipeline=CLEANING,
    created="2026-11-22T00:35:32+00:00",
    model="fake",
    dimension=0,
    articles=1234,
    passages=1234,
    confidence=None,
)


class FakeSearcher(Searcher):
    """Answers every question with the same article; keeps what it was asked.

    `said` are fields of the results of a question that are as a test wants them.
    """

    def __init__(self) -> None:
        self.generation = Published("g1", MANIFEST)
        self.article_found = ARTICLE
        self.story_found = Story([StoredArticle(0, ARTICLE, 0)], 1)
        self.passage, self.answer, self.matches = PASSAGE, ANSWER, (WALLS,)
        self.hit_story: HitStory | None = None
        self.neighbours: list[Neighbour] = []
        self.suggestions: list[Suggestion] = []
        self.total = 1
        self.said: dict[str, dict[str, Any]] = {}
        self.failing: dict[str, Exception] = {}
        self.asked: list[Query] = []

    def search(self, query: Query, hidden: Sequence[int] = ()) -> Results:
        self.asked.append(query)
        if query.words in self.failing:
            raise self.failing[query.words]
        offset = read_cursor(query, self.generation.id)
        results = Results(
            query=query,
            hits=[],
            offset=offset,
            total=self.total,
            total_relation="eq",
            facets=Facets(),
            corrections=(),
            variants=(),
            relaxed=(),
            period=None,
            confidence=0.9,
            answerable=True,
            generation=self.generation.id,
            model="fake",
            took_ms=12.3,
            timings={},
        )
        results = replace(results, **self.said.get(query.words, {}))
        ranks = range(offset + 1, min(offset + query.limit, results.total) + 1)
        return replace(results, hits=[self.hit(rank) for rank in ranks])

    def hit(self, rank: int) -> Hit:
        return Hit(
            rank=rank,
            score=1 / rank,
            article=self.article_found,
            passage_number=rank,
            merged=range(rank, rank + 1),
            passage=self.passage,
            answer=self.answer,
            matches=self.matches,
            story=self.hit_story,
        )

    def article(self, article_id: str) -> StoredArticle | None:
        found = self.article_found
        story = self.story_found.members[0].number
        return StoredArticle(0, found, story) if article_id == found.id else None

    def story(self, number: int) -> Story:
        return self.story_found

    def similar(self, article: StoredArticle, limit: int) -> list[Neighbour]:
        return self.neighbours[:limit]

    def suggest(self, prefix: str, limit: int) -> list[Suggestion]:
        found = [s for s in self.suggestions if s.text.casefold().startswith(prefix.casefold())]
        return found[:limit]

    def best_sentence(self, question: str, article: int) -> tuple[StoredPassage, Span]:
        return StoredPassage(0, article, Passage(self.passage, (self.answer,))), self.answer


class FakeLive(LiveSearcher):
    def __init__(self, searcher: FakeSearcher) -> None:
        self.searcher = searcher
        self.error: ArticleSearchError | None = None
        self.swapped = self.refused = 0

    @property
    def serving(self) -> Published | None:
        """None: what a test changes is asked for again."""
        return None

    def follow(self) -> None:
        """Nothing is published while these tests run."""

    def stop(self) -> None:
        """See `follow`."""

    @property
    def looked_ago(self) -> None:
        return None

    def check(self) -> None:
        self.current()

    def current(self) -> FakeSearcher:
        if self.error:
            raise self.error
        return self.searcher


def outline(
    number: int, title: str, source: str | None, day: str | None, degree: Degree | None = "edited"
) -> Outline:
    published = Date(day) if day else None
    return Outline(number, f"copy-{number}", title, source, None, None, published, degree)


def months(*values: str) -> tuple[Count, ...]:
    """As in "2024-11:3"."""
    pairs = [value.split(":") for value in values]
    return tuple(Count(month, int(hits)) for month, hits in pairs)


def telling_all(searcher: FakeSearcher) -> None:
    """Have a searcher show everything that a page can show, by question."""
    members = [
        outline(1, "Walls are promised", "Echo", "2024-11-29", None),
        Outline(
            0, ARTICLE.id, ARTICLE.title, ARTICLE.source, None, None, ARTICLE.published, "same"
        ),
        *(outline(n, f"Walls, take {n}", f"Outlet {n}", "2024-12", degree="event") for n in (2, 3)),
        outline(4, "Walls", None, None),
    ]
    searcher.hit_story = HitStory("copy-1", 30, ("Echo", "Outlet 2", "Outlet 3"), tuple(members))
    other = replace(ARTICLE, id="other", title="Who pays for the walls", source="Echo")
    searcher.story_found = Story(
        [StoredArticle(1, other, 1), StoredArticle(0, ARTICLE, 1, "edited")], 120
    )
    searcher.neighbours = [Neighbour(1, 0.9, StoredArticle(2, other, 2))]
    searcher.suggestions = [
        Suggestion("Walls for the harbour", "headline", "storm-1"),
        Suggestion("Walls, Minister for", "name", None),
        Suggestion("Walls of " + "an endless city " * 20, "headline", "storm-1"),
    ]
    searcher.total = 95
    sources = tuple(Count(f"Outlet {n}", 20 - n) for n in range(12))
    years = months("2022-03:2", "2022-04:9", "2023-11:1", "2024-01:4", "2024-11:30")
    decades = months("1931-05:2", "1990-04:9", "2023-11:1", "2024-11:30")
    full = {"facets": Facets({"source": sources}, years)}
    searcher.said = {
        "walls": full,
        "long ago": {"facets": Facets({"source": sources}, decades)},
        "unanswerable": full | {"answerable": False, "confidence": 0.1},
        "sparse": {"total_relation": "gte", "answerable": True},
        "wals in november": full
        | {
            "corrections": (Correction(0, 4, "wals", "walls"),),
            "period": Period("in november", date(2024, 11, 1), date(2024, 11, 30), 5, 16),
        },
        "the walls fell": {"relaxed": ("the walls fell",)},
        "nothing": {"total": 0},
    }
