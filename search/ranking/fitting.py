"""Fitting the confidence to an index, without labels: by questions made of the index itself.

A sentence of an article serves as a question, as in the inverse cloze task (Lee, Chang & Toutanova
2019, https://arxiv.org/abs/1906.00300). It is asked three times: of everything; with its own
passage hidden, so that only what else the article says can answer, in other words; and with the
article and its copies hidden, so that nothing can.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.article import Degree
from indexer.embedding.embedder import Embedder
from indexer.storage.articles import Articles, StoredArticle
from indexer.storage.tokens import Tokens
from indexer.storage.vectors import FaissVectors
from indexer.storage.words import Words
from search.ranking.candidates import Pool, Ranker
from search.ranking.confidence import PRIOR, Confidence, signals
from search.ranking.late import inverse_document_frequency
from search.ranking.question import Question
from search.ranking.timing import Clock

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Made questions; 200 teach the same, within .003 of the ROC area (docs/evaluation.md).
QUESTIONS = 50
# Words of a made question: 12 and 24 teach the same.
LONGEST_QUESTION = 16
# How firmly the prior is held: the precision of a Gaussian about each of its numbers.
PRECISION = 0.3
ROUNDS = 2000
# Copies that are hidden with an article.
MOST_COPIES = 1000


@dataclass(frozen=True, slots=True)
class Examined:
    """The files of a generation, opened to be asked questions while parts of it are hidden."""

    articles: Articles
    tokens: Tokens
    idf: Float32
    ranker: Ranker
    embedder: Embedder

    @classmethod
    def open(cls, folder: Path, embedder: Embedder) -> "Examined":
        """Open the files in a folder, published or not.

        Raises:
            IndexDamaged: one cannot be read.
        """
        vectors = FaissVectors.open(folder / "vectors.faiss")
        tokens = Tokens(folder / "tokens.bin")
        return cls(
            Articles(folder / "articles.db"),
            tokens,
            inverse_document_frequency(tokens.document_frequency, len(tokens)),
            Ranker(vectors, Words(folder / "lexical")),
            embedder,
        )

    def question(self, text: str) -> Question:
        """A question as the Searcher sees it."""
        return Question.of(text, self.embedder, self.idf, self.tokens)

    def pool(self, question: Question, allowed: Mask | None) -> Pool:
        """The pool of a question; `allowed`, (n,), says which passages may be in it."""
        return self.ranker.pool(question, "hybrid", allowed, Clock())

    def signals(self, question: Question, allowed: Mask | None) -> Float64 | None:
        """What the confidence is computed from, (3,), or None if nothing is found."""
        return signals(question, self.pool(question, allowed), self.articles.story_of)

    def without(self, article: StoredArticle, *degrees: Degree) -> Mask:
        """Which passages are left, (n,), without an article and its copies of these degrees."""
        alike = {None, *degrees}
        members, _ = self.articles.story(article.story, MOST_COPIES)
        copies = [each.number for each in members if {each.degree, article.degree} <= alike]
        return ~np.isin(self.articles.article_of, [article.number, *copies])


def calibrate(folder: Path, embedder: Embedder) -> None:
    """Fit a confidence to the files in a folder, and write it beside them as `confidence.json`.

    Raises:
        IndexDamaged: a file cannot be read.
    """
    learn(Examined.open(folder, embedder)).write(folder / "confidence.json")


def learn(index: Examined) -> Confidence:
    """The confidence that made questions about an index teach; of the same texts the same.

    Raises:
        IndexDamaged: a file cannot be read.
    """
    asked = list(_asked(index))
    return fit(
        np.array([each.signals for each in asked]).reshape(-1, len(PRIOR.weights)),
        np.array([each.answered for each in asked], np.float64),
        np.array([each.weight for each in asked], np.float64),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One time that a question was asked: the signals, (3,), and how much it counts."""

    signals: Float64
    answered: bool
    weight: float


def _asked(index: Examined) -> Iterator[_Asked]:
    article_of = index.articles.article_of
    for passage in index.articles.drawn(QUESTIONS):
        article = index.articles.articles([passage.article])[passage.article]
        sentences = [each.of(article.article.text) for each in passage.passage.sentences]
        question = index.question(" ".join(max(sentences, key=len).split()[:LONGEST_QUESTION]))
        rest = np.arange(len(article_of)) != passage.number
        if not np.any(article_of[rest] == article.number):
            rest[passage.number] = True
        for allowed, answered, weight in (
            (None, True, 0.5),
            (rest, True, 0.5),
            (index.without(article, "same", "edited"), False, 1.0),
        ):
            found = index.signals(question, allowed)
            if found is not None:
                yield _Asked(found, answered, weight)


def fit(x: Float64, answered: Float64, weights: Float64) -> Confidence:
    """The most probable logistic model, given a Gaussian prior about `PRIOR`.

    A weight that would be negative is held at 0, and the others are fitted again: to stand out
    further must never speak against a passage.

    x: (n, 3) signals
    answered: (n,) 1 or 0
    weights: (n,) how much each row counts
    """
    z = np.column_stack([x, np.ones(len(x))])  # (n, 4)
    free = np.ones(z.shape[1], np.bool_)
    while True:
        model = _minimum(z, answered, weights, free)
        if model[:3].min() >= 0:
            lexical, dense, late = model[:3].tolist()
            return Confidence((lexical, dense, late), float(model[3]))
        free[np.argmin(model[:3])] = False


def _minimum(z: Float64, answered: Float64, weights: Float64, free: Mask) -> Float64:
    """Where the loss is least, (4,), if all but some numbers are 0.

    Each step minimises a quadratic that lies above the loss, since the second derivative of
    ln(1 + eᶻ) is nowhere above ¼ (Böhning & Lindsay 1988, https://doi.org/10.1007/BF00049423): no
    step overshoots, as Newton's may.
    """
    prior = np.array([*PRIOR.weights, PRIOR.bias])
    z = z[:, free]
    step = np.linalg.inv((z.T * weights) @ z / 4 + PRECISION * np.eye(z.shape[1]))
    model = np.where(free, prior, 0.0)
    for _ in range(ROUNDS):
        p = (1 + np.tanh(z @ model[free] / 2)) / 2
        slope = z.T @ (weights * (p - answered)) + PRECISION * (model - prior)[free]
        model[free] -= step @ slope
    return model
