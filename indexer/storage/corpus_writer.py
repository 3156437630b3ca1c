"""Writes corpus.db: what the corpus says of each article, however long ago that was written."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from indexer.article import Degree
from indexer.storage.rows import CORPUS_SCHEMA


@dataclass(frozen=True, slots=True)
class Standing:
    """An article's number, its place in the order of places, its id, and its place in a story.

    story: the number of the earliest article that tells the same
    """

    number: int
    place: int
    id: str
    story: int
    degree: Degree | None


def write_corpus(file: Path, standings: Iterable[Standing]) -> None:
    """Create the file."""
    with closing(sqlite3.connect(file.absolute().as_uri(), uri=True)) as connection:
        # The generation is synced as a whole when it is published.
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        connection.executescript(CORPUS_SCHEMA.format(schema="main"))
        connection.executemany(
            "INSERT INTO standings VALUES (?, ?, ?, ?, ?)",
            sorted((s.number, s.place, s.id, s.story, s.degree) for s in standings),
        )
        connection.execute("CREATE INDEX standings_by_story ON standings (story)")
        connection.commit()
