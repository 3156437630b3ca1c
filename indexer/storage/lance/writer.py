"""Publishes a generation that lies in a folder as versions of tables, by what differs.

A segment that the live generation at the URL has is not written again. What a run that died has
written is undone first: each table goes back to the version that the live generation names.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

import numpy as np

from indexer.analysis import pairs, stems
from indexer.arrays import Float32
from indexer.errors import IndexBusy
from indexer.progress import Progress
from indexer.storage.database import Database
from indexer.storage.fields import FIELDS
from indexer.storage.filenames import SUGGESTIONS
from indexer.storage.lance.folder import LanceFolder, Record
from indexer.storage.lance.tables import (
    ARTICLE_COLUMNS,
    GENERATIONS,
    NAMED,
    key_column,
    one_of,
    schemas,
)
from indexer.storage.lance.trouble import asking
from indexer.storage.manifest import Generation, Segment
from indexer.storage.packing import pack_spans
from indexer.storage.parts import Parts
from indexer.storage.passage_columns import days_of
from indexer.storage.rows import ARTICLE, StoredArticle, StoredPassage
from indexer.storage.tokens import PassageTokens

# Rows that are handed to the engine at once: 60 MB of passages, a file for each.
WRITTEN = 20_000
# So few vectors are all compared; of more, the nearest parts of an index over them.
COMPARED_UP_TO = 30_000
# A table is put in order if more than this share of its rows is new, if it lies in more files, or
# if it is so small that it costs nothing: until then new rows are found without the indexes, and
# words count by the frequencies of the rows before.
UNINDEXED, FILES, SMALL = 0.01, 24, 20_000
# How long a version that no generation has any more may still be read by a server.
UNREAD = timedelta(hours=6)
# The columns of each table that are looked up, and how.
_TREES = {
    "passages": ("number", "article", "first_day", "source_key", "site_key"),
    "articles": ("number", "id", "story"),
    "words": ("word",),
    "suggestions": ("number",),
    "keys": ("key",),
}


class Publication:
    """One generation on its way into the tables."""

    def __init__(
        self,
        folder: LanceFolder,
        generation: Generation,
        live: Record | None,
        progress: Progress,
        check: Callable[[], None],
    ) -> None:
        """Begin with the tables as the live generation has them, or with empty ones.

        live: what the new one is written upon, where they share segments
        check: raises IndexBusy if another process writes too
        """
        self._folder = folder
        self._progress = progress
        self._generation = generation
        self._parts = Parts.open(generation)
        self._rows = self._parts.articles.database.rows
        self._schemas = schemas(generation.manifest.dimension)
        self._kept = self._shared_with(live)
        self._live = live if self._kept else None
        self._check = check
        connection = folder.connect()
        self._tables = {
            name: self._begun(connection, name) for name in self._schemas if name != GENERATIONS
        }

    def _begun(self, connection: Any, name: str) -> Any:
        with self._asking():
            if self._live is None:
                return connection.create_table(name, schema=self._schemas[name], mode="overwrite")
            opened, version = connection.open_table(name), self._live.versions[name]
            if opened.version != version:
                opened.checkout(version)
                opened.restore()
            return opened

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Of what is written: that nobody else writes, and what an error means."""
        self._check()
        with asking(self._folder.url):
            yield

    def write(self, origin: str) -> None:
        """Write what differs, and publish it; `origin` tells the folder from all others."""
        standing = self._rows("SELECT number, id, story, degree FROM standings ORDER BY number")
        with self._asking():
            new = self._remove(set(standing))
        self._append("passages", self._told(self._passages(new), len(new)))
        self._append("articles", self._articles(new))
        for segment in self._generation.manifest.segments[len(self._kept) :]:
            self._suggest(segment)
        for name, table in self._tables.items():
            with self._asking():
                self._index(name, table)
        self._compare()
        with self._asking():
            self._publish(origin)

    def _shared_with(self, live: Record | None) -> list[Segment]:
        """The segments that the live generation has too: the first ones."""
        if live is None:
            return []
        kept = []
        ours, theirs = self._generation.manifest, live.generation.manifest
        for mine, other in zip(ours.segments, theirs.segments, strict=False):
            if mine != other or any(
                theirs.files.get(name) != digest
                for name, digest in ours.files.items()
                if name.startswith(f"{mine.folder}/")
            ):
                break
            kept.append(mine)
        return kept

    def _compare(self) -> None:
        """Make sure that the tables hold what the generation has.

        Raises:
            IndexBusy: they do not: another process has written there.
        """
        manifest = self._generation.manifest
        for name, count in (("passages", manifest.passages), ("articles", manifest.articles)):
            with self._asking():
                held = self._tables[name].count_rows()
            if held != count:
                raise IndexBusy(
                    f"another process has written to {self._folder.url}: there are {held} {name} "
                    f"where {count} were sent; run it again"
                )

    def _remove(self, standing: set[tuple[Any, ...]]) -> list[int]:
        """Remove what is not as the generation has it; the numbers of articles to be written.

        standing: number, id, story and degree of each article
        """
        columns = ["number", "id", "story", "degree"]
        rows = self._tables["articles"].search().select(columns).to_arrow().to_pylist()
        held = {tuple(row[name] for name in columns) for row in rows}
        end = self._kept[-1].end_article if self._kept else 0
        # A number is another article's if its segment is another one.
        staying = {each for each in held & standing if each[0] < end}
        gone = sorted(number for number, *_ in held - staying)
        for first in range(0, len(gone), NAMED):
            some = gone[first : first + NAMED]
            self._tables["passages"].delete(one_of("article", some))
            self._tables["articles"].delete(one_of("number", some))
        segments = [each.first_article for each in self._kept]
        outside = f"NOT ({one_of('segment', segments)})" if segments else "true"
        for name in ("words", "suggestions", "keys"):
            if self._tables[name].count_rows(outside):
                self._tables[name].delete(outside)
        return sorted(number for number, *_ in standing - staying)

    def _append(self, name: str, rows: Iterator[dict[str, Any]]) -> None:
        import pyarrow as pa

        schema = self._schemas[name]
        first = next(rows, None)
        if first is None:
            return
        rows = chain([first], rows)
        # By pieces, so that another writer is noticed before much is mixed.
        while some := list(islice(rows, WRITTEN)):
            table = pa.Table.from_pylist(some, schema=schema)
            with self._asking():
                self._tables[name].add(table)

    def _told(self, rows: Iterator[dict[str, Any]], articles: int) -> Iterator[dict[str, Any]]:
        """The rows of passages, of which is told how far they are."""
        done, before = 0, None
        for row in rows:
            if row["article"] != before:
                done, before = done + 1, row["article"]
                self._progress("sending", done, articles)
            yield row

    def _passages(self, articles: Sequence[int]) -> Iterator[dict[str, Any]]:
        for stored, passages in self._parts.articles.whole(articles):
            numbers = np.array([each.number for each, _ in passages], np.int64)
            yield from _passage_rows(
                stored,
                passages,
                self._parts.vectors.rows(numbers),
                self._parts.tokens.rows(numbers),
            )

    def _articles(self, articles: Sequence[int]) -> Iterator[dict[str, Any]]:
        query = f"SELECT {ARTICLE} FROM articles WHERE number = ?"
        for number in articles:
            (row,) = self._rows(query, number)
            yield dict(zip(ARTICLE_COLUMNS, row, strict=True))

    def _suggest(self, segment: Segment) -> None:
        ask = Database(self._generation.path / segment.folder / SUGGESTIONS).rows
        for name, columns in (
            ("words", "word, articles, written"),
            ("suggestions", "number, text, article, articles, published"),
            ("keys", "key, suggestion"),
        ):
            names = ["segment", *columns.split(", ")]
            rows = ask(f"SELECT {segment.first_article}, {columns} FROM {name}")
            self._append(name, (dict(zip(names, row, strict=True)) for row in rows))

    def _index(self, name: str, table: Any) -> None:
        """Make the indexes of a table, or add to them what they lack."""
        from lancedb.index import FTS, BTree, IvfRq, LabelList

        wanted: dict[str, Any] = {column: BTree() for column in _TREES[name]}
        if name == "passages":
            words = FTS(
                # The terms are stems already.
                base_tokenizer="whitespace",
                max_token_length=None,
                lower_case=False,
                stem=False,
                remove_stop_words=False,
                ascii_folding=False,
            )
            wanted |= {"terms": LabelList(), "words": words, "pairs": words}
            if self._generation.manifest.passages > COMPARED_UP_TO:
                wanted["vector"] = IvfRq(distance_type="dot")
        made = {column: index for index in table.list_indices() for column in index.columns}
        unindexed = max((index.num_unindexed_rows for index in made.values()), default=0)
        files = table.stats()["fragment_stats"]["num_fragments"]
        rows = table.count_rows()
        pays = rows <= SMALL or unindexed > UNINDEXED * rows
        if (unindexed and pays) or (made and files > FILES):
            # All small files become one, which writes them anew: done when it pays. What older
            # generations alone have goes then too.
            table.optimize(cleanup_older_than=self._age(name, table))
        for column, config in wanted.items():
            if column not in made:
                table.create_index(column, config=config)

    def _age(self, name: str, table: Any) -> timedelta:
        """How old a version is that no generation has which is kept, and that nobody reads."""
        records = self._folder.records()
        if not records:
            return UNREAD
        oldest = min(record.versions[name] for record in records)
        written = {each["version"]: each["timestamp"] for each in table.list_versions()}
        # In local time, which may have been put back since.
        age = datetime.now().timestamp() - written[oldest].timestamp()
        return max(timedelta(seconds=age), timedelta()) + UNREAD

    def _publish(self, origin: str) -> None:
        tokens = self._parts.tokens
        self._folder.add(
            {
                "number": self._folder.last_number() + 1,
                "id": self._generation.id,
                "origin": origin,
                "manifest": json.dumps(asdict(self._generation.manifest)),
                "versions": json.dumps({n: each.version for n, each in self._tables.items()}),
                "projection": tokens.codec.projection.tobytes(),
                "step": tokens.codec.step.tobytes(),
                "frequency": tokens.document_frequency.astype("<u4").tobytes(),
            }
        )

    def forget(self, keep: int) -> None:
        """Forget older generations than the last `keep`: their versions go later, see `_age`."""
        self._folder.forget(keep, UNREAD)


