"""The address of an article: of a copy in a web archive, the address that it is a copy of."""

import re
from urllib.parse import unquote

from indexer.hosts import hostname

# "https://web.archive.org/web/20190711123456id_/http://…", "/web/2019/http://…",
# "https://archive.ph/2019.07.11-123456/https://…"
_COPY = re.compile(
    r"/(?:[0-9]{4,14}|[0-9]{4}\.[0-9]{2}\.[0-9]{2}-[0-9]{6})(?:[a-z]{2,3}_)?/(https?:/.+)", re.I
)
# "http://webcache.googleusercontent.com/search?q=cache:2zG0XwvQ:http://…+&cd=1"
_CACHED = re.compile(r"cache:(?:[\w-]{4,40}:)?((?:https?://)?[^\s+&:]+\.[^\s+&]+)", re.I)
_ARCHIVES = re.compile(
    r"(?:^|\.)(?:archive\.(?:org|today|ph|is|li|vn|fo|md)|archive-it\.org|perma\.cc|arquivo\.pt|"
    r"webcache\.googleusercontent\.com|webcitation\.org|web-?archive?s?\..+|.+\.web-?archives?\..+)$"
)


def host_of(url: str | None) -> str:
    """The host of an address without `www.`, empty if there is none."""
    return hostname(url or "").removeprefix("www.")


def is_archive(host: str) -> bool:
    """Whether a host keeps copies of the pages of others."""
    return _ARCHIVES.search(host) is not None


def original_address(url: str | None) -> str | None:
    """The address that a copy in an archive is of; any other address as it is.

    None if an archive's address does not tell.
    """
    host = host_of(url)
    if not url or not (is_archive(host) or url.startswith("/web/")):
        return url or None
    found = _COPY.search(url) or _CACHED.search(unquote(url))
    if found is None:
        return None
    original = re.sub(r"^(https?):/+", r"\1://", found[1])
    original = original if "://" in original else f"http://{original}"
    # The port that the Wayback Machine writes out.
    return re.sub(r"^(http://[^/]+?):80(?=/|$)", r"\1", original)
