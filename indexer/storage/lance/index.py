"""A generation in tables of Lance: every question that a search asks of an index.

It meets `Index` of search/index.py, which says what each method promises. What a filter allows is a
condition, which the engine evaluates; nothing is in memory that grows with the passages, but for
the words of the corpus, once a question is misspelled.
"""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from indexer.analysis import all_stems
from indexer.arrays import Float32, Int32, Int64, UInt8
from indexer.embedding.codec import TokenCodec
from indexer.errors import QueryError
from indexer.storage.columns import Columns, Values
from indexer.storage.fields import FIELDS
from indexer.storage.filter import Filter, Narrowed
from indexer.storage.lance.conditions import (
    holds_all,
    holds_in_title,
    holds_phrase,
    none_of,
    of_articles,
)
from indexer.storage.lance.recent import Recent
from indexer.storage.lance.retrieval import Retrieval
from indexer.storage.lance.rows import LONG, article_of, outline_of, place_in_story
from indexer.storage.lance.suggestions import segments_of
from indexer.storage.lance.tables import (
    ARTICLE_COLUMNS,
    Table,
    one_of,
    quoted,
)
from indexer.storage.manifest import Published
from indexer.storage.rows import (
    StoredArticle,
    StoredPassage,
    StoryOutline,
    Suggestion,
    read_article,
    read_passage,
)
from indexer.storage.tokens import inverse_document_frequency
from indexer.storage.union import UnionSuggestions

# Articles that an excluded word may have: each is named by every question that a search makes.
MOST_EXCLUDED = 50_000
# Rows read for each article that is listed without a question.
_ROWS = 16
# What is kept of what was read lately: where passages lie, what is known of each (250 bytes), what
# is read of it (3 KB), and in how many passages a stem is.
PLACES, KNOWN, READ, FREQUENCIES = 200_000, 100_000, 4_000, 50_000
COUNTED = tuple(field.name for field in FIELDS if field.counted)
_PASSAGE = ("number", "article", "start", "end", "sentences")


class _Text(NamedTuple):
    """A passage, its token codes (t, w), and which of them begins each sentence, (s,)."""

    stored: StoredPassage
    codes: UInt8
    begins: Int64


