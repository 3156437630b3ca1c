"""A published SQLite file, read by several threads at once."""

import contextlib
import queue
import sqlite3
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from indexer.errors import IndexDamaged
from indexer.storage.shortage import raise_if_short

# Connections of a reader, opened with it: more threads than that take turns, a fraction of a
# millisecond each.
CONNECTIONS = 8


class Database:
    """Reads a database that nobody writes any more."""

    def __init__(
        self,
        file: Path,
        prepare: Callable[[sqlite3.Connection], object] = lambda connection: None,
        beside: Sequence[Path] = (),
    ) -> None:
        """Open the file for reading; each connection is prepared before its first query.

        beside: other files that it is prepared to read

        Raises:
            IndexDamaged: it is not a readable database.
            IndexUnavailable: it cannot be opened now.
        """
        self.file = file
        self._files = (file, *beside)
        # All opened now: the file may be gone before the last search on it has ended.
        self._connections: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        with self._damage():
            for _ in range(CONNECTIONS):
                connection = sqlite3.connect(read_only(file), uri=True, check_same_thread=False)
                weakref.finalize(self, connection.close)
                connection.execute("SELECT count(*) FROM sqlite_schema")
                prepare(connection)
                self._connections.put(connection)

    def rows(self, query: str, *parameters: int | str) -> list[Any]:
        """All rows of a query.

        Raises:
            IndexDamaged: the database cannot be read.
        """
        connection = self._connections.get()
        try:
            with self._damage():
                return connection.execute(query, parameters).fetchall()
        finally:
            self._connections.put(connection)

    @contextlib.contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if all(file.exists() for file in self._files):
                raise_if_short(error, self.file)
            raise IndexDamaged(
                f"{self.file} is damaged: {error}; go back with `rollback` or run `reindex --full`"
            ) from error


def read_only(file: Path) -> str:
    """The address of a database that does not change."""
    return f"{file.absolute().as_uri()}?mode=ro&immutable=1"
