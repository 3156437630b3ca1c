"""Several processes behind one socket, as processes."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.embedding.base import Embedder
from indexer.settings import Settings
from tests.conftest import Build
from tests.support.connections import ask, connect, get, rest
from tests.support.corpus import CORPUS
from tests.support.swaps import ONE, eventually
from tests.web.conftest import Start

SEARCH = "/v1/search?q=tram"


def _workers(process: subprocess.Popen[str]) -> set[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return {int(pid) for pid in children.split()}


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@contextmanager
def _alone(worker: int, workers: set[int]) -> Iterator[None]:
    """While the others are stopped, one alone can answer."""
    others = workers - {worker}
    for pid in others:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in others:
            os.kill(pid, signal.SIGCONT)


def _answers(process: subprocess.Popen[str], port: int) -> list[str]:
    """What each worker answers to a search."""
    workers = _workers(process)
    found = []
    for worker in sorted(workers):
        with _alone(worker, workers):
            found.append(ask(port, get(SEARCH)))
    return found


def _metric(port: int, name: str) -> float:
    lines = ask(port, get("/metrics")).splitlines()
    return next((float(each.split()[-1]) for each in lines if each.startswith(f"{name} ")), 0.0)


def test_two_workers(
    start: Start, build: Build, real_settings: Settings, real_embedder: Embedder
) -> None:
    first = build(ONE, real_embedder).generation
    process, port = start("--workers", "2", ARTICLE_SEARCH_CACHE=str(real_settings.cache))

    def all_answer_from(generation: str | None) -> bool:
        answers = _answers(process, port)
        assert all(answer.startswith("HTTP/1.1 200 ") for answer in answers)
        return len(answers) == 2 and all(f'"{generation}"' in answer for answer in answers)

    assert all_answer_from(first)
    assert _metric(port, 'article_search_generations_total{result="swapped"}') == 2
    searched = _metric(port, 'article_search_stage_seconds_count{stage="total"}')
    assert all_answer_from(first)
    # Whichever worker tells, it tells of both.
    assert _metric(port, 'article_search_stage_seconds_count{stage="total"}') == searched + 2

    before = _workers(process)
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: len(_workers(process) - {killed}) == 2)
    assert len(_workers(process) & before) == 1
    # It listens when its index is open: until then the other answers.
    eventually(lambda: _metric(port, 'article_search_generations_total{result="swapped"}') == 3)
    assert all_answer_from(first)

    second = build(CORPUS, real_embedder).generation
    eventually(lambda: all_answer_from(second))

    workers = _workers(process)
    begun = connect(port)
    begun.sendall(
        b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b'Content-Length: 13\r\n\r\n{"q": '
    )
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert process.poll() is None
    begun.sendall(b'"tram"}')
    assert rest(begun).startswith("HTTP/1.1 200 ")
    begun.close()
    assert process.wait(10) == 0
    assert not any(map(_alive, workers))
    assert process.stderr
    errors = [line for line in process.stderr if not line.startswith("INFO")]
    assert errors == ["ERROR: a worker ended with status -9 and is started again\n"]


def test_what_is_of_all_workers(start: Start, index: Path) -> None:
    index.mkdir()
    (index / "CURRENT").write_text("20261122-040409-a399dbac9403\n")
    process, port = start("--workers", "2", ARTICLE_SEARCH_RATE="5")
    refused = 'article_search_generations_total{result="refused"}'
    eventually(lambda: _metric(port, refused) == 2)
    # Unasked it would be tried again after 5 seconds, then 10, then 20.
    began = time.monotonic()
    for times in (2, 3, 4):
        process.send_signal(signal.SIGHUP)
        eventually(lambda times=times: _metric(port, refused) >= 2 * times)  # type: ignore[misc]
    assert time.monotonic() - began < 30
    statuses = [ask(port, get(SEARCH))[9:12] for _ in range(12)]
    assert statuses == ["503"] * 5 + ["429"] * 7
    assert _metric(port, 'article_search_rejected_total{reason="rate"}') == 7


def test_workers_end_with_their_parent(start: Start) -> None:
    process, _ = start("--workers", "3")
    workers = _workers(process)
    assert len(workers) == 3
    process.kill()
    eventually(lambda: not any(map(_alive, workers)))


def test_an_interrupt_of_all_ends_them_once(start: Start) -> None:
    process, _ = start("--workers", "2")
    for pid in (*_workers(process), process.pid):
        os.kill(pid, signal.SIGINT)
    assert process.wait(10) == 0
    assert process.stderr
    errors = process.stderr.read()
    assert "Traceback" not in errors
    assert "started again" not in errors
