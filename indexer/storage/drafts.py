"""Articles that a run has read, until the corpus decides what becomes of them.

They lie in a file of their own beside the segments of the live generation, which are attached to
the same connection and only read. What tells one run of `reindex` from the next is there: a digest
of the document that each article was made of.
"""

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.article import Article, Remark
from indexer.errors import IndexDamaged
from indexer.storage.manifest import Generation
from indexer.storage.rows import (
    COUNTED,
    DRAFT_SCHEMA,
    FULL_ARTICLE,
    HAS_KEY,
    INSERT_ARTICLE,
    WRITTEN,
    StoredArticle,
    article_row,
    plain_id,
    read_article,
    unpack_numbers,
    unpack_remarks,
)
from indexer.storage.views import attach

# Live articles with one declared id that are looked at; some exporters give all the same.
_MOST_DECLARING = 100


@dataclass(frozen=True, slots=True)
class Counted:
    """What the corpus looks at of an article.

    number: in the live generation, or among the drafts
    article: under its full id, without its text and the days that this mentions
    removed: positions of the paragraphs that it has lost
    paragraphs: all of them, described (boilerplate.py)
    """

    number: int
    article: Article
    removed: tuple[int, ...]
    paragraphs: bytes


class Drafts:
    """Writes what is read, and knows what is live; ids are full ones (`plain_id` in rows.py)."""

    def __init__(self, file: Path, live: Generation | None = None) -> None:
        """Create `file`, which is of no use when the run has ended."""
        self.connection = sqlite3.connect(file.absolute().as_uri(), uri=True)
        self.connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        self.connection.executescript(DRAFT_SCHEMA.format(schema="main"))
        # The schemas of the live segments.
        self.segments = attach(self.connection, live, "live_")
        self._execute("CREATE TEMP TABLE staying (number INTEGER PRIMARY KEY)")
        self.count = 0
        # For each article the number of the live one that was made of the same document, or -1.
        self._carried = array("q")

    def find(self, full_id: str) -> Article | None:
        """The article that has been added with this id, if any."""
        row = self._one(f"SELECT {WRITTEN} FROM main.articles WHERE full_id = ?", full_id)
        return read_article(row).article if row else None

    def has_document(self, document: bytes) -> bool:
        """Whether an article that was made of this document has been added."""
        return self._one("SELECT 1 FROM main.articles WHERE document = ?", document) is not None

    def live_of_document(self, document: bytes) -> StoredArticle | None:
        """The live article that was made of the same document."""
        return self._live("document = ?", document)

    def live_of(self, article: Article) -> int | None:
        """The number of the live article with the same id, else of that in the same place."""
        found = self.live_by_id(article.id) or self.live_at(article.location)
        return found.number if found else None

    def live_by_id(self, full_id: str) -> StoredArticle | None:
        """The live article with this id."""
        return self._live("full_id = ?", full_id)

    def live_at(self, place: str) -> StoredArticle | None:
        """The live article in this place."""
        return self._live("location = ?", place)

    def live_by_number(self, number: int) -> StoredArticle:
        """A live article.

        Raises:
            IndexDamaged: there is none.
        """
        found = self._live("number = ?", number)
        if found is None:
            raise IndexDamaged(f"there is no article {number}; run `reindex --full`")
        return found

    def live_declaring(self, declared: str) -> list[StoredArticle]:
        """The first live articles that declare an id, whichever outlet or file they are from."""
        rows = self._execute(
            # "A" follows "@", so this is a prefix.
            f"SELECT {FULL_ARTICLE} FROM live_articles "
            "WHERE full_id >= ?1 || '@' AND full_id < ?1 || 'A' ORDER BY full_id LIMIT ?2",
            declared,
            _MOST_DECLARING,
        )
        found = [read_article(row) for row in rows.fetchall()]
        return [each for each in found if plain_id(each.article.id) == declared]

    def _live(self, where: str, value: Any) -> StoredArticle | None:
        row = self._one(f"SELECT {FULL_ARTICLE} FROM live_articles WHERE {where}", value)
        return read_article(row) if row else None

    def live_locations(self) -> Iterator[tuple[int, str]]:
        """Number and location of every live article, in the order of places."""
        cursor = self.connection.cursor()
        yield from cursor.execute("SELECT number, location FROM live_articles ORDER BY place")

    def live_counted(self) -> Iterator[Counted]:
        """What the corpus looks at of every live article, in no order."""
        paragraphs = dict(self._execute("SELECT number, paragraphs FROM live_facts"))
        for *row, removed in self._execute(f"SELECT {COUNTED}, removed FROM live_articles"):
            found = read_article(row)
            positions = tuple(position for position, _ in json.loads(removed)) if removed else ()
            yield Counted(found.number, found.article, positions, paragraphs[found.number])

    def live_under(self, place: str) -> list[StoredArticle]:
        """The live articles of a file, or of the files in a folder, in order."""
        rows = self._execute(
            f"SELECT {FULL_ARTICLE} FROM live_articles WHERE location = ?1 "
            # "0" follows "/" and ";" follows ":", so these are prefixes, found by the index.
            "OR location >= ?1 || '/' AND location < ?1 || '0' "
            "OR location >= ?1 || ':' AND location < ?1 || ';' ORDER BY place",
            place,
        )
        return [read_article(row) for row in rows.fetchall()]

    def live_document(self, number: int) -> bytes:
        """The digest of the document of a live article."""
        (digest,) = self._one("SELECT document FROM live_articles WHERE number = ?", number)
        return bytes(digest)

    def live_has(self, key: bytes) -> bool:
        """Whether the live generation has a passage with this key."""
        found = self._one(f"SELECT 1 FROM live_passages WHERE {HAS_KEY.format('?1')}", key)
        return found is not None

    def live_reason(self, document: bytes) -> str | None:
        """Why a run before made no article of the same document, if it did not."""
        row = self._one("SELECT reason FROM live_rejected WHERE document = ?", document)
        return str(row[0]) if row else None

    def add(self, article: Article, document: bytes, live: int | None = None) -> None:
        """Add an article, made of the document with this digest.

        live: the number of the live one that was made of the same document
        """
        row = article_row(self.count, article, document)
        self._execute(INSERT_ARTICLE.format("main"), *row)
        self._carried.append(-1 if live is None else live)
        self.count += 1

    def reject(self, document: bytes, reason: str) -> None:
        """Remember why no article was made of a document."""
        self._execute("INSERT OR IGNORE INTO main.rejected VALUES (?, ?)", document, reason)

    def added(self) -> Iterator[tuple[int, Article, int | None]]:
        """Every article that was added, with its number here, and that of the live one."""
        cursor = self.connection.cursor()
        for row in cursor.execute(f"SELECT {WRITTEN} FROM main.articles ORDER BY number"):
            found = read_article(row)
            yield found.number, found.article, self.carried(found.number)

    def by_number(self, number: int) -> tuple[Article, bytes]:
        """An article that was added, and the digest of its document."""
        *row, document = self._one(
            f"SELECT {WRITTEN}, document FROM main.articles WHERE number = ?", number
        )
        return read_article(row).article, document

    def carried(self, number: int) -> int | None:
        """The number of the live article of the same document as one that was added."""
        live = self._carried[number]
        return None if live < 0 else live

    def stay(self, numbers: Iterable[int]) -> None:
        """Say which of the live articles stay as they are, and where."""
        self._execute("DELETE FROM staying")
        self.connection.executemany("INSERT INTO staying VALUES (?)", ((n,) for n in numbers))

    def staying_passages(self) -> int:
        """How many passages the articles have that stay."""
        (count,) = self._one(
            "SELECT count(*) FROM live_passages WHERE article IN (SELECT number FROM staying)"
        )
        return int(count)

    def leaving_passages(self) -> list[int]:
        """The numbers of the passages of live articles that do not stay."""
        rows = self._execute(
            "SELECT number FROM live_passages WHERE article IN "
            "(SELECT number FROM live_corpus.standings EXCEPT SELECT number FROM staying)"
        )
        return [number for (number,) in rows]

    def facts(self, *schemas: str) -> Iterator[tuple[int, bytes, bytes]]:
        """Number, sketch and vector of every article that stays, and of those of new segments."""
        columns = "number, sketch, vector"
        new = (f"SELECT {columns} FROM {schema}.facts" for schema in schemas)
        staying = f"SELECT {columns} FROM live_facts WHERE number IN (SELECT * FROM staying)"
        yield from self.connection.cursor().execute(" UNION ALL ".join([staying, *new]))

    def languages(self, *schemas: str) -> list[tuple[str | None, int]]:
        """Every language of what stays and of the articles of new segments, the largest first."""
        query = f"SELECT language, count(*) FROM ({self._all('language', schemas)}) GROUP BY 1"
        return list(self._execute(f"{query} ORDER BY 2 DESC, 1"))

    def remarks(self, *schemas: str) -> Iterator[tuple[str, Remark]]:
        """What declares a field that cannot be read, of the same articles: where, and the field."""
        rows = self._execute(
            f"SELECT location, remarks FROM ({self._all('location, remarks', schemas)}) "
            "WHERE remarks IS NOT NULL"
        )
        for place, packed in rows.fetchall():
            yield from ((place, each) for each in unpack_remarks(packed))

    def undecided(self, *schemas: str) -> Iterator[tuple[str, list[str]]]:
        """Of the same, where a day may be the month: the place, and the days that it may be."""
        columns = "location, published_numbers, published_certain"
        rows = self._execute(
            f"SELECT location, published_numbers FROM ({self._all(columns, schemas)}) "
            "WHERE published_numbers IS NOT NULL AND NOT published_certain"
        )
        for place, packed in rows.fetchall():
            numbers = unpack_numbers(packed)
            if numbers and numbers.open and numbers.certain:
                yield place, [iso[:10] for _, iso in numbers.readings]

    def _all(self, columns: str, schemas: Iterable[str]) -> str:
        staying = f"SELECT {columns} FROM live_articles WHERE number IN (SELECT * FROM staying)"
        new = (f"SELECT {columns} FROM {schema}.articles" for schema in schemas)
        return " UNION ALL ".join([staying, *new])

    def close(self) -> None:
        """Close, and keep nothing that was not committed."""
        self.connection.close()

    def _execute(self, query: str, *parameters: Any) -> sqlite3.Cursor:
        return self.connection.execute(query, parameters)

    def _one(self, query: str, *parameters: Any) -> Any:
        return self._execute(query, *parameters).fetchone()
