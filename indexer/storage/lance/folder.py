"""Which versions of the tables are one generation, and which generation is live.

A generation is a row that names a version of each table, and the last row is live. To add that row
is one act: a reader sees all of a publication or nothing of it, and what it has opened stays as it
is until the versions are removed, some generations later.
"""

import contextlib
import json
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np

from indexer.embedding.codec import TokenCodec
from indexer.errors import IndexDamaged, IndexMismatch, IndexMissing, InputError, StorageError
from indexer.index_url import IndexUrl
from indexer.storage.folder import COUNTED
from indexer.storage.lance.index import LanceIndex
from indexer.storage.lance.lease import leased, plain_http
from indexer.storage.lance.tables import (
    GENERATIONS,
    Table,
    load_lancedb,
    one_of,
    quoted,
    schemas,
)
from indexer.storage.lance.trouble import asking
from indexer.storage.manifest import Published, parse_manifest

# Files of the table of publications above which it is put in order.
MOST_FILES = 32
# What of a record is read to know which generation it is of.
_ABOUT = ("number", "id", "origin", "manifest", "versions")


class Record(NamedTuple):
    """A publication: its number, its generation, and the version of each table by name.

    origin: what tells the folder that it was sent from
    """

    number: int
    generation: Published
    origin: str
    versions: dict[str, int]


