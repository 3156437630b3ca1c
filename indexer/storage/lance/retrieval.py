"""The passages of a table that are nearest to a vector, or match words best."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from indexer.analysis import MAX_TERMS, pairs
from indexer.arrays import Float32, Int64
from indexer.storage.exact import NONE, Candidates, best
from indexer.storage.filter import Narrowed
from indexer.storage.lance.recent import Recent
from indexer.storage.lance.tables import Table, one_of
from indexer.storage.manifest import Manifest
from indexer.storage.words import PAIR_WEIGHT, SPARE

# Parts of the vector index that a search compares.
PROBES = 64
# Candidates for each that is wanted, which are scored again: vectors whole, words with pairs.
AGAIN = 2
# A filter that leaves less than this share of the passages has all that it leaves compared: the
# nearest parts of the vector index would hold too few of them.
NARROW = 0.1


class Retrieval:
    """Searches of one version of the table of passages; safe to use from several threads."""

    def __init__(self, passages: Table, manifest: Manifest, places: Recent) -> None:
        """Ask a table; where the passages lie that are found is kept in `places`."""
        self._passages = passages
        self._manifest = manifest
        self._places = places

    def nearest(self, vector: Float32, limit: int, narrowed: Narrowed) -> Candidates:
        """See `Index.nearest`."""
        if not narrowed.passages:
            return NONE
        narrow = narrowed.passages < NARROW * self._manifest.passages
        found = self._compared(vector, limit, narrowed, whole=narrow)
        if len(found) < min(limit, narrowed.passages):
            # The parts that were looked at hold too few that are let through.
            found = self._compared(vector, limit, narrowed, whole=True)
        # The engine rounds the question to the vectors' precision.
        return best(_numbers(found), self._vectors(found) @ vector, limit)

    def _compared(self, vector: Float32, limit: int, narrowed: Narrowed, whole: bool) -> Any:
        """Passages near to a vector: of all that are let through, or of some parts of the index."""

        def asked(table: Any) -> Any:
            query = table.search(vector, vector_column_name="vector").distance_type("dot")
            if narrowed.allowed is not None:
                query = query.where(narrowed.allowed, prefilter=True)
            if whole:
                query = query.bypass_vector_index()
            query = query.nprobes(PROBES).select(["number", "vector", "_distance"])
            return query.with_row_id(True).limit(AGAIN * limit + SPARE)

        return self._found(asked)

    def _vectors(self, found: Any) -> Float32:
        """The column of vectors, (n, d)."""
        column = found.column("vector").combine_chunks()
        shape = (len(column), self._manifest.dimension)
        vectors: Float32 = column.flatten().to_numpy().reshape(shape).astype(np.float32)
        return vectors

    def _found(self, asked: Callable[[Any], Any]) -> Any:
        """What a search finds; where its passages lie is kept."""
        found = self._passages.search(asked)
        places = found.column("_rowid").to_pylist()
        self._places.keep(zip(found.column("number").to_pylist(), places, strict=True))
        return found

    def matching(self, stems: Sequence[str], limit: int, narrowed: Narrowed) -> Candidates:
        """See `Index.matching`.

        Words and pairs are asked for one by one, `AGAIN` times as many of each as are wanted, and
        what is found by one is scored by the other: asked for both at once, the engine scores every
        passage that has any of them, where of one field it skips what cannot be among the best.
        """
        if not stems or not narrowed.passages:
            return NONE
        words = list(dict.fromkeys(stems))[:MAX_TERMS]
        followed = list(dict.fromkeys(pairs(stems)))[:MAX_TERMS]
        by_word = self._best("words", words, narrowed.allowed, limit)
        by_pair = self._best("pairs", followed, narrowed.allowed, limit) if followed else {}
        for column, terms, known, others in (
            ("words", words, by_word, by_pair),
            ("pairs", followed, by_pair, by_word),
        ):
            missing = [number for number in others if number not in known]
            # A list that is not full has all there are.
            if missing and len(known) >= AGAIN * limit + SPARE:
                known.update(self._scored(column, terms, one_of("number", missing), len(missing)))
        numbers = np.array(list(by_word), np.int64)
        scores = [score + PAIR_WEIGHT * by_pair.get(n, 0.0) for n, score in by_word.items()]
        return best(numbers, np.array(scores, np.float32), limit)

    def _best(
        self, column: str, terms: Sequence[str], allowed: str | None, limit: int
    ) -> dict[int, float]:
        """More than the `limit` best by one column, all that tie with the last of these included.

        Of equal scores the engine takes any, and others the next time.
        """
        most = AGAIN * limit + SPARE
        while True:
            found = self._scored(column, terms, allowed, most)
            ordered = sorted(found.values(), reverse=True)
            if len(found) < most or ordered[limit - 1] > ordered[-1]:
                return found
            most *= 4

    def _scored(
        self, column: str, terms: Sequence[str], allowed: str | None, limit: int
    ) -> dict[int, float]:
        """The passages that a column's terms score best, and their BM25."""

        def asked(table: Any) -> Any:
            from lancedb.query import MatchQuery

            query = table.search(MatchQuery(" ".join(terms), column), query_type="fts")
            if allowed is not None:
                query = query.where(allowed, prefilter=True)
            return query.select(["number", "_score"]).with_row_id(True).limit(limit)

        found = self._found(asked)
        numbers, scores = (found.column(name).to_pylist() for name in ("number", "_score"))
        return dict(zip(numbers, scores, strict=True))


def _numbers(found: Any) -> Int64:
    numbers: Int64 = found.column("number").to_numpy()
    return numbers
