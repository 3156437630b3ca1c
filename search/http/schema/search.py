"""Searches and suggestions as JSON."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, field_validator

from indexer.article import Degree, Span
from indexer.storage.fields import FIELDS
from indexer.storage.rows import Outline, Suggestion, SuggestionKind
from search.http.schema.articles import ArticleFacts, Facts, IndexFacts, Moment, Score
from search.question.query import Query
from search.question.syntax import NAMES
from search.results import Facets, Hit, HitStory, Results, TotalRelation


class SearchParameters(Query, frozen=True, validate_by_name=False):
    """The parameters of a search, each by its one name; an empty cursor is none."""

    @field_validator("cursor")
    @classmethod
    def _none_if_empty(cls, cursor: str | None) -> str | None:
        return cursor or None


class SearchRequest(SearchParameters, frozen=True, strict=True):
    """A search as the body of a POST; each field is as the parameter of that name."""


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


class MatchSpan(Facts):
    """Where a word of the question stands in the passage, in code points of the article's text."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class OutlineFacts(BaseModel):
    """An article of a story, in short."""

    id: str
    title: str
    source: str | None
    url: str | None
    published: Moment
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


class MethodFacts(Facts):
    """What one method says of the best passage of a hit."""

    score: float = Field(description="Cosine or BM25.")
    rank: Annotated[int, Field(ge=1)]
    scaled: float = Field(description="The score as 0 to 1 among the candidates of the method.")


class ExplanationFacts(Facts):
    """What a score is made of: `fused`, half of each scaled score; `late` and `lead`."""

    dense: MethodFacts | None = Field(description="None if it is no candidate of the vectors.")
    lexical: MethodFacts | None = Field(description="None if it is no candidate of BM25.")
    fused: float | None = Field(description="None if only one method was asked.")
    late: float | None = Field(description="Late interaction; None if it was not reranked.")
    lead: float | None = Field(description="1 for the first passage of an article, then less.")


class SearchHit(BaseModel):
    """One hit: the article, the passage of it that matches best, the sentence that answers."""

    rank: Annotated[int, Field(ge=1)]
    score: Score = Field(description="Higher is better; comparable within one response only.")
    article: ArticleFacts
    passage: PassageSpan
    answer: TextSpan = Field(
        description="The best sentence; that of the first hit is asserted if `answerable` is true."
    )
    context: TextSpan | None = Field(
        description="The sentence before, where the answer opens with a word for what that names."
    )
    page: int | None = Field(
        description="Of a PDF, the page on which the answer begins, counted from 1."
    )
    verdict: TextSpan | None = Field(
        description="If the answer is a claim that the article refutes: the sentence that does."
    )
    matches: list[MatchSpan] = Field(description="Words of the question, with explain=true.")
    story: HitStoryFacts | None = Field(description="With group=story.")
    explanation: ExplanationFacts | None = Field(description="With explain=true.")

    @classmethod
    def of(cls, hit: Hit) -> "SearchHit":
        """The JSON of a hit."""
        text = hit.article.text
        return cls(
            rank=hit.rank,
            score=hit.score,
            article=ArticleFacts.model_validate(hit.article),
            passage=PassageSpan(
                id=hit.passage_number,
                ids=list(hit.merged),
                text=hit.passage.of(text),
                start=hit.passage.start,
                end=hit.passage.end,
            ),
            answer=TextSpan.of(hit.answer, text),
            page=hit.page,
            verdict=TextSpan.of(hit.verdict, text) if hit.verdict else None,
            context=TextSpan.of(hit.context, text) if hit.context else None,
            matches=[MatchSpan.model_validate(each) for each in hit.matches],
            story=HitStoryFacts.of(hit.story) if hit.story else None,
            explanation=ExplanationFacts.model_validate(hit.explanation)
            if hit.explanation
            else None,
        )


class CountFacts(Facts):
    """How many hits have a value."""

    value: str
    hits: int


