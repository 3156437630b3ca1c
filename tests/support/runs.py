"""Runs of reindex, what they counted and what they left."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.pipeline import Summary
from indexer.storage.folder import IndexFolder
from search.question.query import Query
from tests.conftest import Run, open_index
from tests.support.fakes import CountingEmbedder, FakeEmbedder, Killed

# The files of an index of one segment, but for its words and the manifest.
FILES = [
    "corpus.db",
    *(f"segments/0/{name}" for name in ("articles.db", "vectors.faiss", "tokens.bin", "terms.db")),
]

Snapshot = dict[str, tuple[int, bytes]]
Update = Callable[..., tuple[Summary, int]]


def counts_of(summary: Summary) -> dict[str, int]:
    """All counts of articles that are not 0."""
    names = ("added", "changed", "moved", "unchanged", "kept", "duplicates")
    counts = {name: getattr(summary, name) for name in names}
    counts |= {"removed": len(summary.removed), "skipped": len(summary.skipped)}
    return {name: count for name, count in counts.items() if count}


def snapshot_of(folder: Path) -> Snapshot:
    """Every file below a folder, with its content and when it was written."""
    return {
        str(file): (file.stat().st_mtime_ns, file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file()
    }


def found_by_words(index: Path, question: str) -> dict[str, str]:
    """Ids and locations of the articles that have a word of the question."""
    hits = open_index(index, FakeEmbedder()).search(Query(text=question, mode="lexical")).hits
    return {hit.article.id: hit.article.location for hit in hits}


def killed_run(
    run: Run, *paths: Path, most: float, sha256: str = "f" * 64, **options: Any
) -> CountingEmbedder:
    """A run that is killed when it has embedded so many passages."""
    model = CountingEmbedder(most, sha256)
    with pytest.raises(Killed):
        run(*paths, model=model, **options)
    return model


def is_tidy(index: Path) -> bool:
    """Whether nothing lies about that does not belong to an index."""
    assert {path.name for path in index.iterdir()} == {
        "CURRENT",
        "LOCK",
        "generations",
        "last-run.json",
    }
    names = {path.name for path in (index / "generations").iterdir()}
    return names == {each.id for each in IndexFolder(index).generations()} and len(names) <= 2
