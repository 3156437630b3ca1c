"""The searcher that serves: opened when first needed, replaced when a new generation is published.

One reference is swapped; a request keeps the searcher it began with, and the old one is closed when
the last of them lets go.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from indexer.article import CLEANING
from indexer.embedding.base import Embedder
from indexer.embedding.embedder import open_embedder
from indexer.errors import ArticleSearchError, IndexMissing, IndexUnavailable
from indexer.settings import Settings
from indexer.storage.folders import folder_at
from indexer.storage.last_run import LastRun, read_last_run
from indexer.storage.manifest import Published
from search.answering.reader import Reader, open_reader
from search.engine import Searcher
from search.question.query import Query

logger = logging.getLogger(__name__)

# Seconds until what could not be opened is tried again, doubled by each failure; and at most.
RETRY_AFTER, RETRY_AT_MOST = 5.0, 300.0
# Seconds without a look at CURRENT after which the thread that looks is taken to hang. Opening an
# index hashes most of it, at half a gigabyte a second.
STUCK_AFTER = 300.0
# Seconds that a server which ends waits for an index that is being opened.
STOPPED_WITHIN = 5.0

# Asked with a model that was just opened, which is compiled for each of these lengths; the first so
# many are asked of every new generation. With a word that no corpus has.
TRIED, AGAIN = tuple("what happend todayy" + " who" * n for n in (0, 10, 20, 32, 48, 240)), 3


def open_searcher(settings: Settings) -> Searcher:
    """Open the live generation with the model that its manifest names.

    Raises:
        IndexMissing, IndexDamaged, IndexMismatch: there is no index that can be searched.
        ModelError: its model cannot be opened.
    """
    folder = folder_at(settings.index)
    index = folder.open_index(folder.current_id())
    _warn_of_other_rules(index.generation)
    embedder = open_embedder(settings, index.generation.manifest.model)
    return Searcher(index, embedder, open_reader(settings.threads))


def _warn_of_other_rules(generation: Published) -> None:
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
    refused: attempts to open one that failed, for whatever reason; that there is none yet is none
    count: is told "swapped" and "refused" as they happen
    """

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet."""
        self._settings = settings
        self._folder = folder_at(settings.index)
        self._lock = threading.Lock()
        self._searcher: Searcher | None = None
        self._embedder: Embedder | None = None
        self._reader: Reader | None = None
        self._failure: ArticleSearchError | None = None
        # Of the thread that follows: how often in a row it has failed, and when to try again.
        self._failures = 0
        self._retry_at = 0.0
        self._looked: float | None = None
        self._seen: object = None
        self._wake = threading.Event()
        self._stopping = False
        self._watcher: threading.Thread | None = None
        self.swapped = 0
        self.refused = 0
        self.count: Callable[[str], None] = lambda _: None

    def current(self) -> Searcher:
        """The live searcher, opened and tried out with real searches.

        Raises:
            IndexMissing, IndexDamaged, IndexMismatch: none was ever opened, and none can be.
            IndexUnavailable: something beside the index keeps it from being opened.
            ModelError: the model of the index cannot be opened.
        """
        searcher, failure = self._searcher, self._failure
        if searcher is None and failure is None:
            searcher, failure = self._refresh()
        if searcher is None:
            assert failure is not None
            # Raised again and again, it would gather the traceback of every request.
            raise failure.with_traceback(None)
        return searcher

    @property
    def serving(self) -> Published | None:
        """The generation that is searched, if any."""
        return self._searcher.generation if self._searcher else None

    def last_run(self) -> LastRun | None:
        """How the last run of `reindex` on this machine ended, if that is known."""
        return read_last_run(self._settings.folder)

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
        searcher, failure = self._refresh()
        if failure is not None:
            raise failure.with_traceback(None)
        return searcher is not before

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
            # It ends with the process at the latest.
            self._watcher.join(STOPPED_WITHIN)
        self._searcher = None

    def reload_soon(self) -> None:
        """Have the thread of `follow` reload at once; safe to call in a signal handler."""
        self._wake.set()

    def _watch(self) -> None:
        while not self._stopping:
            # Whatever it is, out of memory or a library's panic: else nobody would look any more.
            try:
                self._look(self._wake.wait(self._folder.looked_every))
            except BaseException as error:  # noqa: BLE001
                with contextlib.suppress(BaseException):
                    time.sleep(self._folder.looked_every)
                    if time.monotonic() >= self._retry_at:
                        self._put_off()
                        self._refused(error)

    def _look(self, asked: bool) -> None:
        """Open what CURRENT names if it was replaced, or if it is time to try again."""
        self._wake.clear()
        changed = self._folder.current_changed() != self._seen
        self._looked = time.monotonic()
        due = self._failure is not None and self._looked >= self._retry_at
        if self._stopping or not (asked or changed or due):
            return
        if changed:
            self._failures = 0
        _, failure = self._refresh()
        # Who asks does not put off what is tried unasked.
        if failure is not None and (changed or due):
            self._put_off()

    def _put_off(self) -> None:
        # Beyond so many doublings any delay is the longest.
        delay = min(RETRY_AFTER * 2.0 ** min(self._failures, 16), RETRY_AT_MOST)
        self._failures += 1
        self._retry_at = time.monotonic() + delay

    def _refresh(self) -> tuple[Searcher | None, ArticleSearchError | None]:
        """Open, try out and swap in the live generation, unless it is the one that serves.

        Returns what serves now, and why it is not what CURRENT names, if so.
        """
        with self._lock:
            try:
                # Before it is read: what is published meanwhile is found next time.
                self._seen = self._folder.current_changed()
                name = self._folder.current_id()
                if self._searcher is None or name != self._searcher.generation.id:
                    searcher = self._open(name)
                    # Counted first: who sees the new one sees it counted.
                    self.swapped += 1
                    self.count("swapped")
                    # The old one is not closed here: requests in flight hold it.
                    self._searcher = searcher
                    logger.info("searching generation %s", name)
                self._failure = None
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # noqa: BLE001 - memory, a panic, a bug: the old one serves
                self._refused(error)
            return self._searcher, self._failure

    def _refused(self, error: BaseException) -> None:
        """Count and log what kept a generation from being opened, and remember why."""
        what = (
            f"{error}"
            if isinstance(error, ArticleSearchError)
            else f"{type(error).__name__}: {error}"
        )
        if isinstance(error, ArticleSearchError):
            # Made anew: the traceback of the old one would keep what it had opened in memory.
            self._failure = type(error)(str(error))
        else:
            self._failure = IndexUnavailable(
                f"the index in {self._settings.index} cannot be opened now: {what}; it is tried "
                "again by itself, and the server's log has the details"
            )
        if self._searcher is None and isinstance(error, IndexMissing):
            return
        serving = "serving the old one" if self._searcher else "there is none to serve"
        logger.error("refused a new generation, %s: %s", serving, what, exc_info=error)
        # Counted last: who sees it counted finds it in the log.
        self.refused += 1
        self.count("refused")

    def _open(self, name: str) -> Searcher:
        index = self._folder.open_index(name)
        _warn_of_other_rules(index.generation)
        manifest = index.generation.manifest
        tried = TRIED[:AGAIN]
        if self._embedder is None or self._embedder.model.sha256 != manifest.model_sha256:
            tried = TRIED
            self._embedder = open_embedder(self._settings, manifest.model)
            self._reader = open_reader(self._settings.threads)
        searcher = Searcher(index, self._embedder, self._reader)
        # Real searches fault in what they need, and fail here rather than for a user.
        for question in tried:
            searcher.search(Query(text=question))
        return searcher
