"""What a search answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from indexer.arrays import Int32
from indexer.article import Article, Span
from indexer.storage.rows import Outline, StoredArticle
from search.question.cursor import write_cursor
from search.question.period import Period
from search.question.query import MAX_OFFSET, Query
from search.question.spelling import Correction
from search.ranking.variants import Variant

TotalRelation = Literal["eq", "gte"]


@dataclass(frozen=True, slots=True)
class MethodScore:
    """What one method says of a passage: its own score, rank from 1, and the score as 0–1."""

    score: float
    rank: int
    scaled: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the score of a hit is made of.

    dense, lexical: None if the passage is none of the candidates of that method
    fused: the scaled scores by their weights; None if only one method was asked
    late: late interaction, of the passages that were reranked
    lead: 1 for the first passage of an article, less for later ones, of those that were reranked
    """

    dense: MethodScore | None
    lexical: MethodScore | None
    fused: float | None
    late: float | None
    lead: float | None


@dataclass(frozen=True, slots=True)
class HitStory:
    """The story of a hit: how many articles tell it, in which other outlets, and the first few.

    `members` begin with the earliest.
    """

    id: str
    articles: int
    outlets: tuple[str, ...]
    members: tuple[Outline, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer: an article, the passage of it that matches best, and the sentence that answers.

    `passage`, `answer` and `matches`, the words of the question, are offsets into the article's
    text; `answer`, `context`, the sentence before it if it leans on that, and `matches` lie inside
    `passage`. `passage_number` is that of the passage with
    the answer, `merged` are the numbers of all that are shown as one with it, in order. `story` is
    there if hits are grouped by it. `verdict`, anywhere in the text, is what refutes the answer, if
    it is a claim. `log_odds` are the reader's, that `answer` answers against that
    nothing of its passage does, if it was read.
    """

    rank: int
    score: float
    article: Article
    passage_number: int
    merged: range
    passage: Span
    answer: Span
    context: Span | None = None
    verdict: Span | None = None
    log_odds: float | None = None
    matches: tuple[Span, ...] = ()
    story: HitStory | None = None
    explanation: Explanation | None = None

    @property
    def page(self) -> int | None:
        """The page of the article's file on which the answer begins, from 1; None without pages."""
        return self.article.page(self.answer.start)


class Count(NamedTuple):
    """How many hits have a value."""

    value: str
    hits: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts over all hits that can be paged through.

    values: by the name of a field, the largest first; hits without a value are not counted
    months: as in 2024-11, in order; hits without a date are not counted
    codes: by the name of a field, which value each hit has, (n,) int32
    """

    values: Mapping[str, tuple[Count, ...]] = field(default_factory=dict)
    months: tuple[Count, ...] = ()
    codes: Mapping[str, Int32] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of a question from `offset` on.

    total: hits that can be paged through; `total_relation` is "eq" if there are no others
    corrections: words that were read otherwise than written; offsets into `query.words`
    variants: names in the question as it was read, and how else the articles spell them
    relaxed: phrases that no passage has, read as plain words
    period: days that the question names in plain words, and that nothing is filtered by
    confidence: the probability that the marked sentence of the first hit answers; None if nothing
        was read: no question was asked, or the reader is off
    answerable: True if the first hit's answer is asserted, False if nothing seems to answer, None
        if that is not judged
    timings: milliseconds by stage
    """

    query: Query
    hits: list[Hit]
    offset: int
    total: int
    total_relation: TotalRelation
    facets: Facets
    corrections: tuple[Correction, ...]
    variants: tuple[Variant, ...]
    relaxed: tuple[str, ...]
    period: Period | None
    confidence: float | None
    answerable: bool | None
    generation: str
    model: str
    took_ms: float
    timings: dict[str, float]

    def cursor(self, offset: int) -> str:
        """The cursor of the page that begins at an offset."""
        return write_cursor(self.query, self.generation, offset)

    @property
    def next(self) -> str | None:
        """The cursor of the next page, None after the last."""
        end = self.offset + len(self.hits)
        return self.cursor(end) if self.hits and end < min(self.total, MAX_OFFSET + 1) else None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An article that is about the same as another: its rank and the cosine of their vectors."""

    rank: int
    score: float
    article: StoredArticle


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that tell the same: the earliest, then others in order, of `articles` in all."""

    members: list[StoredArticle]
    articles: int
