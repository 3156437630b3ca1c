"""The JSON of the search service: these classes are its documentation in /openapi.json."""

from typing import Annotated

from pydantic import BaseModel, Field

from indexer.article import Article, Span
from search.engine import Hit, Results


class TextSpan(BaseModel):
    """A slice of the article's text: `text == article.text[start:end]`, in Unicode code points."""

    text: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]

    @classmethod
    def of(cls, span: Span, text: str) -> "TextSpan":
        """The slice of `text` that `span` covers."""
        return cls(text=span.of(text), start=span.start, end=span.end)


class PassageSpan(TextSpan):
    """A passage; `id` is stable within one generation of the index."""

    id: int


class ArticleFacts(BaseModel):
    """An article without its text."""

    id: str
    title: str
    source: str | None = Field(description="The outlet, as declared or found in the text.")
    url: str | None = Field(description="An http or https address.")
    published: str | None = Field(description="ISO 8601, as precise as it is known.")
    author: str | None

    @classmethod
    def of(cls, article: Article) -> "ArticleFacts":
        """The facts of an article."""
        return cls(
            id=article.id,
            title=article.title,
            source=article.source,
            url=article.url,
            published=article.published,
            author=article.author,
        )


class ArticleResponse(ArticleFacts):
    """An article with its text."""

    text: str

    @classmethod
    def of(cls, article: Article) -> "ArticleResponse":
        """The whole article."""
        return cls(**ArticleFacts.of(article).model_dump(), text=article.text)


class SearchHit(BaseModel):
    """One hit: the article, the passage of it that matches best, the sentence that answers."""

    rank: Annotated[int, Field(ge=1)]
    score: float = Field(description="Higher is better; comparable within one response only.")
    article: ArticleFacts
    passage: PassageSpan
    answer: TextSpan

    @classmethod
    def of(cls, hit: Hit) -> "SearchHit":
        """The JSON of a hit."""
        text = hit.article.text
        return cls(
            rank=hit.rank,
            score=round(hit.score, 6),
            article=ArticleFacts.of(hit.article),
            passage=PassageSpan(
                id=hit.passage_number,
                text=hit.passage.of(text),
                start=hit.passage.start,
                end=hit.passage.end,
            ),
            answer=TextSpan.of(hit.answer, text),
        )


class IndexFacts(BaseModel):
    """Which index answered."""

    generation: str
    model: str


class SearchResponse(BaseModel):
    """The answer to a search."""

    query: str
    hits: list[SearchHit]
    total: int = Field(description="Hits that can be paged through: a bounded pool, not a count.")
    took_ms: float
    index: IndexFacts

    @classmethod
    def of(cls, results: Results) -> "SearchResponse":
        """The JSON of results."""
        return cls(
            query=results.query.text,
            hits=[SearchHit.of(hit) for hit in results.hits],
            total=results.total,
            took_ms=round(results.took_ms, 3),
            index=IndexFacts(generation=results.generation, model=results.model),
        )


class Problem(BaseModel):
    """An error (RFC 9457, application/problem+json); `code` is stable, `detail` is for people."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str


class Status(BaseModel):
    """A health check."""

    status: str


class Reload(BaseModel):
    """What is served after a reload; `swapped` says whether it is another generation now."""

    generation: str
    swapped: bool
