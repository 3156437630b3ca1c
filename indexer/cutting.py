"""From articles to passages, when all articles of the next generation are known."""

from dataclasses import replace

from indexer.article import PARAGRAPH, Article, Order, Removed
from indexer.embedding.tokenizer import PassageTokenizer
from indexer.progress import Progress
from indexer.reading.body.background import is_background
from indexer.reading.body.boilerplate import Recurrence
from indexer.reading.days.mentions import mentioned
from indexer.reading.days.orders import Orders, settled
from indexer.reading.passages import cut
from indexer.storage.article_writer import ArticleWriter


def cut_articles(articles: ArticleWriter, tokenizer: PassageTokenizer, progress: Progress) -> None:
    """Remove from each added article what its source prints under all, and cut the rest.

    Of background that a source repeats the earliest article keeps its copy. Dates whose day and
    month may be swapped are settled by the others of their file or source.

    An article that has and loses what it did in the live generation keeps the passages that it had.
    """
    recurrence, orders = Recurrence(), Orders()
    for article, _ in articles.added():
        # As every run knows it, whatever the others of its file or source tell.
        published = settled(article.published, None)
        recurrence.add(article.source, published.iso if published else None, article.paragraphs())
        orders.add(article)
    total = articles.articles
    for number, ((article, live), recurring) in enumerate(
        zip(articles.added(), recurrence.boilerplate(), strict=True)
    ):
        dated = _dated(article, orders.of(article))
        positions = _furniture(article, recurring)
        removed = [each.position for each in article.removed]
        if live is not None and removed == positions and dated == article:
            articles.carry(number, live)
        else:
            whole = without_boilerplate(dated, positions)
            articles.cut(number, whole, cut(whole, tokenizer))
        progress("cutting", number + 1, total)


def _dated(article: Article, order: Order | None) -> Article:
    """The article with its dates in that order."""
    published, updated = settled(article.published, order), settled(article.updated, order)
    return replace(article, published=published, updated=updated)


def _furniture(article: Article, recurring: list[tuple[int, bool]]) -> list[int]:
    """The positions of what recurs, less the background that the article is the first to have."""
    paragraphs = article.paragraphs() if recurring else []
    return [
        position
        for position, first in recurring
        if not (first and is_background(paragraphs[position], article.source))
    ]


def without_boilerplate(article: Article, positions: list[int]) -> Article:
    """The article less the paragraphs at these positions, and with the days that it mentions."""
    paragraphs = article.paragraphs()
    removed = tuple(Removed(position, paragraphs[position]) for position in positions)
    for each in reversed(removed):
        del paragraphs[each.position]
    text = PARAGRAPH.join(paragraphs)
    return replace(
        article, text=text, removed=removed, mentioned=mentioned(text, article.published)
    )
