"""What /metrics shows: requests, stages of searches, and the index that is served."""

import os
import time
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search.live import LiveSearcher
from search.results import Results

# Where the processes of one server count, if they are several.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 1.0)


class Metrics:
    """What /metrics shows, in a registry of its own."""

    def __init__(self, live: LiveSearcher) -> None:
        """Register every metric."""
        self.registry = CollectorRegistry()
        self.registry.register(_IndexCollector(live))
        counted = self.registry
        if SHARED in os.environ:
            # What all workers have counted is shown by each.
            MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]
            counted = CollectorRegistry()
        self.requests = Counter(
            "article_search_requests_total",
            "HTTP requests by route and status.",
            ["route", "status"],
            registry=counted,
        )
        self.latency = Histogram(
            "article_search_request_seconds",
            "Time until the answer to an HTTP request begins, by route.",
            ["route"],
            buckets=_BUCKETS,
            registry=counted,
        )
        self.in_flight = Gauge(
            "article_search_requests_in_flight",
            "HTTP requests that are not answered yet.",
            multiprocess_mode="livesum",
            registry=counted,
        )
        self.rejected = Counter(
            "article_search_rejected_total",
            "Requests and searches that were turned away because there were too many.",
            ["reason"],
            registry=counted,
        )
        for reason in ("rate", "overloaded", "deadline"):
            self.rejected.labels(reason)
        self.generations = Counter(
            "article_search_generations_total",
            "Generations taken over, and attempts to open one that failed.",
            ["result"],
            registry=counted,
        )
        for result in ("swapped", "refused"):
            self.generations.labels(result)
        live.count = lambda result: self.generations.labels(result).inc()
        self.stages = Histogram(
            "article_search_stage_seconds",
            "Time of each stage of a search.",
            ["stage"],
            buckets=_BUCKETS,
            registry=counted,
        )

    def observe(self, results: Results) -> None:
        """Record the stages of one search."""
        for stage, milliseconds in results.timings.items():
            self.stages.labels(stage).observe(milliseconds / 1e3)
        self.stages.labels("total").observe(results.took_ms / 1e3)


class _IndexCollector(Collector):
    """What this process serves, read when /metrics is."""

    def __init__(self, live: LiveSearcher) -> None:
        self._live = live

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        if (ago := self._live.looked_ago) is not None:
            yield GaugeMetricFamily(
                "article_search_follower_looked_seconds",
                "Seconds since new generations were last looked for.",
                ago,
            )
        if (run := self._live.last_run()) is not None:
            for name, text, value in (
                ("ended_seconds", "When the last run of reindex ended, in Unix time.", run.ended),
                ("seconds", "How long it took.", run.seconds),
                ("failed", "1 if it failed.", float(run.error is not None)),
            ):
                yield GaugeMetricFamily(f"article_search_last_run_{name}", text, value)
        serving = self._live.serving
        if serving is None:
            return
        manifest = serving.manifest
        created = datetime.fromisoformat(manifest.created).timestamp()
        for name, text, value in (
            ("articles", "Articles in the index.", manifest.articles),
            ("passages", "Passages in the index.", manifest.passages),
            ("index_bytes", "Size of the live generation.", manifest.size),
            ("index_created_seconds", "When it was published, in Unix time.", created),
        ):
            yield GaugeMetricFamily(f"article_search_{name}", text, value)


class CountRequests:
    """ASGI middleware that counts and times answers by route, at a few microseconds each."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap an app."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through, and look at the status of the answer."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began = time.perf_counter()

        async def counted(message: Message) -> None:
            # A stream may go on for hours after this.
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                self._metrics.requests.labels(route, message["status"]).inc()
                self._metrics.latency.labels(route).observe(time.perf_counter() - began)
            await send(message)

        with self._metrics.in_flight.track_inprogress():
            await self._app(scope, receive, counted)
