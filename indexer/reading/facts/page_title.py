"""The headline of a web page: what its headings, its meta tags and its title agree upon."""

import re
from difflib import SequenceMatcher

from lxml.html import HtmlElement

from indexer.reading.facts.address import host_of
from indexer.reading.facts.declared import (
    LONGEST_FIELD,
    Declared,
    field_of,
    key_of,
    text_of,
    texts_of,
)
from indexer.reading.facts.site_name import site_key, site_keys, without_site

_TITLES = ("og:title", "twitter:title", "headline", "sailthru.title", "parsely-title", "dc.title")
# Two titles at least this much alike are of one article.
_SAME = 0.6
# A subheading of so many words that is a part of the title is the headline.
_LEAST_WORDS = 4
_WORD = re.compile(r"\w+")


def page_title(page: Declared, source: str | None, url: str | None) -> str | None:
    """The heading most like what is declared, else what is declared, the site's name cut off.

    source: the site's name; url: the page's address
    """
    declared, subheadings = declared_titles(page), _subheadings(page.tree)
    named = [page.first("article:section"), *texts_of(page.node.get("articleSection"))]
    sections = {site_key(name) for name in named if name}
    site = site_keys([source], host_of(url))
    shown = [
        without_site(heading, site) for heading in page.headings if site_key(heading) not in site
    ]
    if not declared:
        return shown[0] if shown else None

    def plain(text: str) -> str:
        # A part of a title is the headline if it is another of the titles, or a subheading.
        known = {key_of(other) for other in declared} - {key_of(text)} | subheadings
        return without_site(text, site, known, sections)

    titles = [plain(text) for text in declared]
    likeness = [sum(_likeness(heading, text) for text in titles) for heading in shown]
    best = shown[likeness.index(max(likeness))] if shown else ""
    if max(_likeness(best, text) for text in titles) >= _SAME:
        return best
    # A heading that is one part of the title and not like the whole is the site's name.
    site |= {site_key(heading) for heading in shown}
    return plain(declared[0])


def declared_titles(page: Declared) -> list[str]:
    """The headline as JSON-LD, the meta tags and `<title>` give it, likeliest first."""
    title = next(page.tree.iter("title"), None)
    found = [text_of(page.node.get("headline")), *(page.first(name) for name in _TITLES)]
    found.append(field_of(title.text_content()) if title is not None else None)
    return [text for text in found if text]


def _subheadings(tree: HtmlElement) -> set[str]:
    """The keys of longer headings of the second and third degree."""
    texts = (element.text_content()[:LONGEST_FIELD] for element in tree.iter("h2", "h3"))
    return {key_of(text) for text in texts if len(_WORD.findall(text)) >= _LEAST_WORDS}


def _likeness(one: str, other: str) -> float:
    """How far two titles are the same, 0 to 1, by their longest common runs of characters."""
    one, other = key_of(one)[:200], key_of(other)[:200]
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if one and other else 0.0
