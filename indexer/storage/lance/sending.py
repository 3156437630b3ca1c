"""Keeps an index at a URL as the one is that this machine builds in a folder."""

import logging
from pathlib import Path
from uuid import uuid4

from indexer.errors import IndexDamaged, IndexMismatch, IndexMissing, InputError, StorageError
from indexer.index_url import IndexUrl
from indexer.progress import Progress, no_progress
from indexer.storage.folder import IndexFolder
from indexer.storage.lance.folder import LanceFolder, Record
from indexer.storage.lance.lease import leased
from indexer.storage.lance.writer import Publication

logger = logging.getLogger(__name__)

# The file that tells a folder that is sent from all others.
ORIGIN = "origin"


class Sending:
    """Sends generations from a folder to a URL."""

    def __init__(
        self,
        url: IndexUrl,
        built: Path,
        keep: int,
        progress: Progress = no_progress,
        full: bool = False,
    ) -> None:
        """Send from a folder of generations; nothing is read or made as yet.

        keep: generations that stay at the URL, the new one among them
        full: write everything anew, whatever is there, and whoever has sent it

        Raises:
            SettingsError: the library is not installed.
        """
        self._there = LanceFolder(url)
        self._built = IndexFolder(built)
        self._keep = keep
        self._progress = progress
        self._full = full

    def check(self) -> None:
        """Make sure that what is at the URL was sent from this folder, or is to be replaced.

        Raises:
            InputError: it was not.
            IndexUnavailable, IndexDamaged, IndexMismatch: it cannot be told.
        """
        self._live()

    def _live(self) -> Record | None:
        """The live generation at the URL that what is sent next is written upon."""
        try:
            live = self._there.live()
        except IndexMissing:
            return None
        except (IndexDamaged, IndexMismatch):
            if not self._full:
                raise
            return None
        if not self._full and live.origin != self._origin():
            raise InputError(
                f"the index at {self._there.url} was built by another machine, or its folder "
                f"{self._built.path} is lost: run `reindex` there, or name all sources and add "
                "--full to build it anew from here"
            )
        return live

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
            InputError: what is there was sent from elsewhere, or is no index.
            IndexDamaged: a file of the generation is not as it was written.
            IndexBusy: another process is writing there.
            IndexUnavailable, StorageError: it cannot be written; what was live there stays so.
        """
        with leased(self._there.url) as check:
            live, name = self._live(), self._built.current_id()
            if live and live.generation.id == name and not self._full:
                return
            generation = self._built.open(name)
            self._there.claim()
            base = None if self._full else live
            sent = Publication(self._there, generation, base, self._progress, check)
            sent.write(self._origin())
            try:
                sent.forget(self._keep)
            except StorageError as error:
                # What is live is live: the next run removes it.
                logger.warning("older generations are left at %s: %s", self._there.url, error)
