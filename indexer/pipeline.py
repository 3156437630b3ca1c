"""reindex(): the one place that knows the order of the steps.

    files → articles → passages → embed what is new → write → publish

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
from dataclasses import dataclass, fields
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.article import Article, Rejected
from indexer.cutting import cut_articles
from indexer.embedding.calibration import calibrated_codec
from indexer.embedding.codec import TokenCodec
from indexer.embedding.embedder import Embedder
from indexer.embedding.languages import languages_of
from indexer.errors import (
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    InputError,
    StorageError,
)
from indexer.mirror import Changes, Progress, mirror
from indexer.reading.facts.names import names_in
from indexer.storage.articles import ArticleWriter, PassageRow
from indexer.storage.embedded import EmbeddedPassage, EmbeddedPassages, forget
from indexer.storage.folder import PIPELINE, Generation, IndexFolder
from indexer.storage.suggestions import TermWriter
from indexer.storage.tokens import PassageTokens, Tokens, TokenWriter
from indexer.storage.vectors import FaissVectors, VectorWriter
from indexer.storage.words import WordWriter
from indexer.stories.grouping import group

logger = logging.getLogger(__name__)

# Passages embedded at a time, and lost at most when a run is killed.
PIECE = 1024
# A run that would remove a larger share of the live articles has to be told that this is meant.
MOST_REMOVED = 0.5
# Languages that a warning names.
MOST_NAMED = 5

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]


Calibrate = Callable[[Path, Embedder], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What a run may do.

    full: rebuild everything, use nothing of the live generation's but articles of other paths
    dry: find out what would change, and change nothing
    prune: remove the articles of paths that are not named
    yes: remove more than half of the articles if it comes to that
    keep: generations that stay, the new one among them
    """

    full: bool = False
    dry: bool = False
    prune: bool = False
    yes: bool = False
    keep: int = 2


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did, or with `dry` would do.

    `embedded` of the passages went through the model, in this run or an interrupted one before it.
    The counts from `added` to `duplicates` are of articles (see `Changes`). `generation` is the
    live one; `published` says whether this run made it.
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
    seconds: float
    generation: str | None
    published: bool


