"""What a search is limited to, as it goes down to an index: what to allow is the index's affair."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Filter:
    """Which passages may be found; an empty one lets all through.

    values: by the name of a field (fields.py), of which an article must have one
    first_day, last_day: inclusive. An article without a date is outside of every range; one of
        whose date only the month is known is in every range that has a day of it
    phrases: each stands in the passage or in its headline; one that no passage has is ignored
    titles: the headline has all words of each
    excluded: words and phrases; an article that has one in any passage is left out whole
    without_passages, without_articles, without_stories: left out, by number
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    first_day: date | None = None
    last_day: date | None = None
    phrases: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    without_passages: tuple[int, ...] = ()
    without_articles: tuple[int, ...] = ()
    without_stories: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a filter lets through, for the index that has said so.

    allowed: in whatever form the index likes, an array or an expression; None for everything
    passages: how many
    relaxed: phrases that no passage has, which were ignored
    """

    allowed: Any
    passages: int
    relaxed: tuple[str, ...] = ()
