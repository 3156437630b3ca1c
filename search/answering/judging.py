"""How probable it is that the marked sentence answers, and what is said of that.

    p = 1 / (1 + e^−(a · log odds of the reader + b · logit of the retrieval confidence + c))

The retrieval confidence says how far the best hit stands out from others (search/ranking/
confidence.py), which tells a topic that is not there; the reader tells a topic that is there and
the fact that is not. The numbers were fitted to questions of people (docs/evaluation.md).
"""

import math

ODDS, STANDING_OUT, BIAS = 0.38, 0.13, -1.1
# From ASSERTED on, 56% of the marked sentences of the gold questions answer, and half of the right
# ones are asserted; 80% is not to be had yet. Below DENIED are 3% of the questions that have an
# answer, and a quarter of those that have none.
ASSERTED, DENIED = 0.38, 0.08
# A retrieval confidence closer to 0 or 1 says no more.
_LEAST = 0.01


def probability(log_odds: float, confidence: float | None) -> float:
    """The probability that a marked sentence answers.

    log_odds: of the reader
    confidence: of retrieval; None counts as even
    """
    even = 0.5 if confidence is None else min(max(confidence, _LEAST), 1 - _LEAST)
    logit = ODDS * log_odds + STANDING_OUT * math.log(even / (1 - even)) + BIAS
    return (1 + math.tanh(logit / 2)) / 2


def answerable(probability: float) -> bool | None:
    """True: the answer is asserted. False: nothing seems to answer. None: neither is sure."""
    if probability >= ASSERTED:
        return True
    return False if probability < DENIED else None
