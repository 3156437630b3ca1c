"""Fitting the confidence to an index, without labels: by questions made of the index itself.

A sentence of an article serves as a question, as in the inverse cloze task (Lee, Chang & Toutanova
2019, https://arxiv.org/abs/1906.00300). It is asked three times: of everything; with its own
passage hidden, so that only what else the article says can answer, in other words; and with the
article and its copies hidden, so that nothing can.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from indexer.arrays import Float64
from indexer.article import Degree
from indexer.embedding.base import Embedder
from indexer.storage.filter import Filter
from indexer.storage.manifest import ConfidenceModel
from indexer.storage.rows import StoredArticle
from search.index import Index
from search.ranking.candidates import Pool, Ranker
from search.ranking.confidence import PRIOR, signals
from search.ranking.late import Question
from search.ranking.timing import Clock

# Made questions; 200 teach the same, within .003 of the ROC area (docs/evaluation.md).
QUESTIONS = 50
# Words of a made question: 12 and 24 teach the same.
LONGEST_QUESTION = 16
# How firmly the prior is held: the precision of a Gaussian about each of its numbers.
PRECISION = 0.3
# Copies that are hidden with an article.
MOST_COPIES = 1000


@dataclass(frozen=True, slots=True)
class Examiner:
    """Asks an index questions while parts of it are hidden."""

    index: Index
    embedder: Embedder

    def question(self, text: str) -> Question:
        """A question as the Searcher sees it."""
        return Question.of(text, self.embedder, self.index)

    def pool(self, question: Question, filter: Filter) -> Pool:
        """The pool of a question among what a filter lets through."""
        return Ranker(self.index).pool(question, "hybrid", self.index.narrow(filter), Clock())

    def signals(self, question: Question, filter: Filter) -> Float64 | None:
        """What the confidence is computed from, (3,), or None if nothing is found."""
        return signals(question, self.pool(question, filter))

    def without(self, article: StoredArticle, *degrees: Degree) -> Filter:
        """What hides an article and its copies of these degrees."""
        alike = {None, *degrees}
        members, _ = self.index.story(article.story, MOST_COPIES)
        copies = [each.number for each in members if {each.degree, article.degree} <= alike]
        return Filter(without_articles=(article.number, *copies))


def fit_confidence(index: Index, embedder: Embedder) -> ConfidenceModel:
    """The confidence that made questions about an index teach; of the same texts the same.

    Raises:
        IndexDamaged: the index cannot be read.
    """
    asked = list(_asked(Examiner(index, embedder)))
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


def _asked(examiner: Examiner) -> Iterator[_Asked]:
    index = examiner.index
    for passage in index.sample(QUESTIONS):
        article = index.articles([passage.article])[passage.article]
        sentences = [each.of(article.article.text) for each in passage.passage.sentences]
        question = examiner.question(" ".join(max(sentences, key=len).split()[:LONGEST_QUESTION]))
        # An article of one passage would be hidden whole.
        alone = len(index.passages_of(passage.article, 2)) == 1
        rest = Filter() if alone else Filter(without_passages=(passage.number,))
        for filter, answered, weight in (
            (Filter(), True, 0.5),
            (rest, True, 0.5),
            (examiner.without(article, "same", "edited"), False, 1.0),
        ):
            found = examiner.signals(question, filter)
            if found is not None:
                yield _Asked(found, answered, weight)


def fit(x: Float64, answered: Float64, weights: Float64) -> ConfidenceModel:
    """The most probable logistic model, given a Gaussian prior about `PRIOR`.

    No weight is negative: to stand out further must never speak against a passage.

    x: (n, 3) signals
    answered: (n,) 1 or 0
    weights: (n,) how much each row counts
    """
    z = np.column_stack([x, np.ones(len(x))])  # (n, 4)
    prior = np.array([*PRIOR.weights, PRIOR.bias])

    def loss(model: Float64) -> tuple[float, Float64]:
        logits, away = z @ model, model - prior
        p = (1 + np.tanh(logits / 2)) / 2
        slope = z.T @ (weights * (p - answered)) + PRECISION * away
        entropy = weights @ (np.logaddexp(0, logits) - answered * logits)
        return float(entropy + PRECISION / 2 * away @ away), slope

    bounds = [(0, None)] * len(PRIOR.weights) + [(None, None)]
    found = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=bounds, tol=1e-12)
    lexical, dense, late, bias = found.x.tolist()
    return ConfidenceModel((lexical, dense, late), bias)
