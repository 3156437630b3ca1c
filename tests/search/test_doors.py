"""Every door takes what a question has: the fields of `Query`, by the same names."""

import argparse
import json
import re
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from langchain_core.retrievers import BaseRetriever
from mcp import Client
from starlette.datastructures import QueryParams

from indexer.errors import QueryError
from indexer.storage.fields import FIELDS
from scripts.cli import main
from scripts.commands.search import add_search
from search.http.api import create_api
from search.http.runner import Runner
from search.http.schema.search import SearchParameters, SearchRequest
from search.langchain import ArticleSearchRetriever
from search.live import LiveSearcher
from search.question.query import (
    ATTRIBUTES,
    Query,
    SearchOptions,
    StoryOptions,
    choices_of,
    kind_of,
)
from tests.conftest import Build, settings_for
from tests.support.corpus import record
from tests.support.fakes import FakeEmbedder
from tests.support.pages import links
from tests.support.serving import app_over
from web.agents import agent_server
from web.page.form import SearchForm

# Of each door: what it leaves out, and why.
LEFT_OUT = {
    # A command prints one page and forgets it: --offset goes on.
    "command": {"cursor"},
    # A page has ten hits and shows what it can; `page` counts in place of `offset`.
    "form": {"limit", "offset", "explain", "floor", "reader"},
    # What is asked comes with each call, and a chain takes the first hits as they are.
    "retriever": {"q", "offset", "cursor", "explain", "floor", "reader"},
    # An agent has one way of being answered: the best articles, each once.
    "tool": {"mode", "group", "sort", "offset", "cursor", "explain", "floor", "reader"},
}
# Names that agents look for.
OF_AGENTS = {"q": "query", "from": "after", "to": "before"}

ASKED = {field.alias or name: name for name, field in Query.model_fields.items()}


def _schema() -> dict[str, Any]:
    return create_api(LiveSearcher(settings_for(Path("none"))), 1).openapi()


def _command() -> dict[str, argparse.Action]:
    """The options and the argument of `search`, by the names of the parameters."""
    commands = argparse.ArgumentParser().add_subparsers()
    add_search(commands, argparse.ArgumentParser(add_help=False))
    actions = commands.choices["search"]._actions
    own = {each.dest: each for each in actions if each.dest not in ("help", "json")}
    return {name: own.pop(attribute) for name, attribute in ASKED.items() if attribute in own} | own


def _tool() -> dict[str, Any]:
    service = Runner(LiveSearcher(settings_for(Path("none"))), 1)
    tools = anyio.run(agent_server(service).list_tools)
    properties: dict[str, Any] = next(t for t in tools if t.name == "search").input_schema
    return dict(properties["properties"])


def test_all_doors_take_the_same() -> None:
    schema = _schema()
    get = {each["name"] for each in schema["paths"]["/v1/search"]["get"]["parameters"]}
    body = set(schema["components"]["schemas"]["SearchRequest"]["properties"])
    form = {field.alias or name for name, field in SearchForm.model_fields.items()}
    own = set(ArticleSearchRetriever.model_fields) - set(BaseRetriever.model_fields) - {"searcher"}
    retriever = {Query.model_fields[name].alias or name for name in own}
    assert get == body == set(ASKED)
    assert set(_command()) == set(ASKED) - LEFT_OUT["command"]
    assert form - {"page", "problems", "limit"} == set(ASKED) - LEFT_OUT["form"]
    assert retriever == set(ASKED) - LEFT_OUT["retriever"]
    taken = {OF_AGENTS.get(name, name) for name in set(ASKED) - LEFT_OUT["tool"]}
    assert set(_tool()) == taken


def test_every_field_of_articles_is_a_filter_and_an_operator() -> None:
    for field in FIELDS:
        attribute = ATTRIBUTES[field.parameter]
        query = Query(text=f"x {field.parameter}:de", **{attribute: ("fr", "")})  # type: ignore[arg-type]
        assert query.filter.values == {field.name: ("fr", "de")}
        assert query.values_of(field) == ("fr", "")


def test_limits_defaults_and_descriptions_are_the_same() -> None:
    schema = _schema()
    get = {each["name"]: each for each in schema["paths"]["/v1/search"]["get"]["parameters"]}
    body = schema["components"]["schemas"]["SearchRequest"]["properties"]
    options, tool = _command(), _tool()
    for name, attribute in ASKED.items():
        field = Query.model_fields[attribute]
        assert field.description
        assert get[name]["description"] == body[name]["description"] == field.description
        assert get[name]["schema"] == body[name]
        assert body[name].items() <= Query.model_json_schema()["properties"][name].items()
        if name in options and kind_of(field) is not tuple and not field.is_required():
            assert options[name].default == field.default
            assert tuple(options[name].choices or ()) == choices_of(field)
        if (argument := tool.get(OF_AGENTS.get(name, name))) and name != "limit":
            same = {
                key: value for key, value in argument.items() if key not in ("title", "default")
            }
            assert same.items() <= get[name]["schema"].items()


