"""What an index answers, in a form that can be compared with what another one answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from indexer.article import Article, Span
from scripts.faults.stage import Fault
from search.engine import Searcher
from search.question.query import Mode, Query

# Hits of a question that are compared.
LIMIT = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """A hit, with its article as it is read by its id."""

    article: Article
    passage_number: int
    passage: Span
    answer: Span
    score: float


Answers = dict[tuple[str, str], list[Answer]]
"""The hits of each question in each mode."""


def answers_of(searcher: Searcher, questions: Sequence[str]) -> Answers:
    """The hits of all questions in all modes, each hit's article read.

    Raises:
        ArticleSearchError: the searcher refuses to answer.
        Fault: an article that is found cannot be read.
    """
    return {
        (mode, question): _hits(searcher, Query(text=question, limit=LIMIT, mode=mode))
        for mode in get_args(Mode)
        for question in questions
    }


def _hits(searcher: Searcher, query: Query) -> list[Answer]:
    answers = []
    for hit in searcher.search(query).hits:
        stored = searcher.article(hit.article.id)
        # A hit comes without the days that the text mentions.
        if stored is None or replace(stored.article, mentioned=()) != hit.article:
            raise Fault(f"article {hit.article.id!r} is not what was found")
        answers.append(Answer(hit.article, hit.passage_number, hit.passage, hit.answer, hit.score))
    return answers


def difference(found: Answers | None, wanted: Answers | None, tolerance: float) -> str | None:
    """The first answer that is another one, in words; scores may differ by `tolerance`.

    None stands for the answers of no index.
    """
    if found is None or wanted is None:
        return None if found is wanted else f"there is {'no' if found is None else 'an'} index"
    for asked, expected in wanted.items():
        for rank, (one, other) in enumerate(zip(found[asked], expected, strict=False), start=1):
            if _place(one) != _place(other):
                return f"{asked}: hit {rank} is {_short(one)}, not {_short(other)}"
            if one.article != other.article:
                return f"{asked}: hit {rank} has another text or metadata"
            if not abs(one.score - other.score) <= tolerance:
                return f"{asked}: hit {rank} has score {one.score}, not {other.score}"
        if len(found[asked]) != len(expected):
            return f"{asked}: {len(found[asked])} hits, not {len(expected)}"
    return None


def _place(answer: Answer) -> tuple[str, int, Span, Span]:
    return answer.article.id, answer.passage_number, answer.passage, answer.answer


def _short(answer: Answer) -> str:
    return f"{answer.article.id} {answer.passage} {answer.answer} ({answer.score:.4f})"
