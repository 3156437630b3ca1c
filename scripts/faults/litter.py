"""What must not be left in the folder of an index when nothing writes to it."""

from collections.abc import Iterator
from pathlib import Path

from indexer.storage.folder import IndexFolder

# All that may be there, and how many generations are kept.
ENTRIES = frozenset({"CURRENT", "LOCK", "generations"})
KEPT = 2


def litter(index: Path) -> Iterator[str]:
    """What is left in an index and should not be, a sentence each."""
    for name in sorted({entry.name for entry in index.iterdir()} - ENTRIES):
        yield f"{name} is left in the index"
    folder = IndexFolder(index)
    kept = {generation.id: generation for generation in folder.generations()}
    for name in sorted({entry.name for entry in (index / "generations").iterdir()} - set(kept)):
        yield f"generations/{name} is left, and is no published generation"
    for generation in kept.values():
        for problem in generation.damage():
            yield f"a generation is left that is not whole: {problem}"
    if len(kept) > KEPT:
        yield f"{len(kept)} generations are left, not {KEPT}"
