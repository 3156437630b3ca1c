"""An index of sixty articles of random words, shared, and its oracle."""

from pathlib import Path

import pytest

from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from search.engine import Searcher
from tests.conftest import open_index, write_tree
from tests.support.corpus import generated
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex


@pytest.fixture(scope="session")
def large_index(tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder) -> Path:
    folder = tmp_path_factory.mktemp("large")
    reindex([write_tree(folder / "articles", generated(60))], folder / "index", embedder, None)
    return folder / "index"


@pytest.fixture(scope="session")
def large(large_index: Path, embedder: FakeEmbedder) -> Searcher:
    return open_index(large_index, embedder)


@pytest.fixture(scope="session")
def exact(large_index: Path, embedder: FakeEmbedder) -> MemoryIndex:
    return MemoryIndex(IndexFolder(large_index).open_current(), embedder)
