"""The JSON of the search service: these classes are its documentation in /openapi.json."""

from typing import Annotated

from pydantic import BaseModel, Field

from indexer.article import Article, Date, Degree, Precision, Span
from search.engine import Hit, Results, Story


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
    source: str | None = Field(description="The outlet as declared or found, else the agency.")
    agency: str | None = Field(description="The news agency that reported.")
    url: str | None = Field(description="An http or https address.")
    published: str | None = Field(description="ISO 8601, as precise as it is known.")
    updated: str | None = Field(description="ISO 8601, as precise as it is known.")
    author: str | None
    language: str | None = Field(description="ISO 639-1.")

    @classmethod
    def of(cls, article: Article) -> "ArticleFacts":
        """The facts of an article."""
        return cls(
            id=article.id,
            title=article.title,
            source=article.source,
            agency=article.agency,
            url=article.url,
            published=article.published.iso if article.published else None,
            updated=article.updated.iso if article.updated else None,
            author=article.author,
            language=article.language,
        )


class DateFacts(BaseModel):
    """A date, and why it is believed."""

    value: str = Field(description="ISO 8601, as precise as it is known.")
    precision: Precision
    certain: bool = Field(description="False if it may be another's, or its year was guessed.")
    line: str | None = Field(description="The line or the field that it was read from.")

    @classmethod
    def of(cls, date: Date | None) -> "DateFacts | None":
        """The facts of a date, if there is one."""
        if date is None:
            return None
        return cls(value=date.iso, precision=date.precision, certain=date.certain, line=date.line)


class ArticleDates(BaseModel):
    """When an article was published and changed."""

    published: DateFacts | None
    updated: DateFacts | None


class MentionFacts(BaseModel):
    """Words in the text that name days: ISO 8601, both ends inclusive."""

    text: str
    start: int
    end: int
    first: str
    last: str


class StoryMember(BaseModel):
    """An article of a story, and how it relates to the earliest one."""

    article: ArticleFacts
    degree: Degree | None = Field(description="None for the earliest article.")


class StoryFacts(BaseModel):
    """The articles that tell the same; `id` is that of the earliest."""

    id: str
    articles: int = Field(description="How many there are, of which `members` are the first.")
    members: list[StoryMember]

    @classmethod
    def of(cls, story: Story) -> "StoryFacts":
        """The JSON of a story."""
        return cls(
            id=story.members[0].article.id,
            articles=story.articles,
            members=[
                StoryMember(article=ArticleFacts.of(each.article), degree=each.degree)
                for each in story.members
            ],
        )


class ArticleResponse(ArticleFacts):
    """An article with its text, and what is known of it."""

    text: str
    title_made: bool = Field(description="The title is made of the first sentence.")
    dates: ArticleDates
    mentioned: list[MentionFacts]
    story: StoryFacts

    @classmethod
    def whole(cls, article: Article, story: Story) -> "ArticleResponse":
        """The whole article, and its story."""
        return cls(
            **ArticleFacts.of(article).model_dump(),
            text=article.text,
            title_made=article.title_made,
            dates=ArticleDates(
                published=DateFacts.of(article.published), updated=DateFacts.of(article.updated)
            ),
            mentioned=[
                MentionFacts(
                    text=each.span.of(article.text),
                    start=each.span.start,
                    end=each.span.end,
                    first=each.first,
                    last=each.last,
                )
                for each in article.mentioned
            ],
            story=StoryFacts.of(story),
        )


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
