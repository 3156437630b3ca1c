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
    best_matches,
    inverse_document_frequency,
    maxsim,
    token_similarities,
    word_weights,
)
from indexer.errors import IndexDamaged, IndexMismatch
from indexer.storage.articles import Articles, StoredArticle, StoredPassage
from indexer.storage.generation import Generation
from indexer.storage.lexical import Words
from indexer.storage.tokens import Tokens
from indexer.storage.vectors import FaissVectors, best
from search.answer import match_reporting_verbs, reporting_verbs
from search.fusion import Ranking, fuse
from search.query import Query

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Candidates of each method. 200 to 1,000 rank alike; 100 loses .005 of RR@10.
CANDIDATES = 200
# Passages reranked by late interaction; 30, 60 and 100 rank alike.
RERANKED = 20
DENSE_WEIGHT = 0.5
LEXICAL_WEIGHT = 0.5
# The share of late interaction in the score of a reranked passage (docs/evaluation.md).
LATE_SHARE = 0.45
# Of how many passages of its article a hit shows the one whose sentence answers best: a passage
# chosen so holds the answer more often than the best-ranked (.82 to .79 on news_quiz_dev).
SHOWN_FROM = 4
# About 45,000 words; an "article" of a hundred megabytes must not hold up the others.
LONGEST_READ = 500
# Articles of a story that are listed: a text that a thousand sites print is one story.
MOST_MEMBERS = 100


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


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that tell the same: the earliest, then others in order, of `articles` in all."""

    members: list[StoredArticle]
    articles: int


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
                f"{embedder.model.name} ({embedder.model.sha256[:12]}); put the former back in "
                "place or run `reindex --full` with the latter"
            )
        self.generation = generation
        self._embedder = embedder
        self._articles = Articles(generation.path / "articles.db")
        self._vectors = FaissVectors.open(generation.path / "vectors.faiss")
        self._words = Words(generation.path / "lexical")
        self._tokens = Tokens(generation.path / "tokens.bin")
        counts = {
            "articles.db": len(self._articles),
            "vectors.faiss": len(self._vectors),
            "lexical": len(self._words),
            "tokens.bin": len(self._tokens),
        }
        wrong = [name for name, count in counts.items() if count != manifest.passages]
        if wrong or self._vectors.dimension != embedder.dimension:
            raise IndexDamaged(
                f"{', '.join(wrong) or 'vectors.faiss'} in {generation.path} does not hold the "
                f"{manifest.passages} passages of the manifest; run `reindex --full`"
            )
        self._idf = inverse_document_frequency(self._tokens.document_frequency, manifest.passages)

    def search(self, query: Query) -> Results:
        """Answer a question."""
        clock = _Clock()
        allowed = self._articles.allowed(
            query.sources, _iso(query.published_from), _iso(query.published_to)
        )
        with clock.stage("embed"):
            question = self._question(query.words)
        pool, scores = self._rank(query, question, allowed, clock)
        leaders = self._leaders(query, pool)
        page = leaders[query.offset : query.offset + query.limit]
        with clock.stage("answer"):
            choices = [self._candidates(query, pool, leader) for leader in page]
            answers = self._answers(question, choices)
        with clock.stage("fetch"):
            articles = self._articles.articles(passage.article for passage, _ in answers)
        hits = [
            Hit(
                rank,
                float(scores[leader]),
                articles[passage.article].article,
                passage.number,
                passage.passage.span,
                answer,
            )
            for rank, (leader, (passage, answer)) in enumerate(
                zip(page, answers, strict=True), start=query.offset + 1
            )
        ]
        return Results(
            query,
            hits,
            len(leaders),
            self.generation.id,
            self.generation.manifest.model,
            clock.total(),
            clock.stages,
        )

    def article(self, article_id: str) -> StoredArticle | None:
        """An article by its id, or None."""
        return self._articles.by_id(article_id)

    def story(self, number: int) -> Story:
        """The story of articles whose `story` is this number."""
        return Story(*self._articles.story(number, MOST_MEMBERS))

    def passages_of(self, article: int) -> list[StoredPassage]:
        """All passages of an article by its number, in order."""
        return self._articles.passages_of(article)

    def best_sentence(self, question: str, article: int) -> tuple[StoredPassage, Span] | None:
        """The passage of an article and the sentence in it that best answer a question.

        Only the first `LONGEST_READ` passages are looked at.
        """
        passages = self._articles.passages_of(article)[:LONGEST_READ]
        if not passages:
            return None
        return self._answers(self._question(question), [[each.number for each in passages]])[0]

    def _question(self, text: str) -> "_Question":
        vectors = self._embedder.embed_query(text)
        weights = word_weights(self._idf[vectors.token_ids], vectors.words)
        return _Question(text, vectors, weights)

    def _rank(
        self, query: Query, question: "_Question", allowed: Mask | None, clock: "_Clock"
    ) -> tuple[Int64, Float32]:
        """Passages and their scores, best first."""
        dense = lexical = _NOTHING
        if query.mode != "lexical":
            with clock.stage("dense"):
                dense = self._vectors.search(question.vectors.vector, CANDIDATES, allowed)
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
        self, question: "_Question", passages: Int64, fused: Float32
    ) -> tuple[Int64, Float32]:
        """Mix late interaction into the scores of the best passages; the rest follow after."""
        head = passages[:RERANKED]
        if len(head) == 0 or len(question.weights) == 0:
            return passages, fused
        similarities, starts = self._similarities(question, head.tolist())
        late = maxsim(best_matches(similarities, starts), question.weights)
        mixed = (1 - LATE_SHARE) * fused[:RERANKED] + LATE_SHARE * late
        head, mixed = best(head, mixed.astype(np.float32), RERANKED)
        rest = np.minimum((1 - LATE_SHARE) * fused[RERANKED:] + LATE_SHARE * late.min(), mixed[-1])
        return (
            np.concatenate([head, passages[RERANKED:]]),
            np.concatenate([mixed, rest]).astype(np.float32),
        )

    def _similarities(self, question: "_Question", numbers: Sequence[int]) -> tuple[Float32, Int64]:
        """Question tokens against the tokens of some passages, (q, t), and where each begins."""
        known = question.similarities
        missing = [number for number in numbers if number not in known]
        if missing:
            codes, starts = self._tokens.read(missing)
            found = token_similarities(self._tokens.codec, question.vectors.tokens, codes)
            known.update(zip(missing, np.split(found, starts[1:], axis=1), strict=True))
        runs = [known[number] for number in numbers]
        lengths = np.array([run.shape[1] for run in runs])
        return np.concatenate(runs, axis=1), np.cumsum(lengths) - lengths

    def _leaders(self, query: Query, pool: Int64) -> Int64:
        """Where in the pool the best passage of each group is, best first."""
        if query.group == "passage":
            return np.arange(len(pool))
        groups = self._articles.article_of if query.group == "article" else self._articles.story_of
        _, first = np.unique(groups[pool], return_index=True)
        return np.sort(first)

    def _candidates(self, query: Query, pool: Int64, leader: int) -> list[int]:
        """The passages that a hit may show: the best of its article in the pool."""
        if query.group == "passage":
            return [int(pool[leader])]
        article_of = self._articles.article_of
        same = pool[article_of[pool] == article_of[pool[leader]]]
        return [int(number) for number in same[:SHOWN_FROM]]

    def _answers(
        self, question: "_Question", choices: Sequence[Sequence[int]]
    ) -> list[tuple[StoredPassage, Span]]:
        """Of each choice of passages, the one with the sentence that answers best."""
        if not choices:
            return []
        numbers = [number for choice in choices for number in choice]
        first = [self._tokens.sentences(number) for number in numbers]
        ends = np.cumsum([len(each) for each in first])  # of each passage's sentences
        scores = self._sentence_scores(question, numbers, first)
        chosen: list[tuple[int, int]] = []
        last = 0
        for choice in choices:
            start, stop = (ends[last - 1] if last else 0), ends[last + len(choice) - 1]
            sentence = start + int(np.argmax(scores[start:stop]))
            passage = int(np.searchsorted(ends, sentence, side="right"))
            chosen.append((numbers[passage], sentence - ends[passage] + len(first[passage])))
            last += len(choice)
        stored = self._articles.passages(number for number, _ in chosen)
        return [
            (passage, passage.passage.sentences[sentence])
            for passage, (_, sentence) in zip(stored, chosen, strict=True)
        ]

    def _sentence_scores(
        self, question: "_Question", numbers: Sequence[int], first: Sequence[Int64]
    ) -> Float32:
        """A score for each sentence of some passages, (s,).

        first: for each passage, which of its tokens begins each sentence
        """
        if len(question.weights) == 0:
            return np.zeros(sum(map(len, first)), np.float32)
        similarities, starts = self._similarities(question, numbers)
        begins = np.concatenate([start + each for start, each in zip(starts, first, strict=True)])
        matches = best_matches(similarities, begins)
        verbs = reporting_verbs(question.text, question.vectors)
        if verbs:
            matches = match_reporting_verbs(matches, verbs, self._sentence_texts(numbers))
        return maxsim(matches, question.weights)

    def _sentence_texts(self, numbers: Sequence[int]) -> list[str]:
        passages = self._articles.passages(numbers)
        articles = self._articles.articles(each.article for each in passages)
        return [
            sentence.of(articles[each.article].article.text)
            for each in passages
            for sentence in each.passage.sentences
        ]


@dataclass(frozen=True, slots=True)
class _Question:
    """A question as the model sees it; `weights` are (q,) float32 of its tokens.

    `similarities` remembers, while the question is answered, its tokens against each passage that
    has been read, (q, t) float32: reranking and answering look at mostly the same ones.
    """

    text: str
    vectors: QueryVectors
    weights: Float32
    similarities: dict[int, Float32] = field(default_factory=dict)


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
