"""Generations: a folder that is written once, described by a manifest, and made live by a rename.

    <index>/CURRENT                       the id of the live generation
    <index>/LOCK                          held by the process that writes the next one
    <index>/generations/<id>/manifest.json, articles.db, vectors.faiss, tokens.bin, lexical/

Readers need no lock: a published generation is never edited, and CURRENT names one that is whole.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from indexer.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexMissing, StorageError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is made of, as `manifest.json` holds it.

    `vector_index` is `flat` or `hnsw`. `files` maps each file's path in the generation to its size
    in bytes and sha256.
    """

    format: int
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


@dataclass(frozen=True, slots=True)
class Generation:
    """A published generation."""

    id: str
    path: Path
    manifest: Manifest


class IndexFolder:
    """An index: one folder of generations, one of which is live."""

    def __init__(self, path: Path) -> None:
        """Name the folder; nothing is read or made."""
        self.path = path

    def current_id(self) -> str:
        """The id of the live generation.

        Raises:
            IndexMissing: nothing has been published here.
            IndexDamaged: CURRENT does not hold an id.
        """
        try:
            name = (self.path / "CURRENT").read_bytes()[:100].decode("ascii", "replace").strip()
        except FileNotFoundError:
            raise IndexMissing(
                f"there is no index in {self.path}; "
                f"make one with `reindex PATH --index {self.path}`"
            ) from None
        except OSError as error:
            raise IndexMissing(f"the index in {self.path} cannot be read: {error}") from error
        # The name becomes part of a path, and index files are untrusted.
        if not name.replace("-", "").isalnum():
            raise IndexDamaged(f"{self.path / 'CURRENT'} does not name a generation; run `reindex`")
        return name

    def open_current(self) -> Generation:
        """The live generation, its manifest checked against the files' presence and sizes.

        Raises:
            IndexMissing, IndexDamaged, IndexMismatch
        """
        name = self.current_id()
        path = self.path / "generations" / name
        manifest = _read_manifest(path / "manifest.json")
        for file, (size, digest) in manifest.files.items():
            try:
                found = (path / file).stat().st_size
            except (OSError, ValueError) as error:
                raise _damaged(path / file, "is missing") from error
            if found != size:
                raise _damaged(path / file, f"has {found} bytes where {size} were written")
            # tantivy trusts its files, and a wrong byte can end the process; they are small.
            if file.startswith("lexical/") and sha256_of(path / file) != digest:
                raise _damaged(path / file, "has been altered since it was written")
        return Generation(name, path, manifest)

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """A new folder for the next generation, removed at the end unless it was published.

        Raises:
            IndexBusy: another process is writing this index.
            StorageError: the folder cannot be written.
        """
        generations = self.path / "generations"
        try:
            generations.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "LOCK").open("a+")
        except OSError as error:
            raise StorageError(f"cannot write an index in {self.path}: {error}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read(100).strip() or "unknown"
                raise IndexBusy(
                    f"process {holder} is writing the index in {self.path}; wait for it or stop it"
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            for leftover in generations.glob("*.writing"):
                shutil.rmtree(leftover)
            moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
            folder = generations / f"{moment}-{secrets.token_hex(3)}.writing"
            folder.mkdir()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def publish(self, folder: Path, facts: dict[str, Any]) -> Generation:
        """Make a written folder the live generation: hash, sync, rename, then move CURRENT.

        The generation that was live is kept, to go back to; older ones are removed.
        """
        files = {
            str(file.relative_to(folder)): (file.stat().st_size, sha256_of(file))
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        }
        manifest = Manifest(
            format=FORMAT,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            files=files,
            **facts,
        )
        (folder / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
        for entry in [*folder.rglob("*"), folder]:
            _sync(entry)
        final = folder.with_name(folder.name.removesuffix(".writing"))
        folder.rename(final)
        _sync(final.parent)
        try:
            previous = self.current_id()
        except StorageError:
            previous = ""
        temporary = self.path / "CURRENT.new"
        temporary.write_text(final.name + "\n", "ascii")
        _sync(temporary)
        temporary.replace(self.path / "CURRENT")
        _sync(self.path)
        for path in final.parent.iterdir():
            if path.is_dir() and path.name not in (folder.name, final.name, previous):
                # The new generation is live: a leftover that cannot be removed is no failure.
                shutil.rmtree(path, ignore_errors=True)
        return Generation(final.name, final, manifest)


def sha256_of(file: Path) -> str:
    """The sha256 of a file's content, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_manifest(file: Path) -> Manifest:
    try:
        with file.open("rb") as stream:
            raw = json.loads(stream.read(1 << 20))
        if raw["format"] != FORMAT:
            raise IndexMismatch(
                f"{file.parent} has index format {raw['format']}, this program reads {FORMAT}; "
                "run `reindex` with this version"
            )
        raw["files"] = {
            str(name): (int(size), str(digest)) for name, (size, digest) in raw["files"].items()
        }
        manifest = Manifest(**raw)
        for name in ("articles", "passages", "tokens", "dimension"):
            if not isinstance(raw[name], int) or raw[name] < 0:
                raise ValueError(name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(file, f"cannot be read ({type(error).__name__})") from error
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in manifest.files):
        raise _damaged(file, "names a file outside of its generation")
    return manifest


def _damaged(file: Path, what: str) -> IndexDamaged:
    return IndexDamaged(f"{file} {what}; restore the index from a backup or run `reindex` again")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
