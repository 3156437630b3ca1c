"""Who may ask the server: the settings that only serving has (docs/settings.md)."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from indexer.errors import SettingsError
from indexer.settings import at_least

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

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Access":
        """Read the ARTICLE_SEARCH_* variables of `serve`.

        Raises:
            SettingsError: a variable has a value that cannot be used.
        """
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
        return cls(
            read_keys=_keys(environ, "ARTICLE_SEARCH_READ_KEY"),
            admin_key=admin_keys[0] if admin_keys else None,
            hosts=hosts,
            origins=origins,
            rate=at_least(0, environ, "ARTICLE_SEARCH_RATE", 0),
            deadline=at_least(1, environ, "ARTICLE_SEARCH_DEADLINE", 10),
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
