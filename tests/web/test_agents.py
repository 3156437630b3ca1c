"""The tools for agents, asked by the SDK's own client: over HTTP on a real port, and over stdio."""

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from indexer.settings import Settings
from search.http.access import Access
from search.live import LiveSearcher
from tests.conftest import ROOT, Build, settings_for
from tests.support.corpus import QUESTIONS, record
from tests.support.fakes import FakeEmbedder
from tests.support.serving import app_over, served
from web.agents import LONGEST_TEXT, MOST_RESULTS, NOTICE, add_agents

pytestmark = pytest.mark.anyio

# The handshake of 2025 and before, and what came after it.
ERAS = ["legacy", "auto"]
TRAM = "council voted to build a tram line"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@contextmanager
def serving(index: Path, access: Access | None = None) -> Iterator[str]:
    """The address of a server, in a thread, until the end of the block."""
    app = app_over(LiveSearcher(settings_for(index)), access)
    add_agents(app)
    with served(app) as address:
        yield address


@pytest.fixture
def address(corpus_index: Path, fake_model: FakeEmbedder) -> Iterator[str]:
    with serving(corpus_index) as url:
        yield url


def answer_of(result: CallToolResult) -> dict[str, Any]:
    """What a tool returned, which it says twice: as data, and as one text."""
    (block,) = result.content
    assert isinstance(block, TextContent)
    assert not result.is_error, block.text
    assert result.structured_content == json.loads(block.text)
    answer: dict[str, Any] = result.structured_content
    return answer


def error_of(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    assert result.is_error
    return block.text


@pytest.mark.parametrize("era", ERAS)
async def test_the_tools(address: str, era: str) -> None:
    async with Client(f"{address}/mcp", mode=era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        instructions = client.instructions
    assert instructions is not None
    assert NOTICE in instructions
    assert set(tools) == {"search", "fetch"}
    assert "required" not in tools["search"].input_schema
    assert tools["fetch"].input_schema["required"] == ["id"]
    for tool, needed in ((tools["search"], "query"), (tools["fetch"], "id")):
        assert tool.input_schema["properties"][needed]["type"] == "string"
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.annotations.idempotent_hint
        assert tool.description is not None
        assert NOTICE in tool.description


async def test_the_documents_name_what_the_tools_take_and_return(address: str) -> None:
    text = (ROOT / "docs" / "integrations.md").read_text("utf-8")
    async with Client(f"{address}/mcp") as client:
        for tool in (await client.list_tools()).tools:
            assert tool.output_schema is not None
            schemas = [tool.input_schema, tool.output_schema]
            schemas += tool.output_schema.get("$defs", {}).values()
            for name in (name for schema in schemas for name in schema["properties"]):
                assert f"`{name}`" in text


@pytest.mark.parametrize("era", ERAS)
async def test_search_then_fetch(address: str, era: str) -> None:
    async with Client(f"{address}/mcp", mode=era) as client:
        found = answer_of(await client.call_tool("search", {"query": TRAM}))
        first = found["results"][0]
        article = answer_of(await client.call_tool("fetch", {"id": first["id"]}))
    assert (first["title"], first["url"], first["source"], first["published"]) == (
        "Council votes for a harbour tram",
        "https://kestrel.example/tram",
        "Kestrel Post",
        "2024-04-22",
    )
    assert first["answer"].startswith("Kestrel City council voted on Monday")
    assert first["answer"] in first["text"]
    assert first["text"] in article["text"]
    assert (article["id"], article["title"], article["url"]) == (
        first["id"],
        first["title"],
        first["url"],
    )
    assert article["metadata"]["source"] == "Kestrel Post"
    assert article["metadata"]["published"] == "2024-04-22"
    assert article["metadata"]["next_offset"] is None
    assert found["notice"] == article["metadata"]["notice"] == NOTICE


async def test_the_same_hits_as_the_json(address: str) -> None:
    asked: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"query": "harbour", "limit": 3}, {"q": "harbour", "limit": 3}),
        ({"query": "flour prices"}, {"q": "flour prices"}),
        ({"query": "harbour", "source": "Teal Times"}, {"q": "harbour", "source": "Teal Times"}),
        ({"query": "harbour", "source": None, "author": ""}, {"q": "harbour"}),
        (
            {"query": "harbour bees", "source": ["Teal Times", "Kestrel Post"]},
            {"q": "harbour bees", "source": ["Teal Times", "Kestrel Post"]},
        ),
        ({"query": "bees", "author": "Adeyemi"}, {"q": "bees", "author": "Adeyemi"}),
        ({"query": "bees", "lang": ["fr"]}, {"q": "bees", "lang": "fr"}),
        (
            {"query": "harbour", "after": "2024-04-01", "before": "2024-05-31"},
            {"q": "harbour", "from": "2024-04-01", "to": "2024-05-31"},
        ),
        ({"query": "harbour source:Kestrel"}, {"q": "harbour source:Kestrel"}),
    ]
    async with Client(f"{address}/mcp") as client, httpx2.AsyncClient(base_url=address) as http:
        for arguments, parameters in asked:
            found = answer_of(await client.call_tool("search", arguments))
            answer = await http.get("/v1/search", params={"group": "story", **parameters})
            same = answer.json()
            assert [(each["id"], each["text"], each["answer"]) for each in found["results"]] == [
                (hit["article"]["id"], hit["passage"]["text"], hit["answer"]["text"])
                for hit in same["hits"]
            ]
            assert found["confidence"] == same["confidence"]
            assert found["answerable"] == same["answerable"]


