"""The service keeps to its own schema, whatever it is asked: all checks of schemathesis."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn

from search.http.access import Access
from search.http.api import create_api
from search.live import LiveSearcher
from tests.conftest import settings_for
from tests.support.fakes import FakeEmbedder
from tests.support.keys import ADMIN, READ
from web.protocol import BoundedProtocol

EXAMPLES = 50

CONFIG = """
# Articles that there are, for half of what is asked.
[dictionaries.ids]
values = ["owls", "tram 1/a"]
[parameters]
"path.article_id" = { dictionary = "ids", probability = 0.5 }
# What a schema cannot say is a 422: that `from` is not after `to`, that there is a word beside the
# operators, that a cursor is one that this service has made.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "410", "422"]
"""


@pytest.fixture
def serve(corpus_index: Path, fake_model: FakeEmbedder) -> Iterator[Callable[[Access], str]]:
    """Serve an index on a port of its own, for some `Access`; returns the address."""
    stops: list[Callable[[], None]] = []

    def run(access: Access) -> str:
        api = create_api(LiveSearcher(settings_for(corpus_index)), 2, access)
        server = uvicorn.Server(
            uvicorn.Config(api, port=0, http=BoundedProtocol, ws="none", log_config=None)
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)

        def stop() -> None:
            server.should_exit = True
            thread.join(30)

        stops.append(stop)
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield run
    for stop in stops:
        stop()


@pytest.mark.parametrize(
    ("access", "headers"),
    [
        (Access(), []),
        (
            Access(read_keys=(READ,), admin_key=ADMIN),
            ["--header", f"Authorization: Bearer {ADMIN}"],
        ),
    ],
    ids=["open", "with keys"],
)
def test_every_answer_is_as_the_schema_says(
    serve: Callable[[Access], str], tmp_path: Path, access: Access, headers: list[str]
) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "config.toml", "run",
               f"{serve(access)}/openapi.json", *headers, "--checks", "all", "--seed", "1",
               "--max-examples", str(EXAMPLES), "--continue-on-failure", "--no-color"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tested: 10" in done.stdout
    assert "Stateful" in done.stdout
