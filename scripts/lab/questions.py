"""Distinct questions for a benchmark: from a file, then as many as are lacking from the index.

A made question is a question word and some content words of one sentence, in their order.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.errors import InputError
from indexer.storage.articles import Articles
from indexer.storage.manifest import Generation
from scripts.lab.data import read_lines
from search.question.query import MAX_QUESTION

SEED = 7
# Attempts for each question before the index is said to hold too few.
ATTEMPTS = 30

_WORD = re.compile(r"[^\W_]{4,}")
_ASKING = ("what", "who", "when", "where", "why", "how")
_EMPTY = (
    "about after also been before being between both could during from have into more most other "
    "over said some still such than that their them then there these they this those through under "
    "were what when where which while will with would your"
)


@dataclass(frozen=True, slots=True)
class Questions:
    """Distinct questions; the first `from_file` of them come from a file, in mixed order."""

    texts: list[str]
    from_file: int


def read_questions(file: Path) -> list[str]:
    """Distinct questions of a text file, one a line, or of a BEIR queries.jsonl[.gz].

    Raises:
        InputError: the file cannot be read, or holds no question.
    """
    is_json = file.name.removesuffix(".gz").endswith(".jsonl")
    try:
        texts = [
            str(json.loads(line)["text"]) if is_json else line
            for line in read_lines(file)
            if line.strip()
        ]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"cannot read questions from {file}: {error!r}") from error
    found = dict.fromkeys(" ".join(text.split())[:MAX_QUESTION] for text in texts)
    found.pop("", None)
    if not found:
        raise InputError(f"there is no question in {file}")
    return list(found)


def collect_questions(generation: Generation, count: int, file: Path | None) -> Questions:
    """`count` distinct questions.

    Raises:
        InputError: the index is too small to make so many of.
    """
    random = np.random.default_rng(SEED)
    empty = frozenset(_EMPTY.split())
    given = read_questions(file) if file else []
    texts: dict[str, None] = dict.fromkeys(random.permutation(given).tolist()[:count])
    from_file = len(texts)
    articles = Articles(generation)
    alive = articles.passage_numbers()
    for _ in range(ATTEMPTS * count):
        if len(texts) == count:
            return Questions(list(texts), from_file)
        number = alive[random.integers(len(alive))]
        (stored,) = articles.passages([number])
        article = articles.articles([stored.article])[stored.article].article
        sentence = stored.passage.sentences[random.integers(len(stored.passage.sentences))]
        words = [
            word
            for word in dict.fromkeys(_WORD.findall(sentence.of(article.text).casefold()))
            if word not in empty
        ]
        if len(words) >= 3:
            chosen = random.permutation(len(words))[: random.integers(3, 8)]
            asked = _ASKING[random.integers(len(_ASKING))]
            texts[" ".join([asked, *(words[i] for i in sorted(chosen))])] = None
    raise InputError(f"only {len(texts)} of {count} distinct questions could be made of the index")
