"""Errors as they leave: each of its own kind, with what may be asked instead."""

import json

import pytest
from fastapi import Response
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException
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
    SettingsError,
    StorageError,
)
from search.http.problems import (
    KINDS,
    PROBLEM_JSON,
    ProblemKind,
    Problems,
    documented,
    kind_of_problem,
    problem,
)
from tests.support.asking import problem_of


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE", "OPTIONS", "QUERY", "BREW"])
def test_a_wrong_method_is_told_the_right_ones(api_client: TestClient, method: str) -> None:
    for path, allowed in (
        ("/v1/search", "GET, HEAD, POST"),
        ("/v1/articles/owls", "GET, HEAD"),
        ("/v1/articles/owls/similar", "GET, HEAD"),
        ("/v1/stories/owls", "GET, HEAD"),
        ("/v1/suggest", "GET, HEAD"),
        ("/livez", "GET, HEAD"),
        ("/v1/admin/reload", "POST"),
    ):
        response = api_client.request(method, path)
        problem_of(response, 405, "method_not_allowed")
        assert response.headers["allow"] == allowed


def test_every_mapped_status_has_its_own_code() -> None:
    mapped = [
        kind for kind in KINDS.values() if issubclass(kind.error or object, ArticleSearchError)
    ]
    assert len({kind.error for kind in mapped}) == len(mapped) == 9
    assert all(kind.status in (410, 422, 503) for kind in mapped)
    assert all((kind.status == 503) == (kind.retry_after is not None) for kind in KINDS.values())


def test_an_error_is_of_its_own_kind_before_that_of_its_base() -> None:
    for kind in KINDS.values():
        if kind.error and kind.error is not HTTPException:
            assert kind_of_problem(kind.error("x")) is kind
    assert kind_of_problem(HTTPException(404)) is KINDS["not_found"]
    assert kind_of_problem(HTTPException(418)) == ProblemKind("http_error", 418)
    assert kind_of_problem(ArticleSearchError("x")) is KINDS["internal"]


@pytest.mark.parametrize(
    ("error", "status", "code", "heading", "retry_after"),
    [
        (CursorExpired("x"), 410, "cursor_expired", "The articles have been renewed", None),
        (QueryError("x"), 422, "invalid_request", "That cannot be searched", None),
        (IndexMissing("x"), 503, "index_missing", "Nothing has been indexed yet", "5"),
        (IndexDamaged("x"), 503, "index_damaged", "The index is damaged", "5"),
        (IndexMismatch("x"), 503, "index_mismatch", "The index does not fit this program", "5"),
        (IndexUnavailable("x"), 503, "index_unavailable", "The index cannot be opened now", "5"),
        (ModelError("x"), 503, "model_unavailable", "The model is not available", "5"),
        (Overloaded("x"), 503, "overloaded", "Too busy just now", "1"),
        (DeadlineExceeded("x"), 503, "deadline_exceeded", "That took too long", "1"),
        (HTTPException(400), 400, "bad_request", "Something went wrong", None),
        (HTTPException(404), 404, "not_found", "No such page", None),
        (HTTPException(405), 405, "method_not_allowed", "Something went wrong", None),
        (HTTPException(413), 413, "body_too_large", "Something went wrong", None),
        # What nobody raises on purpose while a request is answered.
        (StorageError("x"), 500, "internal", "Something went wrong", None),
        (SettingsError("x"), 500, "internal", "Something went wrong", None),
        (ZeroDivisionError("x"), 500, "internal", "Something went wrong", None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_becomes_of_an_error(
    error: Exception, status: int, code: str, heading: str, retry_after: str | None
) -> None:
    kind = kind_of_problem(error)
    assert (kind.status, kind.code, kind.heading) == (status, code, heading)
    response = problem(kind, "what is wrong")
    assert (response.status_code, response.media_type) == (status, PROBLEM_JSON)
    assert response.headers.get("retry-after") == retry_after
    body = json.loads(bytes(response.body))
    assert (body["status"], body["code"], body["detail"]) == (status, code, "what is wrong")


@pytest.mark.parametrize(
    ("code", "title"),
    [("body_too_large", "Content Too Large"), ("uri_too_long", "URI Too Long"),
     ("invalid_request", "Unprocessable Content"), ("host_not_allowed", "Misdirected Request"),
     ("cursor_expired", "Gone"), ("internal", "Internal Server Error")],
)  # fmt: skip
def test_titles_are_those_of_the_standard(code: str, title: str) -> None:
    assert json.loads(bytes(problem(KINDS[code], "x").body))["title"] == title


def test_any_detail_can_be_sent() -> None:
    body = json.loads(bytes(problem(KINDS["invalid_request"], "\ud800" + "x" * 5000).body))
    assert body["detail"] == "?" + "x" * 1999


def test_given_headers_win() -> None:
    response = problem(KINDS["overloaded"], "x", {"Retry-After": "60", "X-Other": "a"})
    assert (response.headers["retry-after"], response.headers["x-other"]) == ("60", "a")


def test_a_page_is_for_its_own_paths_and_has_the_same_headers() -> None:
    def page(scope: Scope, kind: ProblemKind, detail: str) -> Response | None:
        return Response(f"{kind.heading}: {detail}", kind.status) if scope["path"] == "/" else None

    problems = Problems()
    plain = problems.response({"path": "/"}, KINDS["overloaded"], "full")
    assert plain.media_type == PROBLEM_JSON
    problems.page = page
    laid_out = problems.response({"path": "/"}, KINDS["overloaded"], "full", {"X-Other": "a"})
    assert bytes(laid_out.body) == b"Too busy just now: full"
    assert (laid_out.headers["retry-after"], laid_out.headers["x-other"]) == ("1", "a")
    other = problems.response({"path": "/v1/search"}, KINDS["overloaded"], "full")
    assert other.media_type == PROBLEM_JSON


def test_a_schema_tells_of_problems() -> None:
    told = documented((404, "No such article"), (422, "Wrong"))
    assert {status: each["description"] for status, each in told.items()} == {
        404: "No such article",
        422: "Wrong",
    }
    assert all(each["content"] == {PROBLEM_JSON: {}} for each in told.values())
