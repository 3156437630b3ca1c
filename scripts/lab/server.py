"""A real server in a process of its own, for as long as it is needed."""

import http.client
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

# Seconds for a server to come up, and to go.
START, STOP = 120.0, 15.0
# A traceback that belongs to the error before it, or to one that this one caused.
_OWN_TRACEBACK = re.compile(r"^((?:ERROR|CRITICAL).*|(?:During|The above) .*:\n)\nTraceback", re.M)


def article_search(*arguments: str) -> list[str]:
    """The command line of `article-search` with these arguments."""
    return [sys.executable, "-m", "scripts.cli", *arguments]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `seconds` from its start to its first 200 from /readyz."""

    pid: int
    port: int
    seconds: float


@contextmanager
def serving(
    index: Path,
    log: Path | None = None,
    environ: Mapping[str, str] | None = None,
    workers: int = 1,
) -> Iterator[Server]:
    """Serve an index on a free port of 127.0.0.1; ended with the block.

    log: where stderr goes, instead of to that of this process
    environ: variables that are set besides those of this process

    Raises:
        RuntimeError: the server does not come up.
    """
    started = time.perf_counter()
    address = ("--host", "127.0.0.1", "--port", "0")
    options = ("--index", str(index), *address, "--workers", str(workers))
    with (
        log.open("w") if log else nullcontext() as stderr,
        subprocess.Popen(
            article_search("serve", *options),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**os.environ, **(environ or {})},
        ) as process,
    ):
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


def _announced_port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    # Not select.select, which knows descriptors below 1,024 alone.
    waiting = select.poll()
    waiting.register(process.stdout, select.POLLIN)
    if not waiting.poll(START * 1000):
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


def errors_in(log: Path) -> list[str]:
    """The lines of a server's log that tell of an error."""
    text = _OWN_TRACEBACK.sub(r"\1\n", log.read_text("utf-8", "replace"))
    return [
        line for line in text.splitlines() if line.startswith(("ERROR", "CRITICAL", "Traceback"))
    ]
