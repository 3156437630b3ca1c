"""reindex(): the one place that knows the order of the steps.

    files → read → clean → group into stories → cut → embed → write → publish

Articles stream through twice. First every file is read, cleaned, cut and written to SQLite; then
the passages, now counted, are embedded and written to the other files in pieces. So memory does not
grow with the corpus, but for the arrays that FAISS needs.
"""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.article import Article, Rejected
from indexer.embedding.codec import TokenCodec
from indexer.embedding.embedder import Embedder
from indexer.errors import InputError, StorageError
from indexer.reading.cleaning import clean
from indexer.reading.files import find_files, packed_size
from indexer.reading.formats import read_documents
from indexer.reading.passages import cut
from indexer.storage.articles import ArticleWriter
from indexer.storage.generation import Generation, IndexFolder
from indexer.storage.lexical import WordWriter
from indexer.storage.tokens import TokenWriter
from indexer.storage.vectors import write_vectors

logger = logging.getLogger(__name__)

# Changes when the same files would give other articles, passages or vectors.
PIPELINE_VERSION = 1
# Passages embedded, coded and written at a time.
PIECE = 2048
# Passages, spread over the corpus, from whose tokens the codec is learned.
CODEC_SAMPLE = 400

Int64 = NDArray[np.int64]

Progress = Callable[[str, int, int], None]
"""Called with a stage, how many are done, and of how many.

The stages: `reading` bytes, `embedding` passages, `linking` vectors (where a graph is built).
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did."""

    articles: int
    passages: int
    duplicates: int
    skipped: list[Rejected]
    seconds: float
    generation: str


@dataclass(slots=True)
class _Reading:
    skipped: list[Rejected] = field(default_factory=list)
    duplicates: int = 0


def reindex(
    paths: Sequence[Path],
    index: Path,
    embedder: Embedder,
    progress: Progress = lambda stage, done, total: None,
) -> Summary:
    """Build an index over the articles under `paths` and make it the live one.

    Raises:
        InputError: a path does not exist, or no article could be read from any of them.
        IndexBusy: another process is writing this index.
        StorageError: the index cannot be written: the disk is full, say.
    """
    started = time.perf_counter()
    reading = _Reading()
    folder = IndexFolder(index)
    try:
        with folder.writing() as target, closing(ArticleWriter(target / "articles.db")) as articles:
            _read(paths, articles, embedder, reading, progress)
            if articles.passages == 0:
                raise InputError(_nothing_read(paths, reading.skipped))
            generation = _embed_and_publish(folder, target, articles, embedder, progress)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            f"cannot write the index in {index}: {error}; the live generation is unchanged"
        ) from error
    manifest = generation.manifest
    return Summary(
        manifest.articles,
        manifest.passages,
        reading.duplicates,
        reading.skipped,
        time.perf_counter() - started,
        generation.id,
    )


def _read(
    paths: Sequence[Path],
    articles: ArticleWriter,
    embedder: Embedder,
    reading: _Reading,
    progress: Progress,
) -> None:
    files = list(find_files(paths))
    sizes = [0 if isinstance(file, Rejected) else packed_size(file) for file in files]
    total = sum(sizes)
    done = 0

    def reached(position: int) -> None:
        progress("reading", done + position, total)

    for file, size in zip(files, sizes, strict=True):
        for found in [file] if isinstance(file, Rejected) else read_documents(file, reached):
            article = found if isinstance(found, Rejected) else clean(found)
            if isinstance(article, Rejected):
                logger.debug("skipped %s: %s", article.location, article.reason)
                reading.skipped.append(article)
                continue
            _add(article, articles, embedder, reading)
        done += size
        progress("reading", done, total)


def _add(article: Article, articles: ArticleWriter, embedder: Embedder, reading: _Reading) -> None:
    known = articles.find(article.id)
    if known is None:
        passages = cut(article, embedder.tokenizer)
        articles.add(article, _text_hash(article.text), passages)
    elif known.text == article.text:
        reading.duplicates += 1
    else:
        reason = f"its id {article.id!r} is already that of {known.location}"
        reading.skipped.append(Rejected(article.location, reason))


