"""From articles to passages, when all articles of the next generation are known.

What an article is depends on the others of its source: paragraphs that recur are taken out, a host
becomes the name that its other articles declare, names that titles repeat are taken off them, and
dates whose day and month may be swapped are settled. So an article that nobody touched may change
with those that come and go; it is then written again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from indexer.article import PARAGRAPH, Article, Order, Removed
from indexer.embedding.tokenizer import PassageTokenizer
from indexer.mirror import Place
from indexer.progress import Progress
from indexer.reading.body.background import is_background
from indexer.reading.body.boilerplate import Recurrence, described
from indexer.reading.days.mentions import mentioned
from indexer.reading.days.orders import Orders, settled
from indexer.reading.facts.declared import key_of
from indexer.reading.facts.outlets import Outlets
from indexer.reading.facts.title_names import TitleNames
from indexer.reading.passages import cut
from indexer.storage.article_writer import ArticleWriter
from indexer.storage.drafts import Counted, Drafts


@dataclass(frozen=True, slots=True)
class Settled:
    """What the corpus decides of an article.

    told: the article as it is to be, under its full id, without its text
    positions: of the paragraphs that it loses
    same: whether it is so already
    """

    told: Article
    positions: list[int]
    same: bool


def settle(places: Sequence[Place], drafts: Drafts) -> list[Settled]:
    """Decide of each article its title, its source, its dates, and which paragraphs it loses.

    Of background that a source repeats the earliest article keeps its copy.
    """
    known, outlets = _counted(places, drafts), Outlets()
    read = [_as_read(each.article) for each in known]
    for article in read:
        outlets.add(article)
    named = [outlets.named(article) for article in read]
    recurrence, orders, names = Recurrence(), Orders(), TitleNames()
    for each, article, place in zip(known, named, places, strict=True):
        # As every run knows it, whatever the others of its file or source tell.
        published = settled(article.published, None)
        recurrence.add(article.source, published.iso if published else None, each.paragraphs)
        orders.add(article)
        names.add(article, _whole(place, drafts))
    decided = []
    for each, article, place, recurring in zip(
        known, named, places, recurrence.boilerplate(), strict=True
    ):
        told = _dated(names.without(article), orders.of(article))
        positions = _left_out(each, told, recurring, place, drafts)
        same = list(each.removed) == positions and told == each.article
        decided.append(Settled(told, positions, same))
    return decided


def _counted(places: Sequence[Place], drafts: Drafts) -> list[Counted]:
    live = {each.number: each for each in drafts.live_counted()}
    added = {
        number: Counted(
            number,
            replace(article, text="", removed=(), mentioned=()),
            tuple(each.position for each in article.removed),
            described(article.paragraphs()),
        )
        for number, article, _ in drafts.added()
    }
    return [(live if place.live else added)[place.number] for place in places]


def _as_read(article: Article) -> Article:
    """The article with the title and the source that itself tells."""
    if article.title_read is None and article.source_read is None:
        return article
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
    if (published, updated) == (article.published, article.updated):
        return article
    return replace(article, published=published, updated=updated)


def _whole(place: Place, drafts: Drafts) -> Callable[[], str]:
    """Reads the text of an article, with all that is left out of it."""
    return lambda: PARAGRAPH.join(_article(place, drafts)[0].paragraphs())


def _left_out(
    one: Counted,
    told: Article,
    recurring: list[tuple[int, bool]],
    place: Place,
    drafts: Drafts,
) -> list[int]:
    """The positions of what recurs, less the background that the article is the first to have.

    And of a headline at its beginning that a name in the title had hidden. The text is read only if
    what the article has lost so far does not tell.
    """
    lost = set(one.removed)
    found = {position for position, first in recurring if not first or position in lost}
    # What it has kept may be background.
    unsure = {position for position, _ in recurring} - found
    named = told.title_read is not None
    renamed = (one.article.title, one.article.title_read) != (told.title, told.title_read)
    if not unsure and not (named and (renamed or 0 in lost - found)):
        return sorted(found)
    paragraphs = _article(place, drafts)[0].paragraphs()
    found |= {each for each in unsure if not is_background(paragraphs[each], told.source)}
    begins = named and key_of(paragraphs[0]) == key_of(told.title)
    if begins and len(found | {0}) < len(paragraphs):
        found.add(0)
    return sorted(found)


def _article(place: Place, drafts: Drafts) -> tuple[Article, bytes]:
    """An article, and the digest of its document."""
    if not place.live:
        return drafts.by_number(place.number)
    return drafts.live_by_number(place.number).article, drafts.live_document(place.number)


def cut_articles(
    places: Sequence[Place],
    decided: Sequence[Settled],
    drafts: Drafts,
    segment: ArticleWriter,
    tokenizer: PassageTokenizer,
    progress: Progress,
    reuse: bool,
) -> list[int]:
    """Write these articles, with their passages, into a segment; returns their numbers there.

    reuse: what has not changed keeps the passages that it has
    """
    numbers = []
    for done, (place, decision) in enumerate(zip(places, decided, strict=True), start=1):
        told = decision.told
        live = place.number if place.live else drafts.carried(place.number)
        numbers.append(segment.first_article + segment.articles)
        if reuse and live is not None and decision.same:
            segment.carry(live, told.id, told.location)
        else:
            article, document = _article(place, drafts)
            whole = without_paragraphs(_as_told(article, told), decision.positions)
            passages = cut(whole, tokenizer)
            segment.cut(whole, document, described(whole.paragraphs()), passages)
        progress("cutting", done, len(places))
    return numbers


def _as_told(article: Article, told: Article) -> Article:
    """The article with what the corpus has decided of it."""
    return replace(told, text=article.text, removed=article.removed)


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
