"""Searches at a time, how many may wait, and for how long."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from indexer.errors import DeadlineExceeded, Overloaded
from search.http.runner import WAITING_EACH, Runner
from search.live import LiveSearcher
from tests.conftest import settings_for


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
