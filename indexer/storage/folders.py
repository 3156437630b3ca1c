"""What is published where: a folder of generations, or tables at a URL."""

from pathlib import Path
from typing import TYPE_CHECKING

from indexer.index_url import IndexUrl
from indexer.storage.folder import IndexFolder

if TYPE_CHECKING:
    from indexer.storage.lance.folder import LanceFolder


def folder_at(index: Path | IndexUrl) -> "IndexFolder | LanceFolder":
    """The publications of an index; nothing is read or made.

    Raises:
        SettingsError: it is at a URL, and what that needs is not installed.
    """
    if isinstance(index, Path):
        return IndexFolder(index)
    from indexer.storage.lance.folder import LanceFolder

    return LanceFolder(index)
