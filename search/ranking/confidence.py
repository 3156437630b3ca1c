"""Confidence: the probability that the best hit answers, from how far it stands out.

    p = 1 / (1 + e^−(w · s + b))

A question that nothing answers has a best passage too, about as good as the next ones: they share
its topic, and none has what was asked for. So two of the three signals s compare the best hit with
others. The weights are learned when an index is written (fitting.py), without labels.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexDamaged
from search.ranking.candidates import Pool
from search.ranking.late import best_matches, maxsim
from search.ranking.question import Question

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

# Passages of other stories that the best hit is compared with: 2 to 10 are as good.
OTHERS = 5
# Of BM25 in tantivy: no passage scores more than Σ idf · (k1 + 1).
K1 = 1.2
# From here on a question counts as answered: one that is answered and is not said to be is taken to
# be twice as bad as the reverse.
THRESHOLD = 1 / 3
SIGNALS = ("lexical lead", "dense lead", "late interaction")
# More bytes than the file ever has.
LONGEST_FILE = 4096


@dataclass(frozen=True, slots=True)
class Confidence:
    """A logistic model: a weight for each of `SIGNALS`, none negative, and a bias."""

    weights: tuple[float, float, float]
    bias: float

    def of(self, question: Question, pool: Pool, story_of: Int64) -> float | None:
        """The probability that the best passage of the pool answers the question.

        None if there is none, or only one story; or if it was not reranked, which only mode
        `hybrid` does.

        story_of: (n,) the story of each passage of the index
        """
        found = signals(question, pool, story_of)
        return None if found is None else self.probability(found)

    def probability(self, signals: Float64) -> float:
        """The probability by the signals, (3,), where every other question has an answer."""
        logit = float(signals @ np.array(self.weights)) + self.bias
        return (1 + math.tanh(logit / 2)) / 2

    def write(self, file: Path) -> None:
        """Write the model to a new file."""
        file.write_text(json.dumps({"weights": self.weights, "bias": self.bias}), "utf-8")

    @classmethod
    def read(cls, file: Path) -> "Confidence":
        """Read a model that `write` wrote.

        Raises:
            IndexDamaged: the file is not one.
        """
        try:
            with file.open("rb") as stream:
                content = json.loads(stream.read(LONGEST_FILE))
            lexical, dense, late = (float(weight) for weight in content["weights"])
            model = cls((lexical, dense, late), float(content["bias"]))
            if not all(0 <= weight < math.inf for weight in model.weights):
                raise ValueError("a weight is negative or no number")
            if not math.isfinite(model.bias):
                raise ValueError("the bias is no number")
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise IndexDamaged(
                f"{file} is damaged: {error!r}; go back with `rollback` or run `reindex --full`"
            ) from error
        return model


# What made questions about news, an encyclopedia and abstracts taught, rounded: where learning
# begins, and nearly where it ends in an index of a few articles (docs/evaluation.md).
PRIOR = Confidence((12.0, 2.5, 4.5), -3.0)


def signals(question: Question, pool: Pool, story_of: Int64) -> Float64 | None:
    """How the best hit of a pool stands out, (3,) in the order of `SIGNALS`, or None without one.

    None too if no other story is there to stand out from: a phrase may have left but one.

    The leads are those of its story over the mean of the next `OTHERS` passages of other stories:
    in BM25, as a share of the highest that the words of the question allow, and in cosine. Late
    interaction is MaxSim over the reranked passages of its story as if they were one.
    """
    head = pool.passages[: len(pool.late)]
    if len(head) == 0:
        return None
    story = int(story_of[head[0]])
    if np.all(story_of[pool.passages] == story):
        return None
    own = head[story_of[head] == story]
    similarities, _ = question.similarities(own.tolist())
    matches = best_matches(similarities, np.zeros(1, np.int64))
    highest = (K1 + 1) * float(question.weights.sum())
    return np.array(
        [
            _lead(*pool.lexical, story, story_of) / highest,
            _lead(*pool.dense, story, story_of),
            float(maxsim(matches, question.weights)[0]),
        ]
    )


def _lead(passages: Int64, scores: Float32, story: int, story_of: Int64) -> float:
    """By how much the best score of a story exceeds those of others; 0 if there are no others.

    A story that is not among the candidates scores as the last of them at most.
    """
    ours = story_of[passages] == story
    others = scores[~ours][:OTHERS]
    if len(others) == 0:
        return 0.0
    best = scores[ours][0] if ours.any() else scores[-1]
    return float(best - others.mean())