def _text_hash(text: str) -> bytes:
    """The same for texts that differ only in spacing and case: such articles are one story."""
    return hashlib.sha256("".join(text.casefold().split()).encode("utf-8", "replace")).digest()


def _nothing_read(paths: Sequence[Path], skipped: Sequence[Rejected]) -> str:
    where = ", ".join(str(path) for path in paths)
    if not skipped:
        return f"there is no article file (.txt .html .md .json .jsonl, or .gz of these) in {where}"
    first = skipped[0]
    return f"no article could be read from {where}; the first: {first.location}: {first.reason}"


@dataclass(frozen=True, slots=True)
class _Row:
    """A passage on its way to the model; `sentences` are the ends of its sentences in `text`."""

    number: int
    headline: str
    text: str
    sentences: Int64


def _rows(articles: ArticleWriter) -> Iterator[_Row]:
    for stored, passages in articles.iterate():
        for row in passages:
            span, sentences = row.passage.span, row.passage.sentences
            ends = np.array([sentence.end - span.start for sentence in sentences], np.int64)
            yield _Row(row.number, stored.article.title, span.of(stored.article.text), ends)


def first_tokens(sentence_ends: Int64, offsets: Int64) -> Int64:
    """Which token begins each sentence, (s,), from sentence ends (s,) and token offsets (t, 2)."""
    begins = np.concatenate([[0], sentence_ends[:-1]])
    first: Int64 = np.searchsorted(offsets[:, 1], begins, side="right")
    return first


def _embed_and_publish(
    folder: IndexFolder,
    target: Path,
    articles: ArticleWriter,
    embedder: Embedder,
    progress: Progress,
) -> Generation:
    articles.index_passages()
    total = articles.passages
    codec = _fit_codec(articles, embedder)
    tokens = TokenWriter(
        target / "tokens.bin",
        codec,
        total,
        articles.sentences,
        embedder.tokenizer.vocabulary_size,
    )
    words = WordWriter(target / "lexical")
    raw = target / "vectors.raw"
    vectors = np.memmap(raw, np.float32, "w+", shape=(total, embedder.dimension))
    rows = _rows(articles)
    done = 0
    progress("embedding", 0, total)
    try:
        while piece := list(islice(rows, PIECE)):
            tokenized = embedder.tokenizer.passages(
                [row.headline for row in piece], [row.text for row in piece]
            )
            embedded = embedder.embed_passages(tokenized, codec.projection)
            vectors[done : done + len(piece)] = embedded.vectors
            for row, passage, projected in zip(piece, tokenized, embedded.tokens, strict=True):
                tokens.add(
                    passage.ids[passage.first : passage.last],
                    codec.encode(projected),
                    first_tokens(row.sentences, passage.offsets),
                )
                words.add(row.number, row.headline, row.text)
            done += len(piece)
            progress("embedding", done, total)
        tokens.finish()
        words.finish()
    finally:
        tokens.close()
        words.close()
    kind = write_vectors(
        vectors, target / "vectors.faiss", done=lambda n: progress("linking", n, total)
    )
    del vectors
    raw.unlink()
    counts = {"articles": articles.articles, "passages": total, "tokens": tokens.tokens}
    articles.finish()
    return folder.publish(
        target,
        {
            "pipeline": PIPELINE_VERSION,
            "model": embedder.model.name,
            "model_sha256": embedder.model.sha256,
            "dimension": embedder.dimension,
            "vector_index": kind,
            **counts,
        },
    )


def _fit_codec(articles: ArticleWriter, embedder: Embedder) -> TokenCodec:
    stride = max(1, articles.passages // CODEC_SAMPLE)
    sample = list(islice(_rows(articles), 0, stride * CODEC_SAMPLE, stride))
    tokenized = embedder.tokenizer.passages(
        [row.headline for row in sample], [row.text for row in sample]
    )
    identity = np.eye(embedder.dimension, dtype=np.float32)
    return TokenCodec.fit(np.concatenate(embedder.embed_passages(tokenized, identity).tokens))
