"""The documents name everything that there is, and nothing that there is not."""

import argparse
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from indexer.encoding import PIECE
from indexer.pipeline import Summary
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import FORMAT, Manifest
from indexer.storage.vector_writer import FLAT_UP_TO
from scripts import cli, status
from scripts.benchmarks import (
    __main__ as benchmark,
)
from scripts.benchmarks import (
    confidence,
    filters,
    freshness,
    gold,
    memory,
    million,
    reading,
    scale,
    spelling,
    stories,
    updates,
)
from scripts.benchmarks.peers import __main__ as peers
from scripts.faults import __main__ as faults
from scripts.training import glued, lines
from scripts.training.reader import __main__ as train_reader
from scripts.training.reader import export as export_reader
from search.http import api, problems
from search.http.schema.problem import Problem, Reload
from search.live import LiveSearcher
from tests.conftest import ROOT, Run, WriteFiles, settings_for
from tests.support.corpus import CORPUS
from tests.support.fakes import CountingEmbedder, FakeEmbedder, Killed
from tests.support.runs import FILES

# Programs of `scripts` beside the command line, which has documents of its own.
PROGRAMS = (
    benchmark,
    updates,
    freshness,
    memory,
    reading,
    stories,
    confidence,
    filters,
    spelling,
    lines,
    glued,
    train_reader,
    export_reader,
    gold,
    million,
    scale,
    peers,
    faults,
)