def reindex(
    paths: Sequence[Path],
    index: Path,
    embedder: Embedder,
    progress: Progress = lambda stage, done, total: None,
    options: Options = Options(),
    calibrate: Calibrate = lambda files, embedder: None,
) -> Summary:
    """Make the index mirror the articles under `paths`; publish it if anything has changed.

    calibrate: called with the folder of the finished files before they are published, to add what
        only searching them can tell

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
            run = _Reindex(folder, target, live, embedder, progress, options, calibrate)
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
    if made_by.pipeline != PIPELINE:
        logger.info(
            "the index was made by version %d of reading and cleaning, this is %d: every file is "
            "read again",
            made_by.pipeline,
            PIPELINE,
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


class _Reindex:
    """One run, its lock held: mirror the sources, embed what is new, write the rest, publish."""

    def __init__(
        self,
        folder: IndexFolder,
        target: Path,
        live: Generation | None,
        embedder: Embedder,
        progress: Progress,
        options: Options,
        calibrate: Calibrate,
    ) -> None:
        self._folder = folder
        self._target = target
        self._live = live
        self._embedder = embedder
        self._progress = progress
        self._options = options
        self._calibrate = calibrate
        self._embedded = folder.path / "embedded.db"

    def run(self, paths: Sequence[Path], started: float) -> Summary:
        live, options = self._live, self._options
        beside = live.path / "articles.db" if live else None
        with closing(ArticleWriter(self._target / "articles.db", beside)) as articles:
            lazy = live is not None and self._folder.is_live(live) and not options.full
            changes = mirror(
                paths,
                articles,
                self._progress,
                prune=options.prune,
                reuse=not options.full,
                lazy=lazy,
            )
            if live and lazy and not changes.any:
                return self._nothing_new(live, articles, changes, started)
            if articles.articles == 0:
                raise InputError(_nothing_read(paths, changes))
            if live and not (options.yes or options.dry):
                _refuse_to_empty(live, changes)
            cut_articles(articles, self._embedder.tokenizer, self._progress)
            missing = articles.complete(reuse=not options.full)
            self._warn_of_languages(articles)
            generation = live if options.dry else self._build(articles, missing)
            return _summary(
                changes,
                started,
                articles=articles.articles,
                passages=articles.passages,
                embedded=missing,
                generation=generation.id if generation else None,
                published=not options.dry,
            )

    def _warn_of_languages(self, articles: ArticleWriter) -> None:
        """Tell how many articles the model understands little of, as far as its card says."""
        model = self._embedder.model
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
        if not self._options.dry:
            self._tidy(live, articles)
        return _summary(
            changes,
            started,
            articles=live.manifest.articles,
            passages=live.manifest.passages,
            embedded=0,
            generation=live.id,
            published=False,
        )

    def _build(self, articles: ArticleWriter, missing: int) -> Generation:
        reused = self._live if self._live and not self._options.full else None
        if reused:
            # What is carried over gets new checksums: damage must not be sealed with them.
            reused.check()
        tokens = Tokens(reused.path / "tokens.bin") if reused else None
        with closing(self._open_embedded(tokens.codec if tokens else None)) as embedded:
            self._embed(articles, embedded, missing)
            # FAISS is next to need memory, and both at once would be the most of the run.
            self._embedder.release()
            if reused and tokens:
                vectors = FaissVectors.open(reused.path / "vectors.faiss")
                uses = np.zeros(len(tokens), np.int64)
                facts = self._write(articles, embedded, _Live(vectors, tokens, uses))
            else:
                facts = self._write(articles, embedded, None)
        articles.finish()
        self._calibrate(self._target, self._embedder)
        generation = self._folder.publish(self._target, facts, self._options.keep, reused)
        forget(self._embedded)
        return generation

    def _tidy(self, live: Generation, articles: ArticleWriter) -> None:
        """Remove what a run left that was killed once it had published.

        What an interrupted run has embedded for other articles than the live ones stays.
        """
        self._folder.tidy(live, self._options.keep)
        if self._embedded.exists():
            with closing(self._open_embedded(None)) as embedded:
                used = all(articles.live_has(key) for key in embedded.keys())  # noqa: SIM118
            if used:
                forget(self._embedded)

    def _open_embedded(self, live: TokenCodec | None) -> EmbeddedPassages:
        return EmbeddedPassages(
            self._embedded,
            self._embedder.model.sha256,
            live,
            partial(calibrated_codec, self._embedder),
        )

    def _embed(self, articles: ArticleWriter, embedded: EmbeddedPassages, total: int) -> None:
        """Embed what nobody has embedded yet, and keep each piece at once."""
        if total == 0:
            return
        codec, done = embedded.codec, 0
        self._progress("embedding", 0, total)
        rows = articles.rows(missing=True)
        while piece := list(islice(rows, PIECE)):
            missing = embedded.missing(row.key for row in piece)
            new = [row for row in piece if row.key in missing]
            if new:
                embedded.add([row.key for row in new], self._ask_model(new, codec))
            done += len(piece)
            self._progress("embedding", done, total)

    def _ask_model(self, rows: Sequence[PassageRow], codec: TokenCodec) -> list[EmbeddedPassage]:
        tokenized = self._embedder.tokenizer.passages(
            [row.headline for row in rows], [row.text for row in rows]
        )
        said = self._embedder.embed_passages(tokenized, codec.projection)
        return [
            EmbeddedPassage(
                vector,
                PassageTokens(
                    codec.encode(projected), first_tokens(row.sentences, passage.offsets)
                ),
                passage.distinct_ids(),
            )
            for row, passage, vector, projected in zip(
                rows, tokenized, said.vectors.astype(np.float16), said.tokens, strict=True
            )
        ]

    def _write(
        self, articles: ArticleWriter, embedded: EmbeddedPassages, live: "_Live | None"
    ) -> dict[str, object]:
        """Write what belongs to each passage, find the stories, and count the terms.

        Returns what the manifest says of the generation.
        """
        target, total = self._target, articles.passages
        sentences, vocabulary = articles.sentences, self._embedder.tokenizer.vocabulary_size
        rows, done = articles.rows(), 0
        sums = np.zeros((articles.articles, self._embedder.dimension), np.float32)
        with (
            closing(VectorWriter(target / "vectors.faiss", self._embedder.dimension)) as vectors,
            closing(
                TokenWriter(target / "tokens.bin", embedded.codec, total, sentences, vocabulary)
            ) as tokens,
            closing(WordWriter(target / "lexical")) as words,
        ):
            while piece := list(islice(rows, PIECE)):
                passages = _gather(piece, embedded, live)
                block = np.array([each.vector for each in passages])
                vectors.add(block)
                np.add.at(sums, [row.article for row in piece], block)
                tokens.add(each.tokens for each in passages)
                for row, each in zip(piece, passages, strict=True):
                    tokens.frequency[each.ids] += 1
                    words.add(row.number, row.headline, row.text)
                done += len(piece)
                self._progress("writing", done, total)
            if live:
                self._count_tokens(articles, tokens.frequency, live)
            tokens.finish()
            words.finish()
            kind = vectors.finish(done=lambda n: self._progress("linking", n, total))
        with closing(TermWriter(target / "terms.db")) as terms:
            self._group(articles, sums, terms)
            terms.finish()
        return {
            "pipeline": PIPELINE,
            "model": self._embedder.model.name,
            "model_sha256": self._embedder.model.sha256,
            "dimension": self._embedder.dimension,
            "vector_index": kind,
            "articles": articles.articles,
            "passages": total,
            "tokens": tokens.tokens,
        }

    def _group(self, articles: ArticleWriter, vectors: Float32, terms: TermWriter) -> None:
        """Find the stories, and count the terms; articles are read once for both.

        vectors: (n, d), point where the passages of each article do
        """
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        total = articles.articles

        def read() -> Iterator[Article]:
            for number, (article, _) in enumerate(articles.added(), start=1):
                terms.add(article, names_in(article.text))
                yield article
                self._progress("grouping", number, total)

        stories = group(read(), vectors)
        articles.tell(zip(stories.stories.tolist(), stories.degrees(), strict=True))

    def _count_tokens(self, articles: ArticleWriter, frequency: Int64, live: "_Live") -> None:
        """Add what the live generation counted, corrected by the passages not used just once."""
        frequency += live.tokens.document_frequency
        rows = articles.live_rows(np.flatnonzero(live.uses != 1).tolist())
        while piece := list(islice(rows, PIECE)):
            tokenized = self._embedder.tokenizer.passages(
                [row.headline for row in piece], [row.text for row in piece]
            )
            for row, passage in zip(piece, tokenized, strict=True):
                frequency[passage.distinct_ids()] += live.uses[row.number] - 1


@dataclass(frozen=True, slots=True)
class _Live:
    """The generation that passages are carried over from; `uses` counts how often each was."""

    vectors: FaissVectors
    tokens: Tokens
    uses: Int64


_NO_IDS: Int64 = np.zeros(0, np.int64)


def _gather(
    rows: Sequence[PassageRow], embedded: EmbeddedPassages, live: _Live | None
) -> list[EmbeddedPassage]:
    """What is known of some passages, from the live generation or of those embedded since.

    Of those carried over the token ids are not known, nor needed: they are counted already.
    """
    carried: dict[int, EmbeddedPassage] = {}
    if live:
        numbers = np.array([row.live for row in rows if row.live is not None], np.int64)
        np.add.at(live.uses, numbers, 1)
        carried = {
            number: EmbeddedPassage(vector, tokens, _NO_IDS)
            for number, vector, tokens in zip(
                numbers.tolist(), live.vectors.rows(numbers), live.tokens.rows(numbers), strict=True
            )
        }
    return [embedded.get(row.key) if row.live is None else carried[row.live] for row in rows]


def _summary(changes: Changes, started: float, **facts: Any) -> Summary:
    counts = {each.name: getattr(changes, each.name) for each in fields(changes)}
    return Summary(**facts, **counts, seconds=time.perf_counter() - started)


def first_tokens(sentence_ends: Int64, offsets: Int64) -> Int64:
    """Which token begins each sentence, (s,), from sentence ends (s,) and token offsets (t, 2)."""
    begins = np.concatenate([[0], sentence_ends[:-1]])
    first: Int64 = np.searchsorted(offsets[:, 1], begins, side="right")
    return first


def _nothing_read(paths: Sequence[Path], changes: Changes) -> str:
    where = ", ".join(str(path) for path in paths)
    if not changes.skipped:
        return f"there is no article file (.txt .html .md .json .jsonl, or .gz of these) in {where}"
    first = changes.skipped[0]
    return f"no article could be read from {where}; the first: {first.location}: {first.reason}"
