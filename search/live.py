"""The searcher that serves: opened when first needed, replaced when a new generation is published.

One reference is swapped; a request keeps the searcher it began with, and the old one is closed when
the last of them lets go.
"""

import contextlib
import logging
import math
import threading
import time

from indexer.article import CLEANING
from indexer.embedding.base import Embedder
from indexer.embedding.embedder import open_embedder
from indexer.errors import ArticleSearchError, IndexUnavailable
from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.storage.manifest import Generation
from search.engine import Searcher
from search.question.query import Query

logger = logging.getLogger(__name__)

# Seconds between two looks at when CURRENT was replaced.
CHECK_EVERY = 0.25
# Seconds until what could not be opened is tried again, doubled by each failure; and at most.
RETRY_AFTER, RETRY_AT_MOST = 5.0, 300.0
# Seconds without a look at CURRENT after which the thread that looks is taken to hang. Opening an
# index hashes most of it, at half a gigabyte a second.
STUCK_AFTER = 300.0


def open_searcher(settings: Settings) -> Searcher:
    """Open the live generation with the model that its manifest names.

    Raises:
        IndexMissing, IndexDamaged, IndexMismatch: there is no index that can be searched.
        ModelError: its model cannot be opened.
    """
    generation = IndexFolder(settings.index).open_current()
    _warn_of_other_rules(generation)
    return Searcher(LocalIndex(generation), open_embedder(settings, generation.manifest.model))


def _warn_of_other_rules(generation: Generation) -> None:
    made_by = generation.manifest.pipeline
    if made_by != CLEANING:
        logger.warning(
            "generation %s was read and cleaned by version %d of this program's rules, these are "
            "version %d; `reindex` renews it",
            generation.id,
            made_by,
            CLEANING,
        )


class LiveSearcher:
    """The searcher of the live generation, or of the last that could be opened.

    swapped: generations taken over
    refused: attempts to open one that failed, for whatever reason
    """

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet."""
        self._settings = settings
        self._folder = IndexFolder(settings.index)
        self._lock = threading.Lock()
        self._searcher: Searcher | None = None
        self._embedder: Embedder | None = None
        self._failure: ArticleSearchError | None = None
        # Attempts that failed since the last that did not, and when the next is due.
        self._failures = 0
        self._retry_at = math.inf
        self._looked: float | None = None
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
            IndexUnavailable: something beside the index keeps it from being opened.
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

    @property
    def looked_ago(self) -> float | None:
        """Seconds since a new generation was last looked for; None before `follow`."""
        return None if self._looked is None else time.monotonic() - self._looked

    def check(self) -> None:
        """Make sure that there is an index to search, and that new ones would be noticed.

        Raises:
            IndexMissing, IndexDamaged, IndexMismatch, ModelError: see `current`.
            IndexUnavailable: the thread that looks for new generations hangs.
        """
        self.current()
        ago = self.looked_ago
        if ago is not None and ago > STUCK_AFTER:
            raise IndexUnavailable(
                f"no new generation was looked for in {ago:.0f} seconds; restart the server, and "
                "see its log for the last one that it began to open"
            )

    def reload(self) -> bool:
        """Open what CURRENT names, even if it was refused before; whether it is another one now.

        Raises:
            IndexMissing, IndexDamaged, IndexMismatch, IndexUnavailable, ModelError: it is refused;
                what was served before, if anything, goes on.
        """
        before = self._searcher
        self._refresh()
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        return self._searcher is not before

    def follow(self) -> None:
        """Look for new generations from now on, in a thread of its own, until `stop`."""
        self._stopping = False
        self._looked = time.monotonic()
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
        wait = CHECK_EVERY
        while True:
            asked = self._wake.wait(wait)
            self._wake.clear()
            if self._stopping:
                return
            wait = CHECK_EVERY
            try:
                changed = self._folder.current_changed() != self._seen
                self._looked = time.monotonic()
                if asked or changed or self._looked >= self._retry_at:
                    self._refresh()
            except Exception as error:  # noqa: BLE001 - else nobody would look any more
                # Out of memory, even to tell of it may fail.
                with contextlib.suppress(Exception):
                    self._refused(error)
                wait = min(RETRY_AFTER * 2.0**self._failures, RETRY_AT_MOST)

    def _refresh(self) -> None:
        """Open, try out and swap in the live generation, unless it is the one that serves."""
        with self._lock:
            try:
                # Before it is read: what is published meanwhile is found next time.
                self._seen = self._folder.current_changed()
                name = self._folder.current_id()
                if self._searcher is None or name != self._searcher.generation.id:
                    searcher = self._open(name)
                    # Counted first: who sees the new one sees it counted.
                    self.swapped += 1
                    # The old one is not closed here: requests in flight hold it.
                    self._searcher = searcher
                    logger.info("searching generation %s", name)
                self._failure, self._failures, self._retry_at = None, 0, math.inf
            except Exception as error:  # noqa: BLE001 - memory, descriptors, a bug: the old one serves
                self._refused(error)

    def _refused(self, error: Exception) -> None:
        """Count and log what kept a generation from being opened, and put the next attempt off."""
        expected = isinstance(error, ArticleSearchError)
        if self._searcher is not None or not expected:
            self.refused += 1
            serving = "serving the old one" if self._searcher else "there is none to serve"
            # Errors of our own say all that there is to say; of others the place matters.
            trace = None if expected else error
            what = f"{error}" if expected else f"{type(error).__name__}: {error}"
            logger.error("refused a new generation, %s: %s", serving, what, exc_info=trace)
        self._failure = (
            error
            if isinstance(error, ArticleSearchError)
            else IndexUnavailable(
                f"the index in {self._folder.path} cannot be opened now: {type(error).__name__}: "
                f"{error}; it is tried again by itself, and the server's log has the details"
            )
        )
        delay = min(RETRY_AFTER * 2.0**self._failures, RETRY_AT_MOST)
        self._failures += 1
        self._retry_at = time.monotonic() + delay

    def _open(self, name: str) -> Searcher:
        generation = self._folder.open(name)
        _warn_of_other_rules(generation)
        manifest = generation.manifest
        if self._embedder is None or self._embedder.model.sha256 != manifest.model_sha256:
            self._embedder = open_embedder(self._settings, manifest.model)
        searcher = Searcher(LocalIndex(generation), self._embedder)
        # Real searches fault in what they need, and fail here rather than for a user: of every
        # length that the model is compiled for, and with a word that no corpus has.
        for question in ("what happend todayy", "who said what to whom " * 4, "who said " * 100):
            searcher.search(Query(text=question))
        return searcher
