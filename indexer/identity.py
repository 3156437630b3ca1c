"""What makes two records the same article: a declared id within its outlet, or what they say.

Sites number their articles from 1, so a declared id says little without where it is from: the
outlet, or of an article whose outlet is not known the file. An article without a declared id is
known by a digest of what it says, wherever it is read.
"""

import hashlib
from collections.abc import Sequence

from indexer.article import CLEANING, Article, Document, Order
from indexer.reading.facts.byline import site_folder
from indexer.reading.input.files import without_record
from indexer.storage.rows import DIGEST, PLACE_DIGITS, plain_id


def full_id(article: Article, document: Document) -> str:
    """The declared id with a digest of where it is from; an id that is itself a digest as it is."""
    if document.id is None:
        return article.id
    place = article.source_read or article.source or without_record(article.location)
    digest = hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{document.id}@{digest[:PLACE_DIGITS]}"


def distinct_ids(full_ids: Sequence[str]) -> list[str]:
    """The ids of articles, in the order of places: as declared; the full one if one before has it.

    full_ids: all different
    """
    plain = [plain_id(each) for each in full_ids]
    taken, ids = set(plain), list[str]()
    first: set[str] = set()
    for full, declared in zip(full_ids, plain, strict=True):
        identity = declared
        if declared in first:
            identity = full
            # Another may declare what is the full id of this one.
            while identity in taken:
                identity += "@"
            taken.add(identity)
        first.add(declared)
        ids.append(identity)
    return ids


def document_digest(document: Document, order: Order | None) -> bytes:
    """A digest of all that cleaning depends on: what was read, and how it is cleaned."""
    seen = (
        CLEANING,
        order,
        document.format,
        document.id,
        document.title,
        document.date,
        document.source,
        document.url,
        document.author,
        document.language,
        document.captured,
        document.created,
        document.remarks,
        document.pages,
        site_folder(document.location),
        document.content,
    )
    return hashlib.blake2b(repr(seen).encode("utf-8", "surrogatepass"), digest_size=DIGEST).digest()
