"""Articles and passages in one SQLite file: all text lives here, and nowhere else.

Rows are numbered densely from 0 in the order of writing; vectors, words and token codes know
articles and passages by these numbers alone. What tells one run of `reindex` from the next is here
too: a digest of the document that each article was made of, and a key of what each passage gave the
model to read.
"""

import contextlib
import hashlib
import json
import queue
import sqlite3
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.article import Article, Date, Degree, Mention, Passage, Removed, Span
from indexer.errors import IndexDamaged

Int64 = NDArray[np.int64]

_SCHEMA = """
CREATE TABLE {schema}.articles (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    title_made INTEGER NOT NULL,
    text TEXT NOT NULL,
    removed TEXT,
    published TEXT,
    published_certain INTEGER,
    published_line TEXT,
    updated TEXT,
    updated_certain INTEGER,
    updated_line TEXT,
    mentioned BLOB NOT NULL,
    source TEXT,
    agency TEXT,
    author TEXT,
    url TEXT,
    language TEXT,
    location TEXT NOT NULL,
    document BLOB NOT NULL,
    story INTEGER NOT NULL REFERENCES articles (number),
    degree TEXT CHECK (degree IN ('same', 'edited', 'event'))
) STRICT;
CREATE TABLE {schema}.passages (
    number INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (number),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentences BLOB NOT NULL,
    key BLOB NOT NULL
) STRICT;
CREATE TABLE {schema}.rejected (
    document BLOB PRIMARY KEY,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX {schema}.articles_by_document ON articles (document);
CREATE INDEX {schema}.articles_by_location ON articles (location);
"""
_ARTICLE = (
    "number, id, title, title_made, text, removed, published, published_certain, published_line, "
    "updated, updated_certain, updated_line, mentioned, source, agency, author, url, language, "
    "location, story, degree"
)
_WITHOUT_MENTIONS = _ARTICLE.replace("mentioned", "x''")
_LANGUAGES = "SELECT language, count(*) FROM main.articles GROUP BY language ORDER BY 2 DESC, 1"
_PASSAGE = 'number, article, start, "end", sentences'
# Bytes of a digest: a collision among a billion is a matter of 1 in 10^20.
DIGEST = 16
# Connections of a reader, opened with it: more threads than that take turns, a fraction of a
# millisecond each.
CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its number and that of its article."""

    number: int
    article: int
    passage: Passage


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with its number, and its place in a story.

    story: the number of the earliest article that tells the same
    degree: how it relates to that one; None if it is that one
    """

    number: int
    article: Article
    story: int
    degree: Degree | None = None


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
    """Writes a new articles file, beside that of the live generation if there is one."""

    def __init__(self, file: Path, live: Path | None = None) -> None:
        """Create `file`; `live` is only read."""
        self._connection = sqlite3.connect(file.absolute().as_uri(), uri=True)
        # The generation is synced as a whole when it is published.
        self._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        self._connection.executescript(_SCHEMA.format(schema="main"))
        self._execute("ATTACH DATABASE ? AS live", _read_only(live) if live else ":memory:")
        if live is None:
            self._connection.executescript(_SCHEMA.format(schema="live"))
            self._execute("CREATE INDEX live.passages_by_key ON passages (key)")
        self.articles = 0
        self.passages = 0
        self.sentences = 0
        self._reuse = False
        # For each article its number in the live generation, or -1.
        self._carried = array("q")

    def find(self, article_id: str) -> Article | None:
        """The article that has been added with this id, if any."""
        row = self._one(f"SELECT {_ARTICLE} FROM main.articles WHERE id = ?", article_id)
        return _article(row).article if row else None

    def live_of_document(self, document: bytes) -> StoredArticle | None:
        """The live article that was made of the same document."""
        row = self._one(f"SELECT {_ARTICLE} FROM live.articles WHERE document = ?", document)
        return _article(row) if row else None

    def live_of(self, article: Article) -> int | None:
        """The number of the live article with the same id, else of that in the same place."""
        row = self._one("SELECT number FROM live.articles WHERE id = ?", article.id) or self._one(
            "SELECT number FROM live.articles WHERE location = ?", article.location
        )
        return int(row[0]) if row else None

    def live_by_id(self, article_id: str) -> StoredArticle | None:
        """The live article with this id."""
        row = self._one(f"SELECT {_ARTICLE} FROM live.articles WHERE id = ?", article_id)
        return _article(row) if row else None

    def live_by_number(self, number: int) -> StoredArticle:
        """A live article."""
        return _article(self._one(f"SELECT {_ARTICLE} FROM live.articles WHERE number = ?", number))

    def live_locations(self) -> Iterator[tuple[int, str]]:
        """Number and location of every live article, in order."""
        cursor = self._connection.cursor()
        yield from cursor.execute("SELECT number, location FROM live.articles ORDER BY number")

    def live_under(self, place: str) -> list[StoredArticle]:
        """The live articles of a file, or of the files in a folder, in order."""
        rows = self._execute(
            f"SELECT {_ARTICLE} FROM live.articles WHERE location = ?1 "
            # "0" follows "/" and ";" follows ":", so these are prefixes, found by the index.
            "OR location >= ?1 || '/' AND location < ?1 || '0' "
            "OR location >= ?1 || ':' AND location < ?1 || ';' ORDER BY number",
            place,
        )
        return [_article(row) for row in rows.fetchall()]

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
        row = (
            self.articles,
            article.id,
            article.title,
            article.title_made,
            *_texts(article),
            *_date_columns(article.published),
            *_date_columns(article.updated),
            _pack_mentions(article.mentioned),
            article.source,
            article.agency,
            article.author,
            article.url,
            article.language,
            article.location,
            self.articles,
            None,
            document,
        )
        marks = ", ".join("?" * len(row))
        self._execute(f"INSERT INTO main.articles ({_ARTICLE}, document) VALUES ({marks})", *row)
        self._carried.append(-1 if live is None else live)
        self.articles += 1

    def added(self) -> Iterator[tuple[Article, int | None]]:
        """Every article that was added, in order, with its number in the live generation."""
        for number, live in enumerate(self._carried):
            row = self._one(f"SELECT {_ARTICLE} FROM main.articles WHERE number = ?", number)
            yield _article(row).article, None if live < 0 else live

    def cut(self, number: int, article: Article, passages: Sequence[Passage]) -> None:
        """Give an added article its text, the days in it and its passages; call in order."""
        self._execute(
            "UPDATE main.articles SET text = ?, removed = ?, mentioned = ? WHERE number = ?",
            *_texts(article),
            _pack_mentions(article.mentioned),
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

    def tell(self, stories: Iterable[tuple[int, Degree | None]]) -> None:
        """Say of every article, in order, which one its story began with and how it relates."""
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
            f"SELECT {_PASSAGE}, key, {live_number if self._reuse else 'NULL'} "
            f"FROM {schema}.passages AS p {chosen} ORDER BY number"
        )
        owner = f"SELECT {_ARTICLE} FROM {schema}.articles WHERE number = ?"
        article: StoredArticle | None = None
        for number, article_number, start, end, sentences, key, live in cursor:
            if article is None or article.number != article_number:
                article = _article(self._one(owner, article_number))
            ends = np.array([span.end for span in _unpack_spans(sentences, 0)], np.int64)
            text = article.article.text[start:end]
            yield PassageRow(number, article_number, article.article.title, text, ends, key, live)

    def languages(self) -> list[tuple[str | None, int]]:
        """Every language of what was added and how many articles are in it, the largest first."""
        return list(self._execute(_LANGUAGES))

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


