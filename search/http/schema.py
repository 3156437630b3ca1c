"""The JSON of the search service: these classes are its documentation in /openapi.json."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from indexer.article import Article, Date, Degree, Precision, Span
from indexer.storage.manifest import Generation
from indexer.storage.rows import Outline
from indexer.storage.suggestions import Suggestion, SuggestionKind
from search.question.period import Period
from search.question.query import Query
from search.question.syntax import NAMES
from search.results import (
    Count,
    Explanation,
    Facets,
    Hit,
    HitStory,
    MethodScore,
    Neighbour,
    Results,
    Story,
    TotalRelation,
)


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
    """A passage, or neighbouring passages as one; ids are stable within one generation."""

    id: int = Field(description="Of the passage with the answer.")
    ids: list[int] = Field(description="Of all passages that it consists of, in order.")


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


class MatchSpan(BaseModel):
    """Where a word of the question stands in the passage, in code points of the article's text."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class OutlineFacts(BaseModel):
    """An article of a story, in short."""

    id: str
    title: str
    source: str | None
    url: str | None
    published: str | None = Field(description="ISO 8601, as precise as it is known.")
    degree: Degree | None = Field(description="None for the earliest article.")

    @classmethod
    def of(cls, outline: Outline) -> "OutlineFacts":
        """The facts of an outline."""
        return cls(
            id=outline.id,
            title=outline.title,
            source=outline.source or outline.agency,
            url=outline.url,
            published=outline.published.iso if outline.published else None,
            degree=outline.degree,
        )


class HitStoryFacts(BaseModel):
    """The story of a hit; `id` is that of its earliest article, the first of `members`."""

    id: str
    articles: int = Field(description="How many there are, of which `members` are the first.")
    outlets: list[str] = Field(description="Other outlets than the hit's, of the members.")
    members: list[OutlineFacts]

    @classmethod
    def of(cls, story: HitStory) -> "HitStoryFacts":
        """The JSON of a hit's story."""
        return cls(
            id=story.id,
            articles=story.articles,
            outlets=list(story.outlets),
            members=[OutlineFacts.of(each) for each in story.members],
        )


class MethodFacts(BaseModel):
    """What one method says of the best passage of a hit."""

    score: float = Field(description="Cosine or BM25.")
    rank: Annotated[int, Field(ge=1)]
    scaled: float = Field(description="The score as 0 to 1 among the candidates of the method.")

    @classmethod
    def of(cls, score: MethodScore | None) -> "MethodFacts | None":
        """The JSON of a method's score, if there is one."""
        return cls(score=score.score, rank=score.rank, scaled=score.scaled) if score else None


class ExplanationFacts(BaseModel):
    """What a score is made of: half of each scaled score is `fused`, mixed with `late`."""

    dense: MethodFacts | None = Field(description="None if it is no candidate of the vectors.")
    lexical: MethodFacts | None = Field(description="None if it is no candidate of BM25.")
    fused: float | None = Field(description="None if only one method was asked.")
    late: float | None = Field(description="Late interaction; None if it was not reranked.")

    @classmethod
    def of(cls, parts: Explanation) -> "ExplanationFacts":
        """The JSON of an explanation."""
        return cls(
            dense=MethodFacts.of(parts.dense),
            lexical=MethodFacts.of(parts.lexical),
            fused=parts.fused,
            late=parts.late,
        )


class SearchHit(BaseModel):
    """One hit: the article, the passage of it that matches best, the sentence that answers."""

    rank: Annotated[int, Field(ge=1)]
    score: float = Field(description="Higher is better; comparable within one response only.")
    article: ArticleFacts
    passage: PassageSpan
    answer: TextSpan
    matches: list[MatchSpan] = Field(description="Words of the question, with explain=true.")
    story: HitStoryFacts | None = Field(description="With group=story.")
    explanation: ExplanationFacts | None = Field(description="With explain=true.")

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
                ids=list(hit.merged),
                text=hit.passage.of(text),
                start=hit.passage.start,
                end=hit.passage.end,
            ),
            answer=TextSpan.of(hit.answer, text),
            matches=[MatchSpan(start=each.start, end=each.end) for each in hit.matches],
            story=HitStoryFacts.of(hit.story) if hit.story else None,
            explanation=ExplanationFacts.of(hit.explanation) if hit.explanation else None,
        )


class IndexFacts(BaseModel):
    """Which index answered."""

    generation: str
    model: str

    @classmethod
    def of(cls, generation: Generation) -> "IndexFacts":
        """The facts of a generation."""
        return cls(generation=generation.id, model=generation.manifest.model)


class CountFacts(BaseModel):
    """How many hits have a value."""

    value: str
    hits: int

    @classmethod
    def of(cls, counts: tuple[Count, ...]) -> "list[CountFacts]":
        """The JSON of counts."""
        return [cls(value=each.value, hits=each.hits) for each in counts]


