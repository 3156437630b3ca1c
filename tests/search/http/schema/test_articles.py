"""Articles and stories as JSON."""

from dataclasses import replace

from indexer.article import Article, Date, Mention, Span
from indexer.storage.rows import StoredArticle
from search.http.schema.articles import (
    ArticleFacts,
    ArticleResponse,
    SimilarResponse,
    StoryFacts,
)
from search.results import Neighbour, Story
from tests.support.fake_searcher import FakeSearcher

ARTICLE = Article(
    "a/1",
    "Walls",
    "The 🦉 sat on Monday.",
    published=Date("2024-11-30T09:12:00+09:00", certain=False, line="Published 30 November"),
    updated=Date("2024-12"),
    source="Echo",
    agency="Wire",
    url="https://echo.example/1",
    language="en",
    title_made=True,
    mentioned=(Mention(Span(13, 19), "2024-11-25", "2024-11-25"),),
)
COPY = replace(ARTICLE, id="b", title="Copy", published=None)
STORY = Story([StoredArticle(4, ARTICLE, 4), StoredArticle(7, COPY, 4, "edited")], 9)

FACTS = {
    "id": "a/1",
    "title": "Walls",
    "source": "Echo",
    "agency": "Wire",
    "url": "https://echo.example/1",
    "published": "2024-11-30T09:12:00+09:00",
    "updated": "2024-12",
    "author": None,
    "language": "en",
}


def test_the_facts_of_an_article() -> None:
    assert ArticleFacts.model_validate(ARTICLE).model_dump() == FACTS
    assert ArticleFacts.model_validate(COPY).published is None


def test_a_whole_article() -> None:
    whole = ArticleResponse.of(ARTICLE, STORY).model_dump()
    assert {name: whole[name] for name in FACTS} == FACTS
    assert (whole["text"], whole["title_made"]) == (ARTICLE.text, True)
    assert whole["dates"] == {
        "published": {
            "value": "2024-11-30T09:12:00+09:00",
            "precision": "second",
            "certain": False,
            "line": "Published 30 November",
        },
        "updated": {"value": "2024-12", "precision": "month", "certain": True, "line": None},
    }
    # In code points.
    assert whole["mentioned"] == [
        {"text": "Monday", "start": 13, "end": 19, "first": "2024-11-25", "last": "2024-11-25"}
    ]
    assert whole["story"] == StoryFacts.model_validate(STORY).model_dump()


def test_a_story_is_named_as_its_earliest_article() -> None:
    story = StoryFacts.model_validate(STORY)
    assert (story.id, story.articles) == ("a/1", 9)
    assert [(each.article.id, each.degree) for each in story.members] == [
        ("a/1", None),
        ("b", "edited"),
    ]


def test_similar_articles_and_the_index_that_found_them() -> None:
    generation = FakeSearcher().generation
    neighbours = [Neighbour(1, 0.123456789, STORY.members[1])]
    assert SimilarResponse.of("a/1", neighbours, generation).model_dump() == {
        "id": "a/1",
        "hits": [
            {"rank": 1, "score": 0.123457, "article": FACTS | {"id": "b", "title": "Copy",
                                                               "published": None}}
        ],
        "index": {"generation": "g1", "model": "fake"},
    }  # fmt: skip
