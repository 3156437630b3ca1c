"""The host in an address, as anyone may have written it."""

import re
from urllib.parse import urlsplit

# Most addresses are so plain, and every one of an index is looked at by each run and each opening.
_PLAIN = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?![^/?#])")


def hostname(url: str) -> str:
    """The host of an address, in lower case, without its port; empty if there is none."""
    if plain := _PLAIN.match(url):
        return plain[1]
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # as of http://[x/
        return ""
