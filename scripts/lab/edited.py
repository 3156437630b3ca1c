"""News of any size, made of real news by edits: for tests of scale, where copies would not do.

A made article has the length of one real article and takes runs of its sentences and of those of
articles near to it (by tf-idf), so that it is about something, but no two share more than a run or
two. Of every three sentences one is left out or changes places with its neighbour. Names, places,
numbers, months and weekdays become others, the same throughout an article: most are drawn from
those of the real articles, as often as these have them, so that document frequency stays; for rare
ones others are coined, by a law without an end, so that the vocabulary grows as it does in real
text. Days are spread over years.

Article n follows from the sources, the seed and n alone.
"""

import json
import re
import zlib
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, count
from pathlib import Path
from random import Random

import numpy as np

from indexer.arrays import Float32, Int64
from indexer.day_words import MONTH_NAMES, WEEKDAYS
from indexer.errors import InputError
from indexer.reading.facts.names import names_in
from indexer.reading.passages import split_sentences
from scripts.lab.data import read_records
from scripts.lab.measure import say

SEED = 20261130
# Articles that one takes from, those nearest to it, and the sentences that it takes in one run.
RELATED, RUN = 24, 12
# Of each article so many runs at least, or those of one length would be copies of each other.
LEAST_RUNS, LEAST_SENTENCES = 5, 10
# The share of names that stay. Of the others those that few articles have are coined, as the rare
# names of real news are new ones; the rest become names of other articles.
KEPT, FEW = 0.45, 3
# The share of coined names beyond the k-th is (1 + k / HEAD)^-TAIL (Lomax): below 1 new ones come
# for ever.
TAIL, HEAD, LARGEST = 0.9, 3000, 10**9
# Words of a passage as the passage cutter makes them of these articles.
WORDS_A_PASSAGE = 81.5
FIRST_DAY, DAYS = date(2012, 1, 1), 5000
# A paragraph that so many real articles have is their outlet's.
OUTLETS_OWN = 3
# Articles made until it is told again.
TOLD = 5000
# Words are hashed to so many numbers to tell which articles are near.
HASHED = 4096

_SYLLABLES = re.findall("...", "barbelcaldorfengarhaljarkellanmarnorpolperrossaltortulverwen")
_WEEKDAYS = [name.capitalize() for name in WEEKDAYS]
_MONTHS = [name.capitalize() for name in MONTH_NAMES[0].split()]
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# "March" and "May" are other words as well.
_MONTH = "|".join(f"{name}(?= [0-9])" if name in ("March", "May") else name for name in _MONTHS)
_EDITED = re.compile(
    rf"\b(?P<month>{_MONTH})\b(?P<day> [0-9]{{1,2}}(?![0-9]))?"
    rf"|\b(?P<weekday>{'|'.join(_WEEKDAYS)})\b"
    r"|(?<![\w:])(?P<number>[0-9]+)(?!st|nd|rd|th|[A-Za-z])"
    r"|\b(?P<word>[^\W\d_a-z][^\W\d_]*(?:-[^\W\d_]+)*)"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A real article, in sentences."""

    title: str
    outlet: str
    day: date
    sentences: tuple[str, ...]


def read_sources(corpus: Path) -> list[Source]:
    """The dated articles of a BEIR corpus.jsonl[.gz], without what outlets print under all.

    Raises:
        InputError: there is none.
    """
    dated = [each for each in read_records(corpus) if each.get("date") and each.get("title")]
    seen = Counter(part for each in dated for part in set(each["text"].split("\n\n")))
    found = []
    for each in dated:
        own = [part for part in each["text"].split("\n\n") if seen[part] < OUTLETS_OWN]
        sentences = tuple(plain_sentences("\n\n".join(own)))
        if sentences:
            day = date.fromisoformat(each["date"][:10])
            found.append(Source(each["title"], each.get("source", ""), day, sentences))
    if not found:
        raise InputError(f"{corpus} has no article with a title and a date")
    return found


def plain_sentences(text: str) -> list[str]:
    """The sentences of a text, with single spaces between their words."""
    return [" ".join(span.of(text).split()) for span in split_sentences(text)]


def write_edited(sources: Sequence[Source], file: Path, passages: int, first: int = 0) -> int:
    """Write articles of about so many passages as JSON lines; returns how many articles."""
    words = written = 0
    with file.open("w", encoding="utf-8") as stream:
        for article in edited_articles(sources, first):
            stream.write(json.dumps(article, ensure_ascii=False) + "\n")
            words += len(article["text"].split())
            written += 1
            if written % TOLD == 0:
                say(f"{written:,} articles made, {words / WORDS_A_PASSAGE:,.0f} passages")
            if words >= passages * WORDS_A_PASSAGE:
                return written
    raise AssertionError("edited articles never end")


def edited_articles(sources: Sequence[Source], first: int = 0) -> Iterator[dict[str, str]]:
    """Articles without end from number `first` on, as records that `reindex` reads."""
    names, related = Names(sources), _related(sources)
    for number in count(first):
        yield _article(sources, names, related, Random(f"{SEED} {number}"), number)


class Names:
    """The words of the sources' names, and how many articles have each."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Collect them."""
        named: Counter[str] = Counter()
        plain: Counter[str] = Counter()
        for source in sources:
            text = " ".join(source.sentences)
            plain.update({word for word in _WORD.findall(text) if word.islower()})
            # Not the letters of "U.S.", nor what joins names.
            words = {word for name in names_in(text) for word in _WORD.findall(name)}
            named.update(word for word in words if word[0].isupper() and len(word) > 1)
        self._articles = {
            word: articles
            for word, articles in sorted(named.items())
            # What is written small as often is a word, as "House".
            if plain[word.lower()] < articles and word not in (*_MONTHS, *_WEEKDAYS)
        }
        self._words, self._totals = list(self._articles), list(accumulate(self._articles.values()))

    def other(self, word: str, random: Random) -> str:
        """What stands for a word in one made article: itself unless it is a name's."""
        if word not in self._articles or random.random() < KEPT:
            return word
        if self._articles[word] <= FEW:
            return coined(int(min(HEAD * (random.paretovariate(TAIL) - 1), LARGEST)))
        return self._words[bisect(self._totals, random.random() * self._totals[-1])]


def coined(number: int) -> str:
    """The name of a number from 0; longer if that is larger."""
    # Two syllables at least.
    number, syllables = number + len(_SYLLABLES), ""
    while number:
        number, syllable = divmod(number, len(_SYLLABLES))
        syllables = _SYLLABLES[syllable] + syllables
    return syllables.capitalize()


def _related(sources: Sequence[Source]) -> Int64:
    """For each source the numbers of those nearest to it by tf-idf, itself first: (n, RELATED)."""
    counts: Float32 = np.zeros((len(sources), HASHED), np.float32)
    for row, source in zip(counts, sources, strict=True):
        found = Counter(_WORD.findall(" ".join((source.title, *source.sentences)).lower()))
        for word, times in found.items():
            row[zlib.crc32(word.encode()) % HASHED] += np.log1p(times)
    counts *= np.log(len(sources) / np.maximum((counts > 0).sum(axis=0), 1))
    counts /= np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)
    nearest = np.empty((len(sources), min(RELATED, len(sources))), np.int64)
    for begin in range(0, len(sources), 512):
        # Rounded: the last digits differ between machines.
        similar = np.round(counts[begin : begin + 512] @ counts.T, 4)
        nearest[begin : begin + 512] = np.argsort(-similar, axis=1, kind="stable")[
            :, : nearest.shape[1]
        ]
    return nearest


