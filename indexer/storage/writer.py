"""Writes the files of a generation: the articles first, then what belongs to each passage."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from indexer.arrays import Float32
from indexer.embedding.codec import TokenCodec
from indexer.storage.article_writer import ArticleWriter, PassageRow
from indexer.storage.embedded import EmbeddedPassage
from indexer.storage.filenames import ARTICLES, SUGGESTIONS, TOKENS, VECTORS, WORDS
from indexer.storage.manifest import VectorIndexKind
from indexer.storage.suggestions import SuggestionWriter
from indexer.storage.tokens import TokenWriter
from indexer.storage.vector_writer import VectorWriter
from indexer.storage.words import WordWriter


def write_articles(target: Path, live: Path | None) -> ArticleWriter:
    """A writer of articles into a folder, beside those of the live generation in another."""
    return ArticleWriter(target / ARTICLES, live / ARTICLES if live else None)


def write_suggestions(target: Path) -> SuggestionWriter:
    """A writer of suggestions into a folder."""
    return SuggestionWriter(target / SUGGESTIONS)


class PassageWriter:
    """Writes vectors, token codes and words of all passages, in the order of their numbers."""

    def __init__(
        self, target: Path, codec: TokenCodec, dimension: int, vocabulary: int, rows: ArticleWriter
    ) -> None:
        """Create the files in a folder, for the passages of `rows` and a vocabulary of tokens."""
        with ExitStack() as opened:
            self._vectors = opened.enter_context(closing(VectorWriter(target / VECTORS, dimension)))
            self._tokens = opened.enter_context(
                closing(
                    TokenWriter(target / TOKENS, codec, rows.passages, rows.sentences, vocabulary)
                )
            )
            self._words = opened.enter_context(closing(WordWriter(target / WORDS)))
            # Should one not open, those before it are closed.
            self._opened = opened.pop_all()
        # In how many passages each token id occurs, (v,); what is carried over is added to it.
        self.frequency = self._tokens.frequency
        self._sums: Float32 = np.zeros((rows.articles, dimension), np.float32)

    @property
    def tokens(self) -> int:
        """How many tokens have been written."""
        return self._tokens.tokens

    def add(self, rows: Sequence[PassageRow], passages: Sequence[EmbeddedPassage]) -> None:
        """Append passages, and what the model says of each."""
        block = np.array([each.vector for each in passages])
        self._vectors.add(block)
        np.add.at(self._sums, [row.article for row in rows], block)
        self._tokens.add(each.tokens for each in passages)
        for row, each in zip(rows, passages, strict=True):
            self.frequency[each.ids] += 1
            self._words.add(row.number, row.headline, row.text)

    def finish(self, done: Callable[[int], None]) -> VectorIndexKind:
        """Complete the files; returns the kind of the vector index.

        done: is told how many vectors have found their list

        Raises:
            StorageError: a file cannot be written.
        """
        self._tokens.finish()
        self._words.finish()
        return self._vectors.finish(done=done)

    def article_vectors(self) -> Float32:
        """Where the passages of each article point, (n, d), of unit length."""
        lengths = np.linalg.norm(self._sums, axis=1, keepdims=True)
        vectors: Float32 = self._sums / np.maximum(lengths, 1e-9)
        return vectors

    def close(self) -> None:
        """Close unfinished files."""
        self._opened.close()
