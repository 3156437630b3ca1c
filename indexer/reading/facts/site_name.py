"""A headline less the name of its site: "Fish auction closes - Skerry Post"."""

import re
from collections.abc import Collection, Iterable

from indexer.reading.facts.declared import key_of

_SEPARATOR = re.compile(r"\s+[|–—·•»«›‹~:/>-]{1,2}\s+|[｜：:_|]")
_WORD = re.compile(r"\w+")
# Of a name or host, what is as good as not there: "BBC News" is bbc.co.uk.
_GENERIC = frozenset(("the", "www", "com", "co", "net", "org", "online", "news", "m", "mobile"))
# A shorter label of a host may be any word.
_LEAST = 3
# Characters: a longer title is none, and each separator is looked at before each other one.
_LONGEST = 500


def site_keys(names: Iterable[str | None], host: str) -> set[str]:
    """The names of a site as `site_key` compares them, those that its host is made of too."""
    labels = [label for label in host.split(".")[:-1] if len(label) >= _LEAST]
    return {site_key(name) for name in [*names, host, *labels] if name} - {""}


def site_key(name: str) -> str:
    """The letters of a name, less case, signs and words like "News"."""
    words = _WORD.findall(name.casefold().replace("_", " "))
    return "".join([word for word in words if word not in _GENERIC] or words)


def without_site(
    title: str,
    site: Collection[str],
    known: Collection[str] = (),
    sections: Collection[str] = (),
) -> str:
    """A title up to or after a separator, if the rest is a name of the site or the part is known.

    site: as `site_keys` makes them; known: parts that are the headline, as `key_of` makes them
    sections: of the site, as `site_key` makes them; they are cut off where they stand behind
    """
    if len(title) > _LONGEST:
        return title
    cut = _cut(title, site, known, sections)
    while cut != title:
        title, cut = cut, _cut(cut, site, known, sections)
    return title


def _cut(
    title: str, site: Collection[str], known: Collection[str], sections: Collection[str]
) -> str:
    for match in _SEPARATOR.finditer(title):
        before, after = title[: match.start()].strip(), title[match.end() :].strip()
        tail = site_key(after)
        if before and (tail in site or tail in sections or key_of(before) in known):
            return before
        if after and (site_key(before) in site or key_of(after) in known):
            return after
    return title