async def test_an_article_without_an_address_is_linked_here(address: str) -> None:
    async with Client(f"{address}/mcp") as client, httpx2.AsyncClient() as http:
        found = answer_of(await client.call_tool("search", {"query": "owl festival visitors"}))
        assert found["results"][0]["id"] == "owls"
        assert found["results"][0]["url"] == f"{address}/article/owls"
        assert (await http.get(found["results"][0]["url"])).status_code == 200


async def test_a_long_article_comes_in_parts(
    build: Build, index: Path, fake_model: FakeEmbedder
) -> None:
    lines = [f"Sentence number {number} of the long report 🦉 is this." for number in range(5000)]
    script = "javascript:alert(1)"
    build({"long.json": record("long", "A long report", lines, url=script).encode()})
    with serving(index) as address:
        async with httpx2.AsyncClient(base_url=address) as http:
            whole = (await http.get("/v1/articles/long")).json()["text"]
        async with Client(f"{address}/mcp") as client:
            parts, offset = [], 0
            while offset is not None:
                part = answer_of(await client.call_tool("fetch", {"id": "long", "offset": offset}))
                assert part["metadata"]["characters"] == len(whole)
                assert part["url"] == f"{address}/article/long"
                parts.append(part["text"])
                offset = part["metadata"]["next_offset"]
            past = answer_of(await client.call_tool("fetch", {"id": "long", "offset": 10**9}))
    assert "".join(parts) == whole
    assert len(parts) == -(-len(whole) // LONGEST_TEXT) > 1
    assert (past["text"], past["metadata"]["next_offset"]) == ("", None)


async def test_errors_are_told_to_the_agent(address: str) -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("search", {"query": ""}, "the question is empty"),
        ("search", {"query": "\x00\n"}, "the question is empty"),
        ("search", {"query": "x" * 1001}, "at most 1000"),
        ("search", {"query": "x", "limit": 0}, "limit"),
        ("search", {"query": "x", "limit": MOST_RESULTS + 1}, "limit"),
        ("search", {"query": "x", "after": "in May"}, "after"),
        ("search", {"query": "x", "after": "2024-06-01", "before": "2024-05-01"}, "2024-06-01"),
        ("search", {}, "the question is empty"),
        ("fetch", {"id": "nowhere"}, "there is no article 'nowhere'"),
        ("fetch", {"id": "owls", "offset": -1}, "offset"),
        ("delete", {"id": "owls"}, "delete"),
    ]
    async with Client(f"{address}/mcp") as client:
        for tool, arguments, words in wrong:
            assert words in error_of(await client.call_tool(tool, arguments))


async def test_without_an_index(tmp_path: Path, fake_model: FakeEmbedder) -> None:
    with serving(tmp_path / "none") as address:
        async with Client(f"{address}/mcp") as client:
            assert len((await client.list_tools()).tools) == 2
            for tool, arguments in (("search", {"query": "x"}), ("fetch", {"id": "x"})):
                assert "reindex" in error_of(await client.call_tool(tool, arguments))


async def test_several_agents_at_once(address: str) -> None:
    async def ask(client: Client, question: str) -> list[str]:
        found = answer_of(await client.call_tool("search", {"query": question}))
        return [result["id"] for result in found["results"]]

    async with Client(f"{address}/mcp") as client:
        alone = {question: await ask(client, question) for question in QUESTIONS}
    together: list[bool] = []

    async def agent(number: int) -> None:
        async with Client(f"{address}/mcp", mode=ERAS[number % 2]) as client:
            for question in QUESTIONS:
                together.append(await ask(client, question) == alone[question])

    async with anyio.create_task_group() as agents:
        for number in range(8):
            agents.start_soon(agent, number)
    assert together == [True] * (8 * len(QUESTIONS))


