"""reindex(): the one place that knows the order of the steps.

    files → articles → passages → embed what is new → write → fit the confidence → publish

The sources are mirrored into a new articles file first. Then passages that neither the live
generation nor an interrupted run has embedded are embedded, piece by piece, into a file that
survives the process. At last the other files are written from those two. Every step streams, so
memory does not grow with the corpus, but for what FAISS and a few tables hold of each passage.
"""

import logging
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from indexer.arrays import Float32
from indexer.article import CLEANING, Article, Order, Rejected, Remark
from indexer.cutting import cut_articles
from indexer.embedding.base import Embedder
from indexer.embedding.languages import languages_of
from indexer.encoding import Encoder, forget_what_is_live, pieces
from indexer.errors import IndexDamaged, IndexMismatch, IndexMissing, InputError, StorageError
from indexer.mirror import Changes, mirror
from indexer.progress import Progress, no_progress
from indexer.reading.facts.names import names_in
from indexer.reading.fields import KNOWN, Fields
from indexer.storage.article_writer import ArticleWriter
from indexer.storage.embedded import forget
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.storage.manifest import ConfidenceModel, Generation, Manifest
from indexer.storage.parts import Parts
from indexer.storage.suggestions import SuggestionWriter
from indexer.storage.writer import PassageWriter, write_articles, write_suggestions
from indexer.stories.grouping import group

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
    dry: find out what would change, and change nothing
    prune: remove the articles of paths that are not named
    yes: remove more than half of the articles if it comes to that
    keep: generations that stay, the new one among them
    fields: which field of a record is what
    order: of day, month and year in dates, where the user knows it
    """

    full: bool = False
    dry: bool = False
    prune: bool = False
    yes: bool = False
    keep: int = 2
    fields: Fields = KNOWN
    order: Order | None = None


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
            return run.run(paths, started)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            f"cannot write the index in {index}: {error}; the live generation is unchanged, and "
            "what has been embedded so far is kept for the next run"
        ) from error


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
        with closing(write_articles(self.target, live.path if live else None)) as articles:
            lazy = live is not None and self.folder.is_live(live) and not options.full
            changes = mirror(
                paths,
                articles,
                self.progress,
                prune=options.prune,
                reuse=not options.full,
                fields=options.fields,
                order=options.order,
                lazy=lazy,
            )
            if live and lazy and not changes.any:
                return self._nothing_new(live, articles, changes, started)
            if articles.articles == 0:
                raise InputError(_nothing_read(paths, changes))
            if live and not (options.yes or options.dry):
                _refuse_to_empty(live, changes)
            cut_articles(articles, self.embedder.tokenizer, self.progress)
            missing = articles.complete(reuse=not options.full)
            self._warn_of_languages(articles)
            remarks, undecided = list(articles.remarks()), list(articles.undecided())
            generation = live if options.dry else self._build(articles, missing)
            return _summary(
                changes,
                started,
                articles=articles.articles,
                passages=articles.passages,
                remarks=remarks,
                undecided=undecided,
                embedded=missing,
                generation=generation.id if generation else None,
                published=not options.dry,
            )

    def _warn_of_languages(self, articles: ArticleWriter) -> None:
        """Tell how many articles the model understands little of, as far as its card says."""
        model = self.embedder.model
        known = languages_of(model.path)
        if known is None:
            return
        languages = articles.languages()
        foreign = {name: n for name, n in languages if name is not None and name not in known}
        count = sum(foreign.values())
        if count:
            logger.warning(
                "%d of %d articles (%.1f%%) are in a language that %s was not trained for (%s): "
                "they are found by their words, less well by meaning; set ARTICLE_SEARCH_MODEL to "
                "a multilingual model and run `reindex --full` to mend that",
                count,
                articles.articles,
                100 * count / articles.articles,
                model.name,
                ", ".join(list(foreign)[:MOST_NAMED]),
            )

    def _nothing_new(
        self, live: Generation, articles: ArticleWriter, changes: Changes, started: float
    ) -> Summary:
        if not self.options.dry:
            self.folder.tidy(live, self.options.keep)
            forget_what_is_live(self.folder.embedded, self.embedder, articles)
        return _summary(
            changes,
            started,
            articles=live.manifest.articles,
            passages=live.manifest.passages,
            remarks=list(articles.remarks()),
            undecided=list(articles.undecided()),
            embedded=0,
            generation=live.id,
            published=False,
        )

    def _build(self, articles: ArticleWriter, missing: int) -> Generation:
        reused = self.live if self.live and not self.options.full else None
        if reused:
            # What is carried over gets new checksums: damage must not be sealed with them.
            reused.check()
        parts = Parts.open(reused.path) if reused else None
        with closing(Encoder(self.folder.embedded, self.embedder, parts)) as encoder:
            encoder.embed(articles, missing, self.progress)
            # FAISS is next to need memory, and both at once would be the most of the run.
            self.embedder.release()
            draft = self._write(articles, encoder)
        articles.finish()
        if self.fit:
            index = LocalIndex(Generation("draft", self.target, draft))
            draft = replace(draft, confidence=self.fit(index, self.embedder))
        generation = self.folder.publish(self.target, draft, self.options.keep, reused)
        forget(self.folder.embedded)
        return generation

    def _write(self, articles: ArticleWriter, encoder: Encoder) -> Manifest:
        """Write what belongs to each passage, find the stories, and count the terms."""
        target, model, total, done = self.target, self.embedder.model, articles.passages, 0
        dimension, tokenizer = self.embedder.dimension, self.embedder.tokenizer
        with closing(
            PassageWriter(target, encoder.codec, dimension, tokenizer.vocabulary_size, articles)
        ) as writer:
            for piece in pieces(articles.rows()):
                writer.add(piece, encoder.passages(piece))
                done += len(piece)
                self.progress("writing", done, total)
            encoder.count_carried(articles, writer.frequency)
            kind = writer.finish(done=lambda n: self.progress("linking", n, total))
        with closing(write_suggestions(target)) as suggestions:
            self._group(articles, writer.article_vectors(), suggestions)
            suggestions.finish()
        return Manifest(
            pipeline=CLEANING,
            model=model.name,
            model_sha256=model.sha256,
            dimension=dimension,
            articles=articles.articles,
            passages=total,
            tokens=writer.tokens,
            vector_index=kind,
        )

    def _group(
        self, articles: ArticleWriter, vectors: Float32, suggestions: SuggestionWriter
    ) -> None:
        """Find the stories, and what may be suggested; articles are read once for both.

        vectors: (n, d), of unit length, point where the passages of each article do
        """
        total = articles.articles

        def read() -> Iterator[Article]:
            for number, (article, _) in enumerate(articles.added(), start=1):
                suggestions.add(article, names_in(article.text))
                yield article
                self.progress("grouping", number, total)

        stories = group(read(), vectors)
        articles.assign_stories(zip(stories.stories.tolist(), stories.degrees(), strict=True))


def _summary(changes: Changes, started: float, **facts: Any) -> Summary:
    counts = {each.name: getattr(changes, each.name) for each in fields(changes)}
    return Summary(**facts, **counts, seconds=time.perf_counter() - started)


def _nothing_read(paths: Sequence[Path], changes: Changes) -> str:
    where = ", ".join(str(path) for path in paths)
    if not changes.skipped:
        return f"there is no file in {where}"
    first = next((each for each in changes.skipped if not each.foreign), changes.skipped[0])
    return f"no article could be read from {where}; the first: {first.location}: {first.reason}"
