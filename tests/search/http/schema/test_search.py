"""The JSON of a search: what is taken, what is refused, what is answered."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from indexer.article import Span
from indexer.errors import QueryError
from indexer.storage.folder import IndexFolder
from search.http.schema.search import (
    FacetFacts,
    OutlineFacts,
    SearchHit,
    SearchParameters,
    SearchRequest,
    TextSpan,
)
from search.results import Count, Facets
from tests.support.asking import problem_of, search_json
from tests.support.corpus import QUESTIONS
from tests.support.fake_searcher import FakeSearcher, outline


def test_fields(api_client: TestClient, corpus_index: Path) -> None:
    body = search_json(api_client, "cost of the tram line to the harbour", floor=0)
    assert set(body) == {
        *("query", "hits", "total", "total_relation", "next", "answerable", "confidence"),
        *("facets", "parsed", "corrections", "variants", "relaxed", "period", "took_ms", "index"),
    }
    assert body["query"] == "cost of the tram line to the harbour"
    assert body["index"] == {"generation": IndexFolder(corpus_index).current_id(), "model": "fake"}
    assert body["took_ms"] > 0
    assert len(body["hits"]) == body["total"] == 8
    hit = body["hits"][0]
    assert set(hit) == {
        *(
            "rank",
            "score",
            "article",
            "passage",
            "answer",
            "page",
            "context",
            "verdict",
            "matches",
            "story",
        ),
        "explanation",
    }
    assert hit["article"] == {
        "id": "tram 1/a",
        "title": "Council votes for a harbour tram",
        "source": "Kestrel Post",
        "agency": None,
        "url": "https://kestrel.example/tram",
        "published": "2024-04-22",
        "updated": None,
        "author": None,
        "language": "en",
    }
    assert set(hit["passage"]) == {"id", "ids", "text", "start", "end"}
    assert set(hit["answer"]) == {"text", "start", "end"}
    assert [hit["rank"] for hit in body["hits"]] == list(range(1, 9))
    scores = [hit["score"] for hit in body["hits"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("question", QUESTIONS)
def test_offsets_slice_the_article(api_client: TestClient, question: str) -> None:
    for hit in search_json(api_client, question, group="passage")["hits"]:
        article = api_client.get(f"/v1/articles/{quote(hit['article']['id'], safe='')}").json()
        assert {name: article[name] for name in hit["article"]} == hit["article"]
        for span in (hit["passage"], hit["answer"]):
            assert article["text"][span["start"] : span["end"]] == span["text"] != ""
        assert hit["passage"]["start"] <= hit["answer"]["start"]
        assert hit["answer"]["end"] <= hit["passage"]["end"]


def test_offsets_count_code_points(api_client: TestClient) -> None:
    hit = search_json(api_client, "Mayor Pia Lund called it a triumph")["hits"][0]
    assert hit["article"]["title"] == "Owls 🦉 everywhere"
    text = api_client.get("/v1/articles/owls").json()["text"]
    assert text.index("🦉") < hit["answer"]["start"]
    assert text[hit["answer"]["start"] : hit["answer"]["end"]] == hit["answer"]["text"]


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"q": ""},
        {"q": " \t\u200b "},
        {"q": "x" * 1001},
        {"q": "x", "limit": 0},
        {"q": "x", "limit": 101},
        {"q": "x", "limit": "many"},
        {"q": "x", "offset": -1},
        {"q": "x", "offset": 401},
        {"q": "x", "mode": "psychic"},
        {"q": "x", "group": "author"},
        {"q": "x", "from": "yesterday"},
        {"q": "x", "to": "2024-02-30"},
        {"q": "x", "from": "1700000000"},
        {"q": "x", "from": "2024-05-01T00:00"},
        {"q": "x", "sort": "random"},
        {"q": "x", "explain": "perhaps"},
        {"q": "x", "cursor": "none"},
        {"q": "x", "cursor": "x" * 201},
        {"q": "x", "from": "2024-05-02", "to": "2024-05-01"},
        {"q": "x", "source": [str(number) for number in range(21)]},
    ],
)
def test_wrong_parameters(api_client: TestClient, parameters: dict[str, Any]) -> None:
    problem_of(api_client.get("/v1/search", params=parameters), 422, "invalid_request")


def test_a_problem_names_the_parameter(api_client: TestClient) -> None:
    response = api_client.get("/v1/search", params={"q": "x", "limit": 101})
    assert "limit" in problem_of(response, 422, "invalid_request")["detail"]


def test_largest_parameters(api_client: TestClient) -> None:
    search_json(api_client, "x" * 1000, limit=100, offset=400, source=["a"] * 20)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"tram", b'{"q": ""}', b'{"q": 1}', b'{"q": "x", "k": 1}',
     b'{"q": "x", "limit": 0}', b'{"q": "x", "limit": "many"}', b'{"q": "x", "source": "a"}',
     b'{"q": "x", "from": 1700000000}', b'{"q": "x", "from": "1700000000"}', b'{"q": "\\ud800"}',
        b'{"q": "x", "site": ["\\ud800"]}', b'{"q": "x", "lang": ["en", "\\udfff"]}',
     b'{"q": "x", "\\ud800": 1}', b'{"q": "x"' + b', "k": 1' * 6000 + b"}",
     b'{"q": "x",' + b",".join(b'"%d": 1' % number for number in range(5000)) + b"}"],
)  # fmt: skip
def test_wrong_bodies(api_client: TestClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = api_client.post("/v1/search", content=body, headers=headers)
    assert len(problem_of(response, 422, "invalid_request")["detail"]) <= 2000


@pytest.mark.parametrize("body", [b"\xff", b"[" * 60_000])
def test_bodies_that_cannot_be_read(api_client: TestClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    problem_of(api_client.post("/v1/search", content=body, headers=headers), 400, "bad_request")


def test_a_body_that_is_not_said_to_be_json(api_client: TestClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        response = api_client.post(
            "/v1/search", content=b'{"q": "tram"}', headers={"Content-Type": kind}
        )
        problem_of(response, 422, "invalid_request")


@pytest.mark.parametrize("name", ["sorce", "sources", "text", "published_from", "mark", "page"])
def test_an_unknown_parameter_is_named(api_client: TestClient, name: str) -> None:
    answer = api_client.get("/v1/search", params={"q": "x", name: "a"})
    assert problem_of(answer, 422, "invalid_request")["detail"] == (
        f"{name}: there is no such parameter"
    )
    answer = api_client.post("/v1/search", json={"q": "x", name: "a"})
    assert problem_of(answer, 422, "invalid_request")["detail"] == (
        f"{name}: there is no such parameter"
    )


def test_an_empty_cursor_is_none(api_client: TestClient) -> None:
    assert search_json(api_client, cursor="")["hits"] == search_json(api_client)["hits"]


def test_a_door_knows_one_name_of_a_parameter() -> None:
    for door in (SearchParameters, SearchRequest):
        with pytest.raises(QueryError, match="sources: there is no such parameter"):
            door.model_validate({"q": "x", "sources": ["a"]})
    with pytest.raises(QueryError, match="text: there is no such parameter"):
        SearchParameters.model_validate({"text": "x"})


def test_a_body_is_read_strictly_and_an_address_is_not() -> None:
    texts: dict[str, Any] = {"limit": "5", "offset": "1", "explain": "true"}
    read = SearchParameters.model_validate({"q": "x", **texts})
    assert (read.limit, read.offset, read.explain) == (5, 1, True)
    for name, value in texts.items() | {"limit": True, "explain": 1, "q": 5}.items():
        with pytest.raises(QueryError, match=f"^{name}: "):
            SearchRequest.model_validate({"q": "x", name: value})
    assert SearchRequest.model_validate({"q": "x", "limit": 5.0}).limit == 5


def test_a_span_is_told_with_its_text() -> None:
    span = TextSpan.of(Span(4, 7), "the 🦉🦉🦉 owls")
    assert span.model_dump() == {"text": "🦉🦉🦉", "start": 4, "end": 7}


def test_a_hit_of_merged_passages() -> None:
    hit = replace(FakeSearcher().hit(3), passage_number=8, merged=range(7, 10), score=1 / 3)
    told = SearchHit.of(hit)
    assert (told.passage.id, told.passage.ids) == (8, [7, 8, 9])
    assert told.score == 0.333333
    assert told.passage.text == hit.passage.of(hit.article.text)
    assert [(each.start, each.end) for each in told.matches] == [
        (each.start, each.end) for each in hit.matches
    ]
    assert told.story is None
    assert told.explanation is None


def test_an_outline_falls_back_to_the_agency() -> None:
    made = outline(1, "Walls", None, "2024-11-29")
    assert OutlineFacts.of(replace(made, agency="Wire")).source == "Wire"
    assert OutlineFacts.of(replace(made, agency="Wire", source="Echo")).source == "Echo"
    assert OutlineFacts.of(made).published == "2024-11-29"
    assert OutlineFacts.of(replace(made, published=None)).published is None


def test_facets_have_the_names_of_fields_in_the_plural() -> None:
    found = FacetFacts.of(Facets({"source": (Count("Echo", 2),)}, (Count("2024-11", 2),)))
    assert found.model_dump() == {
        "sources": [{"value": "Echo", "hits": 2}],
        "months": [{"value": "2024-11", "hits": 2}],
        "sites": [],
    }