class FacetFacts(Facts):
    """Counts over all hits that can be paged through."""

    sources: list[CountFacts] = Field(description="The largest first.")
    months: list[CountFacts] = Field(description="As in 2024-11, in order.")
    sites: list[CountFacts] = Field(description="Hosts of the urls, the largest first.")

    @classmethod
    def of(cls, facets: Facets) -> "FacetFacts":
        """The JSON of facets; those of a field have its name in the plural."""
        by_field = {f"{field.name}s": facets.values.get(field.name, ()) for field in FIELDS}
        return cls.model_validate({**by_field, "months": facets.months})


class OperatorFacts(Facts):
    """An operator in the question: `query[start:end]`, in code points."""

    name: Annotated[str, Field(json_schema_extra={"enum": list(NAMES)})]
    value: Annotated[str, BeforeValidator(str)] = Field(description="ISO days for from and to.")
    start: int
    end: int


class ParsedFacts(Facts):
    """How the question was read."""

    words: str
    operators: list[OperatorFacts]


class CorrectionFacts(Facts):
    """A word that no article has, read as one that articles have: `parsed.words[start:end]`."""

    written: str
    read: str
    start: int
    end: int


class VariantFacts(Facts):
    """A name in the question, as it was read, and how else the articles spell it."""

    written: str
    also: list[str]
    start: int
    end: int


class PeriodFacts(Facts):
    """Days that the question names in plain words; nothing is filtered by them."""

    written: str
    first: date
    last: date


class SearchResponse(BaseModel):
    """The answer to a search."""

    query: str
    hits: list[SearchHit]
    total: int = Field(description="Hits that can be paged through.")
    total_relation: TotalRelation = Field(
        description="eq if these are all that filters and floor allow, gte if there are others."
    )
    next: str | None = Field(description="The cursor of the next page.")
    answerable: bool | None = Field(
        description="true: the first hit's answer is asserted; false: nothing seems to answer; "
        "null: not judged, as of keywords, or not sure."
    )
    confidence: float | None = Field(
        description="The probability that the first hit's answer is one; null if nothing was read."
    )
    facets: FacetFacts
    parsed: ParsedFacts
    corrections: list[CorrectionFacts]
    variants: list[VariantFacts]
    relaxed: list[str] = Field(description="Phrases that no passage has, read as plain words.")
    period: PeriodFacts | None
    took_ms: float
    index: IndexFacts

    @classmethod
    def of(cls, results: Results) -> "SearchResponse":
        """The JSON of results."""
        return cls(
            query=results.query.text,
            hits=[SearchHit.of(hit) for hit in results.hits],
            total=results.total,
            total_relation=results.total_relation,
            next=results.next,
            answerable=results.answerable,
            confidence=None if results.confidence is None else round(results.confidence, 3),
            facets=FacetFacts.of(results.facets),
            parsed=ParsedFacts.model_validate(results.query.parsed),
            corrections=[CorrectionFacts.model_validate(each) for each in results.corrections],
            variants=[VariantFacts.model_validate(each) for each in results.variants],
            relaxed=list(results.relaxed),
            period=PeriodFacts.model_validate(results.period) if results.period else None,
            took_ms=round(results.took_ms, 3),
            index=IndexFacts(generation=results.generation, model=results.model),
        )


class SuggestionFacts(Facts):
    """What the beginning of a question may become."""

    text: str
    kind: SuggestionKind
    article: str | None = Field(
        validation_alias="article_id", description="The id of an article with this headline."
    )


class SuggestResponse(BaseModel):
    """Suggestions for what has been typed, the best first."""

    query: str
    suggestions: list[SuggestionFacts]

    @classmethod
    def of(cls, query: str, suggestions: list[Suggestion]) -> "SuggestResponse":
        """The JSON of suggestions."""
        return cls(
            query=query, suggestions=[SuggestionFacts.model_validate(each) for each in suggestions]
        )
