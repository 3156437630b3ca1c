"""Publishes a generation that lies in a folder as versions of tables, by what differs.

A segment that the live generation at the URL has is not written again. What a run that died has
written is undone first: each table goes back to the version that the live generation names.
"""

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from indexer.analysis import pairs, stems
from indexer.arrays import Float32
from indexer.errors import IndexMissing, InputError
from indexer.index_url import IndexUrl
from indexer.progress import Progress, no_progress
from indexer.storage.database import Database
from indexer.storage.fields import FIELDS
from indexer.storage.filenames import SUGGESTIONS
from indexer.storage.folder import IndexFolder
from indexer.storage.lance.folder import LanceFolder, Record
from indexer.storage.lance.lease import leased
from indexer.storage.lance.tables import (
    ARTICLE_COLUMNS,
    GENERATIONS,
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

# The file that tells a folder that is sent from all others.
ORIGIN = "origin"
# Rows that are handed to the engine at once.
BATCH = 1024
# So few vectors are all compared; of more, the nearest parts of an index over them.
COMPARED_UP_TO = 30_000
# Numbers in one condition.
_NAMED = 10_000
# The columns of each table that are looked up, and how.
_TREES = {
    "passages": ("number", "article", "first_day", "source_key", "site_key"),
    "articles": ("number", "id", "story"),
    "words": ("word",),
    "suggestions": ("number",),
    "keys": ("key",),
}


class Sending:
    """Keeps the index at a URL as the one is that this machine builds in a folder."""

    def __init__(
        self, url: IndexUrl, built: Path, keep: int, progress: Progress = no_progress
    ) -> None:
        """Send from a folder of generations; nothing is read or made as yet.

        keep: generations that stay at the URL, the new one among them

        Raises:
            SettingsError: the library is not installed.
        """
        self._there = LanceFolder(url)
        self._built = IndexFolder(built)
        self._keep = keep
        self._progress = progress

    def check(self, full: bool) -> None:
        """Make sure that what is at the URL was sent from this folder.

        Raises:
            InputError: it was not, and is not to be replaced in full.
            IndexUnavailable, IndexDamaged: it cannot be told.
        """
        with contextlib.suppress(IndexMissing):
            if not full and self._there.live().origin != self._origin():
                raise InputError(
                    f"the index at {self._there.url} was built by another machine, or its folder "
                    f"{self._built.path} is lost: run `reindex` there, or name all sources and add "
                    "--full to build it anew from here"
                )

    def _origin(self) -> str:
        """What tells this folder from all others."""
        file = self._built.path / ORIGIN
        try:
            return file.read_text("ascii").strip()
        except FileNotFoundError:
            self._built.path.mkdir(parents=True, exist_ok=True)
            file.write_text(uuid4().hex, "ascii")
            return self._origin()

    def send(self) -> None:
        """Make the live generation of the folder live at the URL, unless it is already.

        Raises:
            IndexDamaged: a file of the generation is not as it was written.
            IndexBusy: another process is writing there.
            IndexUnavailable, StorageError: it cannot be written; what was live there stays so.
        """
        url = self._there.url
        with leased(url) as check:
            try:
                live: Record | None = self._there.live()
            except IndexMissing:
                live = None
            name = self._built.current_id()
            if live and live.generation.id == name:
                return
            generation = self._built.open(name)
            self._there.claim()
            with asking(url):
                sent = _Publication(self._there, generation, live, self._progress)
                sent.write(self._origin(), self._keep, check)


class _Publication:
    """One generation on its way into the tables."""

    def __init__(
        self, folder: LanceFolder, generation: Generation, live: Record | None, progress: Progress
    ) -> None:
        self._folder = folder
        self._progress = progress
        self._generation = generation
        self._parts = Parts.open(generation)
        self._rows = self._parts.articles.database.rows
        self._schemas = schemas(generation.manifest.dimension)
        self._live = live
        connection = folder.connect()
        self._tables = {
            name: self._begun(connection, name) for name in self._schemas if name != GENERATIONS
        }

    def _begun(self, connection: Any, name: str) -> Any:
        """A table as the live generation has it, or an empty one."""
        if self._live is None:
            return connection.create_table(name, schema=self._schemas[name], mode="overwrite")
        opened, version = connection.open_table(name), self._live.versions[name]
        if opened.version != version:
            opened.checkout(version)
            opened.restore()
        return opened

    def write(self, origin: str, keep: int, check: Callable[[], None]) -> None:
        """Write what differs, and publish it; `check` raises if another process writes too."""
        kept = self._kept()
        standing = self._rows("SELECT number, id, story, degree FROM standings ORDER BY number")
        new = self._remove(kept, set(standing))
        self._append("passages", self._told(self._passages(new), len(new)))
        self._append("articles", self._articles(new))
        for segment in self._generation.manifest.segments[len(kept) :]:
            self._suggest(segment)
        for name, table in self._tables.items():
            self._index(name, table)
        check()
        self._publish(origin)
        self._forget(keep)

    def _kept(self) -> list[Segment]:
        """The segments that the live generation has too: the first ones."""
        if self._live is None:
            return []
        kept = []
        ours, theirs = self._generation.manifest, self._live.generation.manifest
        for mine, other in zip(ours.segments, theirs.segments, strict=False):
            if mine != other or any(
                theirs.files.get(name) != digest
                for name, digest in ours.files.items()
                if name.startswith(f"{mine.folder}/")
            ):
                break
            kept.append(mine)
        return kept

    def _remove(self, kept: Sequence[Segment], standing: set[tuple[Any, ...]]) -> list[int]:
        """Remove what is not as the generation has it; the numbers of articles to be written.

        standing: number, id, story and degree of each article
        """
        columns = ["number", "id", "story", "degree"]
        rows = self._tables["articles"].search().select(columns).to_arrow().to_pylist()
        held = {tuple(row[name] for name in columns) for row in rows}
        end = kept[-1].end_article if kept else 0
        # A number is another article's if its segment is another one.
        staying = {each for each in held & standing if each[0] < end}
        gone = sorted(number for number, *_ in held - staying)
        for first in range(0, len(gone), _NAMED):
            some = gone[first : first + _NAMED]
            self._tables["passages"].delete(one_of("article", some))
            self._tables["articles"].delete(one_of("number", some))
        segments = [each.first_article for each in kept]
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
        batches = (
            pa.RecordBatch.from_pylist(some, schema=schema)
            for some in iter(lambda: list(islice(rows, BATCH)), [])
        )
        self._tables[name].add(pa.RecordBatchReader.from_batches(schema, batches))

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
        made = {column for index in table.list_indices() for column in index.columns}
        if made:
            # What is removed is the affair of `_forget`.
            table.optimize(cleanup_older_than=timedelta(days=36_500))
        for column, config in wanted.items():
            if column not in made:
                table.create_index(column, config=config)

    def _publish(self, origin: str) -> None:
        tokens = self._parts.tokens
        self._folder.add(
            {
                "number": self._live.number + 1 if self._live else 1,
                "id": self._generation.id,
                "origin": origin,
                "manifest": json.dumps(asdict(self._generation.manifest)),
                "versions": json.dumps({n: each.version for n, each in self._tables.items()}),
                "projection": tokens.codec.projection.tobytes(),
                "step": tokens.codec.step.tobytes(),
                "frequency": tokens.document_frequency.astype("<u4").tobytes(),
            }
        )

    def _forget(self, keep: int) -> None:
        """Remove the versions that only older generations have; readers of these have moved on."""
        records = self._folder.records()
        kept = list(dict.fromkeys(record.generation.id for record in records))[:keep]
        staying = [record for record in records if record.generation.id in kept]
        for name, table in self._tables.items():
            oldest = min(record.versions[name] for record in staying)
            written = {each["version"]: each["timestamp"] for each in table.list_versions()}
            # The library tells local time.
            age = datetime.now() - written[oldest]
            table.optimize(cleanup_older_than=age + timedelta(seconds=1))
        gone = [record.number for record in records if record not in staying]
        if gone:
            self._folder.connect().open_table(GENERATIONS).delete(one_of("number", gone))


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
