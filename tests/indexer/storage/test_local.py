"""A generation in a folder: its files must belong together, and a filter is exact."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.errors import IndexDamaged
from indexer.storage.filter import Filter
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.storage.manifest import Generation
from tests.conftest import Build
from tests.support.corpus import CORPUS, generated
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex


@pytest.fixture
def generation(corpus_index: Path, tmp_path: Path) -> Generation:
    """A copy of a generation, whose files may be changed."""
    live = IndexFolder(corpus_index).open_current()
    return replace(live, path=Path(shutil.copytree(live.path, tmp_path / "copy")))


def _files(generation: Generation) -> Iterable[tuple[str, tuple[int, str]]]:
    return generation.manifest.files.items()


@pytest.mark.parametrize("name", ["articles.db", "vectors.faiss", "lexical", "tokens.bin"])
def test_files_of_two_generations_are_refused(
    generation: Generation, build: Build, index: Path, name: str
) -> None:
    assert len(LocalIndex(generation).idf) > 0
    build(generated(3))
    live = IndexFolder(index).open_current()
    place = name if name == "lexical" else f"segments/0/{name}"
    other, file = live.path / place, generation.path / place
    if file.is_dir():
        shutil.rmtree(file)
        shutil.copytree(other, file)
    else:
        shutil.copy2(other, file)
    # Another of the same name may be open already.
    files = {file: (size, f"{digest}, copied") for file, (size, digest) in _files(generation)}
    generation = replace(generation, manifest=replace(generation.manifest, files=files))
    with pytest.raises(IndexDamaged, match=f"passages in .*{name}, 8 in the manifest"):
        LocalIndex(generation)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"dimension": 33}, "32 numbers a vector in segments/0/vectors.faiss, 33 in the manifest"),
        ({"passages": 9}, "8 live passages in articles.db, 9 in the manifest"),
        ({"articles": 9}, "8 articles in corpus.db, 9 in the manifest"),
    ],
)
def test_a_manifest_of_other_files_is_refused(
    generation: Generation, changes: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(IndexDamaged, match=wrong):
        LocalIndex(replace(generation, manifest=replace(generation.manifest, **changes)))


# Of each field one that lets some passages through; two together are what both let through.
FILTERS: list[dict[str, Any]] = [
    {"values": {"source": ("kestrel post", "teal times", "Nobody")}},
    {"values": {"author": ("adeyemi",)}},
    {"values": {"site": ("kestrel.example",)}},
    {"first_day": date(2024, 3, 1)},
    {"last_day": date(2024, 4, 22)},
    {"phrases": ("council harbour", "rye harbour")},
    {"titles": ("harbour",)},
    {"excluded": ("market referee", "mite")},
    {"without_passages": (0, 3)},
    {"without_articles": (1, 2)},
    {"without_stories": (0,)},
]
CHOSEN = [Filter(**each) for each in FILTERS] + [
    Filter(**one, **other)
    for one, other in combinations(FILTERS, 2)
    if not one.keys() & other.keys()
]


def test_a_filter_lets_through_what_its_definition_says(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    # Articles of several passages, with words of their headlines in other texts.
    build({**CORPUS, **generated(12)})
    live = IndexFolder(index).open_current()
    local, exact = LocalIndex(live), MemoryIndex(live, embedder)
    for chosen in CHOSEN:
        found, expected = local.narrow(chosen), exact.narrow(chosen)
        assert np.flatnonzero(found.allowed).tolist() == expected.allowed, chosen
        assert (found.passages, found.relaxed) == (expected.passages, expected.relaxed), chosen
    alone = [local.narrow(Filter(**each)).passages for each in FILTERS]
    assert all(0 < passages < live.manifest.passages for passages in alone), alone


def test_a_filter_of_nothing_but_unknown_phrases_lets_all_through(corpus_index: Path) -> None:
    live = IndexFolder(corpus_index).open_current()
    for phrases in ((), ("zyzzyva", "bread rye")):
        found = LocalIndex(live).narrow(Filter(phrases=phrases))
        assert found.allowed is None
        assert (found.passages, found.relaxed) == (live.manifest.passages, phrases)
