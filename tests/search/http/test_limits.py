"""How much the service takes: rates, sizes, searches at a time, and time."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import DeadlineExceeded, Overloaded
from search.http.access import Access
from search.http.api import create_api
from search.http.middleware import gate, rate
from search.http.middleware.rate import RateLimit, client_of
from search.http.runner import WAITING_EACH, Runner
from search.live import LiveSearcher
from tests.conftest import settings_for
from tests.support.fakes import FakeEmbedder


class Clock:
    """A time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_of_requests_at_once_and_then_one_at_a_time() -> None:
    clock = Clock()
    limit = RateLimit(6, clock)
    assert [limit.wait("a") for _ in range(6)] == [0] * 6
    assert limit.wait("a") == pytest.approx(10)
    assert limit.wait("a") == pytest.approx(10)
    assert limit.wait("b") == 0
    clock.now += 9
    assert limit.wait("a") == pytest.approx(1)
    clock.now += 1
    assert limit.wait("a") == 0
    assert limit.wait("a") == pytest.approx(10)
    clock.now += 3600
    assert [limit.wait("a") > 0 for _ in range(7)] == [False] * 6 + [True]


@given(
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(0, 20_000), st.sampled_from("ab")), max_size=150),
)
def test_a_rate_is_a_bucket_of_tokens(a_minute: int, requests: list[tuple[int, str]]) -> None:
    clock = Clock()
    limit = RateLimit(a_minute, clock)
    # Counted in whole parts of a token: a millisecond brings `a_minute` of 60,000.
    tokens = dict.fromkeys("ab", a_minute * 60_000)
    for pause, client in requests:
        clock.now += pause / 1000
        tokens = {name: min(a_minute * 60_000, left + pause * a_minute)
                  for name, left in tokens.items()}  # fmt: skip
        wait = limit.wait(client)
        assert (wait == 0) == (tokens[client] >= 60_000)
        if wait:
            missing = (60_000 - tokens[client]) / a_minute / 1000
            assert wait == pytest.approx(missing, abs=1e-3)
        else:
            tokens[client] -= 60_000


def test_clients_that_were_quiet_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "MOST_CLIENTS", 3)
    limit = RateLimit(1, Clock())
    for client in "abca":
        limit.wait(client)
    assert limit.wait("d") == 0
    assert len(limit._due) == 3
    assert limit.wait("a") > 0
    assert limit.wait("b") == 0


