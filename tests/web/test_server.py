"""The server as a process, over real connections."""

import asyncio
import signal
import socket
import time
from pathlib import Path

import pytest

from indexer.embedding.base import Embedder
from indexer.errors import SettingsError
from indexer.settings import Settings
from scripts.cli import main
from search.http.access import Access
from tests.conftest import Build
from tests.support.connections import ask, connect, get, rest
from tests.support.swaps import ONE
from tests.web.conftest import Start
from web import server


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_finishes_what_it_has_begun(start: Start, number: signal.Signals) -> None:
    process, port = start()
    idle = connect(port)
    begun = connect(port)
    # The service waits for the rest of the body.
    begun.sendall(
        b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b'Content-Length: 13\r\n\r\n{"q": '
    )
    time.sleep(0.2)
    process.send_signal(number)
    time.sleep(0.3)
    assert process.poll() is None
    with pytest.raises(OSError, match=r"refused|reset"):
        connect(port)
    begun.sendall(b'"tram"}')
    answer = rest(begun)
    assert answer.startswith("HTTP/1.1 503 ")
    assert "index_missing" in answer
    assert "connection: close" in answer
    assert process.wait(10) == 0
    assert process.stderr
    errors = process.stderr.read()
    assert errors.count("\n") == 1, errors
    assert errors.startswith("WARNING: serving without an index")
    for connection in (idle, begun):
        connection.close()


def test_it_does_not_wait_for_ever(start: Start) -> None:
    process, port = start()
    with connect(port) as begun:
        begun.sendall(
            b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b'Content-Length: 13\r\n\r\n{"q": '
        )
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        answer = rest(begun)
    assert answer.startswith("HTTP/1.1 503 ")
    assert '"stopping"' in answer
    assert process.wait(10) == 0
    assert process.stderr
    assert "Traceback" not in process.stderr.read()


def test_an_interrupt_after_it_was_told_to_end_is_no_hurry(start: Start) -> None:
    """A terminal's Ctrl-C reaches workers beside what their parent tells them, in any order."""
    process, _ = start()
    process.send_signal(signal.SIGTERM)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert process.stderr
    assert "Traceback" not in process.stderr.read()


def test_only_its_own_names_are_answered_on_loopback(start: Start) -> None:
    _, port = start()
    for host in ("localhost", f"127.0.0.1:{port}", "[::1]"):
        assert ask(port, get("/v1/search?q=x", host)).startswith("HTTP/1.1 503 ")
    for host in ("evil.example", f"127.0.0.1.evil.example:{port}"):
        answer = ask(port, get("/v1/search?q=x", host))
        assert answer.startswith("HTTP/1.1 421 ")
        assert "host_not_allowed" in answer
    assert ask(port, "GET / HTTP/1.0\r\n\r\n").startswith("HTTP/1.1 421 ")


def test_names_of_a_proxy(start: Start) -> None:
    _, port = start(ARTICLE_SEARCH_HOSTS="news.example.org, *.in.example")
    for host in ("news.example.org", "a.in.example:80", "localhost"):
        assert ask(port, get("/v1/search?q=x", host)).startswith("HTTP/1.1 503 ")
    assert ask(port, get("/v1/search?q=x", "evil.example")).startswith("HTTP/1.1 421 ")


def test_a_key_opens_the_server_to_other_machines(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    key = "a-key-of-some-length"
    options = ("--host", "0.0.0.0", "--access-log", str(log))
    _, port = start(*options, ARTICLE_SEARCH_READ_KEY=key)
    assert ask(port, get("/v1/search?q=x", "any.example")).startswith("HTTP/1.1 401 ")
    answer = ask(port, get("/v1/search?q=x", "any.example", f"Authorization: Bearer {key}"))
    assert answer.startswith("HTTP/1.1 503 ")
    assert "server:" not in answer
    lines = log.read_text().splitlines()
    assert len(lines) == 3
    assert key not in log.read_text()


def test_public_without_a_key(start: Start) -> None:
    _, port = start("--host", "0.0.0.0", "--public")
    assert ask(port, get("/v1/search?q=x", "any.example")).startswith("HTTP/1.1 503 ")


def _guarded(host: str, access: Access, public: bool = False) -> tuple[str, ...]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        return server._guarded(access, listener, host, public).hosts


def test_what_guards_an_address() -> None:
    key = Access(read_keys=("k" * 16,))
    names = Access(hosts=("a.example",))
    assert _guarded("127.0.0.1", Access()) == server.LOOPBACK
    assert _guarded("127.0.0.1", names) == (*server.LOOPBACK, "a.example")
    assert _guarded("127.0.0.1", key) == ()
    assert _guarded("0.0.0.0", key) == ()
    assert _guarded("0.0.0.0", Access(), public=True) == ()
    assert _guarded("0.0.0.0", names, public=True) == (*server.LOOPBACK, "0.0.0.0", "a.example")
    for access in (Access(), names, Access(admin_key="k" * 16)):
        with pytest.raises(SettingsError, match="ARTICLE_SEARCH_READ_KEY"):
            _guarded("0.0.0.0", access)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_machines_are_not_served_without_a_key(
    corpus_index: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["serve", "--host", host, "--port", "0", "--index", str(corpus_index)]
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "ARTICLE_SEARCH_READ_KEY" in err
    assert "--public" in err


def test_a_burst_is_answered_or_turned_away_at_once(
    start: Start, build: Build, real_settings: Settings, real_embedder: Embedder
) -> None:
    build(ONE, real_embedder)
    _, port = start(ARTICLE_SEARCH_CACHE=str(real_settings.cache), ARTICLE_SEARCH_THREADS="1")
    # As long as a question can be: others come while it is embedded.
    request = get(f"/v1/search?reader=off&q={'who+said+' * 100}").encode()

    async def one() -> tuple[str, float]:
        began = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer.decode(), time.monotonic() - began

    async def burst() -> list[tuple[str, float]]:
        return await asyncio.gather(*(one() for _ in range(200)))

    answers = asyncio.run(burst())
    found = [took for answer, took in answers if answer.startswith("HTTP/1.1 200 ")]
    refused = [took for answer, took in answers if '"code":"overloaded"' in answer]
    assert len(found) + len(refused) == 200
    # Two that run and 32 that wait.
    assert len(found) >= 34
    assert refused
    for answer, _ in answers:
        assert answer.startswith("HTTP/1.1 200 ") or "\r\nretry-after: 1\r\n" in answer
    # Who is turned away does not wait for those who are not.
    assert max(refused) < max(found)
    assert ask(port, get("/v1/search?q=cup")).startswith("HTTP/1.1 200 ")
