"""Where a passage's embedding comes from: the live generation, an interrupted run, the model."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from indexer.arrays import Int64
from indexer.embedding.base import Embedder, PassageVectors
from indexer.embedding.calibration import Codecs, calibrated_codecs
from indexer.embedding.pooling import pool
from indexer.embedding.tokenizer import TokenizedPassage
from indexer.progress import Progress
from indexer.storage.article_writer import ArticleWriter, PassageRow
from indexer.storage.drafts import Drafts
from indexer.storage.embedded import EmbeddedPassage, EmbeddedPassages, forget
from indexer.storage.parts import OpenSegment
from indexer.storage.tokens import PassageTokens
from indexer.storage.union import UnionTokens, UnionVectors

# Passages embedded at a time, and lost at most when a run is killed.
PIECE = 1024

# Pieces that wait for the model while it reads one.
AHEAD = 1
# Of passages that are carried over the token ids are not known, nor needed: they are counted.
_NO_IDS: Int64 = np.zeros(0, np.int64)


class _Asked(NamedTuple):
    """A piece of so many passages that the model has been asked of, those rows of it that are new.

    found: what the model says of these
    """

    passages: int
    rows: list[PassageRow]
    tokenized: Sequence[TokenizedPassage]
    found: Future[PassageVectors]


class Encoder:
    """Embeds what nobody has embedded yet, and hands out what is known of every passage."""

    def __init__(
        self, file: Path, embedder: Embedder, live: Sequence[OpenSegment], staying: int
    ) -> None:
        """Go on with what an interrupted run has left in `file`; passages of `live` are reused.

        live: the segments of the live generation, if anything of that is carried over
        staying: so many of them, from the first on, the next generation shares
        """
        carried = Codecs(live[0].tokens.codec, live[0].vectors.codec) if live else None
        codecs = carried or calibrated_codecs(embedder)
        self._embedded = EmbeddedPassages(
            file, embedder.model.sha256, carried and carried.tokens, lambda: codecs.tokens
        )
        # An interrupted run's token codes are read by the codec that they were made by.
        self.codecs = Codecs(self._embedded.codec, codecs.vectors)
        self._embedder = embedder
        self._live = live
        self._staying = staying
        self._known = (
            (UnionVectors([s.vectors for s in live]), UnionTokens([s.tokens for s in live]))
            if live
            else None
        )
        # How often each passage of the live generation is used.
        self._uses: Int64 = np.zeros(sum(len(each.tokens) for each in live), np.int64)

    def embed(self, segment: ArticleWriter, total: int, progress: Progress) -> None:
        """Embed the `total` passages that nobody has embedded yet, and keep each piece at once.

        While the model reads one piece, the next is tokenized and the one before is coded and kept,
        so that neither waits for the other.
        """
        if total == 0:
            return
        progress("embedding", 0, total)
        model, asked, done = ThreadPoolExecutor(1, "embedding"), deque[_Asked](), 0
        try:
            for piece in pieces(segment.rows(missing=True)):
                asked.append(self._ask(piece, model))
                if len(asked) > AHEAD:
                    done += self._keep(asked.popleft())
                    progress("embedding", done, total)
            while asked:
                done += self._keep(asked.popleft())
                progress("embedding", done, total)
        finally:
            # Of a run that ends early, what the model has not begun is not begun.
            model.shutdown(cancel_futures=True)

    def _ask(self, piece: list[PassageRow], model: Executor) -> "_Asked":
        """Have the model read what nobody has embedded of a piece."""
        missing = self._embedded.missing(row.key for row in piece)
        rows = [row for row in piece if row.key in missing]
        tokenized = self._embedder.tokenizer.passages(
            [row.headline for row in rows], [row.text for row in rows]
        )
        found = model.submit(
            self._embedder.embed_passages, tokenized, self.codecs.tokens.projection
        )
        return _Asked(len(piece), rows, tokenized, found)

    def _keep(self, asked: "_Asked") -> int:
        """Keep what the model has said of a piece; returns how many passages that has."""
        codec, found = self.codecs.tokens, asked.found.result()
        embedded = []
        for row, passage, vector, tokens in zip(
            asked.rows, asked.tokenized, found.vectors, found.tokens, strict=True
        ):
            pooled, begins = pool(tokens, passage.first_tokens(row.sentences))
            embedded.append(
                EmbeddedPassage(
                    vector, PassageTokens(codec.encode(pooled), begins), passage.distinct_ids()
                )
            )
        if embedded:
            self._embedded.add([row.key for row in asked.rows], embedded)
        return asked.passages

    def passages(self, rows: Sequence[PassageRow]) -> list[EmbeddedPassage]:
        """What is known of some passages, all of which have been embedded."""
        carried: dict[int, EmbeddedPassage] = {}
        if self._known:
            vectors, codes = self._known
            numbers = np.array([row.live for row in rows if row.live is not None], np.int64)
            np.add.at(self._uses, numbers, 1)
            carried = {
                number: EmbeddedPassage(vector, tokens, _NO_IDS)
                for number, vector, tokens in zip(
                    numbers.tolist(),
                    vectors.rows(numbers),
                    codes.rows(numbers),
                    strict=True,
                )
            }
        return [
            self._embedded.get(row.key) if row.live is None else carried[row.live] for row in rows
        ]

    def count_carried(self, segment: ArticleWriter, frequency: Int64) -> None:
        """Add to the passages with each token id, (v,), those of the passages carried over.

        They are what the segments counted that are merged, corrected by the passages that are not
        used just once, and those of other segments that are used.
        """
        if not self._live:
            return
        for merged in self._live[self._staying :]:
            frequency += merged.tokens.document_frequency
        counted = np.ones_like(self._uses)
        counted[: sum(len(each.tokens) for each in self._live[: self._staying])] = 0
        rows = segment.live_rows(np.flatnonzero(self._uses != counted).tolist())
        for piece in pieces(rows):
            tokenized = self._embedder.tokenizer.passages(
                [row.headline for row in piece], [row.text for row in piece]
            )
            for row, passage in zip(piece, tokenized, strict=True):
                frequency[passage.distinct_ids()] += self._uses[row.number] - counted[row.number]

    def close(self) -> None:
        """Close the file, whose content stays."""
        self._embedded.close()


def forget_what_is_live(file: Path, embedder: Embedder, drafts: Drafts) -> None:
    """Remove what a run has left that was killed after it had published.

    What an interrupted run has embedded for other articles than the live ones stays.
    """
    if not file.exists():
        return
    embedded = EmbeddedPassages(
        file, embedder.model.sha256, None, lambda: calibrated_codecs(embedder).tokens
    )
    try:
        used = all(drafts.live_has(key) for key in embedded.keys())  # noqa: SIM118
    finally:
        embedded.close()
    if used:
        forget(file)


def pieces(rows: Iterator[PassageRow]) -> Iterator[list[PassageRow]]:
    """Rows, `PIECE` at a time."""
    while piece := list(islice(rows, PIECE)):
        yield piece
