"""All files of a generation, opened."""

import weakref
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.storage.articles import Articles
from indexer.storage.filenames import ARTICLES, CORPUS, SUGGESTIONS, TOKENS, VECTORS, WORDS
from indexer.storage.manifest import Generation, Manifest, Segment
from indexer.storage.passage_columns import PassageColumns
from indexer.storage.suggestions import Suggestions
from indexer.storage.tokens import Tokens
from indexer.storage.union import UnionSuggestions, UnionTokens, UnionVectors
from indexer.storage.vectors import FaissVectors
from indexer.storage.words import Words


class OpenSegment:
    """What lies in a segment's own files, but for its articles; never changes."""

    def __init__(self, folder: Path) -> None:
        """Open the files in a folder.

        Raises:
            IndexDamaged: one cannot be read.
        """
        self.vectors = FaissVectors.open(folder / VECTORS)
        self.tokens = Tokens(folder / TOKENS)
        self.suggestions = Suggestions(folder / SUGGESTIONS)


# Segments that are open, by the digests of their files: generations that share one open it once.
_open: weakref.WeakValueDictionary[tuple[str, ...], OpenSegment] = weakref.WeakValueDictionary()


def open_segments(generation: Generation) -> tuple[OpenSegment, ...]:
    """The segments of a generation alone, in the order of their numbers.

    Raises:
        IndexDamaged: one cannot be read.
    """
    return tuple(_open_segment(generation, each) for each in generation.manifest.segments)


def _open_segment(generation: Generation, segment: Segment) -> OpenSegment:
    folder, files = generation.path / segment.folder, generation.manifest.files
    names = [f"{segment.folder}/{name}" for name in (VECTORS, TOKENS, SUGGESTIONS)]
    if not all(name in files for name in names):
        # A draft, whose files have no digests yet.
        return OpenSegment(folder)
    digests = tuple(files[name][1] for name in names)
    found = _open.get(digests)
    if found is None:
        found = _open[digests] = OpenSegment(folder)
    return found


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of one generation, opened for reading; safe to use from several threads."""

    articles: Articles
    columns: PassageColumns
    segments: tuple[OpenSegment, ...]
    vectors: UnionVectors
    tokens: UnionTokens
    words: Words
    suggestions: UnionSuggestions

    @classmethod
    def open(cls, generation: Generation) -> "Parts":
        """Open the files of a generation, published or not.

        Raises:
            IndexDamaged: one cannot be read.
            StorageError: this process may not write where tantivy has to lock a file.
        """
        articles = Articles(generation)
        segments = open_segments(generation)
        return cls(
            articles,
            PassageColumns(articles.database),
            segments,
            UnionVectors([each.vectors for each in segments]),
            UnionTokens([each.tokens for each in segments]),
            Words(generation.path / WORDS),
            UnionSuggestions([each.suggestions for each in segments]),
        )

    def differences(self, manifest: Manifest) -> list[str]:
        """What the files hold more or less of than the manifest says, in words."""
        counts = [
            *(
                (f"{what} in {segment.folder}/{name}", held, written)
                for opened, segment in zip(self.segments, manifest.segments, strict=True)
                for what, name, held, written in (
                    ("passages", VECTORS, len(opened.vectors), segment.passages),
                    ("numbers a vector", VECTORS, opened.vectors.dimension, manifest.dimension),
                    ("passages", TOKENS, len(opened.tokens), segment.passages),
                    ("tokens", TOKENS, opened.tokens.tokens, segment.tokens),
                )
            ),
            (f"passages in {ARTICLES}", len(self.columns), manifest.end_passage),
            (f"live passages in {ARTICLES}", self.alive, manifest.passages),
            (f"passages in {WORDS}", len(self.words), manifest.passages),
            (f"articles in {CORPUS}", self.articles.count(), manifest.articles),
        ]
        return [
            f"{held} {what}, {written} in the manifest"
            for what, held, written in counts
            if held != written
        ]

    @property
    def alive(self) -> int:
        """How many passages the generation has, of those that its segments hold."""
        return int(np.count_nonzero(self.columns.alive))