def test_the_two_defaults_of_group() -> None:
    assert Query(text="x").group == SearchParameters(q="x").group == "article"  # type: ignore[call-arg]
    for door in (StoryOptions(), SearchForm(), SearchForm.parse(QueryParams())):
        assert door.group == "story"
    assert ArticleSearchRetriever.model_fields["group"].default == "story"
    others = set(SearchOptions.model_fields) - {"group"}
    for name in others:
        assert StoryOptions.model_fields[name].default == SearchOptions.model_fields[name].default


@pytest.mark.parametrize("door", [Query, SearchParameters, SearchRequest])
def test_one_text_says_what_is_wrong(door: type[Query]) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"q": "x", "sorce": "a"}, "sorce: there is no such parameter"),
        ({"q": "x", "limit": 0}, "limit: Input should be greater than or equal to 1"),
        ({"q": "x", "from": 1700000000}, "from: a day is written as in 2024-11-30"),
        ({"q": "x", "source": ["a"] * 21},
         "source: List should have at most 20 items after validation, not 21"),
        ({}, "the question is empty; ask something, or narrow what is listed"),
        ({"q": "x", "limit": 0, "offset": -1},
         "limit: Input should be greater than or equal to 1; "
         "offset: Input should be greater than or equal to 0"),
    ]  # fmt: skip
    for asked, told in wrong:
        with pytest.raises(QueryError) as refused:
            door.model_validate(asked)
        assert str(refused.value) == told


# A heading, the address, and whether `site:echo.example` finds it.
SITES = (
    ("The ferry left the harbour at dawn", "https://echo.example/ferry", True),
    ("Copper was found below the harbour", "https://www.echo.example/copper?a=1", True),
    ("A nurse opened the harbour library", "http://news.Echo.example:8080/nurse", True),
    ("The harbour council voted on chess", "https://kestrel.example/echo.example", False),
    ("Whales came into the quiet harbour", "https://notecho.example/whales", False),
    ("The harbour lantern has no address", None, False),
)


@pytest.fixture
def sites(build: Build, index: Path, fake_model: FakeEmbedder) -> list[str]:
    """An index of articles of several sites; returns the ids of those of one site."""
    lines = [
        record(f"a{number}", title, [f"{title}, said the pilot."], **({"url": url} if url else {}))
        for number, (title, url, _) in enumerate(SITES)
    ]
    build({"sites.jsonl": "\n".join(lines).encode()})
    return [f"a{number}" for number, (*_, found) in enumerate(SITES) if found]


def test_a_site_narrows_through_every_door(
    sites: list[str], index: Path, embedder: FakeEmbedder, capsys: pytest.CaptureFixture[str]
) -> None:
    live = LiveSearcher(settings_for(index))
    with TestClient(app_over(live)) as client:
        asked = {"q": "harbour", "site": "echo.example"}
        got = _ids(client.get("/v1/search", params=asked).json())
        assert sorted(got) == sites
        for same in ("www.echo.example", "https://ECHO.example/some/page"):
            assert _ids(client.get("/v1/search", params=asked | {"site": same}).json()) == got
        every = [f"a{number}" for number in range(5)]
        for other, of_it in (("kestrel.example", ["a3"]), ("example", every), ("ho.example", [])):
            found = client.get("/v1/search", params=asked | {"site": other}).json()
            assert sorted(_ids(found)) == of_it
        posted = client.post("/v1/search", json={"q": "harbour", "site": ["echo.example"]})
        assert _ids(posted.json()) == got
        said = client.get("/v1/search", params={"q": "harbour site:Echo.example"})
        assert _ids(said.json()) == got
        page = client.get("/", params=asked).text
        for chip in (page, client.get("/", params={"q": "harbour site:echo.example"}).text):
            assert _articles(chip) == got
            assert 'aria-label="Remove Site echo.example"' in chip
            assert "/?q=harbour" in links(chip)
    asked_here = ["search", "harbour", "--site", "echo.example", "--json", "--index", str(index)]
    assert main(asked_here) == 0
    assert _ids(json.loads(capsys.readouterr().out)) == got
    retriever = ArticleSearchRetriever(searcher=live.current(), sites=("echo.example",))
    assert [each.metadata["id"] for each in retriever.invoke("harbour")] == got
    for argument in ("echo.example", ["echo.example"]):
        assert anyio.run(_found_by_tool, live, {"query": "harbour", "site": argument}) == got


def _ids(answer: dict[str, Any]) -> list[str]:
    return [hit["article"]["id"] for hit in answer["hits"]]


def _articles(page: str) -> list[str]:
    """The articles that a page of results links to, in order."""
    found = [re.match(r"/article/(\w+)\?", link) for link in links(page)]
    return list(dict.fromkeys(each[1] for each in found if each))


async def _found_by_tool(live: LiveSearcher, arguments: dict[str, Any]) -> list[str]:
    async with Client(agent_server(Runner(live, 1))) as client:
        answer = (await client.call_tool("search", arguments)).structured_content
    assert answer is not None
    return [each["id"] for each in answer["results"]]
