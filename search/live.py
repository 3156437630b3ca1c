"""The searcher that serves: opened when first needed, replaced when a new generation is published.

One reference is swapped; a request keeps the searcher it began with, and the old one is closed when
the last of them lets go.
"""

import logging
import threading
import time

from indexer.embedding.embedder import Embedder, open_embedder
from indexer.errors import ArticleSearchError
from indexer.settings import Settings
from indexer.storage.generation import IndexFolder
from search.engine import Searcher
from search.query import Query

logger = logging.getLogger(__name__)

# Seconds between two looks at CURRENT: a read of one small file.
CHECK_EVERY = 0.5


def open_searcher(settings: Settings) -> Searcher:
    """Open the live generation with the model that its manifest names.

    Raises:
        IndexMissing, IndexDamaged, IndexMismatch: there is no index that can be searched.
        ModelError: its model cannot be opened.
    """
    generation = IndexFolder(settings.index).open_current()
    return Searcher(generation, open_embedder(settings, generation.manifest.model))


class LiveSearcher:
    """Always the searcher of the live generation, as long as one can be opened."""

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet."""
        self._settings = settings
        self._folder = IndexFolder(settings.index)
        self._lock = threading.Lock()
        self._searcher: Searcher | None = None
        self._embedder: Embedder | None = None
        self._refused: str | None = None
        self._failure: ArticleSearchError | None = None
        self._checked = float("-inf")

    def current(self) -> Searcher:
        """The live searcher, opened and tried out with one search.

        Raises:
            IndexMissing, IndexDamaged, IndexMismatch: none was ever opened, and none can be.
            ModelError: the model of the index cannot be opened.
        """
        searcher = self._searcher
        if searcher is not None and time.monotonic() - self._checked < CHECK_EVERY:
            return searcher
        if searcher is not None and self._lock.locked():
            # Another thread is opening the next one; this request need not wait for it.
            return searcher
        with self._lock:
            if time.monotonic() - self._checked >= CHECK_EVERY:
                self._refresh()
                self._checked = time.monotonic()
            if self._searcher is None:
                assert self._failure is not None
                # Raised again and again, it would gather the traceback of every request.
                raise self._failure.with_traceback(None)
            return self._searcher

    def _refresh(self) -> None:
        name = ""
        try:
            name = self._folder.current_id()
            if self._searcher and name in (self._searcher.generation.id, self._refused):
                return
            self._searcher = self._open()
            self._refused = None
            logger.info("searching generation %s", name)
        except ArticleSearchError as error:
            self._failure = error
            if self._searcher is not None and name != self._refused:
                logger.error("refused a new generation, serving the old one: %s", error)
            self._refused = name

    def _open(self) -> Searcher:
        generation = self._folder.open_current()
        manifest = generation.manifest
        if self._embedder is None or self._embedder.model.sha256 != manifest.model_sha256:
            self._embedder = open_embedder(self._settings, manifest.model)
        searcher = Searcher(generation, self._embedder)
        # Real searches fault in what they need, and fail here rather than for a user. The second
        # is of the next length that the model is compiled for.
        for question in ("what happened today", "who said what to whom " * 4):
            searcher.search(Query(question))
        return searcher
