"""A made-up article, for the tests of cleaning: the lamp of Gull Point goes out."""

from typing import Any

from indexer.article import Article, Document
from indexer.reading.cleaning import clean

BODY = (
    "The lighthouse at Gull Point was switched off for the last time on Sunday evening.",
    "Keeper Odd Halvorsen said that satellites now do his work, and that he would miss the fog.",
    "Ships have been guided by the lamp since 1871, when it burned oil from whales.",
    "The tower will become a hostel for walkers, and the lamp will go to a museum inland.",
)


def cleaned(content: str, kind: str = "text", **declared: Any) -> Article:
    """The article of a document, which has to be one."""
    found = clean(Document("a.txt", content, "html" if kind == "html" else "text", **declared))
    assert isinstance(found, Article), found
    return found


def page(head: str, tail: str = "", body: tuple[str, ...] = BODY) -> str:
    """A text with something above and below a body."""
    return "\n\n".join([head, *body, tail])
