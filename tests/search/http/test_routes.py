"""The routes that read."""

from typing import Any

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
    assert [hit["rank"] for hit in search_json(api_client, limit=2, offset=4)["hits"]] == [5, 6]
    assert search_json(api_client, offset=400)["hits"] == []
    assert search_json(api_client, "bakery", group="story")["total"] == 7
    assert search_json(api_client, "bakery", group="article")["total"] == 8
    assert search_json(api_client, "Xylophon", mode="lexical")["hits"] == []
    assert search_json(api_client, "Xylophon", mode="semantic")["total"] == 8


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
