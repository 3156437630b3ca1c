"""A written file of articles and the folder of an index, for the tests of what is stored."""

from pathlib import Path

import pytest

from indexer.storage.article_writer import ArticleWriter
from indexer.storage.folder import IndexFolder
from tests.support.stored import ARTICLES, DOCUMENTS, PASSAGES, add


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "with space & 100%.db"
    writer = ArticleWriter(file)
    for article, document, passages in zip(ARTICLES, DOCUMENTS, PASSAGES, strict=True):
        assert writer.find(article.id) is None
        add(writer, article, document, passages)
        assert writer.find(article.id) == article
    assert (writer.articles, writer.passages, writer.sentences) == (3, 4, 5)
    writer.reject(b"four", "no article text found")
    writer.reject(b"four", "no article text found")
    assert writer.complete(reuse=True) == 4
    writer.assign_stories([(2, "same"), (1, None), (2, None)])
    writer.finish()
    return file


@pytest.fixture
def folder(index: Path) -> IndexFolder:
    return IndexFolder(index)
