"""Embedding against sentence-transformers: the same texts, in turn, in one process.

Ours is the whole path of indexing (tokens, passage vectors, projected token vectors, token codes);
theirs is `SentenceTransformer.encode` in float32, which gives passage vectors alone.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from indexer.arrays import Float32
from indexer.embedding.base import Embedder
from indexer.embedding.codec import TokenCodec
from indexer.embedding.embedder import open_embedder
from indexer.embedding.export import load_transformer
from indexer.embedding.pooling import pool
from indexer.embedding.tokenizer import TokenizedPassage
from indexer.settings import Settings
from indexer.storage.manifest import Generation
from indexer.storage.parts import Parts
from scripts.lab.measure import BLOCK, milliseconds_in_turn, say, timed
from scripts.lab.table import Row, figure

Texts = list[tuple[str, str]]
"""Headlines, and passages below them."""

ROUNDS = 3
WARM_UP = 64
BATCH = 32
QUESTIONS = 200


def measure_embedding(generation: Generation, count: int, questions: Sequence[str]) -> list[Row]:
    """Texts a second and milliseconds a question, ours beside theirs."""
    parts = Parts.open(generation)
    embedder = open_embedder(Settings.from_environment(), generation.manifest.model)
    transformer = load_transformer(embedder.model, "cpu").float()
    return [
        *_passages(embedder, transformer, parts.tokens.codec, sample_passages(parts, count)),
        *_questions(embedder, transformer, questions[:QUESTIONS]),
    ]


def sample_passages(parts: Parts, count: int) -> Texts:
    """At most `count` passages, spread evenly over the index."""
    alive = np.flatnonzero(parts.columns.alive)
    places = np.linspace(0, len(alive) - 1, min(count, len(alive))).astype(int)
    numbers = alive[places].tolist()
    stored = parts.articles.passages(numbers)
    articles = parts.articles.articles(each.article for each in stored)
    pairs = [(each.passage.span, articles[each.article].article) for each in stored]
    return [(article.title, span.of(article.text)) for span, article in pairs]


def _passages(embedder: Embedder, transformer: Any, codec: TokenCodec, texts: Texts) -> list[Row]:
    def tokenize(some: Texts) -> Sequence[TokenizedPassage]:
        return embedder.tokenizer.passages([each[0] for each in some], [each[1] for each in some])

    def ours(some: Texts) -> Float32:
        embedded = embedder.embed_passages(tokenize(some), codec.projection)
        for tokens in embedded.tokens:
            # As one sentence, which is the most work.
            pooled, _ = pool(tokens, np.zeros(1, np.int64))
            codec.encode(pooled)
        return embedded.vectors

    def theirs(some: Texts) -> Float32:
        joined = ["\n".join(filter(None, each)) for each in some]
        vectors: Float32 = transformer.encode(joined, batch_size=BATCH, show_progress_bar=False)
        return vectors

    ours(texts[:WARM_UP])
    theirs(texts[:WARM_UP])
    our_rates, their_rates = [], []
    for turn in range(1, ROUNDS + 1):
        our_seconds, our_vectors = timed(ours, texts)
        their_seconds, their_vectors = timed(theirs, texts)
        our_rates.append(len(texts) / our_seconds)
        their_rates.append(len(texts) / their_seconds)
        say(f"texts/s, round {turn}: {our_rates[-1]:.1f}, {their_rates[-1]:.1f}")
    lengths = np.linalg.norm(our_vectors, axis=1) * np.linalg.norm(their_vectors, axis=1)
    cosines = np.sum(our_vectors * their_vectors, axis=1) / lengths
    length = np.mean([len(passage.ids) for passage in tokenize(texts)])
    of = f"{len(texts)} texts of {length:.0f} tokens, median of {ROUNDS} rounds in turn"
    return [
        Row(
            "embed passages, ours",
            f"{figure(np.median(our_rates))} texts/s",
            f"{of} ({_list(our_rates)}): tokens, passage and token vectors, token codes",
        ),
        Row(
            "embed passages, sentence-transformers",
            f"{figure(np.median(their_rates))} texts/s",
            f"the same texts ({_list(their_rates)}): encode(batch_size={BATCH}), float32",
        ),
        Row("embed passages, ratio", f"{figure(np.median(our_rates) / np.median(their_rates))}×"),
        Row(
            "embed passages, cosine to theirs",
            f"median {np.median(cosines):.5f}, lowest {cosines.min():.5f}",
            "passage vectors of the same text",
        ),
    ]


def _questions(embedder: Embedder, transformer: Any, questions: Sequence[str]) -> list[Row]:
    def theirs(question: str) -> Any:
        return transformer.encode(question, show_progress_bar=False)

    times = milliseconds_in_turn({"ours": embedder.embed_query, "theirs": theirs}, questions)
    ours, other = float(np.median(times["ours"])), float(np.median(times["theirs"]))
    how = f"median of {len(questions)} questions, in turn in blocks of {BLOCK}"
    return [
        Row("embed one question, ours", f"{figure(ours)} ms", how),
        Row("embed one question, sentence-transformers", f"{figure(other)} ms", "the same"),
        Row("embed one question, ratio", f"{figure(other / ours)}×"),
    ]


def _list(rates: Sequence[float]) -> str:
    return ", ".join(figure(rate) for rate in rates)
