"""reindex(): the one place that knows the order of the steps.

    files → articles → passages → embed what is new → write a segment → publish

The sources are mirrored first: what is new or has changed becomes drafts, the rest stays where it
is. What the corpus decides of each article is decided of all. Then the drafts, and segments that
are merged with them, become a new segment: passages that neither the live generation nor an
interrupted run has embedded are embedded, piece by piece, into a file that survives the process,
and the other files are written from those. Every step streams, so memory does not grow with the
corpus, but for what FAISS and a few tables hold of each passage.
"""

import logging
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from indexer.article import CLEANING, Order, Rejected, Remark
from indexer.building import Building
from indexer.embedding.base import Embedder
from indexer.embedding.languages import languages_of
from indexer.encoding import forget_what_is_live
from indexer.errors import (
    ArticleSearchError,
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    InputError,
    StorageError,
)
from indexer.mirror import Changes, mirror
from indexer.plan import Plan, make_plan
from indexer.progress import Progress, no_progress
from indexer.reading.fields import KNOWN, Fields
from indexer.reading.input.files import order_of
from indexer.storage.drafts import Drafts
from indexer.storage.embedded import forget
from indexer.storage.folder import IndexFolder
from indexer.storage.last_run import LastRun, write_last_run
from indexer.storage.local import LocalIndex
from indexer.storage.manifest import ConfidenceModel, Generation, Manifest, Segment
from indexer.storage.writer import GenerationWriter

T = TypeVar("T")

logger = logging.getLogger(__name__)

# A run that would remove a larger share of the live articles has to be told that this is meant.
MOST_REMOVED = 0.5
# Languages that a warning names.
MOST_NAMED = 5

# Asks an index what its hits are worth (search/ranking/fitting.py, which this package cannot know).
Fit = Callable[[LocalIndex, Embedder], ConfidenceModel]


