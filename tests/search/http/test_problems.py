"""Errors as they leave: each of its own kind, with what may be asked instead."""

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from indexer.errors import ArticleSearchError
from search.http.problems import KINDS, Kind, kind_of_problem
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
    assert kind_of_problem(HTTPException(418)) == Kind("http_error", 418)
    assert kind_of_problem(ArticleSearchError("x")) is KINDS["internal"]
