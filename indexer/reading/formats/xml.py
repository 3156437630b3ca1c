"""XML that holds news: feeds, the export of WordPress, what agencies send, and SGML like it."""

from collections.abc import Callable
from typing import Any

from lxml import etree

from indexer.article import Rejected
from indexer.reading.formats.feed import Feed, read_entry, read_feed
from indexer.reading.formats.newsml import read_news_item, read_news_item_1, read_nitf
from indexer.reading.formats.record import Records
from indexer.reading.formats.sgml import SGML, read_sgml
from indexer.reading.formats.xml_items import read_items
from indexer.reading.input.packed import Source

_FEED = ("item",)
_MESSAGE = ("newsItem", "packageItem", "conceptItem", "knowledgeItem")
# The elements that are items, by the first element of the file.
_ITEMS = {
    "rss": _FEED, "RDF": _FEED, "channel": _FEED, "feed": ("entry",), "entry": ("entry",),
    "nitf": ("nitf",), "newsItem": _MESSAGE, "newsMessage": _MESSAGE,
    "NewsML": ("NewsItem",), "NewsItem": ("NewsItem",),
    **{name: (name,) for name in SGML},
}  # fmt: skip
# First elements of what lies about on every site.
_NO_NEWS = ("<urlset>", "<sitemapindex>", "<opml>", "<OpenSearchDescription>", "<browserconfig>")


def read_xml(source: Source, reached: Callable[[int], None]) -> Records:
    """The records of a file of XML, one an item."""
    found = read_items(source, _ITEMS, reached)
    if isinstance(found, str):
        yield Rejected(source.place, found, foreign=found.endswith(_NO_NEWS))
        return
    root, pieces = found
    about = next(pieces)
    feed = read_feed(root.parse(about) if isinstance(about, bytes) else about)
    alone = root.name in _ITEMS[root.name] and root.name not in SGML
    number = 0
    for piece in pieces:
        number += 1
        place = source.place if alone and number == 1 else f"{source.place}:{number}"
        item = root.parse(piece) if isinstance(piece, bytes) else piece
        if isinstance(item, str):
            yield Rejected(place, item)
            continue
        record = _record(item, root.name, feed)
        # What an agency or WordPress sends beside articles is none, and nothing is wrong with it.
        yield (place, record) if isinstance(record, dict) else Rejected(place, record, foreign=True)
    if number == 0:
        yield Rejected(source.place, f"XML without an item: it is an empty <{root.name}>")


def _record(item: etree._Element, root: str, feed: Feed) -> dict[str, Any] | str:
    if root == "nitf":
        return read_nitf(item)
    if root in ("newsItem", "newsMessage"):
        return read_news_item(item)
    if root in ("NewsML", "NewsItem"):
        return read_news_item_1(item)
    if root in SGML:
        return read_sgml(item)
    return read_entry(item, feed)
