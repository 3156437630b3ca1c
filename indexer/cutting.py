"""From articles to passages, when all articles of the next generation are known."""

from dataclasses import replace

from indexer.article import PARAGRAPH, Article, Order, Removed
from indexer.embedding.tokenizer import PassageTokenizer
from indexer.progress import Progress
from indexer.reading.body.background import is_background
from indexer.reading.body.boilerplate import Recurrence
from indexer.reading.days.mentions import mentioned
from indexer.reading.days.orders import Orders, settled
from indexer.reading.facts.declared import key_of
from indexer.reading.facts.outlets import Outlets
from indexer.reading.facts.title_names import TitleNames
from indexer.reading.passages import cut
from indexer.storage.article_writer import ArticleWriter


def cut_articles(articles: ArticleWriter, tokenizer: PassageTokenizer, progress: Progress) -> None:
    """Give each added article what others tell of it, and cut it.

    Removed is what its source prints under all; of background that a source repeats the earliest
    article keeps its copy. A host becomes the name that its other articles declare, and the names
    that titles of a source repeat are taken off them. Dates whose day and month may be swapped are
    settled by the others of their file or source.

    An article of which all that is the same as in the live generation keeps the passages that it
    had.
    """
    outlets = Outlets()
    for article in articles.outlines():
        outlets.add(_as_read(article))
    recurrence, orders, names = Recurrence(), Orders(), TitleNames()
    for article, _ in articles.added():
        named = outlets.named(_as_read(article))
        # As every run knows it, whatever the others of its file or source tell.
        published = settled(named.published, None)
        paragraphs = named.paragraphs()
        recurrence.add(named.source, published.iso if published else None, paragraphs)
        orders.add(named)
        names.add(named, PARAGRAPH.join(paragraphs))
    total = articles.articles
    for number, ((article, live), recurring) in enumerate(
        zip(articles.added(), recurrence.boilerplate(), strict=True)
    ):
        named = names.without(outlets.named(_as_read(article)))
        told = _dated(named, orders.of(named))
        positions = _left_out(told, recurring)
        removed = [each.position for each in article.removed]
        if live is not None and removed == positions and told == article:
            articles.carry(number, live)
        else:
            whole = without_paragraphs(told, positions)
            articles.cut(number, whole, cut(whole, tokenizer))
        progress("cutting", number + 1, total)


def _as_read(article: Article) -> Article:
    """The article with the title and the source that itself tells."""
    return replace(
        article,
        title=article.title_read or article.title,
        source=article.source_read or article.source,
        title_read=None,
        source_read=None,
    )


def _dated(article: Article, order: Order | None) -> Article:
    """The article with its dates in that order."""
    published, updated = settled(article.published, order), settled(article.updated, order)
    return replace(article, published=published, updated=updated)


def _left_out(article: Article, recurring: list[tuple[int, bool]]) -> list[int]:
    """The positions of what recurs, less the background that the article is the first to have.

    And of a headline at its beginning that a name in the title had hidden.
    """
    if not recurring and article.title_read is None:
        return []
    paragraphs = article.paragraphs()
    found = {
        position
        for position, first in recurring
        if not (first and is_background(paragraphs[position], article.source))
    }
    begins = article.title_read and key_of(paragraphs[0]) == key_of(article.title)
    if begins and len(found | {0}) < len(paragraphs):
        found.add(0)
    return sorted(found)


def without_paragraphs(article: Article, positions: list[int]) -> Article:
    """The article less the paragraphs at these positions, and with the days that it mentions."""
    paragraphs = article.paragraphs()
    removed = tuple(Removed(position, paragraphs[position]) for position in positions)
    for each in reversed(removed):
        del paragraphs[each.position]
    text = PARAGRAPH.join(paragraphs)
    return replace(
        article, text=text, removed=removed, mentioned=mentioned(text, article.published)
    )
