"""The JSON service: FastAPI over one Searcher. Every error leaves as application/problem+json."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.exposition import generate_latest
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from indexer.errors import ArticleSearchError
from search.http.access import Access
from search.http.middleware.accesslog import AccessLog
from search.http.middleware.conditional import HeadAsGet, conditional_route
from search.http.middleware.gate import Gate, Stopping
from search.http.middleware.headers import AnswerHeaders
from search.http.middleware.keys import ADMIN
from search.http.middleware.metrics import CountRequests
from search.http.middleware.rate import RateLimit
from search.http.problems import KINDS, Problems, add_errors, documented, problem
from search.http.routes import add_routes
from search.http.runner import Runner
from search.http.schema.problem import Ready, Reload, RunFacts, Status
from search.live import LiveSearcher

logger = logging.getLogger(__name__)

# Bytes of an answer below which gzip saves no packet, and its level: 4 makes 19 kB of JSON 4.9 kB
# in .18 ms, 9 makes them 4.8 kB in .28 ms.
_WORTH_PACKING = 1200
_PACKING = 4

# What the gate, the limits or a bug may make of any request.
_ANYWHERE = documented(
    (400, "The request cannot be read"),
    (401, "A key is needed, and is missing or wrong"),
    (413, "The body is too large"),
    (414, "The address is too long"),
    (421, "The server does not answer to this host name"),
    (429, "Too many requests of one client"),
    (500, "A bug"),
    (503, "No index to search, too many searches at a time, or one that took too long"),
)
_NO_KEY: dict[str, Any] = {"security": []}


class Service(FastAPI):
    """FastAPI inside its middleware, so that this sees every answer, also those to bugs."""

    def __init__(self, runner: Runner, access: Access, **options: Any) -> None:
        """An app without routes; `runner` and `problems` are for all that add some."""
        super().__init__(**options)
        self.runner = runner
        self.problems = Problems()
        self._access = access
        # Made here and not with the rest of the stack, which each process builds when first asked.
        self._rate = RateLimit(access.rate) if access.rate else None

    def build_middleware_stack(self) -> ASGIApp:
        """What a request passes: from the last line here to the first, then the routes."""
        access = self._access
        metrics = self.runner.metrics
        app: ASGIApp = Stopping(super().build_middleware_stack(), self.problems)
        app = GZipMiddleware(app, _WORTH_PACKING, _PACKING)
        # Outside of gzip: HEAD has the length of what GET would send.
        app = HeadAsGet(app)
        app = Gate(app, access, self._rate, metrics.rejected, self.problems)
        # Outside of the gate: what it refuses is counted, and may be read by scripts. A browser
        # sends no key with the question whether it may ask.
        app = CountRequests(app, metrics)
        if access.origins:
            app = CORSMiddleware(
                app,
                allow_origins=access.origins,
                allow_methods=["GET", "HEAD", "POST"],
                allow_headers=["*"],
                expose_headers=["ETag", "Retry-After", "X-Request-ID"],
            )
        app = AnswerHeaders(app, private=bool(access.read_keys))
        return AccessLog(app)

    def openapi(self) -> dict[str, Any]:
        """The schema, with the keys that this server asks for."""
        schema = super().openapi()
        bearer = {"type": "http", "scheme": "bearer"}
        header = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
        schema["components"]["securitySchemes"] = {"bearer": bearer, "header": header}
        schema["security"] = [{"bearer": []}, {"header": []}]
        if not self._access.read_keys:
            schema["security"].append({})
        return schema


def create_api(live: LiveSearcher, threads: int, access: Access | None = None) -> Service:
    """The service over a live searcher, by default for everybody."""
    access = access or Access()
    runner = Runner(live, threads, access.deadline)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            await anyio.to_thread.run_sync(live.current)
        except ArticleSearchError as error:
            logger.warning("serving without an index: %s", error)
        live.follow()
        yield
        await anyio.to_thread.run_sync(live.stop)
        await runner.close()

    api = Service(
        runner,
        access,
        title="article-search",
        summary="Ranked passages of news articles, each with the sentence that answers.",
        version="1",
        lifespan=lifespan,
        responses=_ANYWHERE,
        # FastAPI's viewers load scripts from another host; the page has one that does not.
        docs_url=None,
        redoc_url=None,
    )
    add_errors(api, api.problems)
    _add_health(api, runner)
    _add_administration(api, live, access.admin_key is not None)
    # From here on: what is read.
    api.router.route_class = conditional_route(live)
    add_routes(api, runner)
    return api


def _add_health(api: FastAPI, runner: Runner) -> None:
    @api.get("/livez", response_model=Status, tags=["health"], openapi_extra=_NO_KEY)
    async def livez() -> Status:
        """The process answers."""
        return Status(status="alive")

    @api.get("/readyz", response_model=Ready, tags=["health"], openapi_extra=_NO_KEY)
    async def readyz() -> Ready:
        """An index is open, a real search on it has succeeded, and new ones are looked for."""
        # Not behind the searches: a busy server is ready.
        await anyio.to_thread.run_sync(runner.live.check)
        run = await anyio.to_thread.run_sync(runner.live.last_run)
        return Ready(status="ready", last_run=RunFacts.of(run) if run else None)

    @api.get("/metrics", response_class=Response, tags=["health"])
    async def metrics() -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(runner.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _add_administration(api: FastAPI, live: LiveSearcher, enabled: bool) -> None:
    @api.post(
        "/v1/admin/reload",
        response_model=Reload,
        responses=documented((403, "The server has no admin key")),
        tags=["admin"],
        openapi_extra={"security": [{"bearer": []}, {"header": []}]},
    )
    async def reload(request: Request) -> Response:
        """Open what has been published now, rather than within a second."""
        if not enabled:
            detail = "there is no admin key; set ARTICLE_SEARCH_ADMIN_KEY and start the server anew"
            return problem(KINDS["admin_disabled"], detail)
        if request.scope["key"] != ADMIN:
            detail = "send the admin key in the header Authorization: Bearer KEY"
            return problem(KINDS["unauthorized"], detail, {"WWW-Authenticate": "Bearer"})
        swapped = await anyio.to_thread.run_sync(live.reload)
        body = Reload(generation=live.current().generation.id, swapped=swapped)
        return Response(body.model_dump_json(), media_type="application/json")
