"""Writes the articles and passages of a new segment, beside those of the live generation.

Rows are numbered densely from where the segments before end; vectors, words and token codes know
articles and passages by these numbers alone. Each passage has a key, a digest of what it gave the
model to read: so the next run finds what need not be embedded again.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer.arrays import Float16, Int64
from indexer.article import Article, Passage
from indexer.storage.drafts import Drafts
from indexer.storage.packing import count_spans, pack_spans, unpack_spans, unpack_text
from indexer.storage.rows import (
    COLUMNS,
    HAS_KEY,
    INDEX_KEYS,
    INSERT_ARTICLE,
    PASSAGE,
    SEGMENT_SCHEMA,
    WRITTEN,
    article_row,
    passage_key,
    read_article,
)

# The schema of the new segment in the connection of the drafts.
SEGMENT = "segment"
# Bytes of a page: rows of a few kilobytes leave half of SQLite's own 4,096 empty.
PAGE = 16384


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage on its way into the next generation.

    `sentences` are the ends of its sentences, (s,) code points in `text`; `live` is its number in
    the live generation, if that has a passage with the same key.
    """

    number: int
    article: int
    headline: str
    text: str
    sentences: Int64
    key: bytes
    live: int | None


class ArticleWriter:
    """Writes the articles file of a new segment, from drafts and the live articles beside them."""

    def __init__(self, drafts: Drafts, file: Path, first_article: int, first_passage: int) -> None:
        """Create `file`, for articles and passages from these numbers on."""
        self._drafts = drafts
        self._connection = drafts.connection
        self._connection.commit()
        self._execute(f"ATTACH DATABASE ? AS {SEGMENT}", str(file))
        self._connection.executescript(
            f"PRAGMA {SEGMENT}.page_size = {PAGE}; PRAGMA {SEGMENT}.journal_mode = OFF;"
            f"PRAGMA {SEGMENT}.synchronous = OFF;" + SEGMENT_SCHEMA.format(schema=SEGMENT)
        )
        self.first_article, self.first_passage = first_article, first_passage
        self.articles = 0
        self.passages = 0
        self.sentences = 0
        self._reuse = False
        # Those that were not carried over, and have no sketch as yet.
        self._cut: set[int] = set()

    @property
    def _next_article(self) -> int:
        return self.first_article + self.articles

    @property
    def _next_passage(self) -> int:
        return self.first_passage + self.passages

    def cut(
        self, article: Article, document: bytes, paragraphs: bytes, passages: Sequence[Passage]
    ) -> None:
        """Add an article, made of the document with this digest, and its passages.

        paragraphs: of the whole article, described (boilerplate.py)
        """
        row = article_row(self._next_article, article, document)
        self._execute(INSERT_ARTICLE.format(SEGMENT), *row)
        self._execute(
            f"INSERT INTO {SEGMENT}.facts VALUES (?, ?, x'', x'')", self._next_article, paragraphs
        )
        self._connection.executemany(
            f"INSERT INTO {SEGMENT}.passages VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    self._next_passage + i,
                    self._next_article,
                    passage.span.start,
                    passage.span.end,
                    pack_spans(passage.sentences, passage.span.start),
                    passage_key(article, passage),
                )
                for i, passage in enumerate(passages)
            ],
        )
        self._cut.add(self._next_article)
        self._count(len(passages), sum(len(passage.sentences) for passage in passages))

    def carry(self, live: int, full_id: str, place: str) -> None:
        """Add a live article with all that belongs to it, under the id and in the place of now."""
        passages = self._execute(
            "SELECT number, sentences FROM live_passages WHERE article = ? ORDER BY number", live
        ).fetchall()
        columns = COLUMNS.replace("number, full_id", "?, ?").replace("location", "?")
        self._execute(
            f"INSERT INTO {SEGMENT}.articles ({COLUMNS}) "
            f"SELECT {columns} FROM live_articles WHERE number = ?",
            self._next_article,
            full_id,
            place,
            live,
        )
        self._execute(
            f"INSERT INTO {SEGMENT}.facts SELECT ?, paragraphs, sketch, vector FROM live_facts "
            "WHERE number = ?",
            self._next_article,
            live,
        )
        self._execute(
            f"INSERT INTO {SEGMENT}.passages "
            'SELECT number - ? + ?, ?, start, "end", sentences, key '
            "FROM live_passages WHERE article = ? ORDER BY number",
            passages[0][0] if passages else 0,
            self._next_passage,
            self._next_article,
            live,
        )
        self._count(len(passages), sum(count_spans(packed) for _, packed in passages))

    def _count(self, passages: int, sentences: int) -> None:
        self.articles += 1
        self.passages += passages
        self.sentences += sentences

    def reject(self, staying: int) -> None:
        """Take over why no article was made of some documents, unless a segment that stays knows.

        staying: how many of the live segments, from the first on, stay
        """
        known = (
            f"AND document NOT IN (SELECT document FROM {segment}.rejected)"
            for segment in self._drafts.segments[:staying]
        )
        self._execute(
            f"INSERT INTO {SEGMENT}.rejected SELECT * FROM main.rejected WHERE 1 {' '.join(known)}"
        )

    def complete(self, reuse: bool) -> int:
        """End adding; returns how many passages have a key that the live generation lacks.

        Of passages with the same key the first stands for all. Without `reuse` the live generation
        is taken to have none.
        """
        self._reuse = reuse
        self._execute(f"CREATE INDEX {SEGMENT}.passages_by_article ON passages (article)")
        self._execute(INDEX_KEYS.format(SEGMENT))
        self._execute(
            "CREATE TEMP TABLE missing AS SELECT min(number) AS number "
            f"FROM {SEGMENT}.passages AS p WHERE {self._live_number()} IS NULL GROUP BY key"
        )
        (missing,) = self._one("SELECT count(*) FROM missing")
        return int(missing)

    def _live_number(self) -> str:
        """The lowest number of a live passage with the same key, as SQL."""
        if not self._reuse:
            return "NULL"
        # Each by itself, so that each is looked up in its index.
        found = (
            f"(SELECT min(number) FROM {segment}.passages WHERE {HAS_KEY.format('p.key')})"
            for segment in self._drafts.segments
        )
        return f"coalesce({', '.join(found)}, NULL)"

    def rows(self, missing: bool = False) -> Iterator[PassageRow]:
        """Every passage in order, or only those that `complete` counted; one article in memory."""
        chosen = "WHERE number IN (SELECT number FROM missing)" if missing else ""
        return self._rows(f"{SEGMENT}.passages", f"{SEGMENT}.articles", chosen)

    def live_rows(self, numbers: Sequence[int]) -> Iterator[PassageRow]:
        """Some passages of the live segments, in order."""
        self._execute("CREATE TEMP TABLE chosen (number INTEGER PRIMARY KEY)")
        self._connection.executemany("INSERT INTO chosen VALUES (?)", zip(numbers, strict=True))
        chosen = "WHERE number IN (SELECT number FROM chosen)"
        return self._rows("live_passages", "live_written", chosen)

    def _rows(self, passages: str, articles: str, chosen: str) -> Iterator[PassageRow]:
        cursor = self._connection.cursor().execute(
            f"SELECT {PASSAGE}, key, {self._live_number()} FROM {passages} AS p {chosen} "
            "ORDER BY number"
        )
        owner = f"SELECT title, text FROM {articles} WHERE number = ?"
        read, title, text = -1, "", ""
        for number, article, start, end, sentences, key, live in cursor:
            if article != read:
                read, (title, packed) = article, self._one(owner, article)
                text = unpack_text(packed)
            ends = np.array([span.end for span in unpack_spans(sentences, 0)], np.int64)
            yield PassageRow(number, article, title, text[start:end], ends, key, live)

    def added(self) -> Iterator[tuple[int, Article, bool]]:
        """Every article of the segment in order, with its number, and whether it was cut anew."""
        cursor = self._connection.cursor()
        for row in cursor.execute(f"SELECT {WRITTEN} FROM {SEGMENT}.articles ORDER BY number"):
            found = read_article(row)
            yield found.number, found.article, found.number in self._cut

    def describe(self, number: int, sketch: bytes, vector: Float16) -> None:
        """Keep what stories are found by: an article's sketch, and where its passages point."""
        self._execute(
            f"UPDATE {SEGMENT}.facts SET sketch = ?, vector = ? WHERE number = ?",
            sketch,
            vector.tobytes(),
            number,
        )

    def finish(self) -> None:
        """Commit, and let go of the file."""
        self._connection.commit()
        self._execute(f"DETACH DATABASE {SEGMENT}")

    def _execute(self, query: str, *parameters: Any) -> sqlite3.Cursor:
        return self._connection.execute(query, parameters)

    def _one(self, query: str, *parameters: Any) -> Any:
        return self._execute(query, *parameters).fetchone()
