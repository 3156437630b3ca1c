"""The parts of a published index, for programs that look into it: the one place that opens them."""

from dataclasses import dataclass
from functools import cached_property

from indexer.embedding.embedder import Embedder, open_embedder
from indexer.settings import Settings
from indexer.storage.articles import Articles
from indexer.storage.folder import Generation
from indexer.storage.tokens import Tokens
from indexer.storage.vectors import FaissVectors
from indexer.storage.words import Words


@dataclass(frozen=True)
class Parts:
    """The parts of a generation, each opened when it is first used.

    Raises:
        IndexDamaged: at the first use of a part that cannot be read.
    """

    generation: Generation

    @cached_property
    def articles(self) -> Articles:
        """The articles and their passages."""
        return Articles(self.generation.path / "articles.db")

    @cached_property
    def tokens(self) -> Tokens:
        """The token vectors."""
        return Tokens(self.generation.path / "tokens.bin")

    @cached_property
    def vectors(self) -> FaissVectors:
        """The passage vectors."""
        return FaissVectors.open(self.generation.path / "vectors.faiss")

    @cached_property
    def words(self) -> Words:
        """The word index."""
        return Words(self.generation.path / "lexical")

    @cached_property
    def embedder(self) -> Embedder:
        """The model that the index was made with."""
        return open_embedder(Settings.from_environment(), self.generation.manifest.model)


def open_parts(generation: Generation) -> Parts:
    """The parts of a generation, to be read."""
    return Parts(generation)
