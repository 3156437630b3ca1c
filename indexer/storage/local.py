"""A generation in a folder, opened: every question that a search asks of an index is answered here.

It meets `Index` of search/index.py, which says what each method promises.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from indexer.analysis import all_stems
from indexer.arrays import Float16, Float32, Int32, Int64, Mask, UInt8
from indexer.embedding.codec import TokenCodec
from indexer.errors import IndexDamaged
from indexer.storage.columns import Columns
from indexer.storage.exact import Candidates
from indexer.storage.filter import Filter, Narrowed
from indexer.storage.manifest import Generation
from indexer.storage.parts import Parts
from indexer.storage.rows import StoredArticle, StoredPassage, StoryOutline, Suggestion
from indexer.storage.tokens import inverse_document_frequency


class LocalIndex:
    """One generation; nothing in it changes, so any number of threads may ask at once."""

    def __init__(self, generation: Generation) -> None:
        """Open the files of a generation, published or not.

        Raises:
            IndexDamaged: a file cannot be read, or the files do not belong together.
        """
        manifest = generation.manifest
        parts = Parts.open(generation.path)
        wrong = [name for name, n in parts.passages().items() if n != manifest.passages]
        if wrong or parts.vectors.dimension != manifest.dimension:
            raise IndexDamaged(
                f"{', '.join(wrong) or 'a vector'} in {generation.path} does not hold the "
                f"{manifest.passages} passages of the manifest; run `reindex --full`"
            )
        self.generation = generation
        self.codec: TokenCodec = parts.tokens.codec
        self.idf: Float32 = inverse_document_frequency(
            parts.tokens.document_frequency, manifest.passages
        )
        self._parts = parts

    def narrow(self, filter: Filter) -> Narrowed:
        """See `Index.narrow`."""
        columns, words = self._parts.columns, self._parts.words
        masks: list[Mask] = []
        if (mask := columns.mask(filter)) is not None:
            masks.append(mask)
        relaxed = []
        for phrase in filter.phrases:
            found = words.containing(all_stems(phrase), phrase=True)
            if len(found):
                masks.append(_only(found, len(columns)))
            else:
                relaxed.append(phrase)
        for title in filter.titles:
            found = words.containing(all_stems(title), phrase=False, field="title")
            masks.append(_only(found, len(columns)))
        for excluded in filter.excluded:
            found = words.containing(all_stems(excluded), phrase=True)
            masks.append(~np.isin(columns.article_of, columns.article_of[found]))
        if not masks:
            return Narrowed(None, len(columns), tuple(relaxed))
        allowed: Mask = np.logical_and.reduce(masks)
        return Narrowed(allowed, int(np.count_nonzero(allowed)), tuple(relaxed))

    def nearest(self, vector: Float32, limit: int, narrowed: Narrowed) -> Candidates:
        """See `Index.nearest`."""
        return self._parts.vectors.search(vector, limit, narrowed.allowed)

    def matching(self, stems: Sequence[str], limit: int, narrowed: Narrowed) -> Candidates:
        """See `Index.matching`."""
        return self._parts.words.search(stems, limit, narrowed.allowed)

    def columns(self, passages: Int64) -> Columns:
        """See `Index.columns`."""
        return self._parts.columns.of(passages)

    def vectors(self, passages: Int64) -> Float16:
        """See `Index.vectors`."""
        return self._parts.vectors.rows(passages)

    def codes(self, passages: Sequence[int]) -> tuple[UInt8, Int64]:
        """See `Index.codes`."""
        return self._parts.tokens.read(passages)

    def sentence_tokens(self, passages: Sequence[int]) -> list[Int64]:
        """See `Index.sentence_tokens`."""
        return [self._parts.tokens.sentences(number) for number in passages]

    def passages(self, numbers: Iterable[int]) -> list[StoredPassage]:
        """See `Index.passages`."""
        return self._parts.articles.passages(numbers)

    def passages_of(self, article: int, limit: int) -> list[StoredPassage]:
        """See `Index.passages_of`."""
        return self._parts.articles.passages_of(article, limit)

    def articles(self, numbers: Iterable[int]) -> dict[int, StoredArticle]:
        """See `Index.articles`."""
        return self._parts.articles.articles(numbers)

    def by_id(self, article_id: str) -> StoredArticle | None:
        """See `Index.by_id`."""
        return self._parts.articles.by_id(article_id)

    def story(self, number: int, limit: int) -> tuple[list[StoredArticle], int]:
        """See `Index.story`."""
        return self._parts.articles.story(number, limit)

    def outlines(self, stories: Iterable[int], limit: int) -> dict[int, StoryOutline]:
        """See `Index.outlines`."""
        return self._parts.articles.outlines(stories, limit)

    def sample(self, count: int) -> list[StoredPassage]:
        """See `Index.sample`."""
        return self._parts.articles.sample(count)

    def document_frequency(self, stem: str) -> int:
        """See `Index.document_frequency`."""
        return self._parts.words.document_frequency(stem)

    def vocabulary(self) -> tuple[list[str], Int32]:
        """See `Index.vocabulary`."""
        return self._parts.suggestions.vocabulary()

    def written(self, word: str) -> str:
        """See `Index.written`."""
        return self._parts.suggestions.written(word)

    def suggest(self, prefix: str, limit: int) -> list[Suggestion]:
        """See `Index.suggest`."""
        return self._parts.suggestions.suggest(prefix, limit)


def _only(passages: Int64, count: int) -> Mask:
    mask = np.zeros(count, np.bool_)
    mask[passages] = True
    return mask
