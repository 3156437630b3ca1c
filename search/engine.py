"""The Searcher: one open generation and the model that made it; every door asks this one object.

    question → embed → dense + lexical candidates → fuse → rerank → collapse → answer → fetch

It holds no state that a request can change, so any number of threads may search at once.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from indexer.article import Article, Span
from indexer.embedding.embedder import Embedder, QueryVectors
from indexer.embedding.maxsim import (
    inverse_document_frequency,
    maxsim,
    token_similarities,
)
from indexer.errors import IndexDamaged, IndexMismatch
from indexer.storage.articles import Articles, StoredArticle, StoredPassage
from indexer.storage.generation import Generation
from indexer.storage.lexical import Words
from indexer.storage.tokens import Tokens
from indexer.storage.vectors import FaissVectors, best
from search.answer import sentence_scores
from search.fusion import Ranking, fuse
from search.query import Query

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Candidates of each method. 300, 500 and 1,000 rank alike; 100 loses .005 of RR@10.
CANDIDATES = 300
# Passages reranked by late interaction; 60 and 100 rank alike.
RERANKED = 30
DENSE_WEIGHT = 0.5
LEXICAL_WEIGHT = 0.5
# The share of late interaction in the score of a reranked passage (docs/evaluation.md).
LATE_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer: an article, the passage of it that matches best, and the sentence that answers.

    `passage` and `answer` are offsets into the article's text; `answer` lies inside `passage`.
    """

    rank: int
    score: float
    article: Article
    passage_number: int
    passage: Span
    answer: Span


@dataclass(frozen=True, slots=True)
class Results:
    """The hits of a question, and how many there are to page through.

    `timings` are milliseconds by stage.
    """

    query: Query
    hits: list[Hit]
    total: int
    generation: str
    model: str
    took_ms: float
    timings: dict[str, float]