class LanceFolder:
    """An index at a URL.

    looked_every: seconds between two looks at whether another generation is live
    """

    def __init__(self, url: IndexUrl) -> None:
        """Name it; nothing is read or made.

        Raises:
            SettingsError: the library is not installed.
        """
        self.url = url
        # Each look at a bucket is a request or two, which cost money.
        self.looked_every = 0.25 if url.scheme == "file" else 2.0
        self._lancedb = load_lancedb()
        self._records: Any = None
        self._mark: int | None = None

    def connect(self) -> Any:
        """The library's connection to the tables."""
        with asking(self.url):
            if self.url.scheme == "file":
                return self._lancedb.connect(self.url.path)
            return self._lancedb.connect(str(self.url), storage_options=_patience())

    def current_id(self) -> str:
        """The id of the live generation.

        Raises:
            IndexMissing: nothing has been published here.
            IndexDamaged, IndexUnavailable: it cannot be told.
        """
        return self.live().generation.id

    def current_changed(self) -> int | None:
        """A mark that differs after each publication, as far as that can be told now."""
        with contextlib.suppress(StorageError):
            opened = self._generations()
            self._mark = opened.version if opened is not None else None
        return self._mark

    def live(self) -> Record:
        """The last publication.

        Raises:
            IndexMissing: there is none.
            IndexDamaged, IndexMismatch, IndexUnavailable: it cannot be told.
        """
        rows = self._rows(_ABOUT, limit=1)
        if not rows:
            raise IndexMissing(
                f"there is no index in {self.url}; make one with `reindex PATH --index {self.url}`"
            )
        return self._record(rows[0])

    def records(self) -> list[Record]:
        """The publications that this program can read, the last one first."""
        found = []
        for row in self._rows(_ABOUT):
            with contextlib.suppress(IndexDamaged, IndexMismatch):
                found.append(self._record(row))
        return found

    def _record(self, row: tuple[Any, ...]) -> Record:
        number, identity, origin, manifest, versions = row
        generation = Published(identity, parse_manifest(manifest.encode(), str(self.url)))
        return Record(number, generation, origin, _versions(versions, self.url))

    def last_number(self) -> int:
        """The number of the last publication, 0 if there is none."""
        rows = self._rows(("number",), limit=1)
        return int(rows[0][0]) if rows else 0

    def generations(self) -> list[Published]:
        """Every generation that is kept, the last one that was sent first."""
        # In the order of their first publication: one may have been made live again.
        found = {record.generation.id: record.generation for record in reversed(self.records())}
        return list(found.values())[::-1]

    def counted(self) -> dict[str, list[tuple[str | None, int]]]:
        """See `IndexFolder.counted`."""
        index = self.open_index(self.current_id())
        return {name: index.counted(name) for name in COUNTED}

    def open_index(self, generation_id: str) -> LanceIndex:
        """Open a generation for searching.

        Raises:
            IndexMissing: there is no such generation.
            IndexDamaged, IndexMismatch, IndexUnavailable: it cannot be opened.
        """
        record = self._named(generation_id)
        ((projection, step, frequency),) = self._rows(
            ("projection", "step", "frequency"), f"number = {record.number}"
        )
        connection, tables = self.connect(), {}
        with asking(self.url):
            for name, version in record.versions.items():
                opened = connection.open_table(name)
                opened.checkout(version)
                tables[name] = Table(opened, self.url)
        axes = np.frombuffer(step, np.float32)
        codec = TokenCodec(np.frombuffer(projection, np.float32).reshape(-1, len(axes)), axes)
        for name, count in (
            ("passages", record.generation.manifest.passages),
            ("articles", record.generation.manifest.articles),
        ):
            if (held := tables[name].count()) != count:
                raise IndexDamaged(
                    f"{self.url} holds {held} {name}, {count} in the manifest of {generation_id}; "
                    "go back with `rollback`, or run `reindex --full`"
                )
        df = np.frombuffer(frequency, "<u4").astype(np.int64)
        return LanceIndex(record.generation, tables, codec, df)

    def _named(self, generation_id: str) -> Record:
        rows = self._rows(_ABOUT, f"id = {quoted(generation_id)}", limit=1)
        if not rows:
            raise IndexMissing(f"there is no generation {generation_id} in {self.url}")
        return self._record(rows[0])

    def roll_back(self, generation_id: str | None = None) -> Published:
        """Make an older generation live again: the newest before the live one, or the one named.

        Raises:
            InputError: there is no such generation.
            IndexMissing: nothing has been published here.
            IndexDamaged, IndexMismatch, IndexUnavailable: it cannot be opened; the live one stays.
            IndexBusy: another process is writing this index.
        """
        self.live()
        with leased(self.url) as check:
            live = self.live()
            kept = [each.id for each in self.generations()]
            if generation_id is None:
                older = kept[kept.index(live.generation.id) + 1 :]
                if not older:
                    raise InputError(
                        f"no generation older than {live.generation.id} is kept in {self.url}"
                    )
                generation_id = older[0]
            elif generation_id not in kept:
                listed = ", ".join(kept)
                raise InputError(f"{self.url} has no generation {generation_id!r}; kept: {listed}")
            self.open_index(generation_id)
            record = self._named(generation_id)
            everything = tuple(field.name for field in schemas(0)[GENERATIONS])
            (row,) = self._rows(everything, f"number = {record.number}")
            check()
            self.add(dict(zip(everything, row, strict=True)) | {"number": self.last_number() + 1})
            return record.generation

    def claim(self) -> None:
        """Make sure that the tables here are those of an index, or make it one.

        Raises:
            InputError: there are others.
        """
        if self._generations() is not None:
            return
        connection = self.connect()
        with asking(self.url):
            others = sorted(set(connection.list_tables().tables) & schemas(0).keys())
            if not others:
                connection.create_table(GENERATIONS, schema=schemas(0)[GENERATIONS])
                return
        raise InputError(
            f"{self.url} has tables of something else, {others[0]} for one; name another place"
        )

    def add(self, row: dict[str, Any]) -> None:
        """Make a generation live."""
        with asking(self.url):
            self._generations().add([row])

    def forget(self, keep: int, unread: timedelta) -> None:
        """Take out the publications of all but the last `keep` generations.

        unread: how long what is taken out may still be read
        """
        live = self.current_id()
        others = [each.id for each in self.generations() if each.id != live]
        kept = {live, *others[: keep - 1]}
        gone = [number for number, name in self._rows(("number", "id")) if name not in kept]
        with asking(self.url):
            table = self._generations()
            if gone:
                table.delete(one_of("number", gone))
            if table.stats()["fragment_stats"]["num_fragments"] > MOST_FILES:
                table.optimize(cleanup_older_than=unread)

    def _generations(self) -> Any:
        """The table of publications as it is now; None if there is none yet."""
        opened, self._records = self._records, None
        if opened is None:
            # The library would make the folder.
            if self.url.scheme == "file" and not self.url.folder.exists():
                return None
            connection = self.connect()
            with asking(self.url):
                if GENERATIONS not in connection.list_tables().tables:
                    return None
                opened = connection.open_table(GENERATIONS)
        with asking(self.url):
            opened.checkout_latest()
        # Kept if that went well: what is there may have been made anew.
        self._records = opened
        return opened

    def _rows(
        self, columns: tuple[str, ...], where: str | None = None, limit: int | None = None
    ) -> list[tuple[Any, ...]]:
        """Rows of publications, the last one first."""
        opened = self._generations()
        if opened is None:
            return []
        return Table(opened, self.url).rows(columns, where, limit, [("number", False)])


def _patience() -> dict[str, str]:
    """How long a store is waited for, in seconds: less than a search may take."""
    return {
        "timeout": "8s",
        "connect_timeout": "3s",
        "client_max_retries": "2",
        "client_retry_timeout": "5",
        "allow_http": "true" if plain_http() else "false",
    }


def _versions(packed: str, url: IndexUrl) -> dict[str, int]:
    try:
        found = {str(name): int(version) for name, version in json.loads(packed).items()}
        if found.keys() != schemas(0).keys() - {GENERATIONS}:
            raise ValueError("it lacks tables")
    except (ValueError, TypeError, AttributeError) as error:
        raise IndexDamaged(
            f"{url} does not tell which versions of its tables are a generation: {error}; go back "
            "with `rollback`, or run `reindex --full`"
        ) from error
    return found
