"""Words: a tantivy index of stemmed words and of pairs that follow each other, scored by BM25.

    score = BM25(words) + PAIR_WEIGHT · BM25(pairs)

A passage is indexed behind its headline, as it is embedded. Questions never pass through a query
parser: they are cut into words by the analyzer that cut the passages, so no character in them is an
operator.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import tantivy

from indexer.analysis import MAX_TERMS, analyzer, pairs, respelled, stems_of
from indexer.arrays import Int64, Mask
from indexer.errors import IndexDamaged, StorageError
from indexer.storage.exact import NONE, Candidates, best
from indexer.storage.shortage import raise_if_short

_ANALYZER = "english"
_AS_IT_IS = "as it is"
# Of pairs beside words: .2 to .5 rank alike (docs/evaluation.md).
PAIR_WEIGHT = 0.3
# A filter that lets through less than this is named to tantivy, passage by passage: 4 ms at 1,300
# of 67,000 passages, 19 ms at half of them. Of a broader one, enough hits are fetched that as many
# as were asked for are left: 5 ms at this share, 1.1 ms at half.
BROAD = 0.02
# Passages that one query names to be taken out.
REMOVED_AT_ONCE = 10_000
# Hits fetched beyond those asked for, since tantivy does not order equal scores by number.
SPARE = 32


def _schema() -> tantivy.Schema:
    return (
        tantivy.SchemaBuilder()
        .add_unsigned_field("passage", indexed=True, fast=True)
        .add_text_field("text", tokenizer_name=_ANALYZER, index_option="position")
        .add_text_field("title", tokenizer_name=_ANALYZER, index_option="basic")
        .add_text_field("pairs", tokenizer_name=_AS_IT_IS, index_option="freq")
        .build()
    )


def _register(index: tantivy.Index) -> None:
    index.register_tokenizer(_ANALYZER, analyzer())
    whole = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(_AS_IT_IS, whole)


class WordWriter:
    """Writes a word index into a folder: a new one, or what is added to one that is there."""

    def __init__(self, folder: Path) -> None:
        """Open the index in the folder, or create one."""
        with _writing():
            if folder.exists():
                self._index = tantivy.Index.open(str(folder))
            else:
                folder.mkdir()
                self._index = tantivy.Index(_schema(), path=str(folder))
            _register(self._index)
            self._writer = self._index.writer(heap_size=128_000_000, num_threads=1)

    def remove(self, passages: Sequence[int]) -> None:
        """Take passages out; they go on to count in the frequencies of words until tantivy merges
        what they lie in.
        """
        # A statement names so many numbers at a time.
        for first in range(0, len(passages), REMOVED_AT_ONCE):
            some = list(passages[first : first + REMOVED_AT_ONCE])
            chosen = tantivy.Query.term_set_query(self._index.schema, "passage", some)
            with _writing():
                self._writer.delete_documents_by_query(chosen)

    def add(self, passage: int, headline: str, text: str) -> None:
        """Add one passage."""
        document = tantivy.Document()
        document.add_unsigned("passage", passage)
        # Two values of one field, between which tantivy leaves a gap that no phrase crosses.
        for read in (title := respelled(headline), respelled(text)):
            document.add_text("text", read)
            document.add_text("pairs", " ".join(pairs(stems_of(read))))
        document.add_text("title", title)
        with _writing():
            self._writer.add_document(document)

    def finish(self) -> None:
        """Commit, and wait until no file changes any more.

        Raises:
            StorageError: the index cannot be written.
        """
        with _writing():
            self._writer.commit()
            self._writer.wait_merging_threads()

    def close(self) -> None:
        """End the writer's threads, which would go on writing into a folder that is given up."""
        del self._writer


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise StorageError(f"cannot write the word index: {error}") from error


