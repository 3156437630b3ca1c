"""Confidence: the probability that the best hit answers, from how far it stands out.

    p = 1 / (1 + e^−(w · s + b))

A question that nothing answers has a best passage too, about as good as the next ones: they share
its topic, and none has what was asked for. So two of the three signals s compare the best hit with
others. The weights are learned when an index is written (fitting.py), without labels.
"""

import math

import numpy as np

from indexer.arrays import Float64
from indexer.storage.exact import Candidates
from indexer.storage.manifest import ConfidenceModel
from search.ranking.candidates import Pool
from search.ranking.late import Question, best_matches, maxsim

# Passages of other stories that the best hit is compared with: 2 to 10 are as good.
OTHERS = 5
# Of BM25 in tantivy: no passage scores more than Σ idf · (k1 + 1).
K1 = 1.2
# From here on a question counts as answered: one that is answered and is not said to be is taken to
# be twice as bad as the reverse.
THRESHOLD = 1 / 3
SIGNALS = ("lexical lead", "dense lead", "late interaction")


def confidence(model: ConfidenceModel, question: Question, pool: Pool) -> float | None:
    """The probability that the best passage of the pool answers the question.

    None if there is none, or only one story; or if it was not reranked, which only mode `hybrid`
    does.
    """
    found = signals(question, pool)
    return None if found is None else probability(model, found)


def probability(model: ConfidenceModel, signals: Float64) -> float:
    """The probability by the signals, (3,), where every other question has an answer."""
    logit = float(signals @ np.array(model.weights)) + model.bias
    return (1 + math.tanh(logit / 2)) / 2


# What made questions about news, an encyclopedia and abstracts taught, rounded: where learning
# begins, and nearly where it ends in an index of a few articles (docs/evaluation.md).
PRIOR = ConfidenceModel((12.0, 2.5, 4.5), -3.0)


def signals(question: Question, pool: Pool) -> Float64 | None:
    """How the best hit of a pool stands out, (3,) in the order of `SIGNALS`, or None without one.

    None too if no other story is there to stand out from: a phrase may have left but one.

    The leads are those of its story over the mean of the next `OTHERS` passages of other stories:
    in BM25, as a share of the highest that the words of the question allow, and in cosine. Late
    interaction is MaxSim over the reranked passages of its story as if they were one.
    """
    head = pool.passages[: len(pool.late)]
    if len(head) == 0:
        return None
    stories = pool.columns.story
    story = int(stories[0])
    if np.all(stories == story):
        return None
    own = head[stories[: len(head)] == story]
    similarities, _ = question.similarities(own.tolist())
    matches = best_matches(similarities, np.zeros(1, np.int64))
    highest = (K1 + 1) * float(question.weights.sum())
    return np.array(
        [
            _lead(pool, pool.lexical, story) / highest,
            _lead(pool, pool.dense, story),
            float(maxsim(matches, question.weights)[0]),
        ]
    )


def _lead(pool: Pool, candidates: Candidates, story: int) -> float:
    """By how much the best score of a story exceeds those of others; 0 if there are no others.

    A story that is not among the candidates scores as the last of them at most.
    """
    scores, ours = candidates.scores, pool.stories_of(candidates.passages) == story
    others = scores[~ours][:OTHERS]
    if len(others) == 0:
        return 0.0
    best = scores[ours][0] if ours.any() else scores[-1]
    return float(best - others.mean())
