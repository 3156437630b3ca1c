"""The server as a process."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.connections import ask

Start = Callable[..., tuple[subprocess.Popen[str], int]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `serve` on a folder without an index, which needs no model."""
    started: list[subprocess.Popen[str]] = []

    def run(*options: str, **environment: str) -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.cli", "serve", "--port", "0", *options,
             "--index", str(tmp_path / "index")],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout
        address = process.stdout.readline().split()[-1]
        port = int(address.rsplit(":", 1)[1].strip("/"))
        ask(port, "GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return process, port

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
