"""From samples to pages, and the answers that fit them."""

from typing import Any

import numpy as np
import torch

from scripts.training.reader.samples import Sample
from search.answering.pages import Page, PageMaker
from search.answering.reader import default_tokenizer


def default_maker() -> PageMaker:
    """A maker with the tokenizer of the default model."""
    return PageMaker(default_tokenizer())


def page_of(sample: Sample, maker: PageMaker) -> Page:
    """What the network sees of a sample."""
    return maker.pages(sample.question, [(sample.headline, sample.sentences)])[0]


def answers_within(sample: Sample, page: Page) -> tuple[int, ...] | None:
    """The answers, less those that do not fit the window."""
    if sample.answers is None:
        return None
    return tuple(each for each in sample.answers if each in page.sentences)


def span_tokens(sample: Sample, page: Page, maker: PageMaker, width: int) -> Any:
    """(width,) bool: the tokens of the words that answer, found among those of the sentence."""
    found = torch.zeros(width, dtype=torch.bool)
    if sample.span and sample.answers:
        words = maker.tokenizer.encode(sample.span, add_special_tokens=False).ids
        ids = page.ids.tolist()
        for at in np.flatnonzero(page.sentences == sample.answers[0]).tolist():
            if ids[at : at + len(words)] == words:
                found[at : at + len(words)] = True
                break
    return found
