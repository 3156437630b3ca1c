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
from indexer.storage.folder import PIPELINE, Generation, IndexFolder
from search.engine import Searcher
from search.question.query import Query

logger = logging.getLogger(__name__)

# Seconds between two looks at when CURRENT was replaced.
CHECK_EVERY = 0.25
# Seconds between two attempts to open an index while there is none to serve.
RETRY_EVERY = 5.0


def open_searcher(settings: Settings) -> Searcher:
    """Open the live generation with the model that its manifest names.

    Raises:
        IndexMissing, IndexDamaged, IndexMismatch: there is no index that can be searched.
        ModelError: its model cannot be opened.
    """
    generation = IndexFolder(settings.index).open_current()
    _tell_of_pipeline(generation)
    return Searcher(generation, open_embedder(settings, generation.manifest.model))


def _tell_of_pipeline(generation: Generation) -> None:
    made_by = generation.manifest.pipeline
    if made_by != PIPELINE:
        logger.warning(
            "generation %s was read and cleaned by version %d of this program's rules, these are "
            "version %d; `reindex` renews it",
            generation.id,
            made_by,
            PIPELINE,
        )


class LiveSearcher:
    """The searcher of the live generation, or of the last that could be opened.

    `swapped` and `refused` count the generations that were taken over and that could not be.
    """

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet."""
        self._settings = settings
        self._folder = IndexFolder(settings.index)
        self._lock = threading.Lock()
        self._searcher: Searcher | None = None
        self._embedder: Embedder | None = None
        self._failure: ArticleSearchError | None = None
        self._seen: tuple[int, int] | None = None
        self._wake = threading.Event()
        self._stopping = False
        self._watcher: threading.Thread | None = None
        self.swapped = 0
        self.refused = 0

    def current(self) -> Searcher:
        """The live searcher, opened and tried out with real searches.

        Raises:
            IndexMissing, IndexDamaged, IndexMismatch: none was ever opened, and none can be.
            ModelError: the model of the index cannot be opened.
        """
        searcher = self._searcher
        if searcher is None:
            if self._failure is None:
                self._refresh()
            searcher = self._searcher
        if searcher is None:
            assert self._failure is not None
            # Raised again and again, it would gather the traceback of every request.
            raise self._failure.with_traceback(None)
        return searcher

    @property
    def serving(self) -> Generation | None:
        """The generation that is searched, if any."""
        return self._searcher.generation if self._searcher else None

    def reload(self) -> bool:
        """Open what CURRENT names, even if it was refused before; whether it is another one now.

        Raises:
            IndexMissing, IndexDamaged, IndexMismatch, ModelError: it is refused; what was served
                before, if anything, goes on.
        """
        before = self._searcher
        self._refresh()
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        return self._searcher is not before

    def follow(self) -> None:
        """Look for new generations from now on, in a thread of its own, until `stop`."""
        self._stopping = False
        self._watcher = threading.Thread(target=self._watch, name="generations", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """End what `follow` began, and let go of the index."""
        self._stopping = True
        self._wake.set()
        if self._watcher is not None:
            self._watcher.join()
        self._searcher = None

    def reload_soon(self) -> None:
        """Have the thread of `follow` reload at once; safe to call in a signal handler."""
        self._wake.set()

    def _watch(self) -> None:
        tried = time.monotonic()
        while True:
            asked = self._wake.wait(CHECK_EVERY)
            self._wake.clear()
            if self._stopping:
                return
            idle = self._searcher is None and time.monotonic() - tried >= RETRY_EVERY
            if asked or idle or self._folder.current_changed() != self._seen:
                tried = time.monotonic()
                self._refresh()

    def _refresh(self) -> None:
        """Open, try out and swap in the live generation, unless it is the one that serves."""
        with self._lock:
            # Before it is read: what is published meanwhile is found next time.
            self._seen = self._folder.current_changed()
            try:
                name = self._folder.current_id()
                if self._searcher is None or name != self._searcher.generation.id:
                    searcher = self._open(name)
                    # Counted first: who sees the new one sees it counted.
                    self.swapped += 1
                    # The old one is not closed here: requests in flight hold it.
                    self._searcher = searcher
                    logger.info("searching generation %s", name)
                self._failure = None
            except ArticleSearchError as error:
                if self._searcher is not None:
                    self.refused += 1
                    logger.error("refused a new generation, serving the old one: %s", error)
                self._failure = error

    def _open(self, name: str) -> Searcher:
        generation = self._folder.open(name)
        _tell_of_pipeline(generation)
        manifest = generation.manifest
        if self._embedder is None or self._embedder.model.sha256 != manifest.model_sha256:
            self._embedder = open_embedder(self._settings, manifest.model)
        searcher = Searcher(generation, self._embedder)
        # Real searches fault in what they need, and fail here rather than for a user: of every
        # length that the model is compiled for, and with a word that no corpus has.
        for question in ("what happend todayy", "who said what to whom " * 4, "who said " * 100):
            searcher.search(Query(text=question))
        return searcher
