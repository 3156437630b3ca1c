"""Narrowing: which passages a question may be answered with, decided before anything is ranked.

A filter that were applied to the best candidates would starve: of two hundred, none may be of the
outlet that was asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from indexer.storage.articles import ArticleFilter, Articles
from indexer.storage.words import Words
from search.question.query import Query

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which passages are allowed, (n,) bool, or None for all.

    relaxed: phrases that no passage of the index has, read as plain words instead
    """

    allowed: Mask | None
    relaxed: tuple[str, ...]


def narrow(query: Query, articles: Articles, words: Words) -> Narrowed:
    """Apply the filters of a question and the operators in it.

    A passage has to hold every phrase, in its text or headline. A word or phrase that is excluded
    excludes whole articles.
    """
    masks: list[Mask] = []
    allowed = articles.allowed(
        ArticleFilter(
            sources=_said(query.sources, query.operators("source")),
            authors=_said(query.authors, query.operators("author")),
            languages=_said(query.languages, query.operators("language")),
            published_from=_iso(query.first_day),
            published_to=_iso(query.last_day),
        )
    )
    if allowed is not None:
        masks.append(allowed)
    relaxed = []
    for phrase in query.operators("phrase"):
        found = words.containing(words.whole(phrase), phrase=True)
        if len(found):
            masks.append(_only(found, len(words)))
        else:
            relaxed.append(phrase)
    for title in query.operators("title"):
        found = words.containing(words.whole(title), phrase=False, field="title")
        masks.append(_only(found, len(words)))
    for excluded in query.operators("exclude"):
        found = words.containing(words.whole(excluded), phrase=True)
        masks.append(~np.isin(articles.article_of, articles.article_of[found]))
    return Narrowed(np.logical_and.reduce(masks) if masks else None, tuple(relaxed))


def _said(parameters: Sequence[str], operators: Sequence[str]) -> tuple[str, ...]:
    """The values of a filter; an empty one is none."""
    return tuple(filter(None, (*parameters, *operators)))


def _only(passages: NDArray[np.int64], count: int) -> Mask:
    mask = np.zeros(count, np.bool_)
    mask[passages] = True
    return mask


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
