"""Runs of reindex that count, or work in small pieces."""

from pathlib import Path
from typing import Any

import pytest

from indexer.pipeline import Summary
from tests.conftest import Run, WriteFiles, write_tree
from tests.support.corpus import generated
from tests.support.fakes import CountingEmbedder
from tests.support.runs import Update
from tests.support.segments import OLD, ferry_article


@pytest.fixture
def update(run: Run) -> Update:
    """Run `reindex`; how many passages the model was asked for comes with the summary."""

    def updated(*paths: Path, **options: Any) -> tuple[Summary, int]:
        model = CountingEmbedder()
        summary = run(*paths, model=model, **options)
        assert summary.articles == (
            summary.added + summary.changed + summary.moved + summary.unchanged + summary.kept
        )
        return summary, model.embedded

    return updated


@pytest.fixture
def many_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is written becomes a segment of its own, and none is merged before it has to be."""
    monkeypatch.setattr("indexer.compaction.SMALL", 0)
    monkeypatch.setattr("indexer.compaction.TIMES", 0)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of five passages, so that a run can be killed half way."""
    monkeypatch.setattr("indexer.encoding.PIECE", 5)


@pytest.fixture
def however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment stays if it is large beside what is new, though it holds few articles."""
    monkeypatch.setattr("indexer.compaction.SMALL", 0)


@pytest.fixture
def source(however_small: None, write_files: WriteFiles, run: Run) -> Path:
    """A folder of 30 articles that is indexed."""
    folder = write_files(generated(OLD))
    run(folder)
    return folder


@pytest.fixture
def grown(source: Path, run: Run) -> Path:
    """The same with one article more, which is a segment of its own."""
    write_tree(source, {"ferry.json": ferry_article()})
    run(source)
    return source