class FacetFacts(BaseModel):
    """Counts over all hits that can be paged through."""

    sources: list[CountFacts] = Field(description="The largest first.")
    months: list[CountFacts] = Field(description="As in 2024-11, in order.")

    @classmethod
    def of(cls, facets: Facets) -> "FacetFacts":
        """The JSON of facets."""
        return cls(
            sources=CountFacts.of(facets.values.get("source", ())),
            months=CountFacts.of(facets.months),
        )


class OperatorFacts(BaseModel):
    """An operator in the question: `query[start:end]`, in code points."""

    name: Annotated[str, Field(json_schema_extra={"enum": list(NAMES)})]
    value: str = Field(description="ISO days for from and to.")
    start: int
    end: int


class ParsedFacts(BaseModel):
    """How the question was read."""

    words: str
    operators: list[OperatorFacts]


class CorrectionFacts(BaseModel):
    """A word that no article has, read as one that articles have: `parsed.words[start:end]`."""

    written: str
    read: str
    start: int
    end: int


class PeriodFacts(BaseModel):
    """Days that the question names in plain words; nothing is filtered by them."""

    written: str
    first: date
    last: date

    @classmethod
    def of(cls, period: Period | None) -> "PeriodFacts | None":
        """The JSON of a period, if there is one."""
        if period is None:
            return None
        return cls(written=period.written, first=period.first, last=period.last)


class SearchResponse(BaseModel):
    """The answer to a search."""

    query: str
    hits: list[SearchHit]
    total: int = Field(description="Hits that can be paged through.")
    total_relation: TotalRelation = Field(
        description="eq if these are all that the filters allow, gte if there are others."
    )
    next: str | None = Field(description="The cursor of the next page.")
    answerable: bool | None = Field(
        description="Whether a passage answers, as far as can be told; null if it cannot."
    )
    confidence: float | None = Field(description="The probability that the best hit answers.")
    facets: FacetFacts
    parsed: ParsedFacts
    corrections: list[CorrectionFacts]
    relaxed: list[str] = Field(description="Phrases that no passage has, read as plain words.")
    period: PeriodFacts | None
    took_ms: float
    index: IndexFacts

    @classmethod
    def of(cls, results: Results) -> "SearchResponse":
        """The JSON of results."""
        parsed = results.query.parsed
        return cls(
            query=results.query.text,
            hits=[SearchHit.of(hit) for hit in results.hits],
            total=results.total,
            total_relation=results.total_relation,
            next=results.next,
            answerable=results.answerable,
            confidence=None if results.confidence is None else round(results.confidence, 3),
            facets=FacetFacts.of(results.facets),
            parsed=ParsedFacts(
                words=parsed.words,
                operators=[
                    OperatorFacts(
                        name=each.name, value=str(each.value), start=each.start, end=each.end
                    )
                    for each in parsed.operators
                ],
            ),
            corrections=[
                CorrectionFacts(
                    written=each.written, read=each.read, start=each.start, end=each.end
                )
                for each in results.corrections
            ],
            relaxed=list(results.relaxed),
            period=PeriodFacts.of(results.period),
            took_ms=round(results.took_ms, 3),
            index=IndexFacts(generation=results.generation, model=results.model),
        )


class SearchParameters(Query, frozen=True, validate_by_name=False):
    """The parameters of a search, each by its one name; an empty cursor is none."""

    @field_validator("cursor")
    @classmethod
    def _none_if_empty(cls, cursor: str | None) -> str | None:
        return cursor or None


class SearchRequest(SearchParameters, frozen=True, strict=True):
    """A search as the body of a POST; each field is as the parameter of that name."""


class SimilarArticle(BaseModel):
    """An article about the same as another."""

    rank: Annotated[int, Field(ge=1)]
    score: float = Field(description="Cosine.")
    article: ArticleFacts


class SimilarResponse(BaseModel):
    """Articles about the same as one, of other stories."""

    id: str
    hits: list[SimilarArticle]
    index: IndexFacts

    @classmethod
    def of(
        cls, article_id: str, neighbours: list[Neighbour], generation: Generation
    ) -> "SimilarResponse":
        """The JSON of neighbours."""
        return cls(
            id=article_id,
            hits=[
                SimilarArticle(
                    rank=each.rank,
                    score=round(each.score, 6),
                    article=ArticleFacts.of(each.article.article),
                )
                for each in neighbours
            ],
            index=IndexFacts.of(generation),
        )


class SuggestionFacts(BaseModel):
    """What the beginning of a question may become."""

    text: str
    kind: SuggestionKind
    article: str | None = Field(description="The id of an article with this headline.")


class SuggestResponse(BaseModel):
    """Suggestions for what has been typed, the best first."""

    query: str
    suggestions: list[SuggestionFacts]

    @classmethod
    def of(cls, query: str, suggestions: list[Suggestion]) -> "SuggestResponse":
        """The JSON of suggestions."""
        return cls(
            query=query,
            suggestions=[
                SuggestionFacts(text=each.text, kind=each.kind, article=each.article_id)
                for each in suggestions
            ],
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
