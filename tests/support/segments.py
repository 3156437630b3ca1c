"""An index of thirty articles, and one that was added: what tests of segments begin with."""

from pathlib import Path

from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation
from search.engine import Searcher
from search.question.query import Query
from tests.support.corpus import FERRY, record

OLD = 30


def ferry_article(**fields: str) -> bytes:
    told = {"source": "Vale Echo", "date": "2024-03-12", "author": "Ida Holm", **fields}
    return record("ferry", "Night ferry runs aground", FERRY, **told).encode()


def live_of(index: Path) -> Generation:
    return IndexFolder(index).open_current()


def held_by(index: Path) -> list[int]:
    """How many articles each segment holds."""
    return [each.articles for each in live_of(index).manifest.segments]


def found_by(searcher: Searcher, question: str, **options: object) -> list[str]:
    query = Query.model_validate({"text": question, "limit": 100, "floor": 0, **options})
    return [hit.article.id for hit in searcher.search(query).hits]
