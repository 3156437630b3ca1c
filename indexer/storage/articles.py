"""Articles and passages in one SQLite file: all text lives here, and nowhere else.

Rows are numbered densely from 0 in the order of writing; vectors, words and token codes know
articles and passages by these numbers alone. What tells one run of `reindex` from the next is here
too: a digest of the document that each article was made of, and a key of what each passage gave the
model to read.
"""

import hashlib
import json
import re
import sqlite3
import unicodedata
from array import array
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.article import Article, Date, Degree, Mention, Passage, Removed, Span
from indexer.errors import IndexDamaged
from indexer.storage.database import Database, read_only

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

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
_WITHOUT_TEXT = _WITHOUT_MENTIONS.replace(" text, removed,", " '', NULL,")
# The earliest first, and last those of which no day is known.
_OF_A_STORY = "degree IS NOT NULL, published IS NULL OR length(published) = 7, published, number"
_OUTLINE = (
    "number, id, title, source, agency, url, published, published_certain, published_line, degree"
)
_PASSAGE = 'number, article, start, "end", sentences'
# Bytes of a digest: a collision among a billion is a matter of 1 in 10^20.
DIGEST = 16


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
class ArticleFilter:
    """Which articles a search is about: one of the values of every field that has any.

    sources: outlets, compared case-folded
    authors: names, case-folded; every word of one is a word of the author's field
    languages: ISO 639-1, what follows a hyphen is not looked at
    published_from, published_to: ISO days, inclusive. An article without a date is outside of every
        range; one of whose date only the month is known is in every range that has a day of it.
    """

    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    published_from: str | None = None
    published_to: str | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """An article without its text, and how it relates to the earliest of its story."""

    number: int
    id: str
    title: str
    source: str | None
    agency: str | None
    url: str | None
    published: Date | None
    degree: Degree | None


