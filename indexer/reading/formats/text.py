"""Texts: one record a file, but for the exports of archives; Markdown with its front matter."""

from indexer.article import Rejected
from indexer.reading.formats.export import export_articles
from indexer.reading.formats.front_matter import with_front_matter
from indexer.reading.formats.page import whole_text
from indexer.reading.formats.record import Records
from indexer.reading.formats.ruled import ruled_articles
from indexer.reading.input.markup import less_tags
from indexer.reading.input.packed import Source


def read_text(source: Source) -> Records:
    """The records of a text."""
    text = whole_text(source)
    if isinstance(text, Rejected):
        yield text
    elif articles := export_articles(source.place, text):
        yield from articles
    else:
        if source.name.endswith((".md", ".markdown")):
            text = less_tags(text)
        articles = ruled_articles(source.place, text)
        yield from articles or [(source.place, with_front_matter(text))]
