"""Asking a searcher or the service, and what they answer."""

from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from search.engine import Searcher
from search.http.problems import PROBLEM_JSON
from search.question.query import MAX_LIMIT, Query
from search.results import Hit


def all_hits(searcher: Searcher, query: Query, page: int = MAX_LIMIT) -> list[Hit]:
    hits: list[Hit] = []
    while True:
        found = searcher.search(query.changed(limit=page, offset=len(hits))).hits
        hits.extend(found)
        if len(found) < page:
            return hits


def search_json(client: TestClient, question: str = "tram", **parameters: Any) -> dict[str, Any]:
    response = client.get("/v1/search", params={"q": question, **parameters})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    body: dict[str, Any] = response.json()
    return body


def problem_of(response: Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM_JSON
    body: dict[str, Any] = response.json()
    assert set(body) == {"type", "title", "status", "code", "detail"}
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["title"]
    assert body["detail"]
    return body