@dataclass(frozen=True, slots=True)
class StoryOutline:
    """How many articles a story has, and the first of them: the earliest, then others by date."""

    articles: int
    members: list[Outline]


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
        self._execute("ATTACH DATABASE ? AS live", read_only(live) if live else ":memory:")
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
        self._rows = Database(file).rows
        self._load()

    def _load(self) -> None:
        """Read what filters and facets need: a few numbers of each passage."""
        owners = self._rows("SELECT article FROM passages ORDER BY number")
        self.article_of = np.fromiter((row[0] for row in owners), np.int64, len(owners))
        rows = self._rows(
            "SELECT story, published, source, author, language FROM articles ORDER BY number"
        )
        if len(owners) and not 0 <= self.article_of.min() <= self.article_of.max() < len(rows):
            raise IndexDamaged(f"{self._file} lacks articles of its passages; run `reindex --full`")
        stories, published, sources, authors, languages = (
            zip(*rows, strict=True) if rows else 5 * ((),)
        )
        try:
            days = np.array([_days(iso) for iso in published], np.int32).reshape(-1, 3)
        except ValueError as error:
            raise IndexDamaged(f"{self._file} is damaged: {error}; run `reindex --full`") from error
        self.story_of = np.array(stories, np.int64)[self.article_of]
        self.first_day, self._last_day, self.month_of = days[self.article_of].T.copy()
        self.source_names, self.source_of = self._coded(sources)
        names, self._author_of = self._coded(authors)
        self._authors = [f" {' '.join(_words(name))} " for name in names]
        self._languages, self._language_of = self._coded(languages)

    def _coded(self, values: Sequence[str | None]) -> tuple[list[str], Int32]:
        """The distinct values of a column, and for each passage which it has, -1 for none, (n,)."""
        names = sorted({value for value in values if value is not None})
        codes: dict[str | None, int] = {name: code for code, name in enumerate(names)}
        of = np.array([codes.get(value, -1) for value in values], np.int32)
        return names, of[self.article_of]

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

    def allowed(self, filter: ArticleFilter) -> Mask | None:
        """Which passages a filter lets through, (n,) bool, or None if it lets all through."""
        masks: list[Mask] = []
        if filter.sources:
            wanted = {source.casefold() for source in filter.sources}
            masks.append(
                _having(self.source_of, [s.casefold() in wanted for s in self.source_names])
            )
        if filter.authors:
            asked = [[f" {word} " for word in _words(author)] for author in filter.authors]
            known = [
                any(words and all(word in author for word in words) for words in asked)
                for author in self._authors
            ]
            masks.append(_having(self._author_of, known))
        if filter.languages:
            tags = {re.split("[-_]", tag.casefold())[0] for tag in filter.languages}
            masks.append(_having(self._language_of, [tag in tags for tag in self._languages]))
        if filter.published_from is not None:
            masks.append(self._last_day >= _ordinal(filter.published_from))
        if filter.published_to is not None:
            day = _ordinal(filter.published_to)
            masks.append((self.first_day >= 0) & (self.first_day <= day))
        if not masks:
            return None
        mask: Mask = np.logical_and.reduce(masks)
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

    def drawn(self, count: int) -> list[StoredPassage]:
        """The first passages of up to `count` articles that begin a story, drawn by their digests.

        The same texts give the same passages, however the index came to be.
        """
        query = (
            f"SELECT {_PASSAGE} FROM passages WHERE number IN (SELECT min(p.number) "
            "FROM passages AS p JOIN articles AS a ON a.number = p.article "
            "WHERE a.degree IS NULL GROUP BY p.article) ORDER BY key, number LIMIT ?"
        )
        return [_passage(row) for row in self._rows(query, count)]

    def articles(self, numbers: Iterable[int]) -> dict[int, StoredArticle]:
        """Articles by number, less the days that they mention.

        A search shows none of these, and they would cost it half a millisecond.
        """
        rows = self._numbered("articles", _WITHOUT_MENTIONS, set(numbers))
        return {row[0]: _article(row) for row in rows}

    def story(self, number: int, limit: int) -> tuple[list[StoredArticle], int]:
        """The first articles of a story, by the number of its earliest one, and how many it has.

        Without their texts; the earliest comes first, then others by date.
        """
        rows = self._rows(
            f"SELECT {_WITHOUT_TEXT}, count(*) OVER () FROM articles WHERE story = ? "
            f"ORDER BY {_OF_A_STORY} LIMIT ?",
            number,
            limit,
        )
        return [_article(row[:-1]) for row in rows], int(rows[0][-1])

    def outlines(self, stories: Iterable[int], limit: int) -> dict[int, StoryOutline]:
        """Stories by number, each with its first `limit` articles; one query for all."""
        wanted = list(stories)
        marks = ",".join("?" * len(wanted))
        rows = self._rows(
            f"SELECT * FROM (SELECT story, {_OUTLINE}, count(*) OVER (PARTITION BY story), "
            f"row_number() OVER (PARTITION BY story ORDER BY {_OF_A_STORY}) AS place "
            f"FROM articles WHERE story IN ({marks})) WHERE place <= ? ORDER BY story, place",
            *wanted,
            limit,
        )
        found: dict[int, StoryOutline] = {}
        for story, *fields, count, _ in rows:
            found.setdefault(story, StoryOutline(count, [])).members.append(_outline(fields))
        return found

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


def _days(iso: str | None) -> tuple[int, int, int]:
    """The first and the last day that a date may be, as proleptic ordinals, and its month.

    Months are counted from January of year 0. All are -1 without a date.

    Raises:
        ValueError: it is no date.
    """
    if iso is None:
        return -1, -1, -1
    first = date.fromisoformat(f"{iso}-01" if len(iso) == len("2024-11") else iso[:10])
    last = first.replace(day=monthrange(first.year, first.month)[1]) if iso[7:] == "" else first
    return first.toordinal(), last.toordinal(), first.year * 12 + first.month - 1


def _words(name: str) -> list[str]:
    """The words of a name, without case and accents."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def _having(codes: Int32, wanted: Sequence[bool]) -> Mask:
    """Which of some codes, (n,), are wanted; code -1 is not."""
    table = np.array([*wanted, False])  # its last element is that of code -1
    mask: Mask = table[codes]
    return mask


def _outline(row: Sequence[Any]) -> Outline:
    number, identity, title, source, agency, url, iso, certain, line, degree = row
    published = _date_of(iso, certain, line)
    return Outline(number, identity, title, source, agency, url, published, degree)


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
