"""What an index holds after a run, said in a few lines."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from indexer.article import Article, Document
from indexer.identity import document_digest
from indexer.moves import Moves, is_version
from indexer.reading.cleaning import clean
from indexer.reading.documents import read_documents
from tests.conftest import write_tree


@dataclass(frozen=True, order=True)
class Entry:
    """An article that an index should hold: one line of a file, or the whole of it.

    document: a digest of what was read
    id: declared, or a digest of what the article says
    outlet: empty if none is known
    """

    parts: tuple[str, ...]
    number: int
    line: str
    document: bytes
    id: str
    declared: bool
    outlet: str

    @property
    def key(self) -> tuple[object, ...]:
        """What no two articles of an index share."""
        return (self.id, self.outlet or self.parts) if self.declared else (self.id,)

    @property
    def nowhere(self) -> tuple[object, ...]:
        """What two without an outlet share that declare one id in files of one name."""
        return self.declared, self.id, self.outlet, self.parts[-1]

    @property
    def place(self) -> str:
        return f"{'/'.join(self.parts)}:{self.number + 1}"


@cache
def _made_of(suffix: str, line: str) -> tuple[Document, Article | None]:
    """The document in a file of one record, and its article if there is one in it."""
    folder = Path(tempfile.mkdtemp())
    write_tree(folder, {"a" + suffix: line.encode()})
    (document,) = read_documents(folder / f"a{suffix}")
    assert isinstance(document, Document)
    article = clean(document)
    shutil.rmtree(folder)
    return document, article if isinstance(article, Article) else None


Files = dict[str, tuple[str, ...]]
Content = tuple[Entry, ...]


def _read(path: str, number: int, line: str) -> Entry | None:
    """The article of a line, if there is one in it."""
    document, article = _made_of(Path(path).suffix, line)
    if article is None:
        return None
    digest = document_digest(document, None)
    declared, outlet = document.id is not None, article.source or ""
    return Entry(Path(path).parts, number, line, digest, article.id, declared, outlet)


def _article(entry: Entry) -> Article:
    article = _made_of(Path(entry.parts[-1]).suffix, entry.line)[1]
    assert article is not None
    return article


def expected_content(live: Content, files: Files, named: Sequence[str], source: Path) -> Content:
    """What an index holds after a run: articles of other roots, then those of files, first come.

    What is kept of a file that is gone gives way to the same document, id or text elsewhere.

    files: by path in the folder `source`, the lines that are one article each
    named: the folders in it that the run was given
    """
    content = [entry for entry in live if entry.parts[0] not in named]
    kept = list(content)
    moves = Moves()
    new: list[Entry] = []

    def gives_way(old: Entry) -> bool:
        return old in kept and "/".join(old.parts) not in files

    def replace(old: Entry, entry: Entry) -> None:
        moves.note(old.place, entry.place)
        kept.remove(old)
        content.remove(old)

    for path in sorted(files, key=lambda path: Path(path).parts):
        for number, line in enumerate(files[path] if Path(path).parts[0] in named else ()):
            entry = _read(path, number, line)
            if entry is None:
                continue
            same = [old for old in content if old.document == entry.document]
            if same and gives_way(same[0]):
                replace(same[0], entry)
            elif same:
                continue
            before = [
                old
                for old in content
                if old.key == entry.key or (not entry.outlet and old.nowhere == entry.nowhere)
            ]
            before = [old for old in before if gives_way(old)]
            if before:
                replace(min(before, key=partial(_choice, source, entry)), entry)
            if entry.key in {old.key for old in content}:
                continue
            content.append(entry)
            known = any(old.document == entry.document for old in live)
            if not (known or before or entry.declared):
                new.append(entry)
    for entry in new:
        place = moves.place_before(entry.place)
        for old in [old for old in kept if old.place == place and not old.declared]:
            if gives_way(old) and is_version(_article(old), _article(entry)):
                replace(old, entry)
    return tuple(sorted(content))


def _choice(source: Path, entry: Entry, old: Entry) -> tuple[bool, str]:
    """Of several that an entry may be in the place of, the one for which this is least."""
    file = str(source.joinpath(*old.parts))
    return old.key != entry.key, hashlib.sha256(file.encode()).hexdigest()