def _article(
    sources: Sequence[Source], names: Names, related: Int64, random: Random, number: int
) -> dict[str, str]:
    base = random.randrange(len(sources))
    leading = sources[base]
    day = FIRST_DAY + timedelta(days=random.randrange(DAYS))
    edit = _Edit(names, random, day)
    wanted = max(len(leading.sentences), LEAST_SENTENCES)
    run = max(1, min(RUN, wanted // LEAST_RUNS))
    others = [int(each) for each in related[base]]
    random.shuffle(others)
    paragraphs: list[str] = []
    taken = 0
    while taken < wanted:
        source = leading if taken == 0 else sources[others[taken // run % len(others)]]
        length = len(source.sentences)
        start = 0 if taken == 0 else random.randrange(max(length - run, 0) + 1)
        taken += run
        sentences = _rearranged(source.sentences[start : start + run], random)
        paragraphs += _paragraphs([edit(each) for each in sentences], random)
    other = sources[others[0]].title.split()
    title = leading.title.split()
    return {
        "_id": f"edited-{number:07d}",
        "title": edit(" ".join(title[: len(title) // 2 + 1] + other[(len(other) + 1) // 2 :])),
        "text": "\n\n".join(paragraphs),
        "date": day.isoformat(),
        "source": leading.outlet,
    }


def _rearranged(sentences: Sequence[str], random: Random) -> list[str]:
    """The sentences, no three of which follow each other as they did.

    Of every three the middle one is missing, or has changed places with a neighbour; of what is
    left at the end the first.
    """
    kept: list[str] = []
    for begin in range(0, len(sentences), 3):
        three = list(sentences[begin : begin + 3])
        if len(three) == 3:
            middle = three.pop(1)
            place = random.choice((None, None, 0, 2))
            if place is not None:
                three.insert(place, middle)
        elif kept or len(three) > 1:
            first = three.pop(0)
            if three and random.random() < 0.5:
                three.append(first)
        kept += three
    return kept


def _paragraphs(sentences: Sequence[str], random: Random) -> Iterator[str]:
    start = 0
    while start < len(sentences):
        stop = start + random.choice((1, 2, 2, 3, 3, 4))
        yield " ".join(sentences[start:stop])
        start = stop


class _Edit:
    """Changes what one made article calls by other names; the same for each of its sentences."""

    def __init__(self, names: Names, random: Random, day: date) -> None:
        self._names, self._random, self._day = names, random, day
        self._months, self._weekdays = random.randrange(1, 12), random.randrange(1, 7)
        self._years = random.randrange(-3, 4)
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        return _EDITED.sub(self._other, text)

    def _other(self, found: re.Match[str]) -> str:
        said = found[0]
        if said not in self._known:
            if found["month"]:
                month = _MONTHS[(_MONTHS.index(found["month"]) + self._months) % 12]
                day = f" {self._random.randrange(1, 29)}" if found["day"] else ""
                self._known[said] = month + day
            elif found["weekday"]:
                self._known[said] = _WEEKDAYS[(_WEEKDAYS.index(said) + self._weekdays) % 7]
            elif found["number"]:
                self._known[said] = self._number(said)
            else:
                self._known[said] = self._names.other(said, self._random)
        return self._known[said]

    def _number(self, said: str) -> str:
        if len(said) == 4 and 1900 <= int(said) < 2100:
            return str(int(said) + self._years)
        digits = said.rstrip("0")
        if not digits:
            return said
        low = 10 ** (len(digits) - 1)
        return str(self._random.randrange(low, 10 * low)) + "0" * (len(said) - len(digits))
