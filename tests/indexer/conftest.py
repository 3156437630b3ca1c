"""Runs of reindex that count, or work in small pieces."""

from pathlib import Path
from typing import Any

import pytest

from indexer.pipeline import Summary
from tests.conftest import Run
from tests.support.fakes import CountingEmbedder
from tests.support.runs import Update


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
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of five passages, so that a run can be killed half way."""
    monkeypatch.setattr("indexer.encoding.PIECE", 5)
