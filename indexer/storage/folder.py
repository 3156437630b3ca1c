"""Generations: a folder that is written once, described by a manifest, and made live by a rename.

    <index>/CURRENT                       the id of the live generation
    <index>/LOCK                          held by the process that writes the next one
    <index>/embedded.db                   what a run that was interrupted has embedded
    <index>/generations/<id>/             manifest.json, and the files that it names (filenames.py)

Readers need no lock: a published generation is never edited, and CURRENT names one that is whole.
"""

import contextlib
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import IndexDamaged, IndexMissing, InputError, StorageError
from indexer.storage.locking import locked, sync
from indexer.storage.manifest import (
    FORMAT,
    Generation,
    Manifest,
    check_file,
    check_unread,
    checked_when_read,
    read_manifest,
    sha256_of,
    write_manifest,
)

if TYPE_CHECKING:
    from indexer.storage.local import LocalIndex

# Columns of articles that `stats` counts.
COUNTED = ("source", "language")
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6,64}")


class IndexFolder:
    """An index: one folder of generations, one of which is live.

    looked_every: seconds between two looks at whether another generation is live
    """

    looked_every = 0.25

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is read or made."""
        self.path = path
        self._generations = path / "generations"
        self._current = path / "CURRENT"
        # What an interrupted run has embedded (embedded.py).
        self.embedded = path / "embedded.db"

    def current_id(self) -> str:
        """The id of the live generation.

        Raises:
            IndexMissing: nothing has been published here.
            IndexDamaged: CURRENT does not hold an id.
        """
        try:
            name = self._current.read_bytes()[:100].decode("ascii", "replace").strip()
        except FileNotFoundError:
            raise self._missing() from None
        except OSError as error:
            raise IndexMissing(f"the index in {self.path} cannot be read: {error}") from error
        # The name becomes part of a path, and index files are untrusted.
        if not _ID.fullmatch(name):
            raise IndexDamaged(
                f"{self._current} does not name a generation; name one of those that `ls "
                f"{self._generations}` shows with `rollback GENERATION`"
            )
        return name

    def current_changed(self) -> tuple[int, int] | None:
        """A mark of CURRENT that differs after each publication, without reading it."""
        try:
            status = self._current.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns

    def open_current(self) -> Generation:
        """The live generation, checked as `open` does.

        Raises:
            IndexMissing, IndexDamaged, IndexMismatch
        """
        return self.open(self.current_id())

    def open(self, generation_id: str) -> Generation:
        """A generation whose files have the sizes, and all but the largest the sha256, of before.

        Raises:
            IndexDamaged: a file is missing, cut short or altered.
            IndexMismatch: it is of another format.
        """
        generation = self.describe(generation_id)
        for name, (size, digest) in generation.manifest.files.items():
            if checked_when_read(name):
                check_file(generation.path / name, size, None)
            else:
                check_unread(generation.path / name, size, digest)
        return generation

    def open_index(self, generation_id: str) -> "LocalIndex":
        """Open a generation for searching.

        Raises:
            IndexDamaged, IndexMismatch: it cannot be.
        """
        # What only looks after an index need not load the engines.
        from indexer.storage.local import LocalIndex

        return LocalIndex(self.open(generation_id))

    def counted(self) -> dict[str, list[tuple[str | None, int]]]:
        """How many articles of the live generation have each value of some columns, most first.

        Raises:
            IndexMissing, IndexDamaged, IndexMismatch: there is none that can be read.
        """
        from indexer.storage.articles import Articles

        articles = Articles(self.open_current())
        return {name: articles.counted(name) for name in COUNTED}

    def describe(self, generation_id: str) -> Generation:
        """A generation by its manifest alone.

        Raises:
            IndexDamaged: the manifest is missing or altered.
            IndexMismatch: it is of another format.
        """
        path = self._generations / generation_id
        return Generation(generation_id, read_manifest(path), path)

    def generations(self) -> list[Generation]:
        """Every generation with a readable manifest, the newest first."""
        found = []
        for name in _ids(self._generations):
            with contextlib.suppress(StorageError):
                found.append(self.describe(name))
        return sorted(found, key=lambda generation: -generation.manifest.number)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from writing.

        Raises:
            IndexBusy: another process is writing this index.
            StorageError: the folder cannot be written.
        """
        with locked(self.path):
            try:
                self._generations.mkdir(exist_ok=True)
            except OSError as error:
                raise StorageError(f"cannot write an index in {self.path}: {error}") from error
            yield

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """A new folder to write the next generation in, gone at the end unless it is published.

        Raises:
            IndexBusy: another process is writing this index.
            StorageError: the folder cannot be written.
        """
        with self.locked():
            for leftover in self._generations.glob("*.writing"):
                shutil.rmtree(leftover)
            moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
            folder = self._generations / f"{moment}.writing"
            folder.mkdir()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def publish(
        self, folder: Path, draft: Manifest, keep: int, base: Generation | None = None
    ) -> Generation:
        """Make a written folder the live generation: hash, sync, rename, then move CURRENT.

        Files that it shares with `base` keep the digests that they have there: what is damaged
        since is not sealed.

        Of the older generations the one that was live stays, to go back to, and the newest of the
        others until there are `keep` in all; one that is damaged does not count and goes. `base`
        has just been opened.
        """
        others = self.generations()
        manifest = replace(
            draft,
            format=FORMAT,
            number=max((other.manifest.number for other in others), default=0) + 1,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            files=dict(_files_of(folder, base)),
        )
        digest = write_manifest(folder, manifest)
        for entry in [*folder.rglob("*"), folder]:
            sync(entry)
        name = f"{folder.name.removesuffix('.writing')}-{digest}"
        final = folder.with_name(name)
        folder.rename(final)
        sync(self._generations)
        # The one that was live comes before newer ones that were given up.
        others.sort(key=lambda other: not self.is_live(other))
        self._point_to(name)
        self._remove_all_but([name, *self._sound(others, base, keep - 1)])
        return Generation(name, manifest, final)

    def tidy(self, live: Generation, keep: int) -> None:
        """Remove what a run that was killed after it had published left of older generations."""
        others = [other for other in self.generations() if other.id != live.id]
        if len(_ids(self._generations)) > keep:
            self._remove_all_but([live.id, *self._sound(others, None, keep - 1)])

    def _sound(
        self, generations: Iterable[Generation], base: Generation | None, most: int
    ) -> Iterator[str]:
        """Of some generations the first that one could go back to."""
        sound = (g.id for g in generations if (base and g.id == base.id) or not g.damage())
        return islice(sound, max(most, 0))

    def _remove_all_but(self, kept: list[str]) -> None:
        for old in set(_ids(self._generations)) - set(kept):
            # What is live is live: a leftover that cannot be removed is no failure.
            shutil.rmtree(self._generations / old, ignore_errors=True)

    def roll_back(self, generation_id: str | None = None) -> Generation:
        """Make an older generation live again: the newest before the live one, or the one named.

        Naming one also mends a CURRENT that is lost or damaged.

        Raises:
            InputError: there is no such generation.
            IndexMissing: nothing has been published here.
            IndexDamaged, IndexMismatch: it cannot be opened; the live one stays.
            IndexBusy: another process is writing this index.
        """
        if not self._generations.is_dir():
            raise self._missing()
        with self.locked():
            kept = [generation.id for generation in self.generations()]
            if generation_id is None:
                generation_id = self._before_the_live_one(kept)
            elif generation_id not in kept:
                listed = ", ".join(kept) or "none"
                raise InputError(f"{self.path} has no generation {generation_id!r}; kept: {listed}")
            target = self.open(generation_id)
            target.check()
            try:
                self._point_to(target.id)
            except OSError as error:
                raise StorageError(f"cannot write {self._current}: {error}") from error
            return target

    def is_live(self, generation: Generation) -> bool:
        """Whether CURRENT names this generation."""
        try:
            return self.current_id() == generation.id
        except StorageError:
            return False

    def _missing(self) -> IndexMissing:
        return IndexMissing(
            f"there is no index in {self.path}; make one with `reindex PATH --index {self.path}`"
        )

    def _before_the_live_one(self, kept: list[str]) -> str:
        live = self.current_id()
        # If the live one is not among them, it is damaged: the newest is the one to go back to.
        older = kept[kept.index(live) + 1 :] if live in kept else kept
        if not older:
            raise InputError(f"no generation older than {live} is kept in {self.path}")
        return older[0]

    def _point_to(self, name: str) -> None:
        temporary = self.path / "CURRENT.new"
        temporary.write_text(name + "\n", "ascii")
        sync(temporary)
        temporary.replace(self._current)
        sync(self.path)


def _ids(generations: Path) -> list[str]:
    try:
        return [entry.name for entry in generations.iterdir() if _ID.fullmatch(entry.name)]
    except OSError:
        return []


def _files_of(folder: Path, base: Generation | None) -> Iterator[tuple[str, tuple[int, str]]]:
    """The path, the size and the digest of every file in a folder."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            name = str(file.relative_to(folder))
            known = base.manifest.files.get(name) if base else None
            if base and known and file.samefile(base.path / name):
                yield name, known
            else:
                yield name, (file.stat().st_size, sha256_of(file))


def share(generation: Generation, name: str, target: Path) -> None:
    """Give a file of a generation to the next one too: no byte is written.

    Raises:
        IndexDamaged: it had to be copied, and is not as it was written.
    """
    source = generation.path / name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:
        # Not every file system has hard links.
        shutil.copyfile(source, target)
        check_file(target, *generation.manifest.files[name])
