"""The few settings of every command: read once at start, frozen.

Choices that belong to an index (model, kind of vector index) are made when it is
written and read back from its manifest; only what belongs to this process is a setting.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.cores import usable_cores
from indexer.errors import SettingsError
from indexer.index_url import IndexUrl, index_at

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEVICES = ("auto", "openvino", "cpu", "cuda")


@dataclass(frozen=True, slots=True)
class Settings:
    """What this process was told by its environment (see docs/settings.md)."""

    index: Path | IndexUrl
    model: str
    cache: Path
    device: str
    threads: int
    download: bool
    keep: int = 2

    @property
    def folder(self) -> Path:
        """Where this machine builds the index: in itself, but for one that lies at a URL."""
        if isinstance(self.index, Path):
            return self.index
        digest = hashlib.sha256(str(self.index).encode()).hexdigest()
        return self.cache / "built" / digest[:16]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the ARTICLE_SEARCH_* variables.

        Raises:
            SettingsError: a variable has a value that cannot be used.
        """
        cache_home = environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        device = environ.get("ARTICLE_SEARCH_DEVICE", "auto")
        if device not in DEVICES:
            raise SettingsError(
                f"ARTICLE_SEARCH_DEVICE is {device!r}; choose one of {', '.join(DEVICES)}"
            )
        return cls(
            index=index_at(environ.get("ARTICLE_SEARCH_INDEX", "index")),
            model=environ.get("ARTICLE_SEARCH_MODEL", DEFAULT_MODEL),
            cache=Path(
                environ.get("ARTICLE_SEARCH_CACHE", os.path.join(cache_home, "article-search"))
            ),
            device=device,
            threads=at_least(1, environ, "ARTICLE_SEARCH_THREADS", usable_cores()),
            download=environ.get("ARTICLE_SEARCH_DOWNLOAD", "") == "1",
            # The one before the live one stays: to go back to, and for readers that are opening it.
            keep=at_least(2, environ, "ARTICLE_SEARCH_KEEP", 2),
        )


def at_least(least: int, environ: Mapping[str, str], name: str, default: int) -> int:
    """A whole number of the environment.

    Raises:
        SettingsError: it is none, or less than `least`.
    """
    value = environ.get(name)
    if value is None:
        return default
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise SettingsError(f"{name} is {value!r}; it must be a whole number from {least}")
    return int(value)
