"""Writes the files of a generation: what it shares with the one before, and a new segment."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from indexer.arrays import Float16, Float32
from indexer.embedding.calibration import Codecs
from indexer.storage.article_writer import ArticleWriter, PassageRow
from indexer.storage.corpus_writer import Standing, write_corpus
from indexer.storage.drafts import Drafts
from indexer.storage.embedded import EmbeddedPassage
from indexer.storage.filenames import (
    ARTICLES,
    CORPUS,
    DRAFTS,
    SEGMENTS,
    SUGGESTIONS,
    TOKENS,
    VECTORS,
    WORDS,
)
from indexer.storage.folder import share
from indexer.storage.manifest import Generation, Segment, VectorIndexKind
from indexer.storage.suggestions import SuggestionWriter
from indexer.storage.tokens import TokenWriter
from indexer.storage.vector_writer import VectorWriter
from indexer.storage.words import WordWriter


class GenerationWriter:
    """Writes a generation into a folder, beside the live one; see pipeline.py for the order."""

    def __init__(self, target: Path, live: Generation | None) -> None:
        """Write into `target`; nothing is made as yet."""
        self._target = target
        self._live = live
        self._folder = target

    def drafts(self) -> Drafts:
        """A place for what is read."""
        return Drafts(self._target / DRAFTS, self._live)

    def segment(self, drafts: Drafts, staying: Sequence[Segment]) -> ArticleWriter:
        """A new segment behind those that stay, to be written from drafts."""
        article, passage = (staying[-1].end_article, staying[-1].end_passage) if staying else (0, 0)
        self._folder = self._target / SEGMENTS / str(article)
        self._folder.mkdir(parents=True)
        return ArticleWriter(drafts, self._folder / ARTICLES, article, passage)

    def share(self, staying: Sequence[Segment]) -> WordWriter:
        """Take over the segments that stay, and the words of the corpus, if any stay.

        Raises:
            IndexDamaged, StorageError: a file cannot be shared.
        """
        live, names = self._live, list[str]()
        if live and staying:
            kept = tuple(f"{each.folder}/" for each in staying)
            names = [n for n in live.manifest.files if n.startswith((*kept, f"{WORDS}/"))]
            for name in names:
                share(live, name, self._target / name)
        return WordWriter(self._target / WORDS)

    def passages(
        self,
        words: WordWriter,
        codecs: Codecs,
        vocabulary: int,
        segment: ArticleWriter,
    ) -> "PassageWriter":
        """A writer of what belongs to the passages of the new segment."""
        return PassageWriter(self._folder, words, codecs, vocabulary, segment)

    def suggestions(self) -> SuggestionWriter:
        """A writer of the suggestions of the new segment."""
        return SuggestionWriter(self._folder / SUGGESTIONS)

    def finish(self, standings: Iterable[Standing]) -> None:
        """Write what the corpus says of every article; the drafts, now closed, are removed."""
        write_corpus(self._target / CORPUS, standings)
        (self._target / DRAFTS).unlink()


class PassageWriter:
    """Writes vectors, token codes and words of a segment's passages, in order."""

    def __init__(
        self,
        folder: Path,
        words: WordWriter,
        codecs: Codecs,
        vocabulary: int,
        segment: ArticleWriter,
    ) -> None:
        """Create the files in a folder, for the passages of `segment` and a vocabulary of tokens.

        words: of the whole corpus, to which those of the segment are added
        """
        with ExitStack() as opened:
            self._vectors = opened.enter_context(
                closing(VectorWriter(folder / VECTORS, codecs.vectors))
            )
            self._tokens = opened.enter_context(
                closing(
                    TokenWriter(
                        folder / TOKENS,
                        codecs.tokens,
                        segment.passages,
                        segment.sentences,
                        vocabulary,
                    )
                )
            )
            # Should one not open, those before it are closed.
            self._opened = opened.pop_all()
        self._words = words
        # In how many passages each token id occurs, (v,); what is carried over is added to it.
        self.frequency = self._tokens.frequency
        self._first = segment.first_article
        self._codec = codecs.vectors
        self._sums: Float32 = np.zeros((segment.articles, len(self._codec.low)), np.float32)

    @property
    def tokens(self) -> int:
        """How many tokens have been written."""
        return self._tokens.tokens

    def add(self, rows: Sequence[PassageRow], passages: Sequence[EmbeddedPassage]) -> None:
        """Append passages, and what the model says of each."""
        codes = self._codec.encode(np.array([each.vector for each in passages]))
        self._vectors.add(codes)
        # As they are read back, so that it does not matter where an embedding comes from.
        coded = self._codec.decode(codes)
        np.add.at(self._sums, [row.article - self._first for row in rows], coded)
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
        return self._vectors.finish(done=done)

    def article_vectors(self) -> Float16:
        """Where the passages of each article point, (n, d), of unit length."""
        lengths = np.linalg.norm(self._sums, axis=1, keepdims=True)
        vectors: Float16 = (self._sums / np.maximum(lengths, 1e-9)).astype(np.float16)
        return vectors

    def close(self) -> None:
        """Close unfinished files."""
        self._opened.close()
