"""The sentence that answers: contextual MaxSim over sentences.

Every sentence is scored by late interaction with its own tokens alone, whose vectors the model made
while it read the whole passage behind its headline, so "he" already stands for someone. On XQuAD
this finds the right sentence of a paragraph in .87 of the cases (docs/evaluation.md).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.arrays import Float32, Int64, Mask
from indexer.article import Span
from indexer.embedding.base import QueryVectors
from indexer.storage.rows import StoredPassage
from search.index import Index
from search.ranking.late import Question, best_matches, maxsim
from search.ranking.verbs import group_of

# How well a verb that reports the same act matches; the same word in another form matches by .7–.9.
SAME_ACT = 0.8

ReportingVerb = tuple[Mask, re.Pattern[str]]
"""Which tokens of a question are a reporting verb, (q,) bool, and what finds its like."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Finds the best sentences in the passages of an index."""

    index: Index

    def answers(
        self, question: Question, choices: Sequence[Sequence[int]]
    ) -> list[tuple[StoredPassage, Span]]:
        """Of each choice of passages, the one with the sentence that answers best."""
        if not choices:
            return []
        numbers = [number for choice in choices for number in choice]
        first = self.index.sentence_tokens(numbers)
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
        stored = self.index.passages(number for number, _ in chosen)
        return [
            (passage, passage.passage.sentences[sentence])
            for passage, (_, sentence) in zip(stored, chosen, strict=True)
        ]

    def _sentence_scores(
        self, question: Question, numbers: Sequence[int], first: Sequence[Int64]
    ) -> Float32:
        """A score for each sentence of some passages, (s,).

        first: for each passage, which of its tokens begins each sentence
        """
        if len(question.weights) == 0:
            return np.zeros(sum(map(len, first)), np.float32)
        similarities, starts = question.similarities(numbers)
        begins = np.concatenate([start + each for start, each in zip(starts, first, strict=True)])
        matches = best_matches(similarities, begins)
        verbs = reporting_verbs(question.text, question.vectors)
        if verbs:
            matches = match_reporting_verbs(matches, verbs, self._sentence_texts(numbers))
        return maxsim(matches, question.weights)

    def _sentence_texts(self, numbers: Sequence[int]) -> list[str]:
        passages = self.index.passages(numbers)
        articles = self.index.articles(each.article for each in passages)
        return [
            sentence.of(articles[each.article].article.text)
            for each in passages
            for sentence in each.passage.sentences
        ]


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