class Words:
    """Reads a published word index; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the index.

        Raises:
            IndexDamaged: tantivy cannot read it.
            IndexUnavailable: it cannot be opened now.
            StorageError: this process may not write to the folder.
        """
        self._folder = folder
        with self._reading():
            self._index = tantivy.Index.open(str(folder))
            _register(self._index)
            self._searcher = self._index.searcher()
        self._schema = self._index.schema

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Make errors of ours of what damage makes tantivy raise."""
        try:
            yield
        except BaseException as error:
            # Its panics are no Exception, and of a class that cannot be named.
            if not isinstance(error, (ValueError, TypeError, OSError)) and (
                type(error).__name__ != "PanicException"
            ):
                raise
            raise_if_short(error, self._folder)
            if "Lockfile" in str(error):
                raise StorageError(
                    f"cannot open {self._folder}: who searches must be allowed to write there, "
                    "since tantivy locks a file while it opens"
                ) from error
            raise IndexDamaged(
                f"{self._folder} is damaged: {error}; go back with `rollback` or run "
                "`reindex --full`"
            ) from error

    def __len__(self) -> int:
        """The number of passages."""
        return int(self._searcher.num_docs)

    def numbers(self) -> Int64:
        """The number of every passage, in no order, as often as it is there."""
        if len(self) == 0:
            return np.zeros(0, np.int64)
        return self._best(tantivy.Query.all_query(), len(self))[0]

    def document_frequency(self, term: str) -> int:
        """How many passages hold a stemmed word, in their text or headline."""
        with self._reading():
            return int(self._searcher.doc_freq("text", term))

    def with_phrase(self, terms: Sequence[str]) -> Int64:
        """The numbers of all passages that hold the terms one after the other, ascending.

        In the headline or in the text.
        """
        if len(terms) < 2:
            return self._holding("text", terms)
        return self._all(tantivy.Query.phrase_query(self._schema, "text", list(terms)))

    def with_title(self, terms: Sequence[str]) -> Int64:
        """The numbers of all passages whose headline holds all of the terms, ascending."""
        return self._holding("title", terms)

    def _holding(self, field: str, terms: Sequence[str]) -> Int64:
        if not terms:
            return np.zeros(0, np.int64)
        every = [(tantivy.Occur.Must, self._term(field, term)) for term in terms]
        return self._all(tantivy.Query.boolean_query(every))

    def _all(self, query: tantivy.Query) -> Int64:
        with self._reading():
            hits = self._searcher.search(
                query, len(self), count=False, order_by_field="passage", order=tantivy.Order.Asc
            ).hits
            return np.array([number for number, _ in hits], np.int64)

    def search(
        self,
        terms: Sequence[str],
        limit: int,
        allowed: Mask | None = None,
    ) -> Candidates:
        """The `limit` best passages by BM25.

        terms: stems in order; the first `MAX_TERMS` distinct ones and pairs are read
        allowed: (n,) bool; passages outside are never returned, and change no other's score

        Raises:
            IndexDamaged: the index cannot be read.
        """
        if not terms or (allowed is not None and not allowed.any()):
            return NONE
        query = self._any_of(terms)
        fetched = limit + SPARE
        if allowed is not None:
            share = np.count_nonzero(allowed) / len(allowed)
            if share < BROAD:
                query = self._narrowed(query, np.flatnonzero(allowed))
            else:
                fetched = math.ceil(fetched / share)
        while True:
            numbers, scores = self._best(query, fetched)
            complete, last = len(numbers) < fetched, scores[-1:]
            if allowed is not None:
                kept = allowed[numbers]
                numbers, scores = numbers[kept], scores[kept]
            if complete or (len(scores) >= limit and scores[limit - 1] > last):
                return best(numbers, scores, limit)
            fetched *= 2

    def _any_of(self, terms: Sequence[str]) -> tantivy.Query:
        found = [self._term("text", term) for term in islice(dict.fromkeys(terms), MAX_TERMS)]
        for pair in islice(dict.fromkeys(pairs(terms)), MAX_TERMS):
            found.append(tantivy.Query.boost_query(self._term("pairs", pair), PAIR_WEIGHT))
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, each) for each in found])

    def _term(self, field: str, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, term)

    def _narrowed(self, query: tantivy.Query, allowed: Int64) -> tantivy.Query:
        """A query that finds and scores only some passages."""
        chosen = tantivy.Query.term_set_query(self._schema, "passage", allowed.tolist())
        return tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, query),
                (tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0)),
            ]
        )

    def _best(self, query: tantivy.Query, limit: int) -> Candidates:
        with self._reading():
            hits = self._searcher.search(query, limit=limit, count=False).hits
            numbers = self._searcher.fast_field_values("passage", [address for _, address in hits])
            scores = np.array([score for score, _ in hits], np.float32)
            return Candidates(np.array(numbers, np.int64), scores)
