"""The routes that read."""

from typing import Any
from urllib.parse import quote

from fastapi.testclient import TestClient

from tests.support.asking import problem_of, search_json


def test_article_ids_with_slash_and_space(api_client: TestClient) -> None:
    for path in ("tram 1/a", "tram%201%2Fa"):
        response = api_client.get(f"/v1/articles/{path}")
        assert response.status_code == 200
        body = response.json()
        assert set(body) == {
            *("id", "title", "title_made", "text", "source", "agency", "author", "url"),
            *("published", "updated", "dates", "mentioned", "language", "story"),
        }
        assert body["id"] == "tram 1/a"


def test_parameters(api_client: TestClient) -> None:
    assert len(search_json(api_client, limit=3)["hits"]) == 3
    assert [hit["rank"] for hit in search_json(api_client, limit=2, offset=4, floor=0)["hits"]] == [
        5,
        6,
    ]
    assert search_json(api_client, offset=400)["hits"] == []
    assert search_json(api_client, "bakery", group="story", floor=0)["total"] == 7
    assert search_json(api_client, "bakery", group="article", floor=0)["total"] == 8
    assert search_json(api_client, "Xylophon", mode="lexical")["hits"] == []
    assert search_json(api_client, "Xylophon", mode="semantic", floor=0)["total"] == 8


def test_filters(api_client: TestClient) -> None:
    def found(**parameters: Any) -> set[str]:
        hits = search_json(api_client, "bakery tram bees cup", **parameters)["hits"]
        return {hit["article"]["title"] for hit in hits}

    tram, final = "Council votes for a harbour tram", "Rovers win the cup"
    bees, copy = "Bees that groom each other", "Bakery shuts after 91 years"
    assert found(source="kestrel POST") == {tram, final}
    assert found(source=["Kestrel Post", "Teal Times"]) == {tram, final, bees, copy}
    assert found(source="Nobody") == set()
    assert found(**{"from": "2024-05-01", "to": "2024-05-18"}) == {bees, final}
    assert found(**{"from": "2024-05-01", "to": "2024-05-17"}) == {bees}
    assert found(source="Kestrel Post", to="2024-05-01") == {tram}


def test_absent(api_client: TestClient) -> None:
    problem_of(api_client.get("/v1/articles/nowhere"), 404, "article_not_found")
    problem_of(api_client.get("/v1/nothing"), 404, "not_found")


def test_post_is_get(api_client: TestClient) -> None:
    requests: list[dict[str, Any]] = [
        {"q": "tram", "limit": 2, "offset": 1, "mode": "lexical", "group": "passage"},
        {"q": "bakery tram", "source": ["Kestrel Post"], "from": "2024-05-01", "explain": True},
        {"q": '"harbour tram" -bees', "sort": "date", "group": "story", "to": "2024-05-18"},
    ]
    for parameters in requests:
        got = api_client.get("/v1/search", params=parameters).json()
        response = api_client.post("/v1/search", json=parameters)
        assert response.status_code == 200
        posted = response.json()
        del got["took_ms"], posted["took_ms"]
        assert posted == got


def test_similar_articles(api_client: TestClient) -> None:
    body = api_client.get("/v1/articles/copy/similar", params={"limit": 3}).json()
    assert body["id"] == "copy"
    assert [hit["rank"] for hit in body["hits"]] == [1, 2, 3]
    scores = [hit["score"] for hit in body["hits"]]
    assert scores == sorted(scores, reverse=True)
    titles = {hit["article"]["title"] for hit in body["hits"]}
    # Neither the article nor its original.
    assert not titles & {"Bakery shuts after 91 years", "Last loaves at the Millbrook bakery"}
    assert body["index"]["model"] == "fake"
    for limit in (0, 51):
        answer = api_client.get("/v1/articles/copy/similar", params={"limit": limit})
        problem_of(answer, 422, "invalid_request")
    problem_of(api_client.get("/v1/articles/none/similar"), 404, "article_not_found")


def test_a_story_begins_with_the_earliest_article(api_client: TestClient) -> None:
    body = api_client.get("/v1/stories/copy").json()
    assert [(each["article"]["title"], each["degree"]) for each in body["members"]] == [
        ("Last loaves at the Millbrook bakery", None),
        ("Bakery shuts after 91 years", "same"),
    ]
    assert (body["id"], body["articles"]) == (body["members"][0]["article"]["id"], 2)
    assert api_client.get(f"/v1/stories/{quote(body['id'], safe='')}").json() == body
    assert api_client.get("/v1/articles/copy").json()["story"] == body
    problem_of(api_client.get("/v1/stories/none"), 404, "article_not_found")


def test_suggestions(api_client: TestClient) -> None:
    body = api_client.get("/v1/suggest", params={"q": "bak"}).json()
    assert body["query"] == "bak"
    headline = {"text": "Bakery shuts after 91 years", "kind": "headline", "article": "copy"}
    assert headline in body["suggestions"]
    assert len(api_client.get("/v1/suggest?q=b&limit=1").json()["suggestions"]) == 1
    assert api_client.get("/v1/suggest?q=").json() == {"query": "", "suggestions": []}
    for wrong in ("", "?q=b&limit=0", "?q=b&limit=21", f"?q={'b' * 1001}"):
        problem_of(api_client.get(f"/v1/suggest{wrong}"), 422, "invalid_request")
