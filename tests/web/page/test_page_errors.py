"""Pages that say what is wrong: parameters, addresses, an index that is not there."""

import html

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import QueryParams

from indexer.errors import (
    ArticleSearchError,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    ModelError,
)
from search.question.query import MAX_QUESTION
from tests.support.fake_searcher import FakeLive
from tests.support.pages import box


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("q=", "the question is empty"),
        ("q=%20%E2%80%8B", "the question is empty"),
        ("q=" + "a" * 1001, "1001 characters"),
        ("q=walls&mode=foo", "mode is “foo”"),
        ("q=walls&group=foo", "group is “foo”"),
        ("q=walls&page=abc", "page is “abc”"),
        ("q=walls&page=0", "page is “0”"),
        ("q=walls&page=92", "page is “92”"),
        ("q=walls&page=%D9%A3", "a number from 1 to 41"),
        ("q=walls&page=" + "9" * 5000, "a number from 1 to 41"),
        ("q=walls&from=not-a-date", "from is “not-a-date”"),
        ("q=walls&from=20240101", "from is “20240101”"),
        ("q=walls&cursor=x", "the cursor is none that this service made"),
        ("q=walls&sort=foo", "sort is “foo”"),
        ("q=walls&to=2024-02-31", "to is “2024-02-31”"),
        ("q=walls&from=2024-02-02&to=2024-02-01", "from 2024-02-02 is after to 2024-02-01"),
        (
            "q=walls&" + "&".join(f"source={i}" for i in range(21)),
            "source is there 21 times; at most 20 are read",
        ),
        ("mode=foo", "mode is “foo”"),
    ],
)
def test_wrong_parameters_get_a_friendly_page(
    client: TestClient, parameters: str, said: str
) -> None:
    answer = client.get(f"/?{parameters}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert said in html.unescape(answer.text)
    assert box(answer.text) == QueryParams(parameters).get("q", "")[:MAX_QUESTION]


LONG = {
    "sources": "q=a&" + "&".join(f"source={i}" for i in range(4000)),
    "authors": "q=a&" + "&".join(f"author={i}" for i in range(4000)),
    "languages": "q=a&" + "&".join(f"lang={i}" for i in range(4000)),
    "a source": "q=a&source=" + "s" * 30_000,
    "a cursor": "q=a&cursor=" + "c" * 30_000,
    "a question": "q=" + "a" * 30_000,
    "operators": "q=" + "%20".join(f"source:{i}" for i in range(2000)),
    "a day": "q=a&from=" + "1" * 30_000,
}


@pytest.mark.parametrize("path", ["/", "/article/nope"])
@pytest.mark.parametrize("parameters", LONG.values(), ids=LONG)
def test_no_address_makes_a_large_page(client: TestClient, path: str, parameters: str) -> None:
    answer = client.get(f"{path}?{parameters}")
    assert answer.status_code in (404, 414, 422)
    assert len(answer.content) < 200_000


@pytest.mark.parametrize("where", ["passage=x", "answer=-1-2", "passage=1-" + "9" * 5000])
def test_wrong_offsets_get_a_friendly_page(client: TestClient, where: str) -> None:
    answer = client.get(f"/article/storm-1?q=walls&{where}")
    assert answer.status_code == 422
    assert "it must be two offsets" in answer.text


@pytest.mark.parametrize(
    ("error", "heading"),
    [
        (IndexMissing, "Nothing has been indexed yet"),
        (IndexDamaged, "The index is damaged"),
        (IndexMismatch, "The index does not fit this program"),
        (ModelError, "The model is not available"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/?q=walls", "/article/storm-1"])
def test_without_an_index_every_page_says_what_to_do(
    client: TestClient, live: FakeLive, error: type[ArticleSearchError], heading: str, path: str
) -> None:
    live.error = error("it is gone; run `reindex PATH --index <dir>`")
    answer = client.get(path)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert heading in answer.text
    assert "<code>reindex PATH --index &lt;dir&gt;</code>" in answer.text
    assert box(answer.text) == ("walls" if "q=" in path else "")


@pytest.mark.parametrize("path", ["/article/", "/article/nope", "/article/%2e%2e%2f%ff%00"])
def test_no_such_article(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "No such article" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_the_json_keeps_its_own_errors(client: TestClient) -> None:
    assert client.get("/v1/search?q=").headers["content-type"] == "application/problem+json"
