"""All files of a generation, opened."""

from dataclasses import dataclass
from pathlib import Path

from indexer.storage.articles import Articles
from indexer.storage.filenames import ARTICLES, SUGGESTIONS, TOKENS, VECTORS, WORDS
from indexer.storage.passage_columns import PassageColumns
from indexer.storage.suggestions import Suggestions
from indexer.storage.tokens import Tokens
from indexer.storage.vectors import FaissVectors
from indexer.storage.words import Words


def open_articles(folder: Path) -> Articles:
    """The articles of a generation alone.

    Raises:
        IndexDamaged: they cannot be read.
    """
    return Articles(folder / ARTICLES)


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of one generation, opened for reading; safe to use from several threads."""

    articles: Articles
    columns: PassageColumns
    vectors: FaissVectors
    tokens: Tokens
    words: Words
    suggestions: Suggestions

    @classmethod
    def open(cls, folder: Path) -> "Parts":
        """Open the files in a folder, published or not.

        Raises:
            IndexDamaged: one cannot be read.
            StorageError: this process may not write where tantivy has to lock a file.
        """
        articles = open_articles(folder)
        return cls(
            articles,
            PassageColumns(articles.database),
            FaissVectors.open(folder / VECTORS),
            Tokens(folder / TOKENS),
            Words(folder / WORDS),
            Suggestions(folder / SUGGESTIONS),
        )

    def passages(self) -> dict[str, int]:
        """How many passages each file holds, by its name."""
        return {
            ARTICLES: len(self.columns),
            VECTORS: len(self.vectors),
            WORDS: len(self.words),
            TOKENS: len(self.tokens),
        }
