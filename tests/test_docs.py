"""The documents name everything that there is."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.storage.generation import IndexFolder
from scripts import cli
from search.api import create_api
from search.live import LiveSearcher
from tests.conftest import ROOT, settings_for


def _document(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def _missing(names: set[str], document: str) -> list[str]:
    text = _document(document)
    return sorted(
        name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
    )


def test_settings() -> None:
    source = (ROOT / "indexer" / "settings.py").read_text("utf-8")
    names = set(re.findall(r"\bARTICLE_SEARCH_[A-Z]+\b", source))
    assert len(names) >= 6
    assert _missing(names, "settings.md") == []


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield f"article-search {name}"
                yield from _options(command)
        elif not isinstance(action, argparse._HelpAction):
            yield from action.option_strings or [str(action.metavar or action.dest)]


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch) -> argparse.ArgumentParser:
    """The parser that the program itself uses."""
    seen: list[argparse.ArgumentParser] = []

    def stop(self: argparse.ArgumentParser, *_: object) -> None:
        seen.append(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", stop)
    with pytest.raises(KeyboardInterrupt):
        cli.main([])
    return seen[0]


def test_commands(parser: argparse.ArgumentParser) -> None:
    names = set(_options(parser))
    assert {"article-search reindex", "article-search serve", "--index", "--json"} <= names
    assert _missing(names, "commands.md") == []


def test_every_help_text_is_there(parser: argparse.ArgumentParser) -> None:
    for line in parser.format_help().splitlines():
        assert not re.fullmatch(r" {4}\w+", line), f"a command without help: {line}"


def _problem_codes() -> set[str]:
    source = (ROOT / "search" / "api.py").read_text("utf-8")
    return {
        code
        for code in re.findall(r"\"([a-z]+(?:_[a-z]+)+)\"", source)
        if code.startswith(("index_", "model_", "invalid_", "http_")) or "not_" in code
    }


def test_routes_and_problem_codes() -> None:
    schema = create_api(LiveSearcher(settings_for(Path("none"))), 1).openapi()
    assert _missing(set(schema["paths"]) | {"/docs", "/openapi.json"}, "http-api.md") == []
    parameters = {
        parameter["name"] for parameter in schema["paths"]["/v1/search"]["get"]["parameters"]
    }
    assert _missing(parameters, "http-api.md") == []
    codes = _problem_codes()
    assert {"index_missing", "article_not_found", "invalid_request", "not_found"} <= codes
    assert _missing(codes | {"internal"}, "http-api.md") == []


def test_files_of_a_generation(corpus_index: Path) -> None:
    files = IndexFolder(corpus_index).open_current().manifest.files
    names = {name.split("/")[0] for name in files} | {"CURRENT", "LOCK", "manifest.json"}
    assert {"articles.db", "vectors.faiss", "tokens.bin", "lexical"} <= names
    assert _missing(names, "index-format.md") == []


def test_links_lead_somewhere() -> None:
    broken = [
        f"{file.name} → {target}"
        for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", file.read_text("utf-8"))
        if not (file.parent / target).exists()
    ]
    assert broken == []
