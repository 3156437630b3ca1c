"""An index of sixty articles of random words, shared, and its oracle; and one that is followed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from search.engine import Searcher
from search.live import LiveSearcher
from tests.conftest import open_index, settings_for, write_tree
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


@pytest.fixture
def live(index: Path, fake_model: FakeEmbedder) -> Iterator[LiveSearcher]:
    """Of an index that does not exist yet, followed until the test ends."""
    live = LiveSearcher(settings_for(index))
    live.follow()
    yield live
    live.stop()