def test_what_one_client_is() -> None:
    assert client_of("203.0.113.7") == "203.0.113.7"
    assert client_of("::ffff:203.0.113.7") == "203.0.113.7"
    assert client_of("2001:db8:1:2::3") == client_of("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert client_of("2001:db8:1:3::3") == "2001:db8:1:3::/64"
    assert client_of("testclient") == "testclient"
    assert len(client_of("x" * 100_000)) == 64


KEY = "a-key-of-some-length"


@pytest.fixture
def client(corpus_index: Path, fake_model: FakeEmbedder) -> Iterator[TestClient]:
    access = Access(read_keys=(KEY,), rate=3)
    api = create_api(LiveSearcher(settings_for(corpus_index)), 2, access)
    with TestClient(api, headers={"X-API-Key": KEY}) as client:
        yield client


def test_too_many_requests(client: TestClient) -> None:
    statuses = [client.get("/v1/search?q=tram").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = client.get("/v1/search?q=tram")
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    for path in ("/livez", "/readyz", "/metrics"):
        assert client.get(path).status_code == 200
    assert 'article_search_rejected_total{reason="rate"} 2.0' in client.get("/metrics").text


def test_a_body_that_is_too_large(api_client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    largest = b'{"q": "tram"}'.ljust(gate.LARGEST_BODY)
    assert api_client.post("/v1/search", content=largest, headers=headers).status_code == 200
    # Its length declared, and not.
    for content in (largest + b" ", iter([largest, b" "])):
        response = api_client.post("/v1/search", content=content, headers=headers)
        assert response.status_code == 413
        assert response.json()["code"] == "body_too_large"
        assert response.headers["connection"] == "close"


def test_an_address_that_is_too_long(api_client: TestClient) -> None:
    longest = "/v1/search?q=" + "%E4%BD%A0" * 1000
    assert api_client.get(longest).status_code == 200
    for path in ("/v1/search?q=" + "x" * gate.LONGEST_ADDRESS, "/x" * gate.LONGEST_ADDRESS):
        response = api_client.get(path)
        assert response.status_code == 414
        assert response.json()["code"] == "uri_too_long"


class Gated:
    """Work that goes on until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = 0

    def __call__(self) -> str:
        self.begun += 1
        assert self.go.wait(30)
        return "done"


def _service(deadline: float) -> Runner:
    return Runner(LiveSearcher(settings_for(Path("none"))), threads=1, deadline=deadline)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.001)


def test_a_queue_that_is_full() -> None:
    async def scenario() -> None:
        service, work = _service(30), Gated()
        taken = [asyncio.create_task(service.run(work)) for _ in range(2 + 2 * WAITING_EACH)]
        await _until(lambda: work.begun == 2)
        for _ in range(3):
            with pytest.raises(Overloaded):
                await service.run(work)
        work.go.set()
        assert set(await asyncio.gather(*taken)) == {"done"}
        assert work.begun == len(taken)
        assert await service.run(work) == "done"
        await service.close()

    asyncio.run(scenario())


def test_eight_clients_wait_for_each_other() -> None:
    async def scenario() -> None:
        service = _service(30)
        done = await asyncio.gather(*(service.run(lambda: time.sleep(0.001)) for _ in range(8)))
        assert len(done) == 8
        await service.close()

    asyncio.run(scenario())


def test_what_waits_too_long_is_never_begun() -> None:
    async def scenario() -> None:
        service, work, late = _service(0.05), Gated(), Gated()
        running = [asyncio.create_task(service.run(work)) for _ in range(2)]
        await _until(lambda: work.begun == 2)
        with pytest.raises(DeadlineExceeded, match=r"0\.05 seconds"):
            await service.run(late)
        for each in running:
            with pytest.raises(DeadlineExceeded):
                await each
        # Both threads still work: nothing else can run.
        with pytest.raises(DeadlineExceeded):
            await service.run(late)
        work.go.set()
        late.go.set()
        await _until(lambda: service._free._value == 2)
        assert await service.run(late) == "done"
        assert late.begun == 1
        await service.close()

    asyncio.run(scenario())


def test_an_error_frees_its_thread() -> None:
    def broken() -> None:
        raise TimeoutError("its own")

    async def scenario() -> None:
        service = _service(30)
        for _ in range(10):
            with pytest.raises(TimeoutError, match="its own"):
                await service.run(broken)
        await service.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("error", "code"),
    [(Overloaded("full"), "overloaded"), (DeadlineExceeded("late"), "deadline_exceeded")],
)
def test_how_it_is_told(
    api_client: TestClient, error: Exception, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(Runner, "answer", refuse)
    response = api_client.get("/v1/search?q=tram")
    assert (response.status_code, response.json()["code"]) == (503, code)
    assert response.headers["retry-after"] == "1"


def test_health_is_told_when_every_thread_is_taken(
    api_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.http.runner.WAITING_EACH", 0)
    work = Gated()
    monkeypatch.setattr("search.engine.Searcher.search", lambda *_: work())
    askers = [
        threading.Thread(target=api_client.get, args=("/v1/search?q=tram",)) for _ in range(4)
    ]
    for asker in askers:
        asker.start()
    deadline = time.monotonic() + 30
    while work.begun < 4:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    for path in ("/livez", "/readyz", "/metrics"):
        assert api_client.get(path).status_code == 200
    metrics = api_client.get("/metrics").text
    assert "article_search_requests_in_flight 5.0" in metrics
    work.go.set()
    for asker in askers:
        asker.join()
