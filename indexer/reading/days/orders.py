"""Whether 03/04/2024 is in March or in April: what the other dates of a file or source tell.

Of one date nothing tells it; 11/27/2024 in the same file does, or else in another of the source.
Nothing is learned that has to be kept: the counts follow from the articles of an index.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace

from indexer.article import Article, Date, Order
from indexer.reading.input.files import without_record

# Of dates that tell different orders, the rarer is a slip if the other is so many times as common.
_SLIPS = 20


class Orders:
    """Counts the dates of articles that can mean but one day, by their order."""

    def __init__(self) -> None:
        """Begin with no article."""
        self._counts: dict[tuple[str, str], Counter[Order]] = defaultdict(Counter)

    def add(self, article: Article) -> None:
        """Count the dates of an article."""
        for each in (article.published, article.updated):
            if each and each.numbers and len(each.numbers.readings) == 1:
                ((order, _),) = each.numbers.readings
                for group in _groups(article):
                    self._counts[group][order] += 1

    def of(self, article: Article) -> Order | None:
        """The order that the article's file tells, or else its source; None if neither does."""
        for group in _groups(article):
            if group in self._counts:
                (most, count), *others = self._counts[group].most_common()
                if count > _SLIPS * sum(other for _, other in others):
                    return most
        return None


def settled(found: Date | None, order: Order | None) -> Date | None:
    """The date in that order, if it can have it; else in the likeliest, as without an order."""
    if found is None or found.numbers is None:
        return found
    numbers = found.numbers
    iso = dict(numbers.readings).get(order) if order else None
    certain = numbers.certain and (iso is not None or not numbers.open)
    return replace(found, iso=iso or numbers.readings[0][1], certain=certain)


def fixed(found: Date | None, order: Order) -> Date | None:
    """The date in that order, if it can have it, whatever others tell."""
    found = settled(found, order)
    if found is None or found.numbers is None or order not in dict(found.numbers.readings):
        return found
    return replace(found, numbers=replace(found.numbers, readings=((order, found.iso),)))


def _groups(article: Article) -> Iterator[tuple[str, str]]:
    yield "file", without_record(article.location)
    if article.source:
        yield "source", article.source
