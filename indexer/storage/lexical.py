"""Words: a tantivy index of stemmed words, scored by BM25.

A passage is indexed behind its headline, as it is embedded. Questions never pass through a query
parser: they are cut into words by the analyzer that cut the passages, so no character in them is an
operator.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from indexer.errors import IndexDamaged, StorageError

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]

_TEXT = "text"
_ANALYZER = "english"
# More words than this in a question are not read: every one costs a posting list.
MAX_TERMS = 64
# A filter that lets through at least this share is applied to the hits, as many as it takes: naming
# every allowed passage to tantivy takes 29 ms at 60,000.
BROAD = 0.05


def analyzer() -> tantivy.TextAnalyzer:
    """Words of letters and digits, lower case, without accents, stemmed for English."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(40))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def _schema() -> tantivy.Schema:
    return (
        tantivy.SchemaBuilder()
        .add_unsigned_field("passage", indexed=True, fast=True)
        .add_text_field(_TEXT, tokenizer_name=_ANALYZER, index_option="freq")
        .build()
    )


class WordWriter:
    """Writes a new word index into a folder."""

    def __init__(self, folder: Path) -> None:
        """Create the folder and the index."""
        folder.mkdir()
        with _writing():
            self._index = tantivy.Index(_schema(), path=str(folder))
            self._index.register_tokenizer(_ANALYZER, analyzer())
            self._writer = self._index.writer(heap_size=128_000_000, num_threads=1)

    def add(self, passage: int, headline: str, text: str) -> None:
        """Add one passage."""
        document = tantivy.Document()
        document.add_unsigned("passage", passage)
        document.add_text(_TEXT, f"{headline}\n{text}")
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
            StorageError: this process may not write to the folder.
        """
        try:
            self._index = tantivy.Index.open(str(folder))
            self._index.register_tokenizer(_ANALYZER, analyzer())
            self._searcher = self._index.searcher()
        except (ValueError, OSError) as error:
            if "Lockfile" in str(error):
                raise StorageError(
                    f"cannot open {folder}: who searches must be allowed to write there, since "
                    "tantivy locks a file while it opens"
                ) from error
            raise IndexDamaged(
                f"{folder} is damaged: {error}; go back with `rollback` or run `reindex --full`"
            ) from error
        self._analyzer = analyzer()
        self._schema = self._index.schema

    def __len__(self) -> int:
        """The number of passages."""
        return int(self._searcher.num_docs)

    def numbers(self) -> Int64:
        """The number of every passage, in no order, as often as it is there."""
        if len(self) == 0:
            return np.zeros(0, np.int64)
        return self._best(tantivy.Query.all_query(), len(self))[0]

    def terms(self, text: str) -> list[str]:
        """The distinct stemmed words of a text, in order."""
        return list(dict.fromkeys(self._analyzer.analyze(text)))[:MAX_TERMS]

    def search(
        self,
        terms: Sequence[str],
        limit: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> tuple[Int64, Float32]:
        """The `limit` best passages by BM25, best first: numbers (k,) and scores (k,).

        Raises:
            IndexDamaged: a file of the index cannot be read.
        """
        if not terms:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        schema = self._schema
        query = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.term_query(schema, _TEXT, term))
                for term in terms
            ]
        )
        if allowed is None:
            return self._best(query, limit)
        if np.count_nonzero(allowed) < BROAD * len(allowed):
            chosen = tantivy.Query.term_set_query(
                schema, "passage", np.flatnonzero(allowed).tolist()
            )
            narrowed = [
                (tantivy.Occur.Must, query),
                (tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0)),
            ]
            return self._best(tantivy.Query.boolean_query(narrowed), limit)
        fetched = limit
        while True:
            fetched *= 2
            numbers, scores = self._best(query, fetched)
            kept = allowed[numbers]
            if np.count_nonzero(kept) >= limit or len(numbers) < fetched:
                return numbers[kept][:limit], scores[kept][:limit]

    def _best(self, query: tantivy.Query, limit: int) -> tuple[Int64, Float32]:
        hits = self._searcher.search(query, limit=limit, count=False).hits
        numbers = self._searcher.fast_field_values("passage", [address for _, address in hits])
        scores = np.array([score for score, _ in hits], np.float32)
        return np.array(numbers, np.int64), scores
