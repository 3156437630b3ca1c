"""The names that the titles of one source repeat, and that are no part of its headlines.

"Fish auction closes - Skerry Post": one page does not tell a site's name from a part of its
headline, unless it declares the name; many titles of the source do. A source is an outlet, or
else a host, or else a folder. Sections and series ("| Opinion", "- live") stay, and so does what
the articles themselves speak of: a person, a place, a team.

Nothing is learned that has to be kept: the counts follow from the articles of an index.
"""

import hashlib
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from indexer.article import Article
from indexer.day_words import MONTHS, WEEKDAYS
from indexer.reading.facts.address import host_of
from indexer.reading.facts.site_name import site_key, site_keys, without_site
from indexer.reading.input.files import without_record

# So many different headlines of a source have its name beside them, and this share of its titles;
# fewer are enough if all have.
_LEAST, _SHARE = 5, 0.5
_FEW = 3
# Of a name that stands in the beginnings of so many of its articles, they speak. On news_quiz_dev
# names of outlets stand in .19 to .44, those of people and places in .75 and more.
_SPOKEN = 0.5
# Characters of an article that are its beginning, and what opens it: a place, and who reports from
# it, in brackets or in capitals: "LOWICK (Vale Examiner) -", "London CNN —".
_BEGINNING = 1000
_DATELINE = re.compile(r"(?P<place>[^.!?\n]{0,60}?)(?:\([^)\n]{2,30}\)|(?<![^\s)])[-—–]{1,2}\s)")
# A name has at most so many characters, words, and parts between separators.
_LONGEST, _MOST_WORDS, _MOST_PARTS = 40, 6, 3
# Titles are cut to a length; no longer one is looked at.
_LONGEST_TITLE = 500
_SEPARATOR = re.compile(r"\s+(?:[|–—·•»«›‹~/-]{1,2}|::)\s+|\s*[|｜]\s*|(?<=[^\x00-\x7f])_")
_WORD = re.compile(r"\w+(?:[.'’&-]\w+)*")
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}", re.I)
# A word of a name that may begin with a small letter is no longer.
_SHORT = 3
# What names a section, a series or a kind of article.
_SECTIONS = (
    "about actualité actualités aktuell analyse analysis and announcement archive article arts as",
    "at audio avis books breaking brief briefing briefings briefs business check chronique column",
    "columns comment commentary comments community court courts crime cultura culture debate",
    "deportes dossier débat economia economy economía editor editorial editorials education",
    "election elections entertainment entrevista environment essay esteri events exclusive",
    "explained explainer explainers fact factbox factcheck fashion feature featured features",
    "feuilleton finance food football for foto fotos from full gallery gesellschaft gespräch",
    "guest guide happened headlines health home how images in interactive internacional",
    "international interview interviews investigation investigations it kolumne kommentar kultur",
    "latest law leserbriefe letter letters life lifestyle live local long longread longreads",
    "markets match meinung money more movies music national news newsletter notes noticias",
    "obituaries obituary of on op-ed opinion opinioni opinions opinião opinión our panorama part",
    "perspective photo photos picture pictures podcast podcasts politica politics politik",
    "politique poll política portrait porträt profile q&a question quiz read recap recipe",
    "regional report reportage reports result results review reviews science sciences section",
    "series sociedad sociedade société special sport sports stories story style summary tech",
    "technology the this timeline top transcript travel trial tv uk update updated updates us",
    "video videos vidéo view viewpoint views vídeo watch weather what why wirtschaft wissen",
    "wissenschaft world économie éditorial ökonomie",
)
_DULL = frozenset([*(word for row in _SECTIONS for word in row.split()), *WEEKDAYS, *MONTHS])


class _Part(NamedTuple):
    """A part of a title that may be a name, and the rest of the title."""

    name: str
    rest: str
    behind: bool