class LanceIndex:
    """One generation; any number of threads may ask at once."""

    def __init__(
        self,
        generation: Published,
        tables: dict[str, Table],
        codec: TokenCodec,
        frequency: Int64,
    ) -> None:
        """Ask the tables of a generation.

        frequency: (v,), in how many passages each token id is
        """
        self.generation = generation
        self.codec = codec
        self.idf: Float32 = inverse_document_frequency(frequency, generation.manifest.passages)
        self._passages, self._articles = tables["passages"], tables["articles"]
        # Where passages lie that a search has found lately, and what is known of them.
        self._places, self._known, self._read = Recent(PLACES), Recent(KNOWN), Recent(READ)
        retrieval = Retrieval(self._passages, generation.manifest, self._places)
        self.nearest, self.matching = retrieval.nearest, retrieval.matching
        self._frequencies = Recent(FREQUENCIES)
        self._suggestions = UnionSuggestions(segments_of(generation.manifest, tables))
        self.vocabulary = self._suggestions.vocabulary
        self.written = self._suggestions.written

    def narrow(self, filter: Filter) -> Narrowed:
        """See `Index.narrow`."""
        conditions = list(of_articles(filter))
        relaxed = []
        for phrase in filter.phrases:
            holds = holds_phrase(all_stems(phrase))
            if holds and self._passages.rows(["number"], holds, limit=1):
                conditions.append(holds)
            else:
                relaxed.append(phrase)
        for title in filter.titles:
            words = all_stems(title)
            conditions.append(holds_in_title(words) if words else "false")
        for excluded in filter.excluded:
            if holds := holds_phrase(all_stems(excluded)):
                conditions.append(none_of("article", self._articles_with(holds, excluded)))
        conditions = [each for each in conditions if each]
        if not conditions:
            return Narrowed(None, self.generation.manifest.passages, tuple(relaxed))
        allowed = " AND ".join(f"({each})" for each in conditions)
        return Narrowed(allowed, self._passages.count(allowed), tuple(relaxed))

    def _articles_with(self, holds: str, excluded: str) -> set[int]:
        """The articles of which a passage meets a condition.

        Raises:
            QueryError: there are too many.
        """
        found = {article for (article,) in self._passages.rows(["article"], holds)}
        if len(found) > MOST_EXCLUDED:
            raise QueryError(
                f"{excluded!r} is in {len(found)} articles: here a word can be excluded that is in "
                f"{MOST_EXCLUDED} at most"
            )
        return found

    def newest(self, limit: int, narrowed: Narrowed) -> Int64:
        """See `Index.newest`."""
        order = (("first_day", False), ("article", True), ("number", True))
        first: dict[int, int] = {}
        fetched, offset = _ROWS * limit, 0
        while len(first) < limit:
            rows = self._passages.rows(
                ["number", "article"], narrowed.allowed, fetched, order, offset
            )
            for number, article in rows:
                first.setdefault(article, number)
            if len(rows) < fetched:
                break
            offset += fetched
        return np.array(list(first.values())[:limit], np.int64)

    def columns(self, passages: Int64) -> Columns:
        """See `Index.columns`."""
        found = self._rows(
            self._known, ("article", "story", "place", "first_day", *COUNTED), passages
        )
        articles, stories, places, days, *values = (
            zip(*found, strict=True) if found else (4 + len(COUNTED)) * ((),)
        )
        return Columns(
            np.array(articles, np.int64),
            np.array(stories, np.int64),
            np.array(places, np.int32),
            np.array(days, np.int32),
            {name: _coded(each) for name, each in zip(COUNTED, values, strict=True)},
        )

    def vectors(self, passages: Int64) -> Float32:
        """See `Index.vectors`."""
        found = self._passages.numbered(["vector"], passages.tolist(), self._places)
        vectors = [found[number][0] for number in passages.tolist()]
        shape = (len(passages), self.generation.manifest.dimension)
        return np.array(vectors, np.float32).reshape(shape)

    def codes(self, passages: Sequence[int]) -> tuple[UInt8, Int64]:
        """See `Index.codes`."""
        pieces = [each.codes for each in self._texts(passages)]
        lengths = [len(each) for each in pieces]
        return np.concatenate(pieces), np.cumsum([0, *lengths[:-1]]).astype(np.int64)

    def sentence_tokens(self, passages: Sequence[int]) -> list[Int64]:
        """See `Index.sentence_tokens`."""
        return [each.begins for each in self._texts(passages)]

    def passages(self, numbers: Iterable[int]) -> list[StoredPassage]:
        """See `Index.passages`."""
        return [each.stored for each in self._texts(list(numbers))]

    def _texts(self, passages: Sequence[int]) -> list["_Text"]:
        """What a search reads of a passage, all at once: it asks for most of it."""
        wanted = np.array(passages, np.int64)
        rows = self._rows(self._read, (*_PASSAGE[1:], "codes", "begins"), wanted)
        return [
            _Text(
                read_passage((number, *row)),
                np.frombuffer(codes, np.uint8).reshape(-1, self.codec.width),
                np.frombuffer(begins, "<u4").astype(np.int64),
            )
            for number, (*row, codes, begins) in zip(passages, rows, strict=True)
        ]

    def _rows(self, kept: Recent, columns: Sequence[str], passages: Int64) -> list[tuple[Any, ...]]:
        """Columns of some passages, in their order, of those that are kept and of the table."""
        wanted = passages.tolist()
        found = kept.of(wanted)
        missing = [number for number in wanted if number not in found]
        if missing:
            read = self._passages.numbered(columns, missing, self._places)
            kept.keep(read.items())
            found |= read
        return [found[number] for number in wanted]

    def passages_of(self, article: int, limit: int) -> list[StoredPassage]:
        """See `Index.passages_of`."""
        rows = self._passages.rows(_PASSAGE, f"article = {article} AND place < {limit}")
        return [read_passage(row) for row in sorted(rows)]

    def articles(self, numbers: Iterable[int]) -> dict[int, StoredArticle]:
        """See `Index.articles`."""
        wanted = list(numbers)
        columns = [name for name in ARTICLE_COLUMNS[1:] if name != "mentioned"]
        found = self._articles.numbered(columns, wanted)
        return {
            number: article_of(columns, found[number], number=number, mentioned=b"")
            for number in dict.fromkeys(wanted)
        }

    def by_id(self, article_id: str) -> StoredArticle | None:
        """See `Index.by_id`."""
        rows = self._articles.rows(ARTICLE_COLUMNS, f"id = {quoted(article_id)}", limit=1)
        return read_article(rows[0]) if rows else None

    def story(self, number: int, limit: int) -> tuple[list[StoredArticle], int]:
        """See `Index.story`."""
        members = self._members([number])
        return members[:limit], len(members)

    def outlines(self, stories: Iterable[int], limit: int) -> dict[int, StoryOutline]:
        """See `Index.outlines`."""
        members: dict[int, list[StoredArticle]] = {}
        for each in self._members(stories):
            members.setdefault(each.story, []).append(each)
        return {
            story: StoryOutline(len(found), [outline_of(each) for each in found[:limit]])
            for story, found in members.items()
        }

    def _members(self, stories: Iterable[int]) -> list[StoredArticle]:
        """The articles of some stories without their texts, in the order of a story."""
        wanted = list(stories)
        if not wanted:
            return []
        columns = [name for name in ARTICLE_COLUMNS if name not in LONG]
        rows = self._articles.rows(columns, one_of("story", wanted))
        return sorted((article_of(columns, row, **LONG) for row in rows), key=place_in_story)

    def sample(self, count: int) -> list[StoredPassage]:
        """See `Index.sample`."""
        found: list[StoredPassage] = []
        offset = 0
        while len(found) < count:
            rows = self._passages.rows(
                _PASSAGE,
                "place = 0 AND article = story",
                count,
                [("key", True), ("number", True)],
                offset,
            )
            found += [read_passage(row) for row in rows]
            if len(rows) < count:
                break
            offset += count
        return found[:count]

    def document_frequency(self, stem: str) -> int:
        """See `Index.document_frequency`."""
        if not stem:
            return 0
        known = self._frequencies.of([stem])
        if stem not in known:
            known[stem] = self._passages.count(holds_all([stem]))
            self._frequencies.keep(known.items())
        return int(known[stem])

    def counted(self, column: str) -> list[tuple[str | None, int]]:
        """Every value of a column and how many articles have it, the most frequent first."""
        found = Counter(value for (value,) in self._articles.rows([column]))
        return sorted(found.items(), key=lambda each: (-each[1], each[0] is not None, each[0]))

    def suggest(self, prefix: str, limit: int) -> list[Suggestion]:
        """See `Index.suggest`."""
        ids: dict[int, str] = {}

        def known(articles: Iterable[int]) -> Container[int]:
            if wanted := list(articles):
                rows = self._articles.rows(["number", "id"], one_of("number", wanted))
                ids.update(rows)
            return ids

        found = self._suggestions.suggest(prefix, limit, known)
        return [
            Suggestion(each.text, "name", None)
            if each.article is None
            else Suggestion(each.text, "headline", ids[each.article])
            for each in found
        ]


def _coded(values: Sequence[str | None]) -> Values:
    names = sorted({value for value in values if value is not None})
    codes: dict[str | None, int] = {name: code for code, name in enumerate(names)}
    coded: Int32 = np.array([codes.get(value, -1) for value in values], np.int32)
    return Values(coded, names)
