"""Writes the articles and passages of the next generation, beside those of the live one.

Rows are numbered densely from 0 in the order of writing; vectors, words and token codes know
articles and passages by these numbers alone. What tells one run of `reindex` from the next is here
too: a digest of the document that each article was made of, and a key of what each passage gave the
model to read.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer.arrays import Int64
from indexer.article import Article, Degree, Passage, Remark
from indexer.errors import IndexDamaged
from indexer.storage.database import read_only
from indexer.storage.rows import (
    ARTICLE,
    FULL_ARTICLE,
    LANGUAGES,
    PASSAGE,
    SCHEMA,
    WITHOUT_TEXT,
    StoredArticle,
    article_row,
    pack_spans,
    passage_key,
    plain_id,
    read_article,
    settled_columns,
    unpack_numbers,
    unpack_remarks,
    unpack_spans,
)

# Live articles with one declared id that are looked at; some exporters give all the same.
_MOST_DECLARING = 100


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
    """Writes a new articles file, beside that of the live generation if there is one.

    Until `complete` is called, the id of an article is its full one (`plain_id` in rows.py).
    """

    def __init__(self, file: Path, live: Path | None = None) -> None:
        """Create `file`; `live` is only read."""
        self._connection = sqlite3.connect(file.absolute().as_uri(), uri=True)
        # The generation is synced as a whole when it is published.
        self._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        self._connection.executescript(SCHEMA.format(schema="main"))
        self._execute("ATTACH DATABASE ? AS live", read_only(live) if live else ":memory:")
        if live is None:
            self._connection.executescript(SCHEMA.format(schema="live"))
            self._execute("CREATE INDEX live.passages_by_key ON passages (key)")
        self.articles = 0
        self.passages = 0
        self.sentences = 0
        self._reuse = False
        # For each article its number in the live generation, or -1.
        self._carried = array("q")

    def find(self, full_id: str) -> Article | None:
        """The article that has been added with this id, if any."""
        row = self._one(f"SELECT {FULL_ARTICLE} FROM main.articles WHERE full_id = ?", full_id)
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
            f"SELECT {FULL_ARTICLE} FROM live.articles "
            "WHERE full_id >= ?1 || '@' AND full_id < ?1 || 'A' ORDER BY full_id LIMIT ?2",
            declared,
            _MOST_DECLARING,
        )
        found = [read_article(row) for row in rows.fetchall()]
        return [each for each in found if plain_id(each.article.id) == declared]

    def _live(self, where: str, value: Any) -> StoredArticle | None:
        row = self._one(f"SELECT {FULL_ARTICLE} FROM live.articles WHERE {where}", value)
        return read_article(row) if row else None

    def live_locations(self) -> Iterator[tuple[int, str]]:
        """Number and location of every live article, in order."""
        cursor = self._connection.cursor()
        yield from cursor.execute("SELECT number, location FROM live.articles ORDER BY number")

    def live_under(self, place: str) -> list[StoredArticle]:
        """The live articles of a file, or of the files in a folder, in order."""
        rows = self._execute(
            f"SELECT {FULL_ARTICLE} FROM live.articles WHERE location = ?1 "
            # "0" follows "/" and ";" follows ":", so these are prefixes, found by the index.
            "OR location >= ?1 || '/' AND location < ?1 || '0' "
            "OR location >= ?1 || ':' AND location < ?1 || ';' ORDER BY number",
            place,
        )
        return [read_article(row) for row in rows.fetchall()]

    def live_document(self, number: int) -> bytes:
        """The digest of the document of a live article."""
        (digest,) = self._one("SELECT document FROM live.articles WHERE number = ?", number)
        return bytes(digest)

    def live_has(self, key: bytes) -> bool:
        """Whether the live generation has a passage with this key."""
        return self._one("SELECT 1 FROM live.passages WHERE key = ?", key) is not None

    def live_reason(self, document: bytes) -> str | None:
        """Why the last run made no article of the same document, if it did not."""
        row = self._one("SELECT reason FROM live.rejected WHERE document = ?", document)
        return str(row[0]) if row else None

    def add(self, article: Article, document: bytes, live: int | None = None) -> None:
        """Add an article, made of the document with this digest, as yet without passages.

        live: the number of the same article, passages and all, in the live generation
        """
        row = article_row(self.articles, article, document)
        marks = ", ".join("?" * len(row))
        self._execute(
            f"INSERT INTO main.articles ({FULL_ARTICLE}, document, id) VALUES ({marks}, ?)",
            *row,
            plain_id(article.id),
        )
        self._carried.append(-1 if live is None else live)
        self.articles += 1

    def drop(self, full_id: str) -> None:
        """Take out an article that was added; `close_gaps` has to follow."""
        self._execute("DELETE FROM main.articles WHERE full_id = ?", full_id)

    def close_gaps(self) -> None:
        """Number the articles densely again after some were taken out."""
        rows = self._execute("SELECT number FROM main.articles ORDER BY number").fetchall()
        numbers = [number for (number,) in rows]
        # In this order each number is free when it is given.
        self._connection.executemany(
            "UPDATE main.articles SET number = ?1, story = ?1 WHERE number = ?2",
            ((new, old) for new, old in enumerate(numbers) if new != old),
        )
        self._carried = array("q", [self._carried[number] for number in numbers])
        self.articles = len(numbers)

    def added(self) -> Iterator[tuple[Article, int | None]]:
        """Every article that was added, in order, with its number in the live generation."""
        for number, live in enumerate(self._carried):
            row = self._one(f"SELECT {ARTICLE} FROM main.articles WHERE number = ?", number)
            yield read_article(row).article, None if live < 0 else live

    def outlines(self) -> Iterator[Article]:
        """Every article that was added, without its text, in order."""
        cursor = self._connection.cursor()
        for row in cursor.execute(f"SELECT {WITHOUT_TEXT} FROM main.articles ORDER BY number"):
            yield read_article(row).article

    def cut(self, number: int, article: Article, passages: Sequence[Passage]) -> None:
        """Give an added article what others decide of it, and its passages; call in order."""
        columns = ARTICLE.split(", ")
        settled = columns[columns.index("title") : columns.index("mentioned") + 1]
        self._execute(
            f"UPDATE main.articles SET {', '.join(f'{name} = ?' for name in settled)} "
            "WHERE number = ?",
            *settled_columns(article),
            number,
        )
        self._connection.executemany(
            "INSERT INTO main.passages VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    self.passages + i,
                    number,
                    passage.span.start,
                    passage.span.end,
                    pack_spans(passage.sentences, passage.span.start),
                    passage_key(article, passage),
                )
                for i, passage in enumerate(passages)
            ],
        )
        self.passages += len(passages)
        self.sentences += sum(len(passage.sentences) for passage in passages)

    def carry(self, number: int, live: int) -> None:
        """Give an added article the passages of the live one; call in order."""
        passages, first, sentences = self._one(
            "SELECT count(*), min(number), sum(length(sentences)) / 8 "
            "FROM live.passages WHERE article = ?",
            live,
        )
        self._execute(
            "INSERT INTO main.passages "
            'SELECT number - ? + ?, ?, start, "end", sentences, key '
            "FROM live.passages WHERE article = ? ORDER BY number",
            first,
            self.passages,
            number,
            live,
        )
        self.passages += passages
        self.sentences += sentences or 0

    def assign_stories(self, stories: Iterable[tuple[int, Degree | None]]) -> None:
        """Give every article, in order, the number of its story's earliest one, and its degree."""
        self._connection.executemany(
            "UPDATE main.articles SET story = ?, degree = ? WHERE number = ?",
            ((story, degree, number) for number, (story, degree) in enumerate(stories)),
        )
        self._execute("CREATE INDEX main.articles_by_story ON articles (story)")

    def reject(self, document: bytes, reason: str) -> None:
        """Remember why no article was made of a document."""
        self._execute("INSERT OR IGNORE INTO main.rejected VALUES (?, ?)", document, reason)

    def complete(self, reuse: bool) -> int:
        """End adding; returns how many passages have a key that the live generation lacks.

        Of passages with the same key the first stands for all. Without `reuse` the live generation
        is taken to have none.
        """
        self._reuse = reuse
        self._assign_ids()
        self._execute("CREATE INDEX main.passages_by_article ON passages (article)")
        self._execute("CREATE INDEX main.passages_by_key ON passages (key)")
        self._execute(
            "CREATE TEMP TABLE missing AS SELECT min(number) AS number FROM main.passages AS p "
            "WHERE NOT (? AND EXISTS (SELECT 1 FROM live.passages WHERE key = p.key)) "
            "GROUP BY key",
            reuse,
        )
        (missing,) = self._one("SELECT count(*) FROM missing")
        return int(missing)

    def _assign_ids(self) -> None:
        """Give their full ids to all but the first of the articles that declare the same."""
        shared = self._execute(
            "SELECT number, full_id FROM main.articles AS a JOIN (SELECT id, min(number) AS first "
            "FROM main.articles GROUP BY id HAVING count(*) > 1) AS shared ON a.id = shared.id "
            "WHERE number > first ORDER BY number"
        ).fetchall()
        for number, identity in shared:
            # Another may declare what is the full id of this one.
            while self._one("SELECT 1 FROM main.articles WHERE id = ?", identity):
                identity += "@"
            self._execute("UPDATE main.articles SET id = ? WHERE number = ?", identity, number)

    def rows(self, missing: bool = False) -> Iterator[PassageRow]:
        """Every passage in order, or only those that `complete` counted; one article in memory."""
        chosen = "WHERE number IN (SELECT number FROM missing)" if missing else ""
        return self._rows("main", chosen)

    def live_rows(self, numbers: Sequence[int]) -> Iterator[PassageRow]:
        """Some passages of the live generation, in order."""
        self._execute("CREATE TEMP TABLE chosen (number INTEGER PRIMARY KEY)")
        self._connection.executemany("INSERT INTO chosen VALUES (?)", zip(numbers, strict=True))
        return self._rows("live", "WHERE number IN (SELECT number FROM chosen)")

    def _rows(self, schema: str, chosen: str) -> Iterator[PassageRow]:
        live_number = "(SELECT min(number) FROM live.passages WHERE key = p.key)"
        cursor = self._connection.cursor().execute(
            f"SELECT {PASSAGE}, key, {live_number if self._reuse else 'NULL'} "
            f"FROM {schema}.passages AS p {chosen} ORDER BY number"
        )
        owner = f"SELECT {ARTICLE} FROM {schema}.articles WHERE number = ?"
        article: StoredArticle | None = None
        for number, article_number, start, end, sentences, key, live in cursor:
            if article is None or article.number != article_number:
                article = read_article(self._one(owner, article_number))
            ends = np.array([span.end for span in unpack_spans(sentences, 0)], np.int64)
            text = article.article.text[start:end]
            yield PassageRow(number, article_number, article.article.title, text, ends, key, live)

    def languages(self) -> list[tuple[str | None, int]]:
        """Every language of what was added and how many articles are in it, the largest first."""
        return list(self._execute(LANGUAGES))

    def remarks(self) -> Iterator[tuple[str, Remark]]:
        """What declares a field that cannot be read: a location, and the field.

        Of what was added, or if that is nothing, of the live articles.
        """
        schema = "main" if self.articles else "live"
        cursor = self._connection.cursor()
        for place, packed in cursor.execute(
            f"SELECT location, remarks FROM {schema}.articles WHERE remarks IS NOT NULL "
            "ORDER BY number"
        ):
            yield from ((place, each) for each in unpack_remarks(packed))

    def undecided(self) -> Iterator[tuple[str, list[str]]]:
        """The articles whose day may be the month: a location, and the days that it may be.

        Of what was added, or if that is nothing, of the live articles.
        """
        schema = "main" if self.articles else "live"
        cursor = self._connection.cursor()
        for place, packed in cursor.execute(
            f"SELECT location, published_numbers FROM {schema}.articles "
            "WHERE published_numbers IS NOT NULL AND NOT published_certain ORDER BY number"
        ):
            numbers = unpack_numbers(packed)
            if numbers and numbers.open and numbers.certain:
                yield place, [iso[:10] for _, iso in numbers.readings]

    def finish(self) -> None:
        """Commit and close."""
        self._connection.commit()
        self._connection.close()

    def close(self) -> None:
        """Close without keeping what was not committed."""
        self._connection.close()

    def _execute(self, query: str, *parameters: Any) -> sqlite3.Cursor:
        return self._connection.execute(query, parameters)

    def _one(self, query: str, *parameters: Any) -> Any:
        return self._execute(query, *parameters).fetchone()
