"""Errors as they leave: RFC 9457, application/problem+json, each with a stable code.

For a path of the page whoever lays pages out makes one instead.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Scope

from indexer.errors import (
    ArticleSearchError,
    CursorExpired,
    DeadlineExceeded,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    IndexUnavailable,
    ModelError,
    Overloaded,
    QueryError,
)
from search.http.schema.problem import Problem
from search.question.query import what_is_wrong

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem.

    code: stable, for programs
    heading: for people, above the page that says what is wrong
    error: what is raised for it; of HTTPException those with the same status
    retry_after: seconds after which it makes sense to ask again
    """

    code: str
    status: int
    heading: str = "Something went wrong"
    error: type[Exception] | None = None
    retry_after: int | None = None


# All there are. A kind of error that is a kind of another comes before it. What is overloaded is so
# for moments; an index is not mended in one.
_KINDS = (
    ProblemKind("cursor_expired", 410, "The articles have been renewed", CursorExpired),
    ProblemKind("invalid_request", 422, "That cannot be searched", QueryError),
    ProblemKind("index_missing", 503, "Nothing has been indexed yet", IndexMissing, 5),
    ProblemKind("index_damaged", 503, "The index is damaged", IndexDamaged, 5),
    ProblemKind("index_mismatch", 503, "The index does not fit this program", IndexMismatch, 5),
    ProblemKind("index_unavailable", 503, "The index cannot be opened now", IndexUnavailable, 5),
    ProblemKind("model_unavailable", 503, "The model is not available", ModelError, 5),
    ProblemKind("overloaded", 503, "Too busy just now", Overloaded, 1),
    ProblemKind("deadline_exceeded", 503, "That took too long", DeadlineExceeded, 1),
    ProblemKind("stopping", 503, retry_after=5),
    ProblemKind("bad_request", 400, error=HTTPException),
    ProblemKind("not_found", 404, "No such page", HTTPException),
    ProblemKind("method_not_allowed", 405, error=HTTPException),
    ProblemKind("body_too_large", 413, error=HTTPException),
    ProblemKind("article_not_found", 404, "No such article"),
    ProblemKind("unauthorized", 401, "A key is needed"),
    ProblemKind("admin_disabled", 403),
    ProblemKind("uri_too_long", 414, "The address is too long"),
    ProblemKind("host_not_allowed", 421, "Not a name of this server"),
    ProblemKind("rate_limited", 429, "Too many searches"),
    ProblemKind("internal", 500),
)
KINDS = {kind.code: kind for kind in _KINDS}

# As RFC 9110 has them; Python 3.11 has those of older ones.
_TITLES = {413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"}
_LONGEST_DETAIL = 2000

# (scope, kind, detail) → a page, or None for a path that is not the page's.
ProblemPage = Callable[[Scope, ProblemKind, str], Response | None]
# What a problem says about the operations of a schema.
Responses = dict[int | str, dict[str, object]]


class Problems:
    """Problems as who asks reads them.

    page: lays out a page for people; set by whoever has pages
    """

    def __init__(self) -> None:
        """Only JSON, until there is a `page`."""
        self.page: ProblemPage | None = None

    def response(
        self, scope: Scope, kind: ProblemKind, detail: str, headers: Mapping[str, str] | None = None
    ) -> Response:
        """A page if the path of `scope` is one of the page, else JSON; and `headers`."""
        page = self.page(scope, kind, detail) if self.page else None
        if page is None:
            return problem(kind, detail, headers)
        page.headers.update(_headers(kind, headers))
        return page


def problem(kind: ProblemKind, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """An RFC 9457 response, and `headers`."""
    # What was asked may hold half a surrogate pair, which no answer can.
    readable = detail[:_LONGEST_DETAIL].encode("utf-8", "replace").decode("utf-8")
    title = _TITLES.get(kind.status) or HTTPStatus(kind.status).phrase
    body = Problem(title=title, status=kind.status, code=kind.code, detail=readable)
    return Response(body.model_dump_json(), kind.status, _headers(kind, headers), PROBLEM_JSON)


def kind_of_problem(error: Exception) -> ProblemKind:
    """What kind of problem an error is."""
    if isinstance(error, HTTPException):
        others = ProblemKind("http_error", error.status_code)
        known = (kind for kind in _KINDS if kind.error is HTTPException)
        return next((kind for kind in known if kind.status == error.status_code), others)
    return next(
        (kind for kind in _KINDS if kind.error and isinstance(error, kind.error)), KINDS["internal"]
    )


def documented(*problems: tuple[int, str]) -> Responses:
    """What the schema of a route says of the problems that it may answer: status and text."""
    return {
        status: {"model": Problem, "description": text, "content": {PROBLEM_JSON: {}}}
        for status, text in problems
    }


def add_errors(api: FastAPI, problems: Problems) -> None:
    """Have every error of an app leave as a problem."""

    @api.exception_handler(ArticleSearchError)
    async def failed(request: Request, error: ArticleSearchError) -> Response:
        return problems.response(request.scope, kind_of_problem(error), str(error))

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        # The first part of a place says whether it is in the address or in the body.
        details = what_is_wrong(error.errors(), skip=1)
        return problems.response(request.scope, KINDS["invalid_request"], details)

    @api.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(sorted(_allowed(request)))
        return problems.response(request.scope, kind_of_problem(error), str(error.detail), headers)

    @api.exception_handler(Exception)
    async def broke(request: Request, error: Exception) -> Response:
        identity = request.scope["request_id"]
        logger.error("request %s failed: %s", identity, type(error).__name__)
        detail = f"an unexpected error; the server's log has the details of request {identity}"
        return problems.response(request.scope, KINDS["internal"], detail)


def _allowed(request: Request) -> set[str]:
    """The methods of a path. Starlette knows those of its first route only."""
    found = {
        method
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    # What is mounted, the files of the page, can only be read.
    found = found or {"GET"}
    return found | {"HEAD"} if "GET" in found else found


def _headers(kind: ProblemKind, headers: Mapping[str, str] | None) -> dict[str, str]:
    usual = {} if kind.retry_after is None else {"Retry-After": str(kind.retry_after)}
    return usual | dict(headers or {})
