"""What /metrics shows."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.exposition import generate_latest

from search.http.middleware.metrics import Metrics
from search.live import LiveSearcher
from search.question.query import Query
from tests.conftest import Build, settings_for
from tests.support.asking import problem_of, search_json
from tests.support.corpus import CORPUS
from tests.support.fake_searcher import FakeSearcher
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
    (index / "generations" / str(bad.generation) / "segments/0/tokens.bin").unlink()
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


LOOKED = "article_search_follower_looked_seconds"


def shown(metrics: Metrics) -> dict[str, float]:
    """The metrics of this moment, by name with labels."""
    lines = generate_latest(metrics.registry).decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_when_it_was_last_looked_for_is_shown_only_if_somebody_looks(tmp_path: Path) -> None:
    live = LiveSearcher(settings_for(tmp_path / "none"))
    metrics = Metrics(live)
    assert LOOKED not in shown(metrics)
    live.follow()
    try:
        assert 0 <= shown(metrics)[LOOKED] < 60
    finally:
        live.stop()


def test_what_never_happened_is_shown_as_0(tmp_path: Path) -> None:
    found = shown(Metrics(LiveSearcher(settings_for(tmp_path / "none"))))
    for reason in ("rate", "overloaded", "deadline"):
        assert found[f'article_search_rejected_total{{reason="{reason}"}}'] == 0
    for result in ("swapped", "refused"):
        assert found[f'article_search_generations_total{{result="{result}"}}'] == 0
    assert not any(name.startswith("article_search_index") for name in found)


def test_stages_are_counted_in_seconds(tmp_path: Path) -> None:
    metrics = Metrics(LiveSearcher(settings_for(tmp_path / "none")))
    results = FakeSearcher().search(Query(text="x"))
    for _ in range(2):
        metrics.observe(replace(results, timings={"embed": 3.0, "dense": 0.25}, took_ms=4.5))
    found = shown(metrics)
    for stage, seconds in (("embed", 0.006), ("dense", 0.0005), ("total", 0.009)):
        label = f'{{stage="{stage}"}}'
        assert found[f"article_search_stage_seconds_count{label}"] == 2
        assert found[f"article_search_stage_seconds_sum{label}"] == pytest.approx(seconds)
    assert found['article_search_stage_seconds_bucket{le="0.002",stage="embed"}'] == 0
    assert found['article_search_stage_seconds_bucket{le="0.004",stage="embed"}'] == 2
