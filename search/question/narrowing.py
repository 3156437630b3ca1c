"""Narrowing: which passages a question may be answered with, decided before anything is ranked.

A filter that were applied to the best candidates would starve: of two hundred, none may be of the
outlet that was asked for.
"""

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
    wanted = query.filter
    allowed = articles.allowed(
        ArticleFilter(
            sources=wanted.values.get("source", ()),
            authors=wanted.values.get("author", ()),
            languages=wanted.values.get("language", ()),
            published_from=_iso(wanted.first_day),
            published_to=_iso(wanted.last_day),
        )
    )
    if allowed is not None:
        masks.append(allowed)
    relaxed = []
    for phrase in wanted.phrases:
        found = words.containing(words.whole(phrase), phrase=True)
        if len(found):
            masks.append(_only(found, len(words)))
        else:
            relaxed.append(phrase)
    for title in wanted.titles:
        found = words.containing(words.whole(title), phrase=False, field="title")
        masks.append(_only(found, len(words)))
    for excluded in wanted.excluded:
        found = words.containing(words.whole(excluded), phrase=True)
        masks.append(~np.isin(articles.article_of, articles.article_of[found]))
    return Narrowed(np.logical_and.reduce(masks) if masks else None, tuple(relaxed))


def _only(passages: NDArray[np.int64], count: int) -> Mask:
    mask = np.zeros(count, np.bool_)
    mask[passages] = True
    return mask


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
