"""From source files and the live generation to the articles of the next one.

Every file is read; what is the same document in the same place as in the last run stays as it is,
and nothing is written of it. Articles are in the order of their places, so the result depends on
the files alone and not on the runs that led to it (but that of two articles with one id and outlet
the one of a path that is not named stays, while its file is there).
"""

import logging
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from indexer.article import Article, Document, Order, Rejected
from indexer.batches import batches
from indexer.identity import document_digest, full_id
from indexer.moves import Moves, is_gone, is_version, same_name
from indexer.progress import Progress
from indexer.reading.cleaning import TOGETHER, clean_all
from indexer.reading.documents import read_documents
from indexer.reading.fields import KNOWN, Fields
from indexer.reading.input.files import (
    find_files,
    is_under,
    location,
    order_of,
    packed_size,
    resolved,
    without_record,
)
from indexer.storage.drafts import Drafts
from indexer.storage.rows import StoredArticle, plain_id

logger = logging.getLogger(__name__)

# What is found counts for so many characters more, so that not too much is waiting.
_OF_FOUND = 1000

# What a file held, and the place of a file that can be read.
_Found = tuple[Document | Rejected, tuple[str, ...] | None]


@dataclass(slots=True)
class Changes:
    """How the articles of a run differ from those of the live generation.

    `changed`: the same id or place, another text or metadata. `moved`: the same document elsewhere.
    `kept`: of paths that were not named, or cannot be read at the moment. `removed`: the locations
    of articles that are gone.
    """

    added: int = 0
    changed: int = 0
    moved: int = 0
    unchanged: int = 0
    kept: int = 0
    duplicates: int = 0
    removed: list[str] = field(default_factory=list)
    skipped: list[Rejected] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether the next generation would hold anything else than the live one."""
        return bool(self.added or self.changed or self.moved or self.removed)


class Place(NamedTuple):
    """An article of the next generation, by its number: a live one that stays as it is, or a draft.

    live: whether it is one that stays
    """

    number: int
    live: bool


def mirror(
    paths: Sequence[Path],
    drafts: Drafts,
    progress: Progress,
    *,
    prune: bool,
    reuse: bool,
    fields: Fields = KNOWN,
    order: Order | None = None,
    gone: Sequence[Path] = (),
) -> tuple[Changes, list[Place]]:
    """Fill `drafts` from the files under `paths`; what the next generation has, in order.

    Passages are not cut yet: what is left out of a text depends on all of them.

    fields: which field of a record is what
    order: of day, month and year in dates, where it is known
    prune: drop live articles that are not under any of the paths, rather than keep them
    gone: absolute paths that are there no more: live articles under these are dropped too
    reuse: leave what the live generation made of a document; else make it anew

    Raises:
        InputError: a path does not exist.
    """
    named = [*map(resolved, paths), *gone]
    outside = None if prune else [location(path) for path in named]
    run = _Run(drafts, reuse, outside, order)
    for some in batches(_found(paths, fields, progress), _size, TOGETHER):
        seen = run.read_all([found for found, _ in some if isinstance(found, Document)])
        for found, place in some:
            if place is not None:
                run.keep_before(place)
            if isinstance(found, Rejected):
                run.skip(found)
            else:
                run.add(next(seen))
    run.keep_before(None)
    return run.finish()


def _found(paths: Sequence[Path], fields: Fields, progress: Progress) -> Iterator[_Found]:
    total = sum(packed_size(file) for file in find_files(paths) if isinstance(file, Path))
    done = 0

    def reached(position: int) -> None:
        progress("reading", done + position, total)

    for file in find_files(paths):
        if isinstance(file, Rejected):
            yield file, None
            continue
        place = order_of(location(file))
        for found in read_documents(file, fields, reached):
            yield found, place
        done += packed_size(file)
        progress("reading", done, total)


def _size(found: _Found) -> int:
    return _OF_FOUND + (len(found[0].content) if isinstance(found[0], Document) else 0)


class _Seen(NamedTuple):
    """A document, its digest, the live article made of the same, and what it is, if that is known.

    article: what the live generation or `clean_all` made of it
    """

    document: Document
    digest: bytes
    live: StoredArticle | None
    article: Article | Rejected | None


class _Run:
    """One pass over the sources, beside the live articles of paths that were not named."""

    def __init__(
        self, drafts: Drafts, reuse: bool, named: Sequence[str] | None, order: Order | None
    ) -> None:
        """`named` are the paths of this run, if live articles of others are to be kept."""
        self._drafts = drafts
        self._reuse = reuse
        self._named = named
        self._order = order
        self._changes = Changes()
        # Numbers of live articles that the next generation has, as they were or changed.
        self._live_on: set[int] = set()
        # Those of them that another document counts as a change of.
        self._replaced: set[int] = set()
        # Those of them that it has as they were.
        self._staying: set[int] = set()
        # What it has, in order: numbers of live articles, and of drafts as -1, -2 and so on.
        self._order_of_places = array("q")
        # Live articles of paths that were not named, whose files are gone, read elsewhere.
        self._gone: set[int] = set()
        # Ids of articles that are new, and declare none, if there are any that are kept.
        self._new: list[str] = []
        self._moves = Moves()
        self._waiting = (
            (number, place) for number, place in drafts.live_locations() if self._stays(place)
        )
        self._next = next(self._waiting, None)

    def _stays(self, place: str) -> bool:
        """Whether a live article is of a path that was not named, and kept for that."""
        return self._named is not None and not is_under(place, self._named)

    def keep_before(self, order: tuple[str, ...] | None) -> None:
        """Carry over the live articles of other paths that are numbered before a file, or all."""
        while self._next and (order is None or order_of(self._next[1]) < order):
            self._keep(self._next[0])
            self._next = next(self._waiting, None)

    def _keep(self, number: int) -> None:
        if number not in self._gone:
            self._stay(number)
            self._live_on.add(number)
            self._changes.kept += 1

    def _stay(self, number: int) -> None:
        self._staying.add(number)
        self._order_of_places.append(number)

    def read_all(self, documents: Sequence[Document]) -> Iterator[_Seen]:
        """What documents are; those that no run has read are cleaned together."""
        seen = list(map(self._seen, documents))
        new = {
            each.digest: each.document
            for each in seen
            if each.article is None and not self._drafts.has_document(each.digest)
        }
        cleaned = dict(zip(new, clean_all(list(new.values()), self._order), strict=True))
        for each in seen:
            if article := cleaned.get(each.digest):
                yield each._replace(article=replace(article, location=each.document.location))
            else:
                yield each

    def _seen(self, document: Document) -> _Seen:
        """A document, with its article if the live generation has read the same."""
        digest = document_digest(document, self._order)
        live = self._drafts.live_of_document(digest)
        article: Article | Rejected | None = None
        if self._reuse and live is not None:
            article = replace(
                live.article, id=plain_id(live.article.id), location=document.location
            )
        elif self._reuse and (reason := self._drafts.live_reason(digest)):
            article = Rejected(document.location, reason)
        return _Seen(document, digest, live, article)

    def add(self, seen: _Seen) -> None:
        """Add the article of a document, unless there is none in it or it is there already."""
        document, digest, live, article = seen
        if live is not None and self._may_yield(live):
            self._yield(live, document.location)
        elif self._has(digest, live):
            self._changes.duplicates += 1
            return
        article = article or clean_all([document], self._order)[0]
        if isinstance(article, Rejected):
            self._drafts.reject(digest, article.reason)
            self.skip(article)
            return
        article = replace(article, id=full_id(article, document))
        before = self._before(article, document)
        if before is not None:
            self._yield(before, document.location)
        known = self._known(article.id)
        if known is not None:
            self._clash(article, known)
            return
        if self._reuse and live is not None and live.article.location == document.location:
            self._stay(live.number)
        else:
            self._drafts.add(article, digest, live.number if live and self._reuse else None)
            self._order_of_places.append(-self._drafts.count)
        self._count(article, live, before)
        any_kept = self._changes.kept or self._next or self._gone
        if any_kept and live is None and before is None and document.id is None:
            self._new.append(article.id)

    def _has(self, digest: bytes, live: StoredArticle | None) -> bool:
        """Whether the article of a document is in the next generation, or will be."""
        return self._drafts.has_document(digest) or (live is not None and self._stays_on(live))

    def _stays_on(self, live: StoredArticle) -> bool:
        """Whether a live article is in the next generation as it was, or is to be kept."""
        return live.number in self._staying or (
            live.number not in self._gone and self._stays(live.article.location)
        )

    def _may_yield(self, live: StoredArticle) -> bool:
        """Whether a live article is of a path that was not named, and its file is gone."""
        place = live.article.location
        return live.number not in self._gone and self._stays(place) and is_gone(place)

    def _before(self, article: Article, document: Document) -> StoredArticle | None:
        """The live article with the same declared id and outlet, if its file is gone.

        Or if no outlet is known, with a file of the same name.
        """
        same = self._drafts.live_by_id(article.id)
        if same is not None and self._may_yield(same):
            return same
        if document.id is None or article.source is not None:
            return None
        return next(
            (
                live
                for live in self._drafts.live_declaring(document.id)
                if live.article.source is None
                and same_name(live.article.location, article.location)
                and self._may_yield(live)
            ),
            None,
        )

    def _yield(self, live: StoredArticle, place: str) -> None:
        """Leave out a live article whose file is gone, since it is read elsewhere."""
        self._moves.note(live.article.location, place)
        self._gone.add(live.number)
        if live.number in self._live_on:
            self._staying.remove(live.number)
            self._changes.kept -= 1
            self._live_on.remove(live.number)

    def _known(self, article_id: str) -> Article | None:
        """The article with this id that is in the next generation, or will be."""
        known = self._drafts.find(article_id)
        if known is None:
            live = self._drafts.live_by_id(article_id)
            if live is not None and self._stays_on(live):
                known = live.article
        return known

    def _clash(self, article: Article, known: Article) -> None:
        if known.paragraphs() == article.paragraphs():
            self._changes.duplicates += 1
        else:
            reason = f"its id {plain_id(article.id)!r} is already that of {known.location}"
            self.skip(Rejected(article.location, reason))

    def _count(
        self, article: Article, same: StoredArticle | None, before: StoredArticle | None = None
    ) -> None:
        """Count an article that was added.

        same: the live one made of the same document
        before: the live one, of another document, that it is in the place of
        """
        one = same or before
        number = one.number if one else self._drafts.live_of(article)
        if same and same.number in self._replaced:
            # What took its place was not a change of it: it has only moved away.
            self._replaced.remove(same.number)
            self._changes.changed -= 1
            self._changes.added += 1
        if same and same.article.location == article.location:
            self._changes.unchanged += 1
        elif same:
            self._changes.moved += 1
        elif number is None or number in self._live_on:
            self._changes.added += 1
        else:
            self._replaced.add(number)
            self._changes.changed += 1
        if number is not None:
            self._live_on.add(number)

    def skip(self, rejected: Rejected) -> None:
        """Report what is no article; articles known from where nothing can be read are kept."""
        logger.debug("skipped %s: %s", rejected.location, rejected.reason)
        self._changes.skipped.append(rejected)
        if rejected.unread:
            for live in self._drafts.live_under(without_record(rejected.location)):
                if (
                    live.number not in self._live_on
                    and self._known(live.article.id) is None
                    and not self._drafts.has_document(self._drafts.live_document(live.number))
                ):
                    self._keep(live.number)

    def finish(self) -> tuple[Changes, list[Place]]:
        """What differs, and what there is, now that everything is read."""
        self._follow()
        self._changes.removed = [
            place for number, place in self._drafts.live_locations() if number not in self._live_on
        ]
        places = [
            Place(-1 - number, live=False) if number < 0 else Place(number, live=True)
            for number in self._order_of_places
            if number < 0 or number in self._staying
        ]
        return self._changes, places

    def _follow(self) -> None:
        """Leave out what was edited while its folder moved, of articles without declared ids."""
        for identity in self._new if self._gone else ():
            article = self._drafts.find(identity)
            place = self._moves.place_before(article.location) if article else None
            live = self._drafts.live_at(place) if place else None
            if (
                article
                and live
                and plain_id(live.article.id) == live.article.id
                and is_version(live.article, article)
                and self._may_yield(live)
            ):
                self._yield(live, article.location)
