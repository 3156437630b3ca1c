"""Errors as they leave: RFC 9457, application/problem+json, each with a stable code.

A path of the page gets a page instead, by whoever lays it out (`app.state.problem_page`).
"""

import logging
from collections.abc import Callable, Mapping

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
from search.http.schema import Problem
from search.question.query import what_is_wrong

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"

# Error → status and code: the one place where they are mapped. A kind of another comes before it.
PROBLEMS: dict[type[ArticleSearchError], tuple[int, str]] = {
    CursorExpired: (410, "cursor_expired"),
    QueryError: (422, "invalid_request"),
    IndexMissing: (503, "index_missing"),
    IndexDamaged: (503, "index_damaged"),
    IndexMismatch: (503, "index_mismatch"),
    IndexUnavailable: (503, "index_unavailable"),
    ModelError: (503, "model_unavailable"),
    Overloaded: (503, "overloaded"),
    DeadlineExceeded: (503, "deadline_exceeded"),
}
_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
}
_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    410: "Gone",
    413: "Content Too Large",
    414: "URI Too Long",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
# Seconds. What is overloaded is so for moments; an index is not mended in one.
_RETRY_AFTER = {"overloaded": "1", "deadline_exceeded": "1"}
_LONGEST_DETAIL = 2000

# (scope, status, code, detail) → a page, or None for a path that is not the page's.
ProblemPage = Callable[[Scope, int, str, str], Response | None]
# What a problem says about the operations of a schema.
Responses = dict[int | str, dict[str, object]]


def problem(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    """An RFC 9457 response, and `headers`."""
    # What was asked may hold half a surrogate pair, which no answer can.
    said = detail[:_LONGEST_DETAIL].encode("utf-8", "replace").decode("utf-8")
    body = Problem(title=_TITLES.get(status, "Error"), status=status, code=code, detail=said)
    return Response(body.model_dump_json(), status, _headers(status, code, headers), PROBLEM_JSON)


def problem_for(
    scope: Scope, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A problem as who asks for the path of `scope` reads it: a page for people, else JSON."""
    render: ProblemPage | None = scope["app"].state.problem_page
    page = render(scope, status, code, detail) if render else None
    if page is None:
        return problem(status, code, detail, headers)
    page.headers.update(_headers(status, code, headers))
    return page


def describe(error: ArticleSearchError) -> tuple[int, str]:
    """The status and code of an error."""
    return next(
        (found for kind, found in PROBLEMS.items() if isinstance(error, kind)), (500, "internal")
    )


def retry_after(code: str) -> str:
    """Seconds after which it makes sense to ask again, for a 503 with this code."""
    return _RETRY_AFTER.get(code, "5")


def documented(*problems: tuple[int, str]) -> Responses:
    """What the schema of a route says of the problems that it may answer: status and text."""
    return {
        status: {"model": Problem, "description": text, "content": {PROBLEM_JSON: {}}}
        for status, text in problems
    }


def add_errors(api: FastAPI) -> None:
    """Have every error of an app leave as a problem."""
    api.state.problem_page = None

    @api.exception_handler(ArticleSearchError)
    async def failed(request: Request, error: ArticleSearchError) -> Response:
        return problem_for(request.scope, *describe(error), str(error))

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        # The first part of a place says whether it is in the address or in the body.
        details = what_is_wrong(error.errors(), skip=1)
        return problem_for(request.scope, 422, "invalid_request", details)

    @api.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        status = error.status_code
        headers = dict(error.headers or {})
        if status == 405:
            headers["Allow"] = ", ".join(sorted(_allowed(request)))
        code = _HTTP_CODES.get(status, "http_error")
        return problem_for(request.scope, status, code, str(error.detail), headers)

    @api.exception_handler(Exception)
    async def broke(request: Request, error: Exception) -> Response:
        identity = request.scope["request_id"]
        logger.error("request %s failed: %s", identity, type(error).__name__)
        detail = f"an unexpected error; the server's log has the details of request {identity}"
        return problem_for(request.scope, 500, "internal", detail)


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


def _headers(status: int, code: str, headers: Mapping[str, str] | None) -> dict[str, str]:
    usual = {"Retry-After": retry_after(code)} if status == 503 else {}
    return usual | dict(headers or {})
