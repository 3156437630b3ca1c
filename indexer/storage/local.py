"""A generation in a folder, opened: every question that a search asks of an index is answered here.

It meets `Index` of search/index.py, which says what each method promises.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from indexer.analysis import all_stems
from indexer.arrays import Float32, Int64, Mask
from indexer.embedding.codec import TokenCodec
from indexer.errors import IndexDamaged
from indexer.storage.exact import Candidates
from indexer.storage.filter import Filter, Narrowed
from indexer.storage.manifest import Generation
from indexer.storage.parts import Parts
from indexer.storage.rows import Suggestion
from indexer.storage.tokens import inverse_document_frequency


class LocalIndex:
    """One generation; nothing in it changes, so any number of threads may ask at once."""

    def __init__(self, generation: Generation) -> None:
        """Open the files of a generation, published or not.

        Raises:
            IndexDamaged: a file cannot be read, or the files do not belong together.
        """
        parts = Parts.open(generation)
        if wrong := parts.differences(generation.manifest):
            raise IndexDamaged(f"{generation.path} holds {wrong[0]}; run `reindex --full`")
        self.generation = generation
        self.codec: TokenCodec = parts.tokens.codec
        self.idf: Float32 = inverse_document_frequency(
            parts.tokens.document_frequency, generation.manifest.passages
        )
        self._parts = parts
        alive = parts.columns.alive
        # None if no article is gone: then nothing need be masked.
        self._alive: Mask | None = None if alive.all() else alive
        # What one part can answer by itself, it does.
        self.columns = parts.columns.of
        self.vectors = parts.vectors.rows
        self.codes = parts.tokens.read
        self.sentence_tokens = parts.tokens.sentences_of
        self.passages = parts.articles.passages
        self.passages_of = parts.articles.passages_of
        self.articles = parts.articles.articles
        self.by_id = parts.articles.by_id
        self.story = parts.articles.story
        self.outlines = parts.articles.outlines
        self.sample = parts.articles.sample
        self.document_frequency = parts.words.document_frequency
        self.vocabulary = parts.suggestions.vocabulary
        self.written = parts.suggestions.written

    def narrow(self, filter: Filter) -> Narrowed:
        """See `Index.narrow`."""
        columns, words = self._parts.columns, self._parts.words
        masks: list[Mask] = []
        if (mask := columns.mask(filter)) is not None:
            masks.append(mask)
        relaxed = []
        for phrase in filter.phrases:
            found = words.with_phrase(all_stems(phrase))
            if len(found):
                masks.append(_only(found, len(columns)))
            else:
                relaxed.append(phrase)
        for title in filter.titles:
            found = words.with_title(all_stems(title))
            masks.append(_only(found, len(columns)))
        for excluded in filter.excluded:
            found = words.with_phrase(all_stems(excluded))
            masks.append(~np.isin(columns.article_of, columns.article_of[found]))
        if not masks:
            return Narrowed(None, self.generation.manifest.passages, tuple(relaxed))
        if self._alive is not None:
            masks.append(self._alive)
        allowed: Mask = np.logical_and.reduce(masks)
        return Narrowed(allowed, int(np.count_nonzero(allowed)), tuple(relaxed))

    def nearest(self, vector: Float32, limit: int, narrowed: Narrowed) -> Candidates:
        """See `Index.nearest`."""
        allowed = self._alive if narrowed.allowed is None else narrowed.allowed
        return self._parts.vectors.search(vector, limit, allowed)

    def matching(self, stems: Sequence[str], limit: int, narrowed: Narrowed) -> Candidates:
        """See `Index.matching`."""
        return self._parts.words.search(stems, limit, narrowed.allowed)

    def newest(self, limit: int, narrowed: Narrowed) -> Int64:
        """See `Index.newest`."""
        return self._parts.columns.newest(limit, narrowed.allowed)

    def suggest(self, prefix: str, limit: int) -> list[Suggestion]:
        """See `Index.suggest`."""
        ids: dict[int, str] = {}

        def known(articles: Iterable[int]) -> dict[int, str]:
            ids.update(self._parts.articles.ids(articles))
            return ids

        found = self._parts.suggestions.suggest(prefix, limit, known)
        return [
            Suggestion(each.text, "name", None)
            if each.article is None
            else Suggestion(each.text, "headline", ids[each.article])
            for each in found
        ]


def _only(passages: Int64, count: int) -> Mask:
    mask = np.zeros(count, np.bool_)
    mask[passages] = True
    return mask