class Articles:
    """Reads a published articles file; safe to use from several threads."""

    def __init__(self, file: Path) -> None:
        """Open the file for reading.

        Raises:
            IndexDamaged: it is not a readable database.
        """
        self._file = file
        # All opened now: the file may be gone before the last search on it has ended.
        self._connections: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        with _damage(file):
            for _ in range(CONNECTIONS):
                connection = sqlite3.connect(_read_only(file), uri=True, check_same_thread=False)
                weakref.finalize(self, connection.close)
                connection.execute("SELECT number FROM articles LIMIT 1")
                self._connections.put(connection)
        rows = self._rows(
            "SELECT p.article, a.story, a.published, a.source FROM passages AS p "
            "JOIN articles AS a ON a.number = p.article ORDER BY p.number"
        )
        self.article_of = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        self.story_of = np.fromiter((row[1] for row in rows), np.int64, len(rows))
        published = np.array([(row[2] or "")[:10] for row in rows], dtype="U10")
        month = np.char.str_len(published) == len("2024-11")
        # No month has a later day, and text is all that is compared.
        self._first_day = np.where(month, np.char.add(published, "-01"), published)
        self._last_day = np.where(month, np.char.add(published, "-31"), published)
        sources = sorted({row[3] for row in rows if row[3] is not None})
        self._source_codes = {source: code for code, source in enumerate(sources)}
        self._source_of = np.fromiter(
            (self._source_codes.get(row[3], -1) for row in rows), np.int32, len(rows)
        )

    def __len__(self) -> int:
        """The number of passages."""
        return len(self.article_of)

    def count(self) -> int:
        """The number of articles."""
        return int(self._rows("SELECT count(*) FROM articles")[0][0])

    def sources(self) -> list[tuple[str | None, int]]:
        """Every outlet and how many articles are of it, the largest first."""
        query = "SELECT source, count(*) FROM articles GROUP BY source ORDER BY 2 DESC, 1"
        return [(source, int(articles)) for source, articles in self._rows(query)]

    def everything(self) -> Iterator[tuple[StoredArticle, list[tuple[StoredPassage, bytes]]]]:
        """Every article in order, with its passages and their keys; one article in memory."""
        passages = f"SELECT {_PASSAGE}, key FROM passages WHERE article = ? ORDER BY number"
        for number in range(self.count()):
            (row,) = self._numbered("articles", _ARTICLE, {number})
            rows = self._rows(passages, number)
            yield _article(row), [(_passage(fields), key) for *fields, key in rows]

    def allowed(
        self, sources: Sequence[str], published_from: str | None, published_to: str | None
    ) -> NDArray[np.bool_] | None:
        """Which passages a filter lets through, (n,) bool, or None if it lets all through.

        Sources are compared case-folded; dates are ISO days, inclusive; an article without a date
        is outside of every date range, one of whose date only the month is known is in every range
        that has a day of it.
        """
        masks: list[NDArray[np.bool_]] = []
        if sources:
            wanted = {source.casefold() for source in sources}
            codes = [c for source, c in self._source_codes.items() if source.casefold() in wanted]
            masks.append(np.isin(self._source_of, codes))
        if published_from is not None:
            masks.append((self._last_day != "") & (self._last_day >= published_from))
        if published_to is not None:
            masks.append((self._first_day != "") & (self._first_day <= published_to))
        if not masks:
            return None
        mask: NDArray[np.bool_] = np.logical_and.reduce(masks)
        return mask

    def passages(self, numbers: Iterable[int]) -> list[StoredPassage]:
        """Passages by number, in the order asked for."""
        wanted = list(numbers)
        found = {row[0]: _passage(row) for row in self._numbered("passages", _PASSAGE, set(wanted))}
        return [found[number] for number in wanted]

    def passages_of(self, article: int) -> list[StoredPassage]:
        """All passages of an article, in order."""
        query = f"SELECT {_PASSAGE} FROM passages WHERE article = ? ORDER BY number"
        return [_passage(row) for row in self._rows(query, article)]

    def articles(self, numbers: Iterable[int]) -> dict[int, StoredArticle]:
        """Articles by number, less the days that they mention.

        A search shows none of these, and they would cost it half a millisecond.
        """
        rows = self._numbered("articles", _WITHOUT_MENTIONS, set(numbers))
        return {row[0]: _article(row) for row in rows}

    def story(self, number: int, limit: int) -> tuple[list[StoredArticle], int]:
        """The first articles of a story, by the number of its earliest one, and how many it has.

        The earliest comes first, the others in order.
        """
        rows = self._rows(
            f"SELECT {_ARTICLE}, count(*) OVER () FROM articles WHERE story = ? "
            "ORDER BY degree IS NOT NULL, number LIMIT ?",
            number,
            limit,
        )
        return [_article(row[:-1]) for row in rows], int(rows[0][-1])

    def without_story(self) -> list[int]:
        """The numbers of articles whose story does not begin with an article of its own."""
        rows = self._rows(
            "SELECT a.number FROM articles AS a LEFT JOIN articles AS first "
            "ON first.number = a.story AND first.story = first.number AND first.degree IS NULL "
            "WHERE first.number IS NULL OR (a.degree IS NULL) != (a.story = a.number)"
        )
        return [int(row[0]) for row in rows]

    def languages(self) -> list[tuple[str | None, int]]:
        """Every language and how many articles are in it, the largest first."""
        return list(self._rows(_LANGUAGES))

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
            raise IndexDamaged(f"{self._file} lacks {table} that others name; run `reindex --full`")
        return rows

    def _rows(self, query: str, *parameters: int | str) -> list[Any]:
        """All rows of a query.

        Raises:
            IndexDamaged: the database cannot be read.
        """
        connection = self._connections.get()
        try:
            with _damage(self._file):
                return connection.execute(query, parameters).fetchall()
        finally:
            self._connections.put(connection)


