"""Articles and stories as JSON."""

from typing import Annotated

from pydantic import AliasPath, BaseModel, BeforeValidator, Field

from indexer.article import Article, Date, Degree, Precision
from indexer.storage.manifest import Published
from search.results import Neighbour, Story


def _iso(value: object) -> object:
    return value.iso if isinstance(value, Date) else value


Moment = Annotated[
    str | None,
    BeforeValidator(_iso),
    Field(description="ISO 8601, as precise as it is known."),
]
# Scores are told as precisely as they can matter.
Score = Annotated[float, BeforeValidator(lambda score: round(score, 6))]


class Facts(BaseModel, from_attributes=True):
    """Is made of an object with attributes of the same names."""


class ArticleFacts(Facts):
    """An article without its text."""

    id: str
    title: str
    source: str | None = Field(description="The outlet as declared or found, else the agency.")
    agency: str | None = Field(description="The news agency that reported.")
    url: str | None = Field(description="An http or https address.")
    published: Moment
    updated: Moment
    author: str | None
    language: str | None = Field(description="ISO 639-1.")


class DateFacts(Facts):
    """A date, and why it is believed."""

    value: str = Field(validation_alias="iso", description="ISO 8601, as precise as it is known.")
    precision: Precision
    certain: bool = Field(description="False if it may be another's, or its year was guessed.")
    line: str | None = Field(description="The line or the field that it was read from.")


class ArticleDates(Facts):
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


class StoryMember(Facts):
    """An article of a story, and how it relates to the earliest one."""

    article: ArticleFacts
    degree: Degree | None = Field(description="None for the earliest article.")


class StoryFacts(Facts):
    """The articles that tell the same; `id` is that of the earliest."""

    id: str = Field(validation_alias=AliasPath("members", 0, "article", "id"))
    articles: int = Field(description="How many there are, of which `members` are the first.")
    members: list[StoryMember]


class ArticleResponse(ArticleFacts):
    """An article with its text, and what is known of it."""

    text: str
    title_made: bool = Field(description="The title is made of the first sentence.")
    dates: ArticleDates
    mentioned: list[MentionFacts]
    story: StoryFacts

    @classmethod
    def of(cls, article: Article, story: Story) -> "ArticleResponse":
        """The whole article, and its story."""
        return cls(
            **ArticleFacts.model_validate(article).model_dump(),
            text=article.text,
            title_made=article.title_made,
            dates=ArticleDates.model_validate(article),
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
            story=StoryFacts.model_validate(story),
        )


class IndexFacts(BaseModel):
    """Which index answered."""

    generation: str
    model: str


class SimilarArticle(Facts):
    """An article about the same as another."""

    rank: Annotated[int, Field(ge=1)]
    score: Score = Field(description="Cosine.")
    article: ArticleFacts = Field(validation_alias=AliasPath("article", "article"))


class SimilarResponse(BaseModel):
    """Articles about the same as one, of other stories."""

    id: str
    hits: list[SimilarArticle]
    index: IndexFacts

    @classmethod
    def of(
        cls, article_id: str, neighbours: list[Neighbour], generation: Published
    ) -> "SimilarResponse":
        """The JSON of neighbours."""
        return cls(
            id=article_id,
            hits=[SimilarArticle.model_validate(each) for each in neighbours],
            index=IndexFacts(generation=generation.id, model=generation.manifest.model),
        )
