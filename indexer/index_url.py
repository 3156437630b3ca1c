"""Where an index lies: in a folder, or at a URL whose tables many machines may read."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

from indexer.errors import SettingsError

# A bucket and a prefix, of the characters that every store takes.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[\w!.*'()-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class IndexUrl:
    """The URL of an index: `file:///mnt/news`, `s3://bucket/news`.

    path: of a folder, or a bucket and a prefix in it
    """

    scheme: Literal["file", "s3"]
    path: str

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.scheme}://{quote(self.path)}"

    @property
    def folder(self) -> Path:
        """The folder of a file: URL."""
        assert self.scheme == "file"
        return Path(self.path)


def index_at(text: str) -> Path | IndexUrl:
    """What an option or a variable names: a URL, or else a folder.

    Raises:
        SettingsError: a URL of a kind that is not known, or that names no place.
    """
    scheme, divided, place = text.partition("://")
    if not divided:
        return Path(text)
    if scheme.lower() == "s3":
        if not _BUCKET.fullmatch(place.rstrip("/")):
            # What it is, is not told: it may hold a key.
            raise SettingsError(
                "an s3: URL names a bucket and a prefix, as s3://bucket/news; keys, the region and "
                "the endpoint come from the AWS_* variables alone"
            )
        return IndexUrl("s3", place.rstrip("/"))
    if scheme.lower() != "file":
        raise SettingsError("no kind of URL for an index; file:///… and s3://… are")
    parts = urlsplit(text)
    folder = Path(unquote(parts.path))
    if parts.netloc or parts.query or parts.fragment or not folder.is_absolute():
        raise SettingsError("a file: URL names a whole path, as file:///mnt/news")
    return IndexUrl("file", str(folder))
