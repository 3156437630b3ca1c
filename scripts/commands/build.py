"""Building an index as every program does it: `reindex`, a confidence fitted to its result, and
what is at a URL sent there.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.settings import Settings

if TYPE_CHECKING:
    from indexer.embedding.base import Embedder
    from indexer.pipeline import Options, Summary
    from indexer.progress import Progress


def build(
    paths: Sequence[Path],
    settings: Settings,
    embedder: "Embedder",
    progress: "Progress",
    options: "Options | None" = None,
) -> "Summary":
    """Make the index mirror the articles under `paths`.

    Raises what `reindex` does, and what `send` does for an index at a URL.
    """
    from indexer.pipeline import Options, reindex
    from search.ranking.fitting import fit_confidence

    index, folder, options = settings.index, settings.folder, options or Options()
    if isinstance(index, Path) or options.dry:
        return reindex(paths, folder, embedder, fit_confidence, progress, options)
    from indexer.storage.lance.sending import Sending

    sending = Sending(index, folder, settings.keep, progress, options.full)
    sending.check()
    summary = reindex(paths, folder, embedder, fit_confidence, progress, options)
    sending.send()
    return summary
