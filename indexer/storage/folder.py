"""Generations: a folder that is written once, described by a manifest, and made live by a rename.

    <index>/CURRENT                       the id of the live generation
    <index>/LOCK                          held by the process that writes the next one
    <index>/generations/<id>/manifest.json, articles.db, vectors.faiss, tokens.bin, terms.db,
                                          lexical/

Readers need no lock: a published generation is never edited, and CURRENT names one that is whole.
An id ends with a digest of its manifest, and the manifest holds the digest of every file: from the
name in CURRENT on, everything is checked by what names it.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from indexer.errors import (
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    InputError,
    StorageError,
)

FORMAT = 4
# Changes when the same files would give other articles or passages: the next run then reads and
# cleans every file again, and embeds the passages whose text is new.
PIPELINE = 3
# Checked piece by piece as it is read, rather than whole when it is opened: most of an index, of
# which a search reads a few kilobytes.
CHECKED_WHEN_READ = frozenset({"tokens.bin"})
# Hexadecimal digits of a manifest's sha256 in the id of its generation.
DIGEST = 12


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of, as `manifest.json` holds it.

    `number` counts the generations of an index from 1. `vector_index` is `flat` or `ivf`. `files`
    maps each file's path in the generation to its size in bytes and sha256.
    """

    format: int
    number: int
    pipeline: int
    created: str
    model: str
    model_sha256: str
    dimension: int
    articles: int
    passages: int
    tokens: int
    vector_index: str
    files: dict[str, tuple[int, str]]

    @property
    def size(self) -> int:
        """The bytes of all files, the manifest's own left out."""
        return sum(size for size, _ in self.files.values())


@dataclass(frozen=True, slots=True)
class Generation:
    """A published generation."""

    id: str
    path: Path
    manifest: Manifest

    def damage(self) -> list[str]:
        """Every file that is not as it was written, hashed whole, and every file too many."""
        found = []
        for name, (size, digest) in self.manifest.files.items():
            try:
                _check(self.path / name, size, digest)
            except IndexDamaged as error:
                found.append(str(error))
        known = {"manifest.json", *self.manifest.files}
        present = {str(f.relative_to(self.path)) for f in self.path.rglob("*") if not f.is_dir()}
        return [*found, *(f"{self.path / name} is not a file of it" for name in present - known)]

    def check(self) -> None:
        """Hash every file.

        Raises:
            IndexDamaged: one is not as it was written.
        """
        damage = self.damage()
        if damage:
            raise IndexDamaged(damage[0])


class IndexFolder:
    """An index: one folder of generations, one of which is live."""

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is read or made."""
        self.path = path
        self._generations = path / "generations"
        self._current = path / "CURRENT"

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
            whole = name not in CHECKED_WHEN_READ
            _check(generation.path / name, size, digest if whole else None)
        return generation

    def describe(self, generation_id: str) -> Generation:
        """A generation by its manifest alone.

        Raises:
            IndexDamaged: the manifest is missing or altered.
            IndexMismatch: it is of another format.
        """
        path = self._generations / generation_id
        return Generation(generation_id, path, _read_manifest(path / "manifest.json"))

    def generations(self) -> list[Generation]:
        """Every generation with a readable manifest, the newest first."""
        found = []
        for name in _ids(self._generations):
            with contextlib.suppress(StorageError):
                found.append(self.describe(name))
        return sorted(found, key=lambda generation: -generation.manifest.number)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from writing; the lock dies with the process.

        Raises:
            IndexBusy: another process is writing this index.
            StorageError: the folder cannot be written.
        """
        try:
            if not self.path.exists():
                self.path.mkdir(parents=True)
                _sync(self.path.parent)
            self._generations.mkdir(exist_ok=True)
            lock = (self.path / "LOCK").open("a+b", buffering=0)
        except OSError as error:
            raise StorageError(f"cannot write an index in {self.path}: {error}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read(100).decode("ascii", "replace").strip() or "unknown"
                raise IndexBusy(
                    f"process {holder} is writing the index in {self.path}; wait for it or stop it"
                ) from None
            now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
            # Whoever finds it locked would like to know; the lock itself needs no word of it.
            with contextlib.suppress(OSError):
                lock.truncate(0)
                lock.write(f"{os.getpid()} (since {now} UTC)".encode())
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
        self, folder: Path, facts: dict[str, Any], keep: int, base: Generation | None = None
    ) -> Generation:
        """Make a written folder the live generation: hash, sync, rename, then move CURRENT.

        Of the older generations the one that was live stays, to go back to, and the newest of the
        others until there are `keep` in all; one that is damaged does not count and goes. `base`
        has just been checked.
        """
        others = self.generations()
        files = {
            str(file.relative_to(folder)): (file.stat().st_size, sha256_of(file))
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        }
        manifest = Manifest(
            format=FORMAT,
            number=max((other.manifest.number for other in others), default=0) + 1,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            files=files,
            **facts,
        )
        content = json.dumps(asdict(manifest), indent=1).encode()
        (folder / "manifest.json").write_bytes(content)
        for entry in [*folder.rglob("*"), folder]:
            _sync(entry)
        name = f"{folder.name.removesuffix('.writing')}-{_digest(content)}"
        final = folder.with_name(name)
        folder.rename(final)
        _sync(self._generations)
        # The one that was live comes before newer ones that were given up.
        others.sort(key=lambda other: not self.is_live(other))
        self._point_to(name)
        self._remove_all_but([name, *self._sound(others, base, keep - 1)])
        return Generation(name, final, manifest)

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
        _sync(temporary)
        temporary.replace(self._current)
        _sync(self.path)


def sha256_of(file: Path) -> str:
    """The sha256 of a file's content, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6,64}")
_MEND = "go back with `rollback`, restore the index from a backup, or run `reindex --full`"


def _digest(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()[:DIGEST]


def _ids(generations: Path) -> list[str]:
    try:
        return [entry.name for entry in generations.iterdir() if _ID.fullmatch(entry.name)]
    except OSError:
        return []


def _check(file: Path, size: int, digest: str | None) -> None:
    """Compare a file with what the manifest says of it; without a digest its size alone."""
    try:
        actual = file.stat().st_size
        if actual != size:
            raise _damaged(file, f"has {actual} bytes where {size} were written")
        if digest is not None and sha256_of(file) != digest:
            raise _damaged(file, "is not as it was written")
    except OSError as error:
        raise _damaged(file, f"is missing or cannot be read ({error.strerror})") from error
    except ValueError as error:  # a null character in the name
        raise _damaged(file, f"cannot be read ({error})") from error


def _read_manifest(file: Path) -> Manifest:
    try:
        with file.open("rb") as stream:
            content = stream.read(1 << 20)
        raw = json.loads(content)
        if raw["format"] != FORMAT:
            raise IndexMismatch(
                f"{file.parent} has index format {raw['format']}, this program reads {FORMAT}; "
                "rebuild it with `reindex --full`"
            )
        if _digest(content) != file.parent.name[-DIGEST:]:
            raise _damaged(file, "is not as it was written")
        raw["files"] = {
            str(name): (int(size), str(digest)) for name, (size, digest) in raw["files"].items()
        }
        manifest = Manifest(**raw)
        for name in ("number", "articles", "passages", "tokens", "dimension"):
            if not isinstance(raw[name], int) or raw[name] < 0:
                raise ValueError(name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(file, f"cannot be read ({type(error).__name__})") from error
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in manifest.files):
        raise _damaged(file, "names a file outside of its generation")
    return manifest


def _damaged(file: Path, what: str) -> IndexDamaged:
    return IndexDamaged(f"{file} {what}; {_MEND}")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