async def test_an_agent_that_vanishes(address: str, caplog: pytest.LogCaptureFixture) -> None:
    call = {"name": "search", "arguments": {"query": TRAM}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}).encode()
    host, port = address.removeprefix("http://").split(":")
    head = (
        f"POST /mcp HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json, text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    later = head.replace(b"\r\n\r\n", b"\r\nMCP-Protocol-Version: 2026-07-28\r\n\r\n")
    for sent in (head, head + body[:20], head + body, later + body[:20], later + body) * 10:
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(sent)
    async with Client(f"{address}/mcp") as client:
        assert answer_of(await client.call_tool("search", {"query": TRAM}))["results"]
    with anyio.move_on_after(0.001):
        async with Client(f"{address}/mcp") as client:
            await client.call_tool("search", {"query": TRAM})
    async with Client(f"{address}/mcp") as client:
        assert answer_of(await client.call_tool("search", {"query": TRAM}))["results"]
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


async def test_the_address_and_what_it_takes(address: str) -> None:
    headers = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    greeting = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    async with httpx2.AsyncClient(base_url=address, headers=headers) as http:
        answer = await http.post("/mcp", json=greeting)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        # Nothing is kept of an agent between its calls.
        assert "mcp-session-id" not in answer.headers
        for method in ("GET", "DELETE", "PUT"):
            answer = await http.request(method, "/mcp")
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        for body, status in ((b"{", 400), (b"[]", 400), (b"\xff", 400), (b"x" * 70_000, 413)):
            assert (await http.post("/mcp", content=body)).status_code == status
        # What a page of another site can send without being allowed to.
        answer = await http.post("/mcp", json=greeting, headers={"Content-Type": "text/plain"})
        assert answer.status_code == 400


async def test_with_a_key(corpus_index: Path, fake_model: FakeEmbedder) -> None:
    key = "a-key-for-readers"
    with serving(corpus_index, Access(read_keys=(key,))) as address:
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
        ):
            assert answer_of(await client.call_tool("search", {"query": TRAM}))["results"]
        async with httpx2.AsyncClient() as http:
            answer = await http.post(f"{address}/mcp", json={})
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def command(index: Path, cache: Path) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "scripts.cli", "mcp", "--index", str(index)],
        env={"ARTICLE_SEARCH_CACHE": str(cache), "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        cwd=ROOT,
    )


@pytest.mark.model
async def test_stdio(sample_index: Path, real_settings: Settings) -> None:
    async with Client(command(sample_index, real_settings.cache)) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"search", "fetch"}
        question = {"query": "what did Kim promise Belousov"}
        first = answer_of(await client.call_tool("search", question))["results"][0]
        assert "Belousov" in first["text"]
        article = answer_of(await client.call_tool("fetch", {"id": first["id"]}))
        assert first["text"] in article["text"]
        assert article["url"].startswith(("https://", f"urn:article-search:{first['id']}"))


@pytest.mark.parametrize("era", ERAS)
async def test_stdio_without_an_index(tmp_path: Path, era: str) -> None:
    async with Client(command(tmp_path / "none", tmp_path), mode=era) as client:
        said = error_of(await client.call_tool("search", {"query": "harbour"}))
        assert str(tmp_path / "none") in said
        assert "reindex" in said


async def test_nothing_but_messages_on_stdout(tmp_path: Path) -> None:
    parameters = command(tmp_path / "none", tmp_path)
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    ]
    done = await anyio.run_process(
        [parameters.command, *parameters.args],
        input=b"not JSON\n" + "".join(f"{json.dumps(line)}\n" for line in lines).encode(),
        cwd=ROOT,
        env={**os.environ, **(parameters.env or {})},
    )
    assert done.returncode == 0
    for line in done.stdout.splitlines():
        assert json.loads(line)["jsonrpc"] == "2.0"
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_stdio_ends_when_it_is_told_to(tmp_path: Path, number: signal.Signals) -> None:
    parameters = command(tmp_path / "none", tmp_path)
    process = await anyio.open_process([parameters.command, *parameters.args], cwd=ROOT)
    async with process:
        assert process.stdin is not None
        assert process.stdout is not None
        await process.stdin.send(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        assert json.loads(await process.stdout.receive())["id"] == 1
        process.send_signal(number)
        assert await process.wait() == -number