def _passage_rows(
    stored: StoredArticle,
    passages: Iterable[tuple[StoredPassage, bytes]],
    vectors: Float32,
    tokens: Sequence[PassageTokens],
) -> Iterator[dict[str, Any]]:
    """The rows of an article's passages; vectors are (n, d)."""
    article = stored.article
    first_day, last_day = days_of(article.published.iso if article.published else None)
    about: dict[str, Any] = {"first_day": first_day, "last_day": last_day}
    for field in FIELDS:
        cell = getattr(article, field.column)
        value = None if cell is None else field.value(cell)
        about[key_column(field)] = None if value is None else field.key(value)
        if field.counted:
            about[field.name] = value
    title = stems(article.title)
    for place, ((each, key), vector, codes) in enumerate(
        zip(passages, vectors, tokens, strict=True)
    ):
        text = stems(each.passage.span.of(article.text))
        yield {
            **about,
            "number": each.number,
            "article": each.article,
            "place": place,
            "story": stored.story,
            "start": each.passage.span.start,
            "end": each.passage.span.end,
            "sentences": pack_spans(each.passage.sentences, each.passage.span.start),
            "key": key,
            "words": f"{' '.join(title)}  {' '.join(text)}",
            "terms": sorted({*title, *text}),
            "pairs": " ".join([*pairs(title), *pairs(text)]),
            "vector": vector.astype(np.float16),
            "codes": codes.codes.tobytes(),
            "begins": codes.sentences.astype("<u4").tobytes(),
        }
