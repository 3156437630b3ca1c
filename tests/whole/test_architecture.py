"""Imports point one way: web → search → indexer."""

import ast
import inspect
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.pipeline import reindex
from indexer.settings import Settings
from indexer.storage.filenames import ARTICLES, MANIFEST, SUGGESTIONS, TOKENS, VECTORS
from tests.conftest import ROOT

PACKAGES = ("indexer", "search", "web", "scripts", "tests")

# What everybody may import: values, and functions of text and numbers.
PLAIN = tuple(
    f"indexer.{name}"
    for name in (
        "analysis",
        "arrays",
        "article",
        "batches",
        "cores",
        "day_words",
        "errors",
        "folding",
        "hosts",
        "index_url",
        "letters",
        "progress",
        "settings",
    )
)
# Of the index, what search may know: values that go down to it and come up.
VALUES = tuple(
    f"indexer.storage.{name}"
    for name in ("columns", "exact", "fields", "filter", "last_run", "manifest", "rows")
)
ASKED = (*PLAIN, *VALUES, "indexer.embedding", "search.question")
RANKED = (*ASKED, "search.index", "search.ranking")
ANSWERED = (*RANKED, "search.answering")
SHOWN = (*ANSWERED, "search.results", "search.showing")
FOUND = (*SHOWN, "search.engine", "search.evaluation", "search.langchain")
# What each part may import of the project, by prefix.
MAY_IMPORT = {
    "indexer": ("indexer",),
    "indexer.embedding": (*PLAIN, "indexer.embedding"),
    "indexer.storage": (*PLAIN, "indexer.embedding", "indexer.storage"),
    "indexer.reading": (*PLAIN, "indexer.embedding.tokenizer", "indexer.reading"),
    "indexer.stories": (*PLAIN, "indexer.stories", "indexer.reading.body.words"),
    "search": ("search", *PLAIN, "indexer.embedding", "indexer.storage"),
    "search.question": ASKED,
    "search.index": (*PLAIN, *VALUES, "indexer.embedding"),
    "search.ranking": RANKED,
    "search.answering": ANSWERED,
    "search.results": (*RANKED, "search.results"),
    "search.showing": SHOWN,
    "search.engine": FOUND,
    "search.evaluation": FOUND,
    "search.langchain": FOUND,
    # The one that opens an index.
    "search.live": (*FOUND, "search.live", "indexer.storage"),
    "search.http": (*FOUND, "search.live", "search.http"),
    "web": ("web", "search", "indexer"),
    "scripts": PACKAGES[:-1],
    "scripts.commands": (*PACKAGES[:3], "scripts.commands", "scripts.status"),
    "tests": PACKAGES,
}
NOT_FOR_SERVING = ("torch", "sentence_transformers", "transformers", "trafilatura")


def _modules() -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            parts = file.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = _modules()


def _tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


