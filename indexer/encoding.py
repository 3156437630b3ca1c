"""Where a passage's embedding comes from: the live generation, an interrupted run, the model."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from indexer.arrays import Int64
from indexer.embedding.base import Embedder
from indexer.embedding.calibration import calibrated_codec
from indexer.embedding.codec import TokenCodec
from indexer.progress import Progress
from indexer.storage.article_writer import ArticleWriter, PassageRow
from indexer.storage.embedded import EmbeddedPassage, EmbeddedPassages, forget
from indexer.storage.parts import Parts
from indexer.storage.tokens import PassageTokens

# Passages embedded at a time, and lost at most when a run is killed.
PIECE = 1024

# Of passages that are carried over the token ids are not known, nor needed: they are counted.
_NO_IDS: Int64 = np.zeros(0, np.int64)


class Encoder:
    """Embeds what nobody has embedded yet, and hands out what is known of every passage."""

    def __init__(self, file: Path, embedder: Embedder, live: Parts | None) -> None:
        """Go on with what an interrupted run has left in `file`; passages of `live` are reused."""
        codec = live.tokens.codec if live else None
        self._embedded = open_embedded(file, embedder, codec)
        self._embedder = embedder
        self._live = live
        # How often each passage of the live generation is used.
        self._uses: Int64 = np.zeros(len(live.tokens) if live else 0, np.int64)

    @property
    def codec(self) -> TokenCodec:
        """What codes the token vectors of all passages."""
        return self._embedded.codec

    def embed(self, articles: ArticleWriter, total: int, progress: Progress) -> None:
        """Embed the `total` passages that nobody has embedded yet, and keep each piece at once."""
        if total == 0:
            return
        done = 0
        progress("embedding", 0, total)
        for piece in pieces(articles.rows(missing=True)):
            missing = self._embedded.missing(row.key for row in piece)
            new = [row for row in piece if row.key in missing]
            if new:
                self._embedded.add([row.key for row in new], self._ask_model(new))
            done += len(piece)
            progress("embedding", done, total)

    def _ask_model(self, rows: Sequence[PassageRow]) -> list[EmbeddedPassage]:
        codec = self.codec
        tokenized = self._embedder.tokenizer.passages(
            [row.headline for row in rows], [row.text for row in rows]
        )
        found = self._embedder.embed_passages(tokenized, codec.projection)
        return [
            EmbeddedPassage(
                vector,
                PassageTokens(codec.encode(projected), passage.first_tokens(row.sentences)),
                passage.distinct_ids(),
            )
            for row, passage, vector, projected in zip(
                rows, tokenized, found.vectors.astype(np.float16), found.tokens, strict=True
            )
        ]

    def passages(self, rows: Sequence[PassageRow]) -> list[EmbeddedPassage]:
        """What is known of some passages, all of which have been embedded."""
        carried: dict[int, EmbeddedPassage] = {}
        if self._live:
            numbers = np.array([row.live for row in rows if row.live is not None], np.int64)
            np.add.at(self._uses, numbers, 1)
            carried = {
                number: EmbeddedPassage(vector, tokens, _NO_IDS)
                for number, vector, tokens in zip(
                    numbers.tolist(),
                    self._live.vectors.rows(numbers),
                    self._live.tokens.rows(numbers),
                    strict=True,
                )
            }
        return [
            self._embedded.get(row.key) if row.live is None else carried[row.live] for row in rows
        ]

    def count_carried(self, articles: ArticleWriter, frequency: Int64) -> None:
        """Add to the passages with each token id, (v,), those of the passages carried over.

        They are what the live generation counted, corrected by the passages not used just once.
        """
        if self._live is None:
            return
        frequency += self._live.tokens.document_frequency
        rows = articles.live_rows(np.flatnonzero(self._uses != 1).tolist())
        for piece in pieces(rows):
            tokenized = self._embedder.tokenizer.passages(
                [row.headline for row in piece], [row.text for row in piece]
            )
            for row, passage in zip(piece, tokenized, strict=True):
                frequency[passage.distinct_ids()] += self._uses[row.number] - 1

    def close(self) -> None:
        """Close the file, whose content stays."""
        self._embedded.close()


def open_embedded(file: Path, embedder: Embedder, codec: TokenCodec | None) -> EmbeddedPassages:
    """What an interrupted run has embedded, or an empty file of the model's."""
    return EmbeddedPassages(file, embedder.model.sha256, codec, partial(calibrated_codec, embedder))


def forget_what_is_live(file: Path, embedder: Embedder, articles: ArticleWriter) -> None:
    """Remove what a run has left that was killed after it had published.

    What an interrupted run has embedded for other articles than the live ones stays.
    """
    if not file.exists():
        return
    embedded = open_embedded(file, embedder, None)
    try:
        used = all(articles.live_has(key) for key in embedded.keys())  # noqa: SIM118
    finally:
        embedded.close()
    if used:
        forget(file)


def pieces(rows: Iterator[PassageRow]) -> Iterator[list[PassageRow]]:
    """Rows, `PIECE` at a time."""
    while piece := list(islice(rows, PIECE)):
        yield piece
