"""What /metrics shows."""

import re
import time
from pathlib import Path

from fastapi.testclient import TestClient

from tests.conftest import Build
from tests.support.asking import problem_of, search_json
from tests.support.corpus import CORPUS
from tests.support.keys import ADMIN, bearer


def test_metrics(api_client: TestClient) -> None:
    search_json(api_client)
    api_client.get("/v1/search")
    api_client.get("/v1/articles/nowhere")
    lines = api_client.get("/metrics").text.splitlines()
    count = "article_search_requests_total"
    assert f'{count}{{route="/v1/search",status="200"}} 1.0' in lines
    assert f'{count}{{route="/v1/search",status="422"}} 1.0' in lines
    assert any("/v1/articles/{article_id" in line and 'status="404"' in line for line in lines)
    assert 'article_search_stage_seconds_count{stage="total"} 1.0' in lines


def test_metrics_of_the_index(live_client: TestClient, build: Build, index: Path) -> None:
    before = live_client.get("/metrics").text
    assert 'article_search_generations_total{result="swapped"} 0.0' in before
    assert "article_search_passages" not in before
    build()
    live_client.post("/v1/admin/reload", headers=bearer(ADMIN))
    bad = build({"one.json": CORPUS["feeds/final.json"]})
    (index / "generations" / str(bad.generation) / "tokens.bin").unlink()
    problem_of(live_client.post("/v1/admin/reload", headers=bearer(ADMIN)), 503, "index_damaged")
    metrics = live_client.get("/metrics").text
    assert 'article_search_generations_total{result="swapped"} 1.0' in metrics
    refused = re.search(r'generations_total{result="refused"} (\d+)\.0', metrics)
    assert refused
    assert int(refused[1]) >= 1
    assert "article_search_articles 8.0" in metrics
    assert "article_search_passages 8.0" in metrics
    created = re.search(r"^article_search_index_created_seconds (\S+)", metrics, re.M)
    assert created
    assert abs(float(created[1]) - time.time()) < 600
