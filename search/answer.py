"""The sentence that answers: contextual MaxSim over sentences.

Every sentence is scored by late interaction with its own tokens alone, whose vectors the model made
while it read the whole passage behind its headline, so "he" already stands for someone. On XQuAD
this finds the right sentence of a paragraph in .87 of the cases (docs/evaluation.md).
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.embedder import QueryVectors
from search.verbs import group_of

Float32 = NDArray[np.float32]

# How well a verb that reports the same act matches; the same word in another form matches by .7–.9.
SAME_ACT = 0.8


ReportingVerb = tuple[NDArray[np.bool_], re.Pattern[str]]
"""Which tokens of a question are a reporting verb, (q,) bool, and what finds its like."""


def reporting_verbs(question: str, vectors: QueryVectors) -> list[ReportingVerb]:
    """The words by which a question asks what somebody said, promised, denied, …

    question: the text that `vectors.offsets` point into
    """
    found: list[ReportingVerb] = []
    for word in np.unique(vectors.words):
        tokens = vectors.words == word
        start, end = vectors.offsets[tokens].min(), vectors.offsets[tokens].max()
        verbs = group_of(question[start:end])
        if verbs is not None:
            found.append((tokens, verbs))
    return found


def match_reporting_verbs(
    matches: Float32, verbs: Sequence[ReportingVerb], sentences: Sequence[str]
) -> Float32:
    """Best matches (q, s) of query tokens in s sentences, raised where an act is the same."""
    for tokens, pattern in verbs:
        same = np.array([pattern.search(sentence) is not None for sentence in sentences])
        raised = np.maximum(matches, np.float32(SAME_ACT))
        matches = np.where(tokens[:, None] & same[None, :], raised, matches)
    return matches
