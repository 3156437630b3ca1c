"""Articles, passages and stories in one SQLite file: all text lives here, and nowhere else.

Rows are numbered densely from 0 in the order of writing; vectors, words and token codes know
articles and passages by these numbers alone.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.article import Article, Passage, Span
from indexer.errors import IndexDamaged

_SCHEMA = """
CREATE TABLE articles (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    published TEXT,
    source TEXT,
    url TEXT,
    author TEXT,
    location TEXT NOT NULL,
    story INTEGER NOT NULL REFERENCES stories (number)
) STRICT;
CREATE TABLE stories (
    number INTEGER PRIMARY KEY,
    text_hash BLOB NOT NULL UNIQUE
) STRICT;
CREATE TABLE passages (
    number INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (number),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentences BLOB NOT NULL
) STRICT;
"""
_ARTICLE = "number, id, title, text, published, source, url, author, location, story"


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its number and that of its article."""

    number: int
    article: int
    passage: Passage


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with its number and that of its story."""

    number: int
    story: int
    article: Article


class ArticleWriter:
    """Writes a new articles file; close it with `finish`."""

    def __init__(self, file: Path) -> None:
        """Create the file."""
        self._connection = sqlite3.connect(file)
        # The generation is synced as a whole when it is published.
        self._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        self._connection.executescript(_SCHEMA)
        self.articles = 0
        self.passages = 0
        self.sentences = 0

    def find(self, article_id: str) -> Article | None:
        """The article that has been added with this id, if any."""
        row = self._connection.execute(
            f"SELECT {_ARTICLE} FROM articles WHERE id = ?", (article_id,)
        ).fetchone()
        return _article(row).article if row else None

    def add(self, article: Article, text_hash: bytes, passages: Sequence[Passage]) -> None:
        """Add an article with its passages; articles with the same text hash are one story."""
        execute = self._connection.execute
        execute(
            "INSERT INTO stories (number, text_hash) SELECT count(*), ? FROM stories WHERE true "
            "ON CONFLICT DO NOTHING",
            (text_hash,),
        )
        (story,) = execute(
            "SELECT number FROM stories WHERE text_hash = ?", (text_hash,)
        ).fetchone()
        execute(
            f"INSERT INTO articles ({_ARTICLE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.articles,
                article.id,
                article.title,
                article.text,
                article.published,
                article.source,
                article.url,
                article.author,
                article.location,
                story,
            ),
        )
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
            [
                (
                    self.passages + i,
                    self.articles,
                    passage.span.start,
                    passage.span.end,
                    pack_spans(passage.sentences, passage.span.start),
                )
                for i, passage in enumerate(passages)
            ],
        )
        self.articles += 1
        self.passages += len(passages)
        self.sentences += sum(len(passage.sentences) for passage in passages)

    def iterate(self) -> Iterator[tuple[StoredArticle, list[StoredPassage]]]:
        """Every article in order with its passages, one at a time in memory."""
        for row in self._connection.execute(f"SELECT {_ARTICLE} FROM articles ORDER BY number"):
            stored = _article(row)
            passages = self._connection.execute(
                "SELECT * FROM passages WHERE article = ? ORDER BY number", (stored.number,)
            )
            yield stored, [_passage(passage) for passage in passages]

    def index_passages(self) -> None:
        """Make looking up the passages of an article fast."""
        self._connection.execute("CREATE INDEX passages_by_article ON passages (article)")

    def finish(self) -> None:
        """Commit and close."""
        self._connection.commit()
        self._connection.close()

    def close(self) -> None:
        """Close without keeping what was not committed."""
        self._connection.close()


class Articles:
    """Reads a published articles file; safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        """Open the file for reading.

        Raises:
            IndexDamaged: it is not a readable database.
        """
        self._uri = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        self._file = file
        self._local = threading.local()
        rows = self._rows(
            "SELECT p.article, a.story, a.published, a.source FROM passages AS p "
            "JOIN articles AS a ON a.number = p.article ORDER BY p.number"
        )
        self.article_of = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        self.story_of = np.fromiter((row[1] for row in rows), np.int64, len(rows))
        self._published = np.array([(row[2] or "")[:10] for row in rows], dtype="U10")
        sources = sorted({row[3] for row in rows if row[3] is not None})
        self._source_codes = {source: code for code, source in enumerate(sources)}
        self._source_of = np.fromiter(
            (self._source_codes.get(row[3], -1) for row in rows), np.int32, len(rows)
        )

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite3.connect(
                self._uri, uri=True, check_same_thread=False
            )
        return connection

    def allowed(
        self, sources: Sequence[str], published_from: str | None, published_to: str | None
    ) -> NDArray[np.bool_] | None:
        """Which passages a filter lets through, (n,) bool, or None if it lets all through.

        Sources are compared case-folded; dates are ISO days, inclusive; an article without a date
        is outside of every date range.
        """
        masks: list[NDArray[np.bool_]] = []
        if sources:
            wanted = {source.casefold() for source in sources}
            codes = [c for source, c in self._source_codes.items() if source.casefold() in wanted]
            masks.append(np.isin(self._source_of, codes))
        if published_from is not None:
            masks.append((self._published != "") & (self._published >= published_from))
        if published_to is not None:
            masks.append((self._published != "") & (self._published <= published_to))
        if not masks:
            return None
        mask: NDArray[np.bool_] = np.logical_and.reduce(masks)
        return mask

    def passages(self, numbers: Iterable[int]) -> list[StoredPassage]:
        """Passages by number, in the order asked for."""
        wanted = list(numbers)
        found = {row[0]: _passage(row) for row in self._numbered("passages", "*", set(wanted))}
        return [found[number] for number in wanted]

    def passages_of(self, article: int) -> list[StoredPassage]:
        """All passages of an article, in order."""
        query = "SELECT * FROM passages WHERE article = ? ORDER BY number"
        return [_passage(row) for row in self._rows(query, article)]

    def articles(self, numbers: Iterable[int]) -> dict[int, StoredArticle]:
        """Articles by number."""
        rows = self._numbered("articles", _ARTICLE, set(numbers))
        return {row[0]: _article(row) for row in rows}

    def by_id(self, article_id: str) -> StoredArticle | None:
        """An article by its id."""
        rows = self._rows(f"SELECT {_ARTICLE} FROM articles WHERE id = ?", article_id)
        return _article(rows[0]) if rows else None

    def _numbered(self, table: str, columns: str, numbers: set[int]) -> list[Any]:
        """The rows of some numbers, in no order; one statement, since each gives up the GIL."""
        marks = ",".join("?" * len(numbers))
        query = f"SELECT {columns} FROM {table} WHERE number IN ({marks})"
        rows = self._rows(query, *numbers)
        if len(rows) != len(numbers):
            raise IndexDamaged(f"{self._file} lacks {table} that others name; run `reindex` again")
        return rows

    def _rows(self, query: str, *parameters: int | str) -> list[Any]:
        """All rows of a query.

        Raises:
            IndexDamaged: the database cannot be read.
        """
        try:
            return self._connection().execute(query, parameters).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise IndexDamaged(f"{self._file} is damaged: {error}; run `reindex` again") from error


def pack_spans(spans: Sequence[Span], base: int) -> bytes:
    """Spans as little-endian uint32 pairs, relative to `base`."""
    pairs = [(span.start - base, span.end - base) for span in spans]
    return np.array(pairs, "<u4").tobytes()


def _unpack_spans(packed: bytes, base: int) -> tuple[Span, ...]:
    pairs = np.frombuffer(packed, "<u4").reshape(-1, 2).tolist()
    return tuple(Span(base + start, base + end) for start, end in pairs)


def _article(row: tuple[int, str, str, str, str, str, str, str, str, int]) -> StoredArticle:
    number, identity, title, text, published, source, url, author, location, story = row
    article = Article(identity, title, text, published, source, url, author, location)
    return StoredArticle(number, story, article)


def _passage(row: tuple[int, int, int, int, bytes]) -> StoredPassage:
    number, article, start, end, sentences = row
    return StoredPassage(
        number, article, Passage(Span(start, end), _unpack_spans(sentences, start))
    )
