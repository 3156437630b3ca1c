"""The JSON service: FastAPI over one Searcher. Every error leaves as application/problem+json."""

import hmac
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Annotated, TypeVar

import anyio
import anyio.to_thread
from fastapi import FastAPI, Header, Path, Request, Response
from fastapi import Query as Parameter
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from indexer.errors import (
    ArticleSearchError,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    ModelError,
    QueryError,
)
from search.engine import Results
from search.live import LiveSearcher
from search.query import MAX_LIMIT, MAX_OFFSET, MAX_QUESTION, MAX_SOURCES, Group, Mode, Query
from search.schema import ArticleResponse, Problem, Reload, SearchResponse, Status

logger = logging.getLogger(__name__)

T = TypeVar("T")

PROBLEM_JSON = "application/problem+json"

# Error → status and code: the one place where they are mapped.
PROBLEMS: dict[type[ArticleSearchError], tuple[int, str]] = {
    QueryError: (422, "invalid_request"),
    IndexMissing: (503, "index_missing"),
    IndexDamaged: (503, "index_damaged"),
    IndexMismatch: (503, "index_mismatch"),
    ModelError: (503, "model_unavailable"),
}
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed"}
_TITLES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    422: "Unprocessable Content",
    503: "Service Unavailable",
}
_BUCKETS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 1.0)


class Metrics:
    """What /metrics shows, in a registry of its own."""

    def __init__(self, live: LiveSearcher) -> None:
        """Register every metric."""
        self.registry = CollectorRegistry()
        self.registry.register(_IndexCollector(live))
        self.requests = Counter(
            "article_search_requests_total",
            "HTTP requests by route and status.",
            ["route", "status"],
            registry=self.registry,
        )
        self.stages = Histogram(
            "article_search_stage_seconds",
            "Time of each stage of a search.",
            ["stage"],
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def observe(self, results: Results) -> None:
        """Record the stages of one search."""
        for stage, milliseconds in results.timings.items():
            self.stages.labels(stage).observe(milliseconds / 1e3)
        self.stages.labels("total").observe(results.took_ms / 1e3)


class _IndexCollector(Collector):
    """What is served, and how often that changed, read when /metrics is."""

    def __init__(self, live: LiveSearcher) -> None:
        self._live = live

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        generations = CounterMetricFamily(
            "article_search_generations",
            "Generations taken over, and refused because they could not be opened.",
            labels=["result"],
        )
        generations.add_metric(["swapped"], self._live.swapped)
        generations.add_metric(["refused"], self._live.refused)
        yield generations
        serving = self._live.serving
        if serving is None:
            return
        manifest = serving.manifest
        created = datetime.fromisoformat(manifest.created).timestamp()
        for name, text, value in (
            ("articles", "Articles in the index.", manifest.articles),
            ("passages", "Passages in the index.", manifest.passages),
            ("index_bytes", "Size of the live generation.", manifest.size),
            ("index_created_seconds", "When it was published, in Unix time.", created),
        ):
            yield GaugeMetricFamily(f"article_search_{name}", text, value)


class SearchService:
    """Runs searches off the event loop, a bounded number at a time."""

    def __init__(self, live: LiveSearcher, threads: int) -> None:
        """Serve what `live` finds on `threads` cores."""
        self.live = live
        self.metrics = Metrics(live)
        self._threads = threads
        self._limiter: anyio.CapacityLimiter | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread, when one is free."""
        if self._limiter is None:
            # Twice the cores: while one search waits for its answer to be sent, another can run
            # (135 against 120 searches/s at 8 clients on two cores; four times the cores, 112).
            self._limiter = anyio.CapacityLimiter(2 * self._threads)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    async def search(self, query: Query) -> Results:
        """Answer a question on the live index and count its stages."""
        results = await self.run(lambda: self.live.current().search(query))
        self.metrics.observe(results)
        return results


def problem(status: int, code: str, detail: str) -> Response:
    """An RFC 9457 response."""
    title = _TITLES.get(status, "Error")
    body = Problem(title=title, status=status, code=code, detail=detail)
    headers = {503: {"Retry-After": "5"}, 401: {"WWW-Authenticate": "Bearer"}}.get(status)
    return Response(body.model_dump_json(), status, headers, PROBLEM_JSON)


def describe(error: ArticleSearchError) -> tuple[int, str]:
    """The status and code of an error."""
    return next(
        (found for kind, found in PROBLEMS.items() if isinstance(error, kind)), (500, "internal")
    )


def create_api(live: LiveSearcher, threads: int, admin_key: str | None = None) -> FastAPI:
    """The service over a live searcher; its `state.service` is for pages that share it.

    Who administers it has to know `admin_key`; without one nobody does.
    """
    service = SearchService(live, threads)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            await service.run(live.current)
        except ArticleSearchError as error:
            logger.warning("serving without an index: %s", error)
        live.follow()
        yield
        live.stop()

    api = FastAPI(
        title="article-search",
        summary="Ranked passages of news articles, each with the sentence that answers.",
        version="1",
        lifespan=lifespan,
        # FastAPI's viewers load scripts from another host; the page has one that does not.
        docs_url=None,
        redoc_url=None,
    )
    api.state.service = service
    _add_errors(api)
    api.add_middleware(CountRequests, metrics=service.metrics)
    _add_routes(api, service)
    _add_administration(api, live, admin_key)
    return api


def _add_errors(api: FastAPI) -> None:
    @api.exception_handler(ArticleSearchError)
    async def failed(_: Request, error: ArticleSearchError) -> Response:
        return problem(*describe(error), str(error))

    @api.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        details = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'][1:])}: {each['msg']}"
            for each in error.errors()
        )
        return problem(422, "invalid_request", details)

    @api.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        code = _HTTP_CODES.get(error.status_code, "http_error")
        response = problem(error.status_code, code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @api.exception_handler(Exception)
    async def broke(_: Request, error: Exception) -> Response:
        return problem(500, "internal", "an unexpected error; the server's log has the details")


class CountRequests:
    """ASGI middleware that counts responses by route and status, at a few microseconds each."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap an app."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through, and look at the status of the response."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.requests.labels(_route(scope), message["status"]).inc()
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception:
            self._metrics.requests.labels(_route(scope), 500).inc()
            raise


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "other")


