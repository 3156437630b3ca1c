"""What belongs to a published index, opened for a measure."""

from indexer.embedding.base import Embedder
from indexer.embedding.embedder import open_embedder
from indexer.settings import Settings
from indexer.storage.manifest import Generation


def embedder_of(generation: Generation) -> Embedder:
    """The model that made an index."""
    return open_embedder(Settings.from_environment(), generation.manifest.model)
