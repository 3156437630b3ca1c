"""Invented reports, copies of them, and the stories they are grouped into."""

import random
from collections.abc import Sequence

import numpy as np

from indexer.arrays import Float32
from indexer.article import Article, Date
from indexer.stories.grouping import Stories, Told, group
from indexer.stories.sketches import sketch

_VOCABULARY = """
harbour council ferry bridge engine river mayor budget winter school nurse market farmer orchard
signal tunnel museum painter violin storm coast lantern railway ticket village bakery glacier summit
valley teacher librarian turbine copper mill weaver sailor captain island meadow forest
"""


WORDS = _VOCABULARY.split()

NOTICE = (
    "Readers are kindly reminded that all prices on this page were right when it was printed, that "
    "they may change, and that the paper does not answer for what others sell on it."
)


def report(seed: int, sentences: int = 20) -> str:
    """A text of its own: 8-14 words a sentence, three sentences a paragraph."""
    some = random.Random(seed)
    made = []
    for _ in range(sentences):
        words = [f"{some.choice(WORDS)}{some.choice(['', 's', 'ed'])}" for _ in range(10)]
        made.append(f"{' '.join(words).capitalize()} {some.randrange(10**6)}.")
    return "\n\n".join(" ".join(made[i : i + 3]) for i in range(0, sentences, 3))


def edited(text: str, seed: int, share: float) -> str:
    some = random.Random(seed)
    return " ".join(
        some.choice(WORDS) if some.random() < share else word for word in text.split(" ")
    )


def article(id: str, text: str, title: str = "", published: str | None = None) -> Article:
    return Article(id, title, text, Date(published) if published else None)


def no_vectors(articles: Sequence[Article]) -> Float32:
    """Article vectors of which no two are alike."""
    return np.eye(len(articles), dtype=np.float32)


def grouped(articles: Sequence[Article], vectors: Float32) -> Stories:
    """The stories of articles, from what is known of each."""
    return group([Told(each.id, each.published, sketch(each)) for each in articles], vectors)


def copies_of(*texts: str) -> list[int]:
    articles = [article(str(i), text) for i, text in enumerate(texts)]
    copies: list[int] = grouped(articles, no_vectors(articles)).copies.tolist()
    return copies


def named(articles: Sequence[Article], stories: Stories) -> dict[str, tuple[str, str, str]]:
    """The earliest of each article's text, copies and story, by id."""
    ids = [each.id for each in articles]
    columns = stories.texts, stories.copies, stories.stories
    return {
        each: (ids[columns[0][i]], ids[columns[1][i]], ids[columns[2][i]])
        for i, each in enumerate(ids)
    }
