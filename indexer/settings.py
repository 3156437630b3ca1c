"""The few settings there are: read once at start, frozen, the same for every door.

Choices that belong to an index (model, kind of vector index) are made when it is
written and read back from its manifest; only what belongs to this process is a setting.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from indexer.cores import usable_cores
from indexer.errors import SettingsError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEVICES = ("auto", "openvino", "cpu", "cuda")
# Characters of a key: what `openssl rand -hex 8` makes is out of reach of guessing.
SHORTEST_KEY = 16

# What a header carries as it is, but for the comma, which separates keys.
_KEY = re.compile(rf"[!-+\--~]{{{SHORTEST_KEY},200}}")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_HOST = re.compile(r"(\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask the server, from where, how often, and for how long.

    Without `read_keys` everybody may read; without an `admin_key` nobody administers. `hosts` are
    the names in a Host header that are answered, without port; all of them if there is none.
    `origins` are the sites whose scripts may read answers; `rate` is requests a minute of a client,
    0 for any number; `deadline` is in seconds.
    """

    read_keys: tuple[str, ...] = field(default=(), repr=False)
    admin_key: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    rate: int = 0
    deadline: int = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """What this process was told by its environment (see docs/settings.md)."""

    index: Path
    model: str
    cache: Path
    device: str
    threads: int
    download: bool
    keep: int = 2
    access: Access = Access()

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
            index=Path(environ.get("ARTICLE_SEARCH_INDEX", "index")),
            model=environ.get("ARTICLE_SEARCH_MODEL", DEFAULT_MODEL),
            cache=Path(
                environ.get("ARTICLE_SEARCH_CACHE", os.path.join(cache_home, "article-search"))
            ),
            device=device,
            threads=_at_least(1, environ, "ARTICLE_SEARCH_THREADS", usable_cores()),
            download=environ.get("ARTICLE_SEARCH_DOWNLOAD", "") == "1",
            # The one before the live one stays: to go back to, and for readers that are opening it.
            keep=_at_least(2, environ, "ARTICLE_SEARCH_KEEP", 2),
            access=_access(environ),
        )


def _access(environ: Mapping[str, str]) -> Access:
    admin_keys = _keys(environ, "ARTICLE_SEARCH_ADMIN_KEY")
    if len(admin_keys) > 1:
        raise SettingsError("ARTICLE_SEARCH_ADMIN_KEY holds several keys; there is one")
    hosts = tuple(host.lower() for host in _items(environ, "ARTICLE_SEARCH_HOSTS"))
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise SettingsError(
                f"ARTICLE_SEARCH_HOSTS names {host!r}; give names as in news.example.org, "
                "without http:// and port"
            )
    origins = _items(environ, "ARTICLE_SEARCH_CORS_ORIGINS")
    for origin in origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise SettingsError(
                f"ARTICLE_SEARCH_CORS_ORIGINS names {origin!r}; give origins as in "
                "https://app.example.org, or * for all"
            )
    return Access(
        read_keys=_keys(environ, "ARTICLE_SEARCH_READ_KEY"),
        admin_key=admin_keys[0] if admin_keys else None,
        hosts=hosts,
        origins=origins,
        rate=_at_least(0, environ, "ARTICLE_SEARCH_RATE", 0),
        deadline=_at_least(1, environ, "ARTICLE_SEARCH_DEADLINE", 10),
    )


def _items(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """What is between the commas."""
    items = (item.strip() for item in environ.get(name, "").split(","))
    return tuple(dict.fromkeys(filter(None, items)))


def _keys(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    keys = _items(environ, name)
    # The message must not show one.
    if not all(map(_KEY.fullmatch, keys)):
        raise SettingsError(
            f"{name} holds a key that cannot be used: it takes {SHORTEST_KEY} to 200 ASCII "
            "characters without spaces, as `openssl rand -hex 16` makes them"
        )
    return keys


def _at_least(least: int, environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name)
    if value is None:
        return default
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise SettingsError(f"{name} is {value!r}; it must be a whole number from {least}")
    return int(value)