def _imports(module: str) -> Iterator[str]:
    """The project's modules that a module imports, at its top or inside a function."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            assert node.module is not None
            names = [
                inner if (inner := f"{node.module}.{alias.name}") in MODULES else node.module
                for alias in node.names
            ]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in PACKAGES)


def _inside(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(f"{prefix}.")


def test_every_package_is_read() -> None:
    assert {name.split(".")[0] for name in MODULES} == set(PACKAGES)
    assert set(_imports("search.engine")) > {"search.index", "search.ranking.candidates"}


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_arrows(part: str) -> None:
    wrong = [
        f"{module} imports {imported}"
        for module in MODULES
        if _inside(module, part)
        for imported in _imports(module)
        if not any(_inside(imported, prefix) for prefix in MAY_IMPORT[part])
    ]
    assert wrong == []


def test_only_the_store_knows_its_files() -> None:
    names = {ARTICLES, VECTORS, TOKENS, SUGGESTIONS, MANIFEST}
    wrong = [
        f"{module}: {node.value}"
        for module in MODULES
        if not _inside(module, "indexer.storage") and not _inside(module, "tests")
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Constant) and node.value in names
    ]
    assert wrong == []


@pytest.mark.parametrize("engine", ["faiss", "sqlite3", "tantivy"])
def test_only_the_store_knows_its_engines(engine: str) -> None:
    allowed = (
        "indexer.storage",
        "indexer.analysis",
        "scripts.benchmarks",
        "scripts.faults",
        "tests",
    )
    knowing = [module for module in MODULES if engine in _libraries(module)]
    # What a full disk makes of SQLite becomes an error of ours in the pipeline.
    assert [m for m in knowing if not any(_inside(m, part) for part in allowed)] == (
        ["indexer.pipeline"] if engine == "sqlite3" else []
    )


def _libraries(module: str) -> set[str]:
    """The first part of everything that a module imports."""
    nodes = list(ast.walk(_tree(module)))
    return {
        alias.name.split(".")[0] for n in nodes if isinstance(n, ast.Import) for alias in n.names
    } | {(n.module or "").split(".")[0] for n in nodes if isinstance(n, ast.ImportFrom)}


@pytest.mark.parametrize("room", ["search", "indexer", "web", "scripts", "tests"])
def test_rooms_are_small(room: str) -> None:
    """A folder that is looked through at a glance, and files that are read in one sitting."""
    folders = [ROOT / room, *(each for each in (ROOT / room).rglob("*") if each.is_dir())]
    for folder in folders:
        files = [each for each in folder.glob("*.py") if each.name != "__init__.py"]
        assert room != "search" or len(files) <= 12, f"{folder} holds {len(files)} modules"
        long = [each.name for each in files if each.read_text("utf-8").count("\n") > 400]
        assert long == [], f"{folder}: {long}"


def test_what_is_packaged() -> None:
    """All packages, but for those that measure, try and train."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    folders = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for package in PACKAGES[:-1]
        for file in (ROOT / package).rglob("__init__.py")
    }
    left_out = {name for name in folders if name.startswith("scripts.")} - {"scripts.commands"}
    assert set(told["packages"]) == folders - left_out


def test_no_index_lacks_a_confidence_by_mistake() -> None:
    assert inspect.signature(reindex).parameters["fit"].default is inspect.Parameter.empty


def test_no_cycles() -> None:
    graph = {module: set(_imports(module)) - {module} for module in MODULES}
    path: list[str] = []
    done: set[str] = set()

    def visit(module: str) -> None:
        assert module not in path, " → ".join([*path[path.index(module) :], module])
        if module in done:
            return
        path.append(module)
        for imported in sorted(graph.get(module, ())):
            visit(imported)
        path.pop()
        done.add(module)

    for module in sorted(graph):
        visit(module)


def test_init_files_hold_a_docstring_only() -> None:
    for module, file in MODULES.items():
        if file.name == "__init__.py":
            body = _tree(module).body
            assert len(body) == 1, f"{file} holds code"
            assert ast.get_docstring(_tree(module)), f"{file} has no docstring"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_dangerous_calls(module: str) -> None:
    names = {"eval", "exec"} | ({"print"} if not _inside(module, "scripts") else set())
    called = {
        node.func.id
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & names
    assert not _libraries(module) & {"pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


def _loaded(program: str, *arguments: str) -> list[str]:
    report = f"\nimport sys\nprint(*(m for m in {NOT_FOR_SERVING!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program + report, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


def test_serving_imports_no_training_library() -> None:
    assert _loaded("import search.engine, search.live, search.http.api, web.server") == []


def test_the_check_of_what_is_loaded_can_fail() -> None:
    assert _loaded("import trafilatura") == ["trafilatura"]


@pytest.mark.model
def test_searching_loads_no_training_library(sample_index: Path, real_settings: Settings) -> None:
    program = """
import sys
from dataclasses import replace
from pathlib import Path
from indexer.settings import Settings
from indexer.storage.filenames import ARTICLES, MANIFEST, SUGGESTIONS, TOKENS, VECTORS
from search.live import open_searcher
from search.question.query import Query
settings = Settings.from_environment({"ARTICLE_SEARCH_CACHE": sys.argv[1]})
settings = replace(settings, index=Path(sys.argv[2]))
assert open_searcher(settings).search(Query(text="a bridge")).hits
"""
    assert _loaded(program, str(real_settings.cache), str(sample_index)) == []
