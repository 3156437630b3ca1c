"""The routes that read: searches, articles, stories, suggestions. All ask the one Searcher."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import FastAPI, Path, Response
from fastapi import Query as Parameter
from pydantic import BaseModel

from indexer.storage.rows import StoredArticle
from search.engine import Searcher
from search.http.problems import KINDS, documented, problem
from search.http.runner import Runner
from search.http.schema.articles import ArticleResponse, SimilarResponse, StoryFacts
from search.http.schema.search import (
    SearchParameters,
    SearchRequest,
    SearchResponse,
    SuggestResponse,
)
from search.question.query import MAX_QUESTION
from search.results import Results

MOST_SUGGESTIONS = 20
MOST_SIMILAR = 50

ArticleId = Annotated[str, Path(max_length=2000)]


_INVALID = (422, "A parameter is out of its limits")
_NO_INDEX = (503, "No index to search")
_NO_ARTICLE = (404, "No such article")
_EXPIRED = (410, "The cursor is of an index that has been renewed")


def add_routes(api: FastAPI, runner: Runner) -> None:
    """Add the routes that read."""
    _add_search(api, runner)
    _add_articles(api, runner)

    @api.get(
        "/v1/suggest",
        response_model=SuggestResponse,
        responses=documented(_INVALID, _NO_INDEX),
        tags=["search"],
    )
    async def suggest(
        q: Annotated[str, Parameter(max_length=MAX_QUESTION, description="What has been typed")],
        limit: Annotated[int, Parameter(ge=1, le=MOST_SUGGESTIONS)] = 8,
    ) -> Response:
        """Names and headlines that begin with what has been typed."""
        found = await runner.run(lambda: runner.live.current().suggest(q, limit))
        return _json(SuggestResponse.of(q, found))


def _add_search(api: FastAPI, runner: Runner) -> None:
    problems = documented(_EXPIRED, _INVALID, _NO_INDEX)

    @api.get("/v1/search", response_model=SearchResponse, responses=problems, tags=["search"])
    async def search(query: Annotated[SearchParameters, Parameter()]) -> Response:
        """Rank passages for a question; one hit for each story, article or passage."""
        return await runner.answer(query, _search_response)

    @api.post("/v1/search", response_model=SearchResponse, responses=problems, tags=["search"])
    async def search_by_post(request: SearchRequest) -> Response:
        """The same search, asked for by a JSON body."""
        return await runner.answer(request, _search_response)


def _add_articles(api: FastAPI, runner: Runner) -> None:
    problems = documented(_NO_ARTICLE, _INVALID, _NO_INDEX)
    get = partial(api.get, responses=problems, tags=["articles"])

    async def respond(
        article_id: str, show: Callable[[Searcher, StoredArticle], BaseModel]
    ) -> Response:
        """What is shown of an article, or that there is none."""

        def read() -> Response:
            searcher = runner.live.current()
            stored = searcher.article(article_id)
            if stored is None:
                detail = f"there is no article {article_id!r}"
                return problem(KINDS["article_not_found"], detail)
            return _json(show(searcher, stored))

        return await runner.run(read)

    # Before the article's own route, whose id may hold slashes.
    @get("/v1/articles/{article_id:path}/similar", response_model=SimilarResponse)
    async def similar(
        article_id: ArticleId, limit: Annotated[int, Parameter(ge=1, le=MOST_SIMILAR)] = 10
    ) -> Response:
        """Articles about the same as one, of other stories."""
        return await respond(
            article_id,
            lambda searcher, stored: SimilarResponse.of(
                article_id, searcher.similar(stored, limit), searcher.generation
            ),
        )

    @get("/v1/articles/{article_id:path}", response_model=ArticleResponse)
    async def article(article_id: ArticleId) -> Response:
        """One article with its text, into which the offsets of a search point."""
        return await respond(
            article_id,
            lambda searcher, stored: ArticleResponse.of(
                stored.article, searcher.story(stored.story)
            ),
        )

    @get("/v1/stories/{article_id:path}", response_model=StoryFacts)
    async def story(article_id: ArticleId) -> Response:
        """The articles that tell the same as one of them, the earliest first."""
        return await respond(
            article_id,
            lambda searcher, stored: StoryFacts.model_validate(searcher.story(stored.story)),
        )


def _search_response(results: Results) -> Response:
    return _json(SearchResponse.of(results))


def _json(body: BaseModel) -> Response:
    return Response(body.model_dump_json(), media_type="application/json")
