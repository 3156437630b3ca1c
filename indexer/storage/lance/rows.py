"""Rows of the table of articles, and the values that they become."""

from collections.abc import Sequence
from typing import Any

from indexer.storage.lance.tables import ARTICLE_COLUMNS
from indexer.storage.rows import Outline, StoredArticle, read_article

# What is long of an article, and what stands for it where it is not asked for.
LONG: dict[str, Any] = {"text": None, "removed": None, "mentioned": b""}


def article_of(columns: Sequence[str], row: Sequence[Any], **others: Any) -> StoredArticle:
    """An article of some of its columns, the others given."""
    known = dict(zip(columns, row, strict=True)) | others
    return read_article([known[name] for name in ARTICLE_COLUMNS])


def place_in_story(stored: StoredArticle) -> tuple[object, ...]:
    """The earliest first, and last those of which no day is known."""
    published = stored.article.published
    iso = published.iso if published else ""
    return stored.degree is not None, len(iso) <= len("2024-11"), iso, stored.number


def outline_of(stored: StoredArticle) -> Outline:
    """The outline of an article of a story."""
    a = stored.article
    return Outline(
        stored.number, a.id, a.title, a.source, a.agency, a.url, a.published, stored.degree
    )
