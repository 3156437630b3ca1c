"""The corpus as learning sees it, and its oracle."""

from pathlib import Path

import pytest

from indexer.embedding.base import Embedder
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from search.ranking.fitting import Examiner
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex


@pytest.fixture(scope="session")
def corpus(corpus_index: Path, embedder: FakeEmbedder) -> Examiner:
    return opened(corpus_index, embedder)


@pytest.fixture(scope="session")
def corpus_exact(corpus_index: Path, embedder: FakeEmbedder) -> MemoryIndex:
    return MemoryIndex(IndexFolder(corpus_index).open_current(), embedder)


def opened(index: Path, embedder: Embedder) -> Examiner:
    return Examiner(LocalIndex(IndexFolder(index).open_current()), embedder)
