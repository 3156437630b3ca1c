"""The sentence that answers: contextual MaxSim over sentences.

Every sentence is scored by late interaction with its own tokens alone, whose vectors the model made
while it read the whole passage behind its headline, so "he" already stands for someone. On XQuAD
this finds the right sentence of a paragraph in .87 of the cases (docs/evaluation.md).
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.embedding.embedder import QueryVectors
from search.verbs import group_of

Float32 = NDArray[np.float32]

# How well a verb that reports the same act matches; the same word in another form matches by .7–.9.
SAME_ACT = 0.8


def has_reporting_verb(question: str, vectors: QueryVectors) -> bool:
    """Whether a question asks what somebody said, promised, denied, …"""
    return any(True for _ in _reporting_verbs(question, vectors))


def match_reporting_verbs(
    matches: Float32, question: str, vectors: QueryVectors, sentences: Sequence[str]
) -> Float32:
    """Best matches (q, s) of query tokens in sentences, raised where an act is the same.

    question: the text that `vectors.offsets` point into
    sentences: the s texts
    """
    for tokens, verbs in _reporting_verbs(question, vectors):
        same = np.array([verbs.search(sentence) is not None for sentence in sentences])
        raised = np.maximum(matches, np.float32(SAME_ACT))
        matches = np.where(tokens[:, None] & same[None, :], raised, matches)
    return matches


def _reporting_verbs(
    question: str, vectors: QueryVectors
) -> Iterator[tuple[NDArray[np.bool_], re.Pattern[str]]]:
    for word in np.unique(vectors.words):
        tokens = vectors.words == word
        start, end = vectors.offsets[tokens].min(), vectors.offsets[tokens].max()
        verbs = group_of(question[start:end])
        if verbs is not None:
            yield tokens, verbs
