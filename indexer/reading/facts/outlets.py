"""One name for an outlet that only some of its pages declare: what the others of its host tell.

Of a page that declares no outlet the host stands in for it, so that one outlet is two sources.
Nothing is learned that has to be kept: the counts follow from the articles of an index.
"""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cached_property

from indexer.article import Article
from indexer.reading.facts.address import host_of
from indexer.reading.facts.site_name import site_key, site_keys

# Of names that a host declares, others are slips if one is so many times as common.
_SLIPS = 20
# A name that the host is not made of may be one article's alone, or an agency's, unless so many
# declare it, and this share of the host's.
_LEAST = 2
_SHARE = 0.1
# As a host is written where it stands in for a name; "Salon.com" is one.
_HOST = re.compile(r"(?:[^\W_A-Z][\w-]*\.)+[a-z]{2,}|(?:[^\W_A-Z][\w-]*\.)*xn--[\w.-]+")
_OF_THE_WEB = re.compile(r"^(?:(?:www|m|mobile|amp)\.)+(?=.+\.)")


class Outlets:
    """Counts by which names the articles of each host declare their outlet."""

    def __init__(self) -> None:
        """Begin with no article."""
        self._articles: Counter[str] = Counter()
        self._declared: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, article: Article) -> None:
        """Count an article, as it was read."""
        host, source = _host(article), article.source
        if not host:
            return
        self._articles[host] += 1
        # The agency stands in where no outlet is known.
        if source and not _HOST.fullmatch(source) and source != article.agency:
            self._declared[host][source] += 1

    def named(self, article: Article) -> Article:
        """An article as it was read, with the name of its outlet in the place of a host."""
        source = article.source
        if source is None or not _HOST.fullmatch(source):
            return article
        name = self._names.get(_host(article))
        return replace(article, source=name, source_read=source) if name else article

    @cached_property
    def _names(self) -> dict[str, str]:
        """The name of each host that has one."""
        found = {host: self._name(host, names) for host, names in self._declared.items()}
        return {host: name for host, name in found.items() if name}

    def _name(self, host: str, names: Counter[str]) -> str | None:
        keys: Counter[str] = Counter()
        for name, count in names.items():
            keys[site_key(name)] += count
        (most, count), *others = keys.most_common()
        if count <= _SLIPS * sum(other for _, other in others):
            return None
        own = most in site_keys((), host)
        if not own and (count < _LEAST or count < _SHARE * self._articles[host]):
            return None
        return min((-n, name) for name, n in names.items() if site_key(name) == most)[1]


def _host(article: Article) -> str:
    """The host of an article, as its source or its address tells it; empty if neither does."""
    source = article.source or ""
    host = source if _HOST.fullmatch(source) else host_of(article.url)
    return _OF_THE_WEB.sub("", host.casefold())