class TitleNames:
    """Counts by source what its titles begin and end with.

    Memory: 33 bytes for each part of a title that may be a name.
    """

    def __init__(self) -> None:
        """Begin with no article."""
        self._keys = array("Q")
        self._titles = array("Q")
        self._spoken = array("B")
        self._of = array("q")
        self._sizes = array("q")
        self._numbers: dict[str, int] = {}

    def add(self, article: Article, text: Callable[[], str]) -> None:
        """Count the title of an article.

        article: with its outlet's name
        text: reads all of its text, whatever is left out of that; called if it has to be known
        """
        if article.title_made:
            return
        source = _source(article)
        number = self._numbers.setdefault(source, len(self._numbers))
        if number == len(self._sizes):
            self._sizes.append(0)
        self._sizes[number] += 1
        title, site = _plain(article)
        parts = list(_parts(title))
        beginning = text() if parts else ""
        for part in parts:
            own = site_key(part.name) in site
            self._keys.append(_key(source, part))
            self._titles.append(_digest(f"{_key(source, part)} {part.rest.casefold()}"))
            self._spoken.append(not own and _speaks_of(article, part.name, beginning))
            self._of.append(number)

    def without(self, article: Article) -> Article:
        """The article with its title less the names that titles of its source repeat."""
        if article.title_made:
            return article
        title, _ = _plain(article)
        source, cut = _source(article), title
        while (shorter := self._cut(cut, source)) != cut:
            cut = shorter
        return (
            article
            if cut == article.title
            else replace(article, title=cut, title_read=article.title)
        )

    def _cut(self, title: str, source: str) -> str:
        known = (part.rest for part in _parts(title) if _key(source, part) in self._names)
        return next(known, title)

    @cached_property
    def _names(self) -> frozenset[int]:
        """The keys of the parts that are names."""
        if not self._keys:
            return frozenset()
        keys, first, kind, count = np.unique(
            np.array(self._keys, np.uint64),
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        _, place = np.unique(np.array(self._titles, np.uint64), return_index=True)
        headlines = np.bincount(kind[place], minlength=len(keys))
        size = np.array(self._sizes, np.int64)[np.array(self._of, np.int64)[first]]
        spoken = np.bincount(kind, np.array(self._spoken, np.float64), len(keys))
        often = (headlines >= _LEAST) & (headlines >= _SHARE * size)
        often |= (headlines >= _FEW) & (headlines >= size)
        return frozenset(keys[often & (spoken < _SPOKEN * count)].tolist())


def _source(article: Article) -> str:
    """What tells the titles that are counted together: the outlet or host, or else the folder."""
    place = without_record(article.location).rpartition("/")[0]
    return f"source {article.source}" if article.source else f"folder {place}"


def _plain(article: Article) -> tuple[str, frozenset[str]]:
    """The title less the name that others told of its outlet, and the names of its site."""
    site = _site(article.source, article.agency, host_of(article.url))
    return without_site(article.title, site) if article.source_read else article.title, site


@lru_cache(maxsize=1024)
def _site(source: str | None, agency: str | None, host: str) -> frozenset[str]:
    return frozenset(site_keys([source, agency], host))


def _parts(title: str) -> Iterator[_Part]:
    """The parts at both ends of a title that are written as names are, the longest first."""
    if len(title) > _LONGEST_TITLE:
        return
    found = list(_SEPARATOR.finditer(title))
    for match in found[-_MOST_PARTS:]:
        rest, name = title[: match.start()].strip(), title[match.end() :].strip()
        if rest and _is_name(name):
            yield _Part(name, rest, True)
    for match in reversed(found[:_MOST_PARTS]):
        name, rest = title[: match.start()].strip(), title[match.end() :].strip()
        if rest and _is_name(name):
            yield _Part(name, rest, False)


def _is_name(text: str) -> bool:
    """Whether a part of a title may be a site's name: few words with capitals, and no section."""
    return len(text) <= _LONGEST and all(map(_is_one_name, _SEPARATOR.split(text)))


def _is_one_name(text: str) -> bool:
    if _HOST.fullmatch(text):
        return True
    words = _WORD.findall(text)
    return (
        0 < len(words) <= _MOST_WORDS
        and text[-1] not in "?!:,;"
        and not words[0][0].islower()
        and not any(word[0].islower() and len(word) > _SHORT for word in words)
        and not all(word.casefold() in _DULL or word.isnumeric() for word in words)
    )


def _speaks_of(article: Article, name: str, beginning: str) -> bool:
    """Whether an article has a name in its beginning, or is by that name."""
    dateline = _DATELINE.match(beginning)
    place = dateline["place"] if dateline and not name.isupper() else ""
    said = f"{place} {article.author or ''}".casefold()
    above = dateline.end() if dateline else 0
    return name.casefold() in said or beginning.find(name, above, _BEGINNING) >= 0


def _key(source: str, part: _Part) -> int:
    return _digest(f"{part.behind:d} {site_key(part.name)} {source}")


def _digest(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")
