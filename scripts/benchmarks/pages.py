"""How much of what is known of pages is found in them: bodies, headlines and days."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from indexer.article import Date
from indexer.batches import batches
from indexer.reading.cleaning import TOGETHER
from indexer.reading.days.dates import find_dates
from scripts.lab.data import Pages
from scripts.training.headlines import same
from scripts.training.lines import text_f1


def body_f1(pages: Pages, found: Mapping[str, str]) -> float:
    """Mean F1 over four-word shingles of the bodies that were found, by the names of the pages."""
    return float(
        np.mean([text_f1(found[name], page["body"]) for name, page in pages.gold().items()])
    )


def equal_headlines(pages: Pages, found: Mapping[str, str | None]) -> float:
    """The share of the pages with a known headline of which it was found."""
    titles = {name: page["title"] for name, page in pages.gold().items() if page["title"]}
    return float(np.mean([same(found.get(name), title) for name, title in titles.items()]))


def count_days(pages: Pages, found: Mapping[str, Date | None]) -> Counter[str]:
    """Pages whose day is known, counted by what was found; within one day, for time zones.

    "dated": all of them; "printed": those whose text has a date within a day of it
    "right", "wrong": those for which a date is found, uncertain ones too
    "right of printed": those that are both
    """
    counts: Counter[str] = Counter()
    for name, page in pages.gold().items():
        if page["published"]:
            day = date.fromisoformat(page["published"][:10])
            printed = any(_same(each.iso, day) for each in find_dates(pages.text(name)))
            guess = found[name]
            right = guess is not None and _same(guess.iso, day)
            counts["dated"] += 1
            counts["printed"] += printed
            counts["right"] += right
            counts["right of printed"] += right and printed
            counts["wrong"] += guess is not None and not right
    return counts


def _same(iso: str, day: date) -> bool:
    whole = len(iso) > len("2024-11")
    return whole and abs(date.fromisoformat(iso[:10]) - day) <= timedelta(days=1)


def words_kept(texts: Sequence[str], clean: Callable[[str], str]) -> float:
    """Mean share of the words of clean articles that come through."""
    shares = [len(clean(text).split()) / len(text.split()) for text in texts if text.split()]
    return float(np.mean(shares))


def speed(
    texts: Sequence[str], clean: Callable[[Sequence[str]], object], repeats: int = 3
) -> float:
    """MB of UTF-8 text a second of one core's time, the best of some runs.

    clean: takes texts together, as many as a run of the index does
    """
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        for some in batches(texts, len, TOGETHER):
            clean(some)
        seconds.append(time.process_time() - start)
    return size / min(seconds)
