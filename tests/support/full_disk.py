"""Runs of reindex for which the disk is full from some step on.

    python -m tests.support.full_disk MERGING FOLDER INDEX OWNER.STEP SIZE [OWNER.STEP SIZE ...]

MERGING is 1 if what is live is written again, 0 if it stays beside what is new.
From the step on no file can grow over so many bytes, whichever file it is. Each run is a line of
JSON on the standard output: [[step, size], the name of the error or "published"].
"""

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import indexer.compaction
import indexer.encoding
from indexer.errors import ArticleSearchError
from indexer.pipeline import reindex
from indexer.storage.article_writer import ArticleWriter
from indexer.storage.drafts import Drafts
from indexer.storage.embedded import EmbeddedPassages
from indexer.storage.folder import IndexFolder
from indexer.storage.tokens import TokenWriter
from indexer.storage.vector_writer import VectorWriter
from indexer.storage.words import WordWriter
from indexer.storage.writer import GenerationWriter
from tests.support.fakes import FakeEmbedder

OWNERS: dict[str, type] = {
    owner.__name__: owner
    for owner in (
        ArticleWriter, Drafts, EmbeddedPassages, GenerationWriter, IndexFolder, TokenWriter,
        VectorWriter, WordWriter,
    )
}  # fmt: skip
HARD = resource.getrlimit(resource.RLIMIT_FSIZE)[1]


@contextmanager
def _full_at(step: str, size: int) -> Iterator[None]:
    owner, name = step.split(".")
    real = getattr(OWNERS[owner], name)

    def limited(*arguments: Any, **named: Any) -> Any:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, HARD))
        return real(*arguments, **named)

    setattr(OWNERS[owner], name, limited)
    try:
        yield
    finally:
        setattr(OWNERS[owner], name, real)
        resource.setrlimit(resource.RLIMIT_FSIZE, (HARD, HARD))


def _outcome(folder: Path, index: Path, step: str, size: int) -> str:
    try:
        with _full_at(step, size):
            reindex([folder], index, FakeEmbedder(), None)
    except ArticleSearchError as error:
        return type(error).__name__
    return "published"


def _attempt(folder: Path, index: Path, step: str, size: int) -> None:
    live = IndexFolder(index).current_id()
    (index / "embedded.db").unlink(missing_ok=True)
    outcome = _outcome(folder, index, step, size)
    opened = IndexFolder(index).open_current()
    if outcome != "published":
        assert opened.id == live
        assert opened.damage() == []
        assert not list((index / "generations").glob("*.writing"))
    sys.stdout.write(f"{json.dumps([[step, size], outcome])}\n")


if __name__ == "__main__":
    indexer.encoding.PIECE = 5
    if sys.argv[1] == "0":
        indexer.compaction.SMALL = indexer.compaction.TIMES = 0
    for at in range(4, len(sys.argv), 2):
        _attempt(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[at], int(sys.argv[at + 1]))
