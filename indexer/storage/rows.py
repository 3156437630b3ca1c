"""Rows of articles.db: what a column holds, and the values that rows become."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np

from indexer.article import (
    Article,
    Date,
    Degree,
    Mention,
    Numbers,
    PageStart,
    Passage,
    Remark,
    Removed,
    Span,
)
from indexer.errors import IndexDamaged
from indexer.storage.packing import pack_spans, pack_text, unpack_spans, unpack_text

_ARTICLES = """
CREATE TABLE {schema}.articles (
    number INTEGER PRIMARY KEY,
    full_id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    title_made INTEGER NOT NULL,
    title_read TEXT,
    published TEXT,
    published_certain INTEGER,
    published_line TEXT,
    published_numbers TEXT,
    updated TEXT,
    updated_certain INTEGER,
    updated_line TEXT,
    updated_numbers TEXT,
    source TEXT,
    source_read TEXT,
    agency TEXT,
    author TEXT,
    url TEXT,
    language TEXT,
    location TEXT NOT NULL,
    document BLOB NOT NULL,
    remarks TEXT,
    pages TEXT,
    removed TEXT,
    mentioned BLOB NOT NULL,
    text BLOB NOT NULL
) STRICT;
CREATE INDEX {schema}.articles_by_document ON articles (document);
CREATE INDEX {schema}.articles_by_location ON articles (location);
"""
_REJECTED = """
CREATE TABLE {schema}.rejected (
    document BLOB PRIMARY KEY,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
# What is read, before the corpus decides what is left of it: see drafts.py.
DRAFT_SCHEMA = _ARTICLES + _REJECTED
# What is long comes last: a row that is read for what is short ends before it.
SEGMENT_SCHEMA = (
    DRAFT_SCHEMA
    + """
CREATE TABLE {schema}.passages (
    number INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (number),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentences BLOB NOT NULL,
    key BLOB NOT NULL
) STRICT;
CREATE TABLE {schema}.facts (
    number INTEGER PRIMARY KEY REFERENCES articles (number),
    paragraphs BLOB NOT NULL,
    sketch BLOB NOT NULL,
    vector BLOB NOT NULL
) STRICT;
"""
)
CORPUS_SCHEMA = """
CREATE TABLE {schema}.standings (
    number INTEGER PRIMARY KEY,
    place INTEGER NOT NULL UNIQUE,
    id TEXT NOT NULL UNIQUE,
    story INTEGER NOT NULL REFERENCES standings (number),
    degree TEXT CHECK (degree IN ('same', 'edited', 'event'))
) STRICT;
"""
ARTICLE = (
    "number, id, title, title_made, title_read, text, removed, published, published_certain, "
    "published_line, published_numbers, updated, updated_certain, updated_line, updated_numbers, "
    "mentioned, remarks, pages, source, source_read, agency, author, url, language, location, "
    "story, degree"
)
# The columns of the table itself.
COLUMNS = (
    "number, full_id, title, title_made, title_read, published, published_certain, "
    "published_line, published_numbers, updated, updated_certain, updated_line, updated_numbers, "
    "source, source_read, agency, author, url, language, location, document, remarks, pages, "
    "removed, mentioned, text"
)
_MARKS = ", ".join("?" * len(COLUMNS.split(", ")))
# Of a row of `article_row`, into a schema.
INSERT_ARTICLE = f"INSERT INTO {{}}.articles ({COLUMNS}) VALUES ({_MARKS})"
# With the id that tells an article from all others, whichever of them the next index holds.
FULL_ARTICLE = ARTICLE.replace("id,", "full_id,", 1)
WITHOUT_MENTIONS = ARTICLE.replace("mentioned", "x''")
_NO_TEXT = " NULL, NULL,"
WITHOUT_TEXT = WITHOUT_MENTIONS.replace(" text, removed,", _NO_TEXT)
# Under its full id, to be compared with what is decided of it.
COUNTED = FULL_ARTICLE.replace("mentioned", "x''").replace(" text, removed,", _NO_TEXT)
# Of an article of whatever corpus.
WRITTEN = FULL_ARTICLE.replace("story, degree", "number, NULL")
OUTLINE = (
    "number, id, title, source, agency, url, published, published_certain, published_line, degree"
)
PASSAGE = 'number, article, start, "end", sentences'
# Bytes of a passage's key by which it is looked up: more tell no more passages apart.
_KEY = 6
INDEX_KEYS = f"CREATE INDEX {{}}.passages_by_key ON passages (substr(key, 1, {_KEY}))"
# Of a passage, to be completed by the key that it is to have.
HAS_KEY = f"substr(key, 1, {_KEY}) = substr({{0}}, 1, {_KEY}) AND key = {{0}}"
LANGUAGES = "SELECT language, count(*) FROM articles GROUP BY language ORDER BY 2 DESC, 1"
SuggestionKind = Literal["headline", "name"]
# Bytes of a digest: a collision among a billion is a matter of 1 in 10^20.
DIGEST = 16
# Hexadecimal digits that say where an id is from: 100,000 places differ in all but 1 of 50,000
# indexes.
PLACE_DIGITS = 12
_WHERE_FROM = re.compile(rf"@[\da-f]{{{PLACE_DIGITS}}}\Z")


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
class Suggestion:
    """What a prefix may become; `article_id` is that of the newest article with a headline."""

    text: str
    kind: SuggestionKind
    article_id: str | None


def plain_id(full_id: str) -> str:
    """The id as it was declared, of one that says where it is from as well: `1` of `1@a3b1…`.

    An id that is a digest of what the article says has no such part.
    """
    return _WHERE_FROM.sub("", full_id)


def passage_key(article: Article, passage: Passage) -> bytes:
    """A digest of all that the embedding of a passage depends on, but for the model."""
    ends = pack_spans(passage.sentences, passage.span.start)
    text = f"{len(article.title)} {article.title}\n{passage.span.of(article.text)}"
    return hashlib.blake2b(
        text.encode("utf-8", "surrogatepass") + ends, digest_size=DIGEST
    ).digest()


def article_row(number: int, article: Article, document: bytes) -> tuple[Any, ...]:
    """The `COLUMNS` of an article under its full id, made of the document with this digest."""
    removed = [(each.position, each.text) for each in article.removed]
    return (
        number,
        article.id,
        article.title,
        article.title_made,
        article.title_read,
        *_date_columns(article.published),
        *_date_columns(article.updated),
        article.source,
        article.source_read,
        article.agency,
        article.author,
        article.url,
        article.language,
        article.location,
        document,
        _pack_remarks(article.remarks),
        json.dumps(article.pages) if article.pages else None,
        json.dumps(removed, ensure_ascii=False) if removed else None,
        _pack_mentions(article.mentioned),
        pack_text(article.text),
    )


def read_article(row: Sequence[Any]) -> StoredArticle:
    """The article of a row of `ARTICLE`, or of less of it.

    Raises:
        IndexDamaged: a column holds what was never written.
    """
    try:
        return _read_article(row)
    except (ValueError, TypeError, OverflowError) as error:
        raise IndexDamaged(f"article {row[0]} is damaged: {error}; run `reindex --full`") from error


def _read_article(row: Sequence[Any]) -> StoredArticle:
    number, identity, title, made, title_read, text, removed, *rest = row
    published, updated = _date_of(*rest[:4]), _date_of(*rest[4:8])
    mentioned, remarks, pages, source, source_read, *others = rest[8:]
    agency, author, url, language, location, story, degree = others
    article = Article(
        id=identity,
        title=title,
        text="" if text is None else unpack_text(text),
        published=published,
        source=source,
        url=url,
        author=author,
        location=location,
        updated=updated,
        agency=agency,
        language=language,
        title_made=bool(made),
        removed=tuple(Removed(*each) for each in json.loads(removed)) if removed else (),
        mentioned=_unpack_mentions(mentioned),
        remarks=unpack_remarks(remarks),
        title_read=title_read,
        source_read=source_read,
        pages=tuple(PageStart(*each) for each in json.loads(pages)) if pages else (),
    )
    return StoredArticle(number, article, story, degree)


def read_outline(row: Sequence[Any]) -> Outline:
    """The outline of a row of `OUTLINE`."""
    number, identity, title, source, agency, url, iso, certain, line, degree = row
    published = _date_of(iso, certain, line)
    return Outline(number, identity, title, source, agency, url, published, degree)


def read_passage(row: Sequence[Any]) -> StoredPassage:
    """The passage of a row of `PASSAGE`."""
    number, article, start, end, sentences = row
    return StoredPassage(number, article, Passage(Span(start, end), unpack_spans(sentences, start)))


def _date_columns(date: Date | None) -> tuple[str | bool | None, ...]:
    if date is None:
        return None, None, None, None
    numbers = date.numbers
    packed = [numbers.readings, numbers.usual, numbers.certain] if numbers else None
    return date.iso, date.certain, date.line, json.dumps(packed) if packed else None


def _date_of(
    iso: str | None, certain: int, line: str | None, numbers: str | None = None
) -> Date | None:
    return Date(iso, bool(certain), line, unpack_numbers(numbers)) if iso else None


def unpack_numbers(packed: str | None) -> Numbers | None:
    """The numbers of a column `published_numbers` or `updated_numbers`."""
    if packed is None:
        return None
    readings, usual, certain = json.loads(packed)
    return Numbers(tuple((order, iso) for order, iso in readings), usual, certain)


def _pack_remarks(remarks: Sequence[Remark]) -> str | None:
    packed = [(each.field, each.value, each.reason) for each in remarks]
    return json.dumps(packed, ensure_ascii=False) if packed else None


def unpack_remarks(packed: str | None) -> tuple[Remark, ...]:
    """The remarks of a column `remarks`."""
    return tuple(Remark(*each) for each in json.loads(packed)) if packed else ()


def _pack_mentions(mentions: Sequence[Mention]) -> bytes:
    """Mentions as little-endian uint32: start, end, and both days as proleptic ordinals."""
    rows = [
        (
            each.span.start,
            each.span.end,
            *(date.fromisoformat(day).toordinal() for day in (each.first, each.last)),
        )
        for each in mentions
    ]
    return np.array(rows, "<u4").tobytes()


def _unpack_mentions(packed: bytes) -> tuple[Mention, ...]:
    rows = np.frombuffer(packed, "<u4").reshape(-1, 4).tolist() if packed else []
    return tuple(
        Mention(Span(start, end), *(date.fromordinal(n).isoformat() for n in (first, last)))
        for start, end, first, last in rows
    )
