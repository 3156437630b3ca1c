"""Where an index lies: in a folder, or at a URL whose tables many machines may read."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from indexer.errors import SettingsError


@dataclass(frozen=True, slots=True)
class IndexUrl:
    """The URL of an index: `file:///mnt/news`.

    folder: that it names
    """

    folder: Path

    def __str__(self) -> str:
        """As it is written."""
        return self.folder.as_uri()


def index_at(text: str) -> Path | IndexUrl:
    """What an option or a variable names: a URL, or else a folder.

    Raises:
        SettingsError: a URL of a kind that is not known, or that names no folder.
    """
    scheme, divided, _ = text.partition("://")
    if not divided or not scheme.isalnum():
        return Path(text)
    parts = urlsplit(text)
    if scheme.lower() != "file":
        raise SettingsError(f"{scheme}: is no kind of URL for an index; file: is")
    folder = Path(unquote(parts.path))
    if parts.netloc or parts.query or parts.fragment or not folder.is_absolute():
        raise SettingsError("a file: URL names a whole path, as file:///mnt/news")
    return IndexUrl(folder)
