"""What a generation consists of, and whether it is still what was written.

The id of a generation ends with a digest of its manifest, and the manifest holds the digest of
every file: from the name in CURRENT on, everything is checked by what names it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, with_config

from indexer.errors import IndexDamaged, IndexMismatch
from indexer.storage.filenames import MANIFEST, SEGMENTS, TOKENS
from indexer.storage.shortage import raise_if_short

FORMAT = 13
VectorIndexKind = Literal["flat", "ivf"]
# Segments of a generation at most: SQLite attaches ten databases to one.
MOST_SEGMENTS = 8
# Hexadecimal digits of a manifest's sha256 in the id of its generation.
ID_DIGITS = 12
# Bytes of a manifest that are read.
_LONGEST = 1 << 20


_Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0, lt=1 << 63)]
_STRICT = ConfigDict(extra="forbid", strict=True)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """A logistic model of whether the best hit answers (search/ranking/confidence.py).

    weights: of its signals, none negative
    """

    weights: tuple[_Weight, _Weight, _Weight]
    bias: Annotated[float, Field(allow_inf_nan=False)]


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Articles and passages that were written at once, and are never written again.

    They have the numbers from `first_article` and `first_passage` on, `articles` and `passages` of
    them; some may belong to no generation any more. `vector_index` is `flat` or `ivf`.
    """

    first_article: _Count
    articles: _Count
    first_passage: _Count
    passages: _Count
    tokens: _Count
    vector_index: VectorIndexKind

    @property
    def folder(self) -> str:
        """Its folder in that of a generation."""
        return f"{SEGMENTS}/{self.first_article}"

    @property
    def end_article(self) -> int:
        """The number behind that of its last article."""
        return self.first_article + self.articles

    @property
    def end_passage(self) -> int:
        """The number behind that of its last passage."""
        return self.first_passage + self.passages


@with_config(_STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a generation is made of, as `manifest.json` holds it.

    `number` counts the generations of an index from 1. `articles` and `passages` are those that it
    has, of those that its `segments` hold. `files` maps each file's path in the generation to its
    size in bytes and sha256. `confidence` is None if none was fitted. A draft, of a generation that
    is not published yet, lacks the first three and `files`.
    """

    format: int = 0
    number: _Count = 0
    created: str = ""
    pipeline: int
    model: str
    model_sha256: str
    dimension: _Count
    articles: _Count
    passages: _Count
    segments: Annotated[tuple[Segment, ...], Field(min_length=1, max_length=MOST_SEGMENTS)]
    confidence: ConfidenceModel | None = None
    files: dict[str, tuple[_Count, str]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The bytes of all files, the manifest's own left out."""
        return sum(size for size, _ in self.files.values())

    @property
    def tokens(self) -> int:
        """The tokens of all passages of the segments."""
        return sum(each.tokens for each in self.segments)

    @property
    def end_article(self) -> int:
        """The number behind that of the last article."""
        return self.segments[-1].end_article

    @property
    def end_passage(self) -> int:
        """The number behind that of the last passage."""
        return self.segments[-1].end_passage


_MANIFEST = TypeAdapter(Manifest)


@dataclass(frozen=True, slots=True)
class Published:
    """A generation that a search may ask, wherever it lies."""

    id: str
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Generation(Published):
    """One that lies in a folder of its own."""

    path: Path

    def damage(self) -> list[str]:
        """Every file that is not as it was written, hashed whole, and every file too many."""
        found = []
        for name, (size, digest) in self.manifest.files.items():
            try:
                check_file(self.path / name, size, digest)
            except IndexDamaged as error:
                found.append(str(error))
        known = {MANIFEST, *self.manifest.files}
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


def sha256_of(file: Path) -> str:
    """The sha256 of a file's content, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Write a manifest; returns what the id of its generation ends with."""
    content = json.dumps(asdict(manifest), indent=1).encode()
    (folder / MANIFEST).write_bytes(content)
    return _digest(content)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation, checked by the id that its folder is named by.

    Raises:
        IndexDamaged: it is missing or altered.
        IndexMismatch: it is of another format.
        IndexUnavailable: it cannot be opened now.
    """
    file = folder / MANIFEST
    try:
        with file.open("rb") as stream:
            content = stream.read(_LONGEST)
    except OSError as error:
        raise_if_short(error, file)
        raise _damaged(file, f"cannot be read ({type(error).__name__})") from error
    return parse_manifest(content, file, folder.name[-ID_DIGITS:])


def parse_manifest(content: bytes, file: Path | str, digest: str | None = None) -> Manifest:
    """The manifest that some bytes hold, which were read from `file`.

    digest: the first digits of theirs, if that is known

    Raises:
        IndexDamaged: they hold none, or are not as they were written.
        IndexMismatch: it is of another format.
    """
    try:
        raw = json.loads(content)
        if raw["format"] != FORMAT:
            raise IndexMismatch(
                f"{file} is of index format {raw['format']}, this program reads {FORMAT}; "
                "rebuild the index with `reindex --full`"
            )
        if digest is not None and _digest(content) != digest:
            raise _damaged(file, "is not as it was written")
        manifest = _MANIFEST.validate_json(content)
        datetime.fromisoformat(manifest.created)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _damaged(file, f"cannot be read ({type(error).__name__})") from error
    ends = [(0, 0), *((each.end_article, each.end_passage) for each in manifest.segments)]
    if any(
        (each.first_article, each.first_passage) != end
        for each, end in zip(manifest.segments, ends, strict=False)
    ):
        raise _damaged(file, "has segments that do not follow each other")
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in manifest.files):
        raise _damaged(file, "names a file outside of its generation")
    return manifest


def checked_when_read(name: str) -> bool:
    """Whether a file is checked piece by piece as it is read, rather than whole when it is opened.

    Token codes are most of an index, and a search reads a few kilobytes of them.
    """
    return Path(name).name == TOKENS


# Files that this process has found to be as they were written: where, how large and how old each
# was. Segments that generations share are not hashed for each of them.
_sound: dict[tuple[int, int, int, int], str] = {}


def check_unread(file: Path, size: int, digest: str) -> None:
    """As `check_file`, but a file that this process has hashed and nobody touched is not read.

    Raises:
        IndexDamaged: it differs, or cannot be read.
    """
    try:
        seen = file.stat()
    except (OSError, ValueError):
        return check_file(file, size, digest)
    mark = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)
    if _sound.get(mark) != digest or seen.st_size != size:
        check_file(file, size, digest)
        _sound[mark] = digest


def check_file(file: Path, size: int, digest: str | None) -> None:
    """Compare a file with what the manifest says of it; without a digest its size alone.

    Raises:
        IndexDamaged: it differs, or cannot be read.
    """
    try:
        actual = file.stat().st_size
        if actual != size:
            raise _damaged(file, f"has {actual} bytes where {size} were written")
        if digest is not None and sha256_of(file) != digest:
            raise _damaged(file, "is not as it was written")
    except OSError as error:
        raise_if_short(error, file)
        raise _damaged(file, f"is missing or cannot be read ({error.strerror})") from error
    except ValueError as error:  # a null character in the name
        raise _damaged(file, f"cannot be read ({error})") from error


_MEND = "go back with `rollback`, restore the index from a backup, or run `reindex --full`"


def _digest(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()[:ID_DIGITS]


def _damaged(file: Path | str, what: str) -> IndexDamaged:
    return IndexDamaged(f"{file} {what}; {_MEND}")