def _text(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def _documents() -> Iterator[tuple[str, str]]:
    for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        yield file.name, file.read_text("utf-8")


def _section(document: str, heading: str) -> str:
    """The text below a heading, up to the next one of its rank."""
    parts = f"{_text(document)}\n".split(f"\n{heading}\n")
    assert len(parts) == 2, f"{document} has no section, or several: {heading}"
    return re.split(rf"\n{heading.split()[0]} ", parts[1])[0]


def _missing(names: set[str], text: str) -> list[str]:
    """Those that do not occur as a whole."""
    return sorted(
        name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
    )


def _source(*packages: str) -> str:
    files = (file for package in packages for file in (ROOT / package).rglob("*.py"))
    return "\n".join(file.read_text("utf-8") for file in files)


def test_what_is_missing_is_found() -> None:
    names = {"--keep", "--kee", "index", "article_search_articles", "/v1/search"}
    text = "`--keep`, reindex, index-all, article_search_articles_total, GET /v1/search."
    assert _missing(names, text) == ["--kee", "article_search_articles", "index"]


def test_settings() -> None:
    source = _source("indexer", "search", "web", "scripts")
    name = r"\bARTICLE_SEARCH_[A-Z_]*[A-Z]\b"
    ours = set(re.findall(name, source))
    assert {"ARTICLE_SEARCH_INDEX", "ARTICLE_SEARCH_KEEP", "ARTICLE_SEARCH_ADMIN_KEY"} <= ours
    of_libraries = set(re.findall(r"os\.environ(?:\.setdefault\(|\[)\"([A-Z_]+)\"", source))
    assert {"OPENBLAS_NUM_THREADS", "HF_HUB_OFFLINE"} <= of_libraries
    assert _missing(ours | of_libraries, _text("docs/settings.md")) == []
    for document, text in _documents():
        assert set(re.findall(name, text)) <= ours, document


def _parser_of(main: Callable[[list[str]], int]) -> argparse.ArgumentParser:
    """The parser that a program itself uses."""
    seen: list[argparse.ArgumentParser] = []

    def stop(self: argparse.ArgumentParser, *_: object) -> None:
        seen.append(self)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", stop)
        with pytest.raises(KeyboardInterrupt):
            main([])
    return seen[0]


@pytest.fixture(scope="module")
def parser() -> argparse.ArgumentParser:
    return _parser_of(cli.main)


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    actions = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    return {name: command for each in actions for name, command in each.choices.items()}


def _options(parser: argparse.ArgumentParser) -> set[str]:
    """The options and arguments of a parser, without those of its commands."""
    return {
        name
        for action in parser._actions
        if not isinstance(action, (argparse._HelpAction, argparse._SubParsersAction))
        for name in action.option_strings or [str(action.metavar or action.dest)]
    }


def _used_options(line: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", line))


COMMANDS = (
    "reindex", "verify", "stats", "explain", "rollback", "search", "serve", "mcp", "evaluate",
)  # fmt: skip


def test_all_commands_are_tested(parser: argparse.ArgumentParser) -> None:
    assert set(_commands(parser)) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_command(parser: argparse.ArgumentParser, name: str) -> None:
    options = _options(_commands(parser)[name])
    section = _section("docs/commands.md", f"## article-search {name}")
    usage, rest = section.lstrip().split("\n\n", 1)
    assert usage.startswith(f"article-search {name} ")
    assert _missing({each for each in options if each.startswith("--")}, usage) == []
    assert _used_options(usage) <= options
    # --index is described once for all.
    assert _missing({f"`{each}`" for each in options - {"--index"}}, rest) == []


def test_every_help_text_is_there(parser: argparse.ArgumentParser) -> None:
    for line in parser.format_help().splitlines():
        assert not re.fullmatch(r" {4}\w+", line), f"a command without help: {line}"


def test_examples_can_be_run(parser: argparse.ArgumentParser) -> None:
    commands = _commands(parser)
    tried = 0
    for document, text in _documents():
        for line in re.findall(
            r"(?m)^ {4,}(?:\$ )?(?:\.venv/bin/)?article-search ([^:\n]*)$", text
        ):
            name = line.split()[0]
            if name != "COMMAND":
                assert name in commands, f"{document}: {line}"
                assert _used_options(line) <= _options(commands[name]), f"{document}: {line}"
                tried += 1
    assert tried >= 20


def test_exit_statuses() -> None:
    table = _text("docs/commands.md").split("\n## ")[0]
    told = [int(each) for each in re.findall(r"(?m)^\| (\d+) \|", table)]
    assert told == [status.DONE, status.FAILED, status.USAGE, status.SKIPPED, 130, 143]


def test_json_of_reindex() -> None:
    section = _section("docs/commands.md", "## article-search reindex")
    assert _missing({f"`{field.name}`" for field in fields(Summary)}, section) == []


@pytest.mark.parametrize("command", ["stats", "verify"])
def test_json_of_reports(
    command: str,
    corpus_index: Path,
    fake_model: FakeEmbedder,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = [command, "--json", "--index", str(corpus_index)]
    assert cli.main([*arguments, "--quiet"] if command == "verify" else arguments) == 0
    report = json.loads(capsys.readouterr().out)
    inner = [each for value in report.values() if isinstance(value, list) for each in value]
    names = set(report).union(*inner)
    assert len(names) >= 2
    section = _section("docs/commands.md", f"## article-search {command}")
    assert _missing({f"`{name}`" for name in names}, section) == []


def _name_of(file: Path) -> str:
    """What stands after `python -m`."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__main__" else parts)


def test_programs_beside_the_command_line() -> None:
    document = _text("docs/benchmarks.md")
    runnable = {
        _name_of(file)
        for file in (ROOT / "scripts").rglob("*.py")
        if '__name__ == "__main__"' in file.read_text("utf-8")
    }
    programs = {module.__name__.removesuffix(".__main__"): module for module in PROGRAMS}
    assert runnable == set(programs) | {"scripts.cli", "scripts.reindex"}
    for program, module in programs.items():
        parser = _parser_of(module.main)
        names = {f"python -m {program}"} | _options(parser)
        for command, options in _commands(parser).items():
            names |= {f"{program} {command}"} | _options(options)
        assert _missing(names, document) == []


def test_every_kind_of_problem_is_one_that_can_be() -> None:
    """What is no error, but is answered by name, is named in the source, and no other is."""
    named = set(re.findall(r'\bKINDS\["(\w+)"\]', _source("search", "web")))
    raised = {kind.code for kind in problems.KINDS.values() if kind.error}
    assert named <= set(problems.KINDS)
    assert set(problems.KINDS) <= named | raised


def test_problem_codes() -> None:
    section = _section("docs/http-api.md", "## Errors")
    known = {(kind.status, kind.code) for kind in problems.KINDS.values()} | {(None, "http_error")}
    assert {(401, "unauthorized"), (403, "admin_disabled"), (503, "index_missing")} <= known
    told = re.findall(r"(?m)^\| (\d{3}|other) \| `(\w+)` \|", section)
    assert {(None if status == "other" else int(status), code) for status, code in told} == known
    assert _missing({f"`{name}`" for name in Problem.model_fields}, section) == []


def test_routes() -> None:
    document = _text("docs/http-api.md")
    schema = api.create_api(LiveSearcher(settings_for(Path("none"))), 1).openapi()
    paths = schema["paths"]
    assert _missing(set(paths) | {"/docs", "/openapi.json"}, document) == []
    told = set(re.findall(r"(?m)^## ((?:GET|POST) /\S+)$", document))
    assert told == {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method in methods
        if path.startswith("/v1/")
    }
    parameters = {f"`{each['name']}`" for each in paths["/v1/search"]["get"]["parameters"]}
    assert _missing(parameters, _section("docs/http-api.md", "## GET /v1/search")) == []
    reload = _section("docs/http-api.md", "## POST /v1/admin/reload")
    assert _missing({f"`{name}`" for name in Reload.model_fields}, reload) == []


def test_metrics(api_client: TestClient) -> None:
    assert api_client.get("/v1/search", params={"q": "tram"}).status_code == 200
    metrics = api_client.get("/metrics").text
    kinds = dict(re.findall(r"(?m)^# TYPE (\w+) (\w+)$", metrics))
    # When each series began, which the library adds.
    names = {name for name in kinds if not name.endswith("_created")}
    assert {"article_search_generations_total", "article_search_index_created_seconds"} <= names
    assert _missing(names, _section("docs/http-api.md", "## Health")) == []
    series = names | {f"{name}_bucket" for name in names if kinds[name] == "histogram"}
    for document, text in _documents():
        assert set(re.findall(r"\barticle_search_\w+", text)) <= series, document


def _layout(connection: sqlite3.Connection) -> dict[str, object]:
    """The tables of a database with their columns, and its indexes with theirs."""
    tables = connection.execute("SELECT name, wr, strict FROM pragma_table_list").fetchall()
    indexes = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    return {
        name: (options, connection.execute(f"PRAGMA table_info({name})").fetchall())
        for name, *options in tables
        if not name.startswith("sqlite_")
    } | {name: connection.execute(f"PRAGMA index_info({name})").fetchall() for (name,) in indexes}


def _told_layout(heading: str) -> dict[str, object]:
    (sql,) = re.findall(r"```sql\n(.*?)```", _section("docs/index-format.md", heading), re.S)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(sql)
        return _layout(connection)


def _layout_of(file: Path) -> dict[str, object]:
    with closing(sqlite3.connect(file)) as connection:
        return _layout(connection)


def test_files_of_an_index(run: Run, write_files: WriteFiles, index: Path) -> None:
    document = _text("docs/index-format.md")
    with pytest.raises(Killed):
        run(write_files(CORPUS), model=CountingEmbedder(most=0))
    left = {entry.name for entry in index.iterdir()}
    assert "embedded.db" in left
    assert _told_layout("## embedded.db") == _layout_of(index / "embedded.db")
    run(write_files(CORPUS))
    generation = IndexFolder(index).open_current()
    assert set(FILES) <= set(generation.manifest.files)
    for file in (generation.path / name for name in FILES if name.endswith(".db")):
        assert _told_layout(f"## {file.name}") == _layout_of(file)
    files = {name.split("/")[0] for name in generation.manifest.files}
    files |= {Path(name).name for name in FILES}
    assert {"segments", "lexical"} <= files
    names = left | files | {entry.name for entry in index.iterdir()} | {"manifest.json"}
    assert _missing(names | {"CURRENT.new", ".writing"}, document) == []


def test_manifest() -> None:
    section = _section("docs/index-format.md", "## manifest.json")
    told = re.findall(r"(?m)^\| (`.*?`) \|", section)
    assert re.findall(r"\w+", " ".join(told)) == [field.name for field in fields(Manifest)]


def test_numbers_of_the_format() -> None:
    document = _text("docs/index-format.md")
    assert f"\nFormat {FORMAT}. " in document
    assert f"up to {FLAT_UP_TO:,} " in document
    assert f"{PIECE:,} at a time" in document


def test_links_lead_somewhere() -> None:
    broken = []
    for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target, anchor in re.findall(
            r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)", file.read_text("utf-8")
        ):
            to = file.parent / target if target else file
            if not to.exists() or (anchor and anchor not in _anchors(to)):
                broken.append(f"{file.name} → {target}#{anchor}")
    assert broken == []


def _anchors(file: Path) -> set[str]:
    """What a link may name in a document, as GitHub makes it of the headings."""
    headings = re.findall(r"(?m)^#+ (.*)$", file.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}
