"""The programs as a user starts them: `serve` under load, its memory, and how fast both start."""

import http.client
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from scripts.lab.process import memory, say
from scripts.lab.table import Row, figure, latency, mebibytes

WARM_UP = 30
# What is measured: path, clients at once, questions, and seconds after which no more is asked.
LOADS = (
    ("/v1/search", 1, 500, 60.0),
    ("/v1/search", 8, 2000, 15.0),
    ("/", 1, 500, 60.0),
)
QUESTIONS = sum(WARM_UP + questions for _, _, questions, _ in LOADS)
# Seconds for a server to come up, and to go.
START, STOP = 120.0, 15.0
SEARCH_STARTS = 5
SERVE_STARTS = 3

_CLI = (sys.executable, "-m", "scripts.cli")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `seconds` from its start to its first 200 from /readyz."""

    pid: int
    port: int
    seconds: float


@contextmanager
def serving(
    index: Path, log: Path | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Serve an index on a free port of 127.0.0.1; ended with the block.

    log: where stderr goes, instead of to that of this process
    environ: variables that are set besides those of this process

    Raises:
        RuntimeError: the server does not come up.
    """
    started = time.perf_counter()
    command = [*_CLI, "serve", "--index", str(index), "--host", "127.0.0.1", "--port", "0"]
    with log.open("w") if log else nullcontext() as stderr:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**os.environ, **(environ or {})},
        )
    try:
        port = _announced_port(process)
        _wait_ready(port)
        yield Server(process.pid, port, time.perf_counter() - started)
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
    finally:
        process.terminate()
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _announced_port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    if not select.select([process.stdout], [], [], START)[0]:
        raise RuntimeError(f"the server printed no address in {START:.0f} s")
    line = process.stdout.readline()
    port = urlsplit(line.split()[-1]).port if line.split() else None
    if port is None:
        raise RuntimeError(f"the server's first line is {line!r}, not one that ends in its address")
    return port


def _wait_ready(port: int) -> None:
    # The socket listens before the server answers: one request waits until it does.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START)
    connection.request("GET", "/readyz")
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"/readyz answered {response.status}: {body[:300]!r}")


def measure_http(index: Path, questions: Sequence[str]) -> list[Row]:
    """Latency and rate under each load, no question asked twice, then the server's memory."""
    rows = []
    asked = 0
    with serving(index) as server:
        for path, clients, count, seconds in LOADS:
            say(f"HTTP, {path}, {clients} client{'s' * (clients > 1)}")
            some = questions[asked : asked + WARM_UP + count]
            asked += len(some)
            rows.append(_load(server.port, path, clients, seconds, some))
        for field, about in (
            ("VmRSS", "VmRSS of serve after these searches"),
            ("RssAnon", "its own, not backed by a file"),
            ("RssFile", "mapped files, which the system can drop"),
        ):
            rows.append(Row(f"serve, memory {field}", mebibytes(memory(server.pid, field)), about))
    return rows


def _load(port: int, path: str, clients: int, seconds: float, questions: Sequence[str]) -> Row:
    command = [sys.executable, "-m", "scripts.lab.load", "--port", str(port), "--path", path]
    command += ["--clients", str(clients), "--seconds", str(seconds), "--warm-up", str(WARM_UP)]
    done = subprocess.run(
        command, input=json.dumps(questions), stdout=subprocess.PIPE, text=True, check=True
    )
    result = json.loads(done.stdout)
    times: list[float] = result["milliseconds"]
    rate = len(times) / result["seconds"]
    what = "the page of a search" if path == "/" else "search"
    return Row(
        f"{what} over HTTP, {clients} client{'s' * (clients > 1)}",
        f"{latency(times)}, {figure(rate)} searches/s",
        f"{len(times)} distinct questions in {figure(result['seconds'])} s, kept connections, "
        "client on the same machine",
    )


def measure_starts(index: Path, question: str) -> list[Row]:
    """Wall time of `search`, and of `serve` until it is ready; the first run is not counted."""
    say("cold start")
    searches = [_search_once(index, question) for _ in range(SEARCH_STARTS + 1)][1:]
    starts = []
    for _ in range(SERVE_STARTS):
        with serving(index) as server:
            starts.append(server.seconds)
    return [
        Row(
            "`article-search search`, start to end",
            f"{figure(median(searches))} s",
            f"median of {SEARCH_STARTS}, exported model cached, files in the page cache",
        ),
        Row(
            "`article-search serve`, start to ready",
            f"{figure(median(starts))} s",
            f"median of {SERVE_STARTS}, until /readyz answers 200, which takes one real search",
        ),
    ]


def _search_once(index: Path, question: str) -> float:
    started = time.perf_counter()
    command = [*_CLI, "search", "--index", str(index), "--", question]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    took = time.perf_counter() - started
    if not done.stdout.strip():
        raise RuntimeError(f"`search` found nothing for {question!r}")
    return took
