"""The segments of a generation as one database: views of what all of them hold.

articles  those that the generation has, with what the corpus says of each
passages  all, those of articles that it has no more too: their numbers are taken
written   all articles, as `passages`, without what the corpus says of them
facts     of all articles
rejected  documents that hold no article
"""

import sqlite3

from indexer.storage.database import read_only
from indexer.storage.filenames import ARTICLES, CORPUS
from indexer.storage.manifest import Generation
from indexer.storage.rows import CORPUS_SCHEMA, SEGMENT_SCHEMA


def attach(
    connection: sqlite3.Connection, generation: Generation | None, prefix: str = ""
) -> list[str]:
    """Make the views, each named behind `prefix`, in a connection; empty ones without a generation.

    Without a prefix the connection has to be one to the corpus of the generation. Returns the names
    of the schemas of its segments.

    Raises:
        sqlite3.DatabaseError: a file cannot be read.
    """
    corpus, segments = f"{prefix}corpus" if prefix else "main", [f"{prefix}segment_0"]
    if generation is None:
        for name, schema in ((corpus, CORPUS_SCHEMA), (segments[0], SEGMENT_SCHEMA)):
            connection.execute(f"ATTACH DATABASE ':memory:' AS {name}")
            connection.executescript(schema.format(schema=name))
    else:
        folders = [generation.path / each.folder for each in generation.manifest.segments]
        segments = [f"{prefix}segment_{number}" for number in range(len(folders))]
        files = dict(zip(segments, (folder / ARTICLES for folder in folders), strict=True))
        if prefix:
            files[corpus] = generation.path / CORPUS
        for name, file in files.items():
            connection.execute(f"ATTACH DATABASE ? AS {name}", (read_only(file),))
            connection.execute(f"SELECT count(*) FROM {name}.sqlite_schema")
    standing = f"JOIN {corpus}.standings USING (number)"
    selects = {
        "articles": f"SELECT a.*, place, id, story, degree FROM {{}}.articles AS a {standing}",
        "written": "SELECT * FROM {}.articles",
        "passages": "SELECT * FROM {}.passages",
        "facts": "SELECT * FROM {}.facts",
        "rejected": "SELECT * FROM {}.rejected",
    }
    for name, select in selects.items():
        union = " UNION ALL ".join(select.format(segment) for segment in segments)
        connection.execute(f"CREATE TEMP VIEW {prefix}{name} AS {union}")
    return segments
