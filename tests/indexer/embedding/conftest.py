"""A copy of the default model, to be damaged."""

import shutil
from pathlib import Path

import pytest

from indexer.embedding.model import find_model
from indexer.settings import DEFAULT_MODEL


@pytest.fixture
def copied_model(tmp_path: Path) -> Path:
    """A copy of the default model whose files may be changed."""
    source = find_model(DEFAULT_MODEL).path
    copy = tmp_path / "package" / "model"
    shutil.copytree(source, copy)
    return copy
