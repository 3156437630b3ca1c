"""The sentence that answers: by late interaction, and by the reader where there is one.

Every sentence is scored by late interaction with its own tokens alone, whose vectors the model made
while it read the whole passage behind its headline, so "he" already stands for someone. On XQuAD
this finds the right sentence of a paragraph in .87 of the cases (docs/evaluation.md).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.arrays import Float32, Int64, Mask
from indexer.article import Span
from indexer.embedding.base import QueryVectors
from indexer.storage.rows import StoredArticle, StoredPassage
from search.answering.claims import verdict
from search.answering.reading import Readings
from search.answering.sentences import (
    alone_or_with_the_next,
    can_answer,
    leans_on_the_one_before,
)
from search.answering.verbs import group_of
from search.index import Index
from search.ranking.late import Question, best_matches, maxsim

# How well a verb that reports the same act matches; the same word in another form matches by .7–.9.
SAME_ACT = 0.8
# Of the article that is read: passages that compete to be read, passages that are read, and how
# many of these at once. From these log odds on, no more are.
MOST_COMPETING = 40
MOST_READ, READ_AT_ONCE = 3, 2
SURE = 0.0
# What late interaction counts beside the reader's log odds: .01 of the right sentences of XQuAD
# (docs/evaluation.md).
LATE_WEIGHT = 4.0

ReportingVerb = tuple[Mask, re.Pattern[str]]
"""Which tokens of a question are a reporting verb, (q,) bool, and what finds its like."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The sentence of an article that answers best.

    sentence: it may be two, if the first opens a quotation that the second closes
    context: the sentence before, if this one opens with a word for what that one names
    verdict: what refutes it, if it is a claim that the article refutes
    log_odds: of the reader, that this sentence answers against that none of its passage does; None
        if it was not read
    """

    passage: StoredPassage
    sentence: Span
    context: Span | None = None
    verdict: Span | None = None
    log_odds: float | None = None


@dataclass(frozen=True, slots=True)
class Answerer:
    """Finds the best sentences in the passages of an index; `readings` if there is a reader."""

    index: Index
    readings: Readings | None = None

    def answers(
        self, question: Question, choices: Sequence[Sequence[int]], owners: Sequence[StoredArticle]
    ) -> list[Answer]:
        """Of each choice of passages of an article the sentence that answers best, unread."""
        if not choices:
            return []
        of = self._scores(question, [number for choice in choices for number in choice])
        best = [max(choice, key=lambda n: of[n].max(initial=-1)) for choice in choices]
        found: list[Answer] = []
        for choice, owner, passage in zip(choices, owners, self.index.passages(best), strict=True):
            text, sentences = owner.article.text, passage.passage.sentences
            place = int(np.argmax(of[passage.number]))
            if not can_answer(sentences[place].of(text)):
                passage, place = self._best_that_can(choice, of, text) or (passage, place)
            found.append(_answer(passage, place, owner))
        return found

    def read(
        self, question: Question, owner: StoredArticle, choice: Sequence[int]
    ) -> Answer | None:
        """The sentence of an article that the reader finds to answer best; None if there is none.

        choice: passages of the article that were found, the best first; of its others, the first
            `MOST_COMPETING` compete with them, by late interaction, to be read
        """
        assert self.readings is not None
        passages = self.index.passages_of(owner.number, MOST_COMPETING)
        known = {each.number for each in passages}
        passages += self.index.passages([n for n in choice if n not in known])
        by_number = {each.number: each for each in passages}
        text = owner.article.text
        of = self._scores(question, list(by_number))
        order = sorted(by_number, key=lambda number: -of[number].max(initial=-1))[: 2 * MOST_READ]
        may = {
            number: np.array([can_answer(s.of(text)) for s in by_number[number].passage.sentences])
            for number in order
        }
        # A heading that repeats the question does not make its passage the more promising one.
        order.sort(key=lambda number: -np.where(may[number], of[number], -1).max(initial=-1))
        best: tuple[float, StoredPassage, int, float] | None = None
        for begin in range(0, MOST_READ, READ_AT_ONCE):
            if best is not None and best[3] >= SURE:
                break
            some = order[begin : min(begin + READ_AT_ONCE, MOST_READ)]
            chosen = [by_number[n] for n in some if may[n].any()]
            pairs = [(each, by_number.get(each.number - 1)) for each in chosen]
            for each, odds in zip(
                chosen, self.readings.of(question.text, owner, pairs), strict=True
            ):
                both = odds + LATE_WEIGHT * of[each.number]
                place = int(np.argmax(np.where(may[each.number], both, -np.inf)))
                if best is None or both[place] > best[0]:
                    best = float(both[place]), each, place, float(odds[place])
        if best is None:
            return None
        _, passage, place, log_odds = best
        return _answer(passage, place, owner, log_odds)

    def _best_that_can(
        self, choice: Sequence[int], scores: Mapping[int, Float32], text: str
    ) -> tuple[StoredPassage, int] | None:
        """Of some passages the best sentence of those that can answer."""
        able = [
            (float(scores[each.number][place]), each, place)
            for each in self.index.passages(choice)
            for place, sentence in enumerate(each.passage.sentences)
            if can_answer(sentence.of(text))
        ]
        best = max(able, key=lambda each: each[0], default=None)
        return best[1:] if best else None

    def _scores(self, question: Question, numbers: Sequence[int]) -> dict[int, Float32]:
        """By the number of each of some passages, a score for each of its sentences, (s,)."""
        first = self.index.sentence_tokens(numbers)
        scores = self._sentence_scores(question, numbers, first)
        split = np.split(scores, np.cumsum([len(each) for each in first])[:-1])
        return dict(zip(numbers, split, strict=True))

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


def _answer(
    passage: StoredPassage, place: int, owner: StoredArticle, log_odds: float | None = None
) -> Answer:
    """A sentence of a passage, by its place, with what belongs to it."""
    text, sentences = owner.article.text, passage.passage.sentences
    sentence = sentences[place]
    following = sentences[place + 1] if place + 1 < len(sentences) else None
    leans = place > 0 and leans_on_the_one_before(sentence.of(text))
    return Answer(
        passage,
        alone_or_with_the_next(text, sentence, following),
        sentences[place - 1] if leans else None,
        verdict(owner.article.title, text, sentence),
        log_odds,
    )


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
