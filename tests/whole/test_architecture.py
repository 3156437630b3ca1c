"""Imports point one way: web → search → indexer."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.settings import Settings
from tests.conftest import ROOT

PACKAGES = ("indexer", "search", "web", "scripts", "tests")

# What each part may import of the project, by prefix.
MAY_IMPORT = {
    "indexer": ("indexer",),
    "search": (
        "search",
        "indexer.article",
        "indexer.day_words",
        "indexer.errors",
        "indexer.folding",
        "indexer.settings",
        "indexer.embedding",
        "indexer.storage",
    ),
    "web": ("web", "search", "indexer"),
    "scripts": PACKAGES[:-1],
    "tests": PACKAGES,
    "indexer.storage": (
        "indexer.storage",
        "indexer.embedding",
        "indexer.article",
        "indexer.errors",
        "indexer.folding",
        "indexer.settings",
    ),
    "indexer.embedding": (
        "indexer.embedding",
        "indexer.article",
        "indexer.errors",
        "indexer.settings",
    ),
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
    assert set(_imports("search.engine")) > {"indexer.storage.vectors", "search.ranking.candidates"}


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
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        (node.module or "").split(".")[0]
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.ImportFrom)
    }
    assert not imported & {"pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


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
from search.live import open_searcher
from search.question.query import Query
settings = Settings.from_environment({"ARTICLE_SEARCH_CACHE": sys.argv[1]})
settings = replace(settings, index=Path(sys.argv[2]))
assert open_searcher(settings).search(Query(text="a bridge")).hits
"""
    assert _loaded(program, str(real_settings.cache), str(sample_index)) == []