@contextlib.contextmanager
def _damage(file: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise IndexDamaged(
            f"{file} is damaged: {error}; go back with `rollback` or run `reindex --full`"
        ) from error


def _read_only(file: Path) -> str:
    return f"{file.absolute().as_uri()}?mode=ro&immutable=1"


def passage_key(article: Article, passage: Passage) -> bytes:
    """A digest of all that the embedding of a passage depends on, but for the model."""
    ends = pack_spans(passage.sentences, passage.span.start)
    text = f"{len(article.title)} {article.title}\n{passage.span.of(article.text)}"
    return hashlib.blake2b(
        text.encode("utf-8", "surrogatepass") + ends, digest_size=DIGEST
    ).digest()


def pack_spans(spans: Sequence[Span], base: int) -> bytes:
    """Spans as little-endian uint32 pairs, relative to `base`."""
    pairs = [(span.start - base, span.end - base) for span in spans]
    return np.array(pairs, "<u4").tobytes()


def _unpack_spans(packed: bytes, base: int) -> tuple[Span, ...]:
    pairs = np.frombuffer(packed, "<u4").reshape(-1, 2).tolist()
    return tuple(Span(base + start, base + end) for start, end in pairs)


def _texts(article: Article) -> tuple[str, str | None]:
    """The columns `text` and `removed`."""
    removed = [(each.position, each.text) for each in article.removed]
    return article.text, json.dumps(removed, ensure_ascii=False) if removed else None


def _date_columns(date: Date | None) -> tuple[str | None, bool | None, str | None]:
    return (date.iso, date.certain, date.line) if date else (None, None, None)


def _date_of(iso: str | None, certain: int, line: str | None) -> Date | None:
    return Date(iso, bool(certain), line) if iso else None


def _pack_mentions(mentions: Sequence[Mention]) -> bytes:
    """Mentions as little-endian uint32: start, end, and both days as proleptic ordinals."""
    rows = [
        (each.span.start, each.span.end, *(_ordinal(day) for day in (each.first, each.last)))
        for each in mentions
    ]
    return np.array(rows, "<u4").tobytes()


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _unpack_mentions(packed: bytes) -> tuple[Mention, ...]:
    rows = np.frombuffer(packed, "<u4").reshape(-1, 4).tolist()
    return tuple(
        Mention(Span(start, end), *(date.fromordinal(n).isoformat() for n in (first, last)))
        for start, end, first, last in rows
    )


def _article(row: Sequence[Any]) -> StoredArticle:
    """The article of a row.

    Raises:
        IndexDamaged: a column holds what was never written.
    """
    try:
        return _read_article(row)
    except (ValueError, TypeError, OverflowError) as error:
        raise IndexDamaged(f"article {row[0]} is damaged: {error}; run `reindex --full`") from error


def _read_article(row: Sequence[Any]) -> StoredArticle:
    number, identity, title, made, text, removed, *rest = row
    published, updated = _date_of(*rest[:3]), _date_of(*rest[3:6])
    mentioned, source, agency, author, url, language, location, story, degree = rest[6:]
    article = Article(
        id=identity,
        title=title,
        text=text,
        published=published,
        source=source,
        url=url,
        author=author,
        location=location,
        updated=updated,
        agency=agency,
        language=language,
        title_made=bool(made),
        removed=tuple(Removed(*each) for each in json.loads(removed or "[]")),
        mentioned=_unpack_mentions(mentioned),
    )
    return StoredArticle(number, article, story, degree)


def _passage(row: Sequence[Any]) -> StoredPassage:
    number, article, start, end, sentences = row
    return StoredPassage(
        number, article, Passage(Span(start, end), _unpack_spans(sentences, start))
    )
