"""Every door takes what a question has: the fields of `Query`, by the same names."""

import argparse
from pathlib import Path
from typing import Any

import anyio
import pytest
from langchain_core.retrievers import BaseRetriever
from starlette.datastructures import QueryParams

from indexer.errors import QueryError
from indexer.storage.fields import FIELDS
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
from tests.conftest import settings_for
from web.agents import agent_server
from web.page.form import SearchForm

# Of each door: what it leaves out, and why.
LEFT_OUT = {
    # A command prints one page and forgets it: --offset goes on.
    "command": {"cursor"},
    # A page has ten hits and shows what it can; `page` counts in place of `offset`.
    "form": {"limit", "offset", "explain"},
    # What is asked comes with each call, and a chain takes the first hits as they are.
    "retriever": {"q", "offset", "cursor", "explain"},
    # An agent has one way of being answered: the best articles, each once.
    "tool": {"mode", "group", "sort", "offset", "cursor", "explain"},
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
        ({}, "q: Field required"),
        ({"q": "x", "limit": 0, "offset": -1},
         "limit: Input should be greater than or equal to 1; "
         "offset: Input should be greater than or equal to 0"),
    ]  # fmt: skip
    for asked, told in wrong:
        with pytest.raises(QueryError) as refused:
            door.model_validate(asked)
        assert str(refused.value) == told
