"""Building an index as every program does it: `reindex`, and a confidence fitted to its result."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.embedding.base import Embedder
    from indexer.pipeline import Options, Summary
    from indexer.progress import Progress


def build(
    paths: Sequence[Path],
    index: Path,
    embedder: "Embedder",
    progress: "Progress",
    options: "Options | None" = None,
) -> "Summary":
    """Make the index mirror the articles under `paths`; see `reindex` for what it raises."""
    from indexer.pipeline import Options, reindex
    from search.ranking.fitting import fit_confidence

    return reindex(paths, index, embedder, fit_confidence, progress, options or Options())