def _add_routes(api: FastAPI, service: SearchService) -> None:
    problems: dict[int | str, dict[str, object]] = {
        status: {"model": Problem, "description": text, "content": {PROBLEM_JSON: {}}}
        for status, text in (
            (422, "A parameter is out of its limits"),
            (503, "No index to search"),
        )
    }
    absent: dict[int | str, dict[str, object]] = {
        404: {"model": Problem, "description": "No such article", "content": {PROBLEM_JSON: {}}}
    }

    @api.get("/v1/search", response_model=SearchResponse, responses=problems, tags=["search"])
    async def search(
        q: Annotated[
            str, Parameter(min_length=1, max_length=MAX_QUESTION, description="A question")
        ],
        limit: Annotated[int, Parameter(ge=1, le=MAX_LIMIT)] = 10,
        offset: Annotated[int, Parameter(ge=0, le=MAX_OFFSET)] = 0,
        source: Annotated[
            list[str], Parameter(max_length=MAX_SOURCES, description="Only of these outlets")
        ] = [],  # noqa: B006 - FastAPI copies defaults
        published_from: Annotated[date | None, Parameter(alias="from")] = None,
        published_to: Annotated[date | None, Parameter(alias="to")] = None,
        group: Group = "article",
        mode: Mode = "hybrid",
    ) -> Response:
        """Rank passages for a question; one hit for each story, article or passage."""
        query = Query(
            q, limit, offset, mode, group, tuple(filter(None, source)), published_from, published_to
        )
        results = await service.search(query)
        return Response(SearchResponse.of(results).model_dump_json(), media_type="application/json")

    @api.get(
        "/v1/articles/{article_id:path}",
        response_model=ArticleResponse,
        responses={**problems, **absent},
        tags=["search"],
    )
    async def article(article_id: Annotated[str, Path(max_length=2000)]) -> Response:
        """One article with its text, into which the offsets of a search point."""

        def read() -> Response:
            searcher = service.live.current()
            stored = searcher.article(article_id)
            if stored is None:
                return problem(404, "article_not_found", f"there is no article {article_id!r}")
            story = searcher.story(stored.story)
            body = ArticleResponse.whole(stored.article, story).model_dump_json()
            return Response(body, media_type="application/json")

        return await service.run(read)

    @api.get("/livez", response_model=Status, tags=["health"])
    async def livez() -> Status:
        """The process answers."""
        return Status(status="alive")

    @api.get("/readyz", response_model=Status, responses={503: problems[503]}, tags=["health"])
    async def readyz() -> Status:
        """An index is open and a real search on it has succeeded."""
        # Not behind the searches: a busy server is ready.
        await anyio.to_thread.run_sync(service.live.current)
        return Status(status="ready")

    @api.get("/metrics", response_class=Response, tags=["health"])
    async def metrics() -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _add_administration(api: FastAPI, live: LiveSearcher, key: str | None) -> None:
    refusals: dict[int | str, dict[str, object]] = {
        status: {"model": Problem, "description": text, "content": {PROBLEM_JSON: {}}}
        for status, text in (
            (401, "The admin key is missing or wrong"),
            (403, "The server has no admin key"),
            (503, "The new generation is refused"),
        )
    }

    @api.post("/v1/admin/reload", response_model=Reload, responses=refusals, tags=["admin"])
    async def reload(
        authorization: Annotated[str, Header(max_length=1000, description="Bearer KEY")] = "",
    ) -> Response:
        """Open what has been published now, rather than within a second."""
        if key is None:
            detail = "there is no admin key; set ARTICLE_SEARCH_ADMIN_KEY and start the server anew"
            return problem(403, "admin_disabled", detail)
        # Headers arrive as bytes, which Starlette reads as Latin-1.
        sent = authorization.encode("latin-1")
        if not hmac.compare_digest(sent, f"Bearer {key}".encode()):
            return problem(401, "unauthorized", "send the header Authorization: Bearer KEY")
        swapped = await anyio.to_thread.run_sync(live.reload)
        body = Reload(generation=live.current().generation.id, swapped=swapped)
        return Response(body.model_dump_json(), media_type="application/json")
