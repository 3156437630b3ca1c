"""How well bodies and headlines are told from the pages around them, and how fast."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from scripts.lab.data import Pages
from scripts.training.headlines import same
from scripts.training.lines import text_f1

Content = Callable[[str], str]
"""What a page holds, by its name: `Pages.text` or `Pages.html`."""


def body_f1(pages: Pages, content: Content, clean: Callable[[str], str]) -> float:
    """Mean F1 over four-word shingles of what `clean` makes of each page."""
    scores = [text_f1(clean(content(name)), page["body"]) for name, page in pages.gold().items()]
    return float(np.mean(scores))


def equal_headlines(pages: Pages, content: Content, find: Callable[[str], str | None]) -> float:
    """The share of the pages with a known headline of which `find` finds it."""
    titles = {name: page["title"] for name, page in pages.gold().items() if page["title"]}
    return float(np.mean([same(find(content(name)), title) for name, title in titles.items()]))


def words_kept(texts: Sequence[str], clean: Callable[[str], str]) -> float:
    """Mean share of the words of clean articles that come through."""
    shares = [len(clean(text).split()) / len(text.split()) for text in texts if text.split()]
    return float(np.mean(shares))


def speed(texts: Sequence[str], clean: Callable[[str], object], repeats: int = 3) -> float:
    """MB of UTF-8 text a second of one core's time, the best of some runs."""
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        for text in texts:
            clean(text)
        seconds.append(time.process_time() - start)
    return size / min(seconds)
