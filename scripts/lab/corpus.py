"""Made news, the same on every machine: for speed and size only, since it means nothing.

Word frequencies follow Zipf's law over a vocabulary of some 23,000 words made from the lists below.
Each article repeats words of its own (its cast), as an article about something does; without that,
all passages would have nearly the same vector.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import count, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.object_]

SEED = 20241130
# Words of a passage as the passage cutter makes them of sentences of 8-30 words.
WORDS_A_PASSAGE = 82.7
# The exponent of Zipf's law: with it a word has 1.4 tokens, as in news_quiz_dev.
ZIPF = 1.35
# A little more than was asked for, so that "100,000 passages" are not 99,900.
SURPLUS = 1.01
# Words of an article: median and spread of a lognormal, and its bounds.
ARTICLE_WORDS, ARTICLE_SPREAD, ARTICLE_BOUNDS = 450, 0.6, (100, 2000)
# Words that an article keeps coming back to, and how often.
CAST, CAST_SHARE = 24, 0.2
# How often a word is a full name of the cast, a number, a date.
NAMES, NAME_SHARE, NUMBER_SHARE, DATE_SHARE = 4, 0.02, 0.015, 0.005
FIRST_DAY, DAYS = date(2015, 1, 1), 3650

_COMMON = """
the of and to in a that for on is with said was it as at by from be an are has his have he but not
its they will who been had were which their more this about or one after would also than when her
new there over could up out all some into she what before two last other between most against
during while where because under still since through both
"""
_STEMS = """
government council mayor market price budget school teacher student hospital doctor nurse patient
police officer court judge trial lawyer election vote voter party minister president senate law bill
tax bank loan debt trade export import tariff factory worker union strike wage job company firm
profit share investor fund rate inflation economy growth energy oil gas coal power grid solar wind
storm flood drought fire river lake coast harbour port ship bridge road rail train bus airport
flight pilot plane driver car engine battery road farm crop wheat corn cattle milk food water dam
weather heat climate carbon forest tree park animal bird fish science study research professor
university laboratory data computer software network phone screen camera satellite rocket orbit
moon planet space mission crew army soldier border treaty summit talks peace war missile refugee
camp aid charity church music film actor singer stage theatre museum artist painting book author
writer reader newspaper editor reporter radio television game match team coach player goal league
season final medal race runner swimmer cyclist stadium crowd fan ticket hotel tourist travel guide
island mountain valley village town city district region country capital street house home garden
kitchen family mother father child daughter son brother sister friend neighbour leader member
expert critic witness victim suspect crime theft fraud prison sentence appeal ruling right reform
plan project contract deal merger board chief founder customer store shop brand product design
quality safety risk test vaccine virus disease cancer drug treatment surgery clinic insurance
report survey poll figure record level number month week morning evening spring summer autumn winter
decade century history tradition culture language question answer problem solution decision change
warning promise threat hope fear anger support pressure effort progress failure success victory
defeat return rise fall drop gain loss cost demand supply delay repair damage rescue search escape
build close open start finish offer accept reject announce confirm deny approve delay expand cut
raise lower protect attack defend replace restore launch cancel visit meet speak write teach learn
local national foreign public private early late large small major minor rapid slow cheap costly
modern ancient quiet crowded popular famous rare common severe mild likely final former senior
"""
_SECOND = """
work house line man side land way yard maker keeper field stone light gate point watch wood ground
store craft board ward mark path hall front break stream bell
"""
_GIVEN = """
Anna Ben Carla David Elena Frank Grace Henry Irene James Karen Leo Maria Nadia Oscar Paula Quentin
Rosa Samuel Tara Umar Vera Walter Yasmin Amir Bianca Chen Dmitri Esther Felix Hana Ivan Joan Kofi
Lena Miguel Noor Olga Peter Ravi
"""
_ONSETS = "Bar Bel Cal Dor Fen Gar Hal Jar Kel Lan Mar Nor Ol Per Ros Sal Tor Ul Ver Wen"
_MIDDLES = "a e i o an en in on ar er ir or al el il ol and end ing ord"
_ENDINGS = (
    "ton berg ville field ham ley man sen son ford well wick dale ov ez ini ara eda ama aki ier "
    "ault eau ic ski ner rick den mont"
)
_SOURCES = ("Northern Courier", "Harbour Herald", "Metro Wire", "Valley Gazette", "Island Post")


def write_corpus(folder: Path, passages: int) -> Path:
    """Write articles of about `passages` passages as JSON lines; returns the file."""
    file = folder / "synthetic.jsonl"
    words, wanted = 0, passages * WORDS_A_PASSAGE * SURPLUS
    articles = made_articles()
    with file.open("w", encoding="utf-8") as stream:
        while words < wanted:
            article = next(articles)
            stream.write(json.dumps(article) + "\n")
            words += len(article["text"].split())
    return file


def write_article(folder: Path, article: Mapping[str, str]) -> Path:
    """Write an article as a JSON file that is named by its id, over the one before; returns it."""
    file = folder / f"{article['_id']}.json"
    file.write_text(json.dumps(article), "utf-8")
    return file


def with_paragraph_of(article: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """An article whose middle paragraph was edited: it is the first one of another article."""
    paragraphs = article["text"].split("\n\n")
    paragraphs[len(paragraphs) // 2] = other["text"].split("\n\n")[0]
    return {**article, "text": "\n\n".join(paragraphs)}


def revise(
    folder: Path,
    articles: Sequence[Mapping[str, str]],
    changed: slice = slice(0),
    removed: slice = slice(0),
    renamed: slice = slice(0),
) -> None:
    """Change, remove and rename the files of some articles each."""
    for i in range(len(articles))[changed]:
        write_article(folder, with_paragraph_of(articles[i], articles[i - 1]))
    files = [folder / f"{article['_id']}.json" for article in articles]
    for file in files[removed]:
        file.unlink()
    for file in files[renamed]:
        file.rename(file.with_name(f"renamed-{file.name}"))


def made_articles(words: int = ARTICLE_WORDS) -> Iterator[dict[str, str]]:
    """Articles without end, as records that `reindex` reads; `words` is their median length."""
    writer = _Writer()
    for number in count():
        yield writer.article(number, words)


class _Writer:
    """Writes articles in the words of one vocabulary, from the most to the least frequent."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(SEED)
        # Those that carry no meaning of their own come first, then plain ones, then rare ones.
        common, stems = _COMMON.split(), list(dict.fromkeys(_STEMS.split()))
        parts = product(_ONSETS.split(), _MIDDLES.split(), _ENDINGS.split())
        self._surnames = ["".join(each) for each in parts]
        rare = [stem + second for stem in stems for second in _SECOND.split()] + self._surnames
        permuted = [*self._random.permutation(stems), *self._random.permutation(rare)]
        self._words = np.array([*common, *permuted], dtype=object)
        # Zipf-Mandelbrot: Mandelbrot's 2.7 flattens the head as it is in English.
        weights = 1 / (np.arange(len(self._words)) + 2.7) ** ZIPF
        self._cumulative = np.cumsum(weights / weights.sum())
        self._rarer = float(self._cumulative[len(common) - 1])

    def article(self, number: int, median: int) -> dict[str, str]:
        """The article of a number; they are written in the order of their numbers."""
        random = self._random
        cast = self._draw(CAST, self._rarer)
        names = [self._name() for _ in range(NAMES)]
        day = FIRST_DAY + timedelta(days=int(random.integers(DAYS)))
        target = float(np.clip(random.lognormal(np.log(median), ARTICLE_SPREAD), *ARTICLE_BOUNDS))
        sentences: list[str] = []
        words = 0
        while words < target:
            length = int(random.integers(8, 31))
            sentences.append(self._sentence(cast, names, day, length))
            words += length
        return {
            "_id": f"synthetic-{number:06d}",
            "title": " ".join(random.choice(cast, 7)).capitalize(),
            "text": "\n\n".join(self._paragraphs(sentences)),
            "date": day.isoformat(),
            "source": _SOURCES[number % len(_SOURCES)],
            "author": names[0],
        }

    def _name(self) -> str:
        given = _GIVEN.split()
        surname = self._surnames[self._random.integers(len(self._surnames))]
        return f"{given[self._random.integers(len(given))]} {surname}"

    def _draw(self, count: int, low: float = 0.0) -> Words:
        """Words by frequency, of those above a cumulative probability."""
        at = np.searchsorted(self._cumulative, self._random.uniform(low, 1.0, count))
        drawn: Words = self._words[np.minimum(at, len(self._words) - 1)]
        return drawn

    def _sentence(self, cast: Words, names: list[str], day: date, length: int) -> str:
        random, words = self._random, self._draw(length)
        kind = random.random(length)
        for at in np.flatnonzero(kind < CAST_SHARE):
            words[at] = cast[random.integers(CAST)]
        rest = kind - CAST_SHARE
        for at in np.flatnonzero((rest >= 0) & (rest < NAME_SHARE + NUMBER_SHARE + DATE_SHARE)):
            if rest[at] < NAME_SHARE:
                words[at] = names[random.integers(NAMES)]
            elif rest[at] < NAME_SHARE + NUMBER_SHARE:
                words[at] = str(random.integers(2, 2000))
            else:
                then = day - timedelta(days=int(random.integers(1, 400)))
                words[at] = f"{then.day} {then:%B %Y}"
        text = " ".join(words)
        return f"{text[0].upper()}{text[1:]}."

    def _paragraphs(self, sentences: list[str]) -> Iterator[str]:
        start = 0
        while start < len(sentences):
            stop = start + int(self._random.integers(1, 4))
            yield " ".join(sentences[start:stop])
            start = stop
