"""The clients of a load, against a small server that answers as it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from scripts.lab.client import NO_ANSWER, Client
from scripts.lab.load import load, search

FOUND = b'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"rank":1,'
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


async def _with_server(
    answers: Sequence[bytes], work: Callable[[int], Awaitable[object]]
) -> list[bytes]:
    """Answer requests in turn, the last answer again and again; b"" closes. Returns the heads."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                heads.append(await reader.readuntil(b"\r\n\r\n"))
            except EOFError:
                break
            answer = answers[min(len(heads), len(answers)) - 1]
            if not answer:
                break
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        await work(server.sockets[0].getsockname()[1])
    return heads


def test_a_kept_connection() -> None:
    async def work(port: int) -> None:
        client = Client(port)
        assert await client.ask("/v1/x", headers=["A: b"]) == (200, b'{"rank":1,')
        assert await client.ask("/none", "HEAD") == (404, b"")
        with pytest.raises(RuntimeError, match="answered 404"):
            await search(client, "/v1/search", "why & how")
        await client.close()

    first, second, third = asyncio.run(_with_server([FOUND, MISSING], work))
    assert first.startswith(b"GET /v1/x HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nA: b\r\n" in first
    assert second.startswith(b"HEAD /none ")
    assert third.startswith(b"GET /v1/search?q=why%20%26%20how ")


def test_an_answer_without_a_length() -> None:
    async def work(port: int) -> None:
        client = Client(port)
        with pytest.raises(RuntimeError, match="no Content-Length"):
            await client.ask("/")
        await client.close()

    asyncio.run(_with_server([b"HTTP/1.1 200 OK\r\n\r\n"], work))


def test_a_client_that_goes_on() -> None:
    async def work(port: int) -> None:
        client = Client(port)
        assert await client.ask("/") == (404, b"")
        with pytest.raises(NO_ANSWER):
            await client.ask("/")
        assert await client.ask("/") == (200, b'{"rank":1,')
        assert await client.send(b"NONSENSE\r\n\r\n") == 200
        await client.close()

    assert len(asyncio.run(_with_server([MISSING, b"", FOUND], work))) == 4


def test_a_load_asks_each_question_once() -> None:
    results: list[tuple[list[float], float]] = []
    questions = [f"question {number}" for number in range(9)]

    async def work(port: int) -> None:
        arguments = (port, "/v1/search", 2, 30.0, ["first"], questions)
        results.append(await asyncio.to_thread(load, *arguments))

    heads = asyncio.run(_with_server([FOUND], work))
    ((milliseconds, seconds),) = results
    assert len(milliseconds) == 9
    assert 0 < seconds < 30
    assert len(set(heads)) == len(heads) == 10