@dataclass(frozen=True, slots=True)
class Options:
    """What a run may do.

    full: rebuild everything, use nothing of the live generation's but articles of other paths
    compact: write all into one segment
    dry: find out what would change, and change nothing
    prune: remove the articles of paths that are not named
    yes: remove more than half of the articles if it comes to that
    keep: generations that stay, the new one among them
    fields: which field of a record is what
    order: of day, month and year in dates, where the user knows it
    gone: paths that are there no more; what was read from them is removed
    """

    full: bool = False
    compact: bool = False
    dry: bool = False
    prune: bool = False
    yes: bool = False
    keep: int = 2
    fields: Fields = KNOWN
    order: Order | None = None
    gone: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did, or with `dry` would do.

    `embedded` of the passages went through the model, in this run or an interrupted one before it.
    The counts from `added` to `duplicates` are of articles (see `Changes`). `generation` is the
    live one; `published` says whether this run made it. `undecided` are locations of articles whose
    day may be the month, each with the days that it may be.
    """

    articles: int
    passages: int
    embedded: int
    added: int
    changed: int
    moved: int
    unchanged: int
    kept: int
    removed: list[str]
    duplicates: int
    skipped: list[Rejected]
    remarks: list[tuple[str, Remark]]
    undecided: list[tuple[str, list[str]]]
    seconds: float
    generation: str | None
    published: bool


def reindex(
    paths: Sequence[Path],
    index: Path,
    embedder: Embedder,
    fit: Fit | None,
    progress: Progress = no_progress,
    options: Options = Options(),
) -> Summary:
    """Make the index mirror the articles under `paths`; publish it if anything has changed.

    fit: asks the finished files, before they are published, what their hits are worth; None for an
        index that does not know

    Raises:
        InputError: a path does not exist, no article could be read from any of them, or more than
            half of the articles would be removed without `yes`.
        IndexDamaged: the live generation cannot be built upon.
        IndexMismatch: it was made by another model or format version, and the run is not `full`.
        IndexBusy: another process is writing this index.
        StorageError: the index cannot be written: the disk is full, say.
    """
    started = time.perf_counter()
    folder = IndexFolder(index)
    try:
        with _target(folder, options.dry) as target:
            live = _live_generation(folder, embedder, options.full)
            run = _Run(folder, target, live, embedder, fit, progress, options)
            summary = run.run(paths, started)
            if not options.dry:
                _note(index, started, summary)
            return summary
    except (OSError, sqlite3.Error) as error:
        failure = StorageError(
            f"cannot write the index in {index}: {error}; the live generation is unchanged, and "
            "what has been embedded so far is kept for the next run"
        )
        _note(index, started, failure)
        raise failure from error
    except IndexBusy:
        raise
    except ArticleSearchError as error:
        _note(index, started, error)
        raise


def _note(index: Path, started: float, outcome: Summary | ArticleSearchError) -> None:
    """Leave word of how the run ended."""
    seconds = time.perf_counter() - started
    if isinstance(outcome, ArticleSearchError):
        return write_last_run(
            index, LastRun(ended=time.time(), seconds=seconds, error=str(outcome))
        )
    write_last_run(
        index,
        LastRun(
            ended=time.time(),
            seconds=seconds,
            generation=outcome.generation,
            published=outcome.published,
            added=outcome.added,
            changed=outcome.changed,
            removed=len(outcome.removed),
            skipped=len(outcome.skipped),
        ),
    )


@contextmanager
def _target(folder: IndexFolder, dry: bool) -> Iterator[Path]:
    """Where the next generation is written; a dry run leaves no trace in the index."""
    with tempfile.TemporaryDirectory() if dry else folder.writing() as target:
        yield Path(target)


def _live_generation(folder: IndexFolder, embedder: Embedder, full: bool) -> Generation | None:
    try:
        live = _open(folder)
        if live is None:
            return None
    except (IndexDamaged, IndexMismatch) as error:
        if not full:
            raise
        live = _newest_sound(folder)
        kept = f"are those of generation {live.id}" if live else "are lost"
        logger.warning("built anew, articles of paths that are not named %s: %s", kept, error)
        if live is None:
            return None
    made_by, ours = live.manifest, embedder.model
    if not full and made_by.model_sha256 != ours.sha256:
        raise IndexMismatch(
            f"the index was made by {made_by.model} ({made_by.model_sha256[:12]}), this is "
            f"{ours.name} ({ours.sha256[:12]}); set ARTICLE_SEARCH_MODEL to the former, or embed "
            "everything again with `reindex --full`"
        )
    if made_by.pipeline != CLEANING:
        logger.info(
            "the index was made by version %d of reading and cleaning, this is %d: every file is "
            "read again",
            made_by.pipeline,
            CLEANING,
        )
    return live


def _open(folder: IndexFolder) -> Generation | None:
    """The live generation, or the newest if CURRENT is lost, or None if there is none at all."""
    try:
        return folder.open_current()
    except IndexMissing:
        kept = folder.generations()
        return folder.open(kept[0].id) if kept else None


def _newest_sound(folder: IndexFolder) -> Generation | None:
    return next((each for each in folder.generations() if not each.damage()), None)


def _refuse_to_empty(live: Generation, changes: Changes) -> None:
    """A wrong path or a disk that is not mounted looks as if the articles were deleted."""
    if len(changes.removed) > live.manifest.articles * MOST_REMOVED:
        raise InputError(
            f"{len(changes.removed)} of {live.manifest.articles} articles would be removed, "
            f"{changes.removed[0]} for one; if that is meant, add --yes; --dry-run --json lists "
            "all of them"
        )


@dataclass(frozen=True)
class _Run:
    """One run, its lock held: mirror the sources, embed what is new, write the rest, publish."""

    folder: IndexFolder
    target: Path
    live: Generation | None
    embedder: Embedder
    fit: Fit | None
    progress: Progress
    options: Options

    def run(self, paths: Sequence[Path], started: float) -> Summary:
        live, options = self.live, self.options
        files = GenerationWriter(self.target, live)
        with closing(files.drafts()) as drafts:
            changes, places = mirror(
                paths,
                drafts,
                self.progress,
                prune=options.prune,
                reuse=not options.full,
                fields=options.fields,
                order=options.order,
                gone=options.gone,
            )
            if live and not changes.any and self._is_as_asked(live):
                drafts.stay(place.number for place in places)
                return self._nothing_new(live, drafts, changes, started)
            if not places:
                raise InputError(_nothing_read(paths, changes))
            if live and not (options.yes or options.dry):
                _refuse_to_empty(live, changes)
            plan = make_plan(places, drafts, self._segments())
            building = Building(files, plan, drafts, self.embedder, self.progress)
            missing = building.cut(reuse=not options.full)
            passages, schemas = building.passages, building.schemas
            self._warn_of_languages(drafts.languages(*schemas), len(places))
            remarks = _in_order(drafts.remarks(*schemas))
            undecided = _in_order(drafts.undecided(*schemas))
            generation = live
            if not options.dry:
                generation = self._publish(building, plan, missing, passages)
            return _summary(
                changes,
                started,
                articles=len(places),
                passages=passages,
                embedded=missing,
                remarks=remarks,
                undecided=undecided,
                generation=generation.id if generation else None,
                published=not options.dry,
            )

    def _is_as_asked(self, live: Generation) -> bool:
        """Whether a run without news may leave the live generation."""
        options, manifest = self.options, live.manifest
        whole = len(manifest.segments) == 1 and manifest.end_article == manifest.articles
        return self.folder.is_live(live) and not options.full and (whole or not options.compact)

    def _segments(self) -> tuple[Segment, ...]:
        """The live segments that may stay as they are."""
        if self.live is None or self.options.full or self.options.compact:
            return ()
        return self.live.manifest.segments

    def _warn_of_languages(self, languages: list[tuple[str | None, int]], articles: int) -> None:
        """Tell how many articles the model understands little of, as far as its card says."""
        model = self.embedder.model
        known = languages_of(model.path)
        if known is None:
            return
        foreign = {name: n for name, n in languages if name is not None and name not in known}
        count = sum(foreign.values())
        if count:
            logger.warning(
                "%d of %d articles (%.1f%%) are in a language that %s was not trained for (%s): "
                "they are found by their words, less well by meaning; set ARTICLE_SEARCH_MODEL to "
                "a multilingual model and run `reindex --full` to mend that",
                count,
                articles,
                100 * count / articles,
                model.name,
                ", ".join(list(foreign)[:MOST_NAMED]),
            )

    def _nothing_new(
        self, live: Generation, drafts: Drafts, changes: Changes, started: float
    ) -> Summary:
        if not self.options.dry:
            self.folder.tidy(live, self.options.keep)
            forget_what_is_live(self.folder.embedded, self.embedder, drafts)
        return _summary(
            changes,
            started,
            articles=live.manifest.articles,
            passages=live.manifest.passages,
            remarks=_in_order(drafts.remarks()),
            undecided=_in_order(drafts.undecided()),
            embedded=0,
            generation=live.id,
            published=False,
        )

    def _publish(self, building: Building, plan: Plan, missing: int, passages: int) -> Generation:
        live = self.live if self.live and not self.options.full else None
        if live and not plan.staying:
            # What is carried over gets new checksums: damage must not be sealed with them.
            live.check()
        segments = building.write(self.folder.embedded, live, missing)
        building.finish()
        model = self.embedder.model
        draft = Manifest(
            pipeline=CLEANING,
            model=model.name,
            model_sha256=model.sha256,
            dimension=self.embedder.dimension,
            articles=len(plan.places),
            passages=passages,
            segments=tuple(segments),
            confidence=live.manifest.confidence if live and plan.staying else None,
        )
        if self.fit and not plan.staying:
            index = LocalIndex(Generation("draft", draft, self.target))
            draft = replace(draft, confidence=self.fit(index, self.embedder))
        generation = self.folder.publish(self.target, draft, self.options.keep, live)
        forget(self.folder.embedded)
        return generation


def _summary(changes: Changes, started: float, **facts: Any) -> Summary:
    counts = {each.name: getattr(changes, each.name) for each in fields(changes)}
    return Summary(**facts, **counts, seconds=time.perf_counter() - started)


def _nothing_read(paths: Sequence[Path], changes: Changes) -> str:
    where = ", ".join(str(path) for path in paths)
    if not changes.skipped:
        return f"there is no file in {where}"
    first = next((each for each in changes.skipped if not each.foreign), changes.skipped[0])
    return f"no article could be read from {where}; the first: {first.location}: {first.reason}"


def _in_order(found: Iterable[tuple[str, T]]) -> list[tuple[str, T]]:
    """What was found in some places, in the order of these."""
    return sorted(found, key=lambda each: order_of(each[0]))