class Searcher:
    """Ranks the passages of one open generation."""

    def __init__(self, generation: Generation, embedder: Embedder) -> None:
        """Open the files of a generation.

        Raises:
            IndexDamaged: a file cannot be read, or the files do not belong together.
            IndexMismatch: the generation was made by another model.
        """
        manifest = generation.manifest
        if manifest.model_sha256 != embedder.model.sha256:
            raise IndexMismatch(
                f"the index was made by {manifest.model} ({manifest.model_sha256[:12]}), this is "
                f"{embedder.model.name} ({embedder.model.sha256[:12]}); set ARTICLE_SEARCH_MODEL "
                "to the former or run `reindex` with the latter"
            )
        self.generation = generation
        self._embedder = embedder
        self._articles = Articles(generation.path / "articles.db")
        self._vectors = FaissVectors.open(generation.path / "vectors.faiss")
        self._words = Words(generation.path / "lexical")
        self._tokens = Tokens(generation.path / "tokens.bin")
        counts = {
            "articles.db": len(self._articles.article_of),
            "vectors.faiss": len(self._vectors),
            "lexical": len(self._words),
            "tokens.bin": len(self._tokens),
        }
        wrong = [name for name, count in counts.items() if count != manifest.passages]
        if wrong or self._vectors.dimension != embedder.dimension:
            raise IndexDamaged(
                f"{', '.join(wrong) or 'vectors.faiss'} in {generation.path} does not hold the "
                f"{manifest.passages} passages of the manifest; run `reindex` again"
            )
        self._idf = inverse_document_frequency(self._tokens.document_frequency, manifest.passages)

    def search(self, query: Query) -> Results:
        """Answer a question."""
        clock = _Clock()
        allowed = self._articles.allowed(
            query.sources, _iso(query.published_from), _iso(query.published_to)
        )
        with clock.stage("embed"):
            question = self._embedder.embed_query(query.words)
        passages, scores = self._rank(query, question, allowed, clock)
        passages, scores = self._collapse(query, passages, scores)
        page = slice(query.offset, query.offset + query.limit)
        with clock.stage("fetch"):
            stored = self._articles.passages(passages[page].tolist())
            articles = self._articles.articles(passage.article for passage in stored)
        with clock.stage("answer"):
            answers = self._answers(question, stored)
        hits = [
            Hit(
                rank,
                float(score),
                articles[passage.article].article,
                passage.number,
                passage.passage.span,
                answer,
            )
            for rank, (passage, score, answer) in enumerate(
                zip(stored, scores[page], answers, strict=True), start=query.offset + 1
            )
        ]
        manifest = self.generation.manifest
        return Results(
            query,
            hits,
            len(passages),
            self.generation.id,
            manifest.model,
            clock.total(),
            clock.stages,
        )

    def article(self, article_id: str) -> StoredArticle | None:
        """An article by its id, or None."""
        return self._articles.by_id(article_id)

    def passages_of(self, article: int) -> list[StoredPassage]:
        """All passages of an article by its number, in order."""
        return self._articles.passages_of(article)

    def best_sentence(self, question: str, article: int) -> tuple[StoredPassage, Span] | None:
        """The passage of an article and the sentence in it that best answer a question."""
        passages = self._articles.passages_of(article)
        if not passages:
            return None
        vectors = self._embedder.embed_query(question)
        best_score, chosen = -np.inf, None
        for passage in passages:
            scores = self._sentence_scores(vectors, passage)
            at = int(np.argmax(scores))
            if scores[at] > best_score:
                best_score, chosen = float(scores[at]), (passage, passage.passage.sentences[at])
        return chosen

    def _rank(
        self, query: Query, question: QueryVectors, allowed: Mask | None, clock: "_Clock"
    ) -> tuple[Int64, Float32]:
        """Passages and their scores, best first."""
        dense = lexical = _NOTHING
        if query.mode != "lexical":
            with clock.stage("dense"):
                dense = self._vectors.search(question.vector, CANDIDATES, allowed)
        if query.mode != "semantic":
            with clock.stage("lexical"):
                terms = self._words.terms(query.words)
                lexical = self._words.search(terms, CANDIDATES, allowed)
        if query.mode == "semantic":
            return dense
        if query.mode == "lexical":
            return best(*lexical, limit=len(lexical[0]))
        with clock.stage("rerank"):
            fused = best(
                *fuse([Ranking(*dense, DENSE_WEIGHT), Ranking(*lexical, LEXICAL_WEIGHT)]),
                limit=2 * CANDIDATES,
            )
            return self._rerank(question, *fused)

    def _rerank(
        self, question: QueryVectors, passages: Int64, fused: Float32
    ) -> tuple[Int64, Float32]:
        """Mix late interaction into the scores of the best passages; the rest follow after."""
        head = passages[:RERANKED]
        if len(head) == 0 or len(question.token_ids) == 0:
            return passages, fused
        codes, starts = self._tokens.read(head)
        similarities = token_similarities(self._tokens.codec, question.tokens, codes)
        late = maxsim(similarities, starts, self._idf[question.token_ids])
        mixed = (1 - LATE_SHARE) * fused[:RERANKED] + LATE_SHARE * late
        head, mixed = best(head, mixed.astype(np.float32), RERANKED)
        rest = np.minimum((1 - LATE_SHARE) * fused[RERANKED:] + LATE_SHARE * late.min(), mixed[-1])
        return (
            np.concatenate([head, passages[RERANKED:]]),
            np.concatenate([mixed, rest]).astype(np.float32),
        )

    def _collapse(self, query: Query, passages: Int64, scores: Float32) -> tuple[Int64, Float32]:
        """Keep the best passage of each group."""
        if query.group == "passage":
            return passages, scores
        groups = self._articles.article_of if query.group == "article" else self._articles.story_of
        _, first = np.unique(groups[passages], return_index=True)
        first.sort()
        return passages[first], scores[first]

    def _answers(self, question: QueryVectors, passages: Sequence[StoredPassage]) -> list[Span]:
        return [
            passage.passage.sentences[int(np.argmax(self._sentence_scores(question, passage)))]
            for passage in passages
        ]

    def _sentence_scores(self, question: QueryVectors, passage: StoredPassage) -> Float32:
        sentences = len(passage.passage.sentences)
        if sentences == 1 or len(question.token_ids) == 0:
            return np.zeros(sentences, np.float32)
        codes, _ = self._tokens.read([passage.number])
        similarities = token_similarities(self._tokens.codec, question.tokens, codes)
        first = self._tokens.sentences(passage.number)
        return sentence_scores(similarities, first, self._idf[question.token_ids])


_NOTHING = (np.zeros(0, np.int64), np.zeros(0, np.float32))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@dataclass(slots=True)
class _Clock:
    started: float = field(default_factory=time.perf_counter)
    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = (time.perf_counter() - begun) * 1e3

    def total(self) -> float:
        return (time.perf_counter() - self.started) * 1e3
