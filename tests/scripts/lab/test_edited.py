"""News made by edits: the same everywhere, as long as real news, and no copies of it."""

import json
import re
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from indexer.article import Article, Date
from indexer.errors import InputError
from indexer.stories.copies import find_copies
from indexer.stories.grouping import published_seconds
from indexer.stories.sketches import Sketches, sketch
from scripts.lab.edited import (
    LEAST_SENTENCES,
    Source,
    coined,
    edited_articles,
    plain_sentences,
    read_sources,
    write_edited,
)
from tests.support.needs import ROOT

_PARAGRAPHS = 8


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented news that the codec is learned from, cut into articles."""
    text = (ROOT / "indexer/embedding/calibration.txt").read_text("utf-8")
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    file = tmp_path_factory.mktemp("edited") / "corpus.jsonl"
    records = [
        {
            "_id": str(begin),
            "title": parts[begin].split(" ", 8)[8][:60],
            "text": "\n\n".join(parts[begin : begin + _PARAGRAPHS]),
            "date": "2024-05-17",
            "source": "bsn.example",
        }
        for begin in range(0, len(parts), _PARAGRAPHS)
    ]
    records.append({"_id": "undated", "title": "No day", "text": "This is left out."})
    file.write_text("".join(json.dumps(each) + "\n" for each in records), "utf-8")
    return file


@pytest.fixture(scope="module")
def sources(corpus: Path) -> list[Source]:
    return read_sources(corpus)


@pytest.fixture(scope="module")
def made(sources: list[Source]) -> list[dict[str, str]]:
    return list(islice(edited_articles(sources), 200))


def test_sources_are_dated_and_not_what_an_outlet_prints_under_all(tmp_path: Path) -> None:
    records = [
        {"_id": str(i), "title": f"T{i}", "date": "2024-05-17", "text": f"{own}\n\nSign up here."}
        for i, own in enumerate(("A tree fell. It was old.", "A dog ran.", "Rain came."))
    ]
    file = tmp_path / "corpus.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in records), "utf-8")
    assert [each.sentences for each in read_sources(file)] == [
        ("A tree fell.", "It was old."),
        ("A dog ran.",),
        ("Rain came.",),
    ]
    file.write_text('{"_id": "1", "title": "T", "text": "No day."}\n', "utf-8")
    with pytest.raises(InputError, match="no article with a title and a date"):
        read_sources(file)


def test_an_article_follows_from_its_number(
    sources: list[Source], made: list[dict[str, str]]
) -> None:
    assert list(islice(edited_articles(sources), 20)) == made[:20]
    assert next(edited_articles(sources, first=150)) == made[150]
    assert len({each["text"] for each in made}) == len(made)


def test_a_corpus_of_the_size_asked_for(sources: list[Source], tmp_path: Path) -> None:
    file = tmp_path / "made.jsonl"
    written = write_edited(sources, file, 100)
    articles = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert len(articles) == written
    words = [len(each["text"].split()) for each in articles]
    assert sum(words[:-1]) < 100 * 81.5 <= sum(words)
    assert set(articles[0]) == {"_id", "title", "text", "date", "source"}


def test_articles_are_as_long_as_real_ones(
    sources: list[Source], made: list[dict[str, str]]
) -> None:
    real = np.mean([max(len(each.sentences), LEAST_SENTENCES) for each in sources])
    lengths = [len(plain_sentences(each["text"])) for each in made]
    # One sentence of three is left out half of the time.
    assert 0.65 * real < np.mean(lengths) < 1.1 * real
    assert min(lengths) >= LEAST_SENTENCES // 2


def test_nothing_comes_out_as_it_was(sources: list[Source], made: list[dict[str, str]]) -> None:
    runs = {
        " ".join(source.sentences[start : start + 3])
        for source in sources
        for start in range(len(source.sentences) - 2)
    }
    for article in made:
        said = " ".join(article["text"].split())
        assert not any(run in said for run in runs)


def test_one_name_throughout_an_article(sources: list[Source]) -> None:
    name = next(
        word
        for source in sources
        for word in re.findall(r"[A-Z][a-z]{5,}", source.sentences[0])
        if sum(word in sentence for sentence in source.sentences) >= 3
    )
    told = tuple(f"On Sunday {name} met the mayor of {name} in 2024." for _ in range(12))
    day = sources[0].day
    alone = [*sources, Source(f"{name} again", "bsn.example", day, told)]
    wanted = (each for each in edited_articles(alone) if "met the mayor" in each["text"])
    for article in islice(wanted, 5):
        found = re.findall(r"On (\w+) (.+?) met the mayor of (.+?) in (\d+)\.", article["text"])
        assert len(set(found)) == 1
        weekday, one, other, year = found[0]
        assert (weekday != "Sunday", one == other, 2021 <= int(year) <= 2027) == (True, True, True)


def test_copies_are_few(made: list[dict[str, str]]) -> None:
    sketches, seconds = Sketches(len(made)), np.zeros(len(made), np.int64)
    for number, each in enumerate(made):
        date = Date(each["date"])
        sketches.put(number, sketch(Article(each["_id"], each["title"], each["text"])))
        seconds[number] = published_seconds(date)
    _, copies = find_copies(sketches, seconds, np.argsort(seconds, kind="stable"))
    # Of 20 sources, ten of each: an edit that only changed names would make groups of ten.
    sizes = np.bincount(copies, minlength=len(made))[copies]
    assert np.mean(sizes > 1) < 0.1


def test_common_words_stay_common_and_new_ones_come(
    sources: list[Source], made: list[dict[str, str]]
) -> None:
    def frequency(texts: list[str]) -> Counter[str]:
        return Counter(word for text in texts for word in set(re.findall(r"\w+", text.lower())))

    real = frequency([sentence for each in sources for sentence in each.sentences])
    edited = [plain_sentences(each["text"]) for each in made]
    found = frequency([sentence for each in edited for sentence in each])
    total = sum(len(each.sentences) for each in sources), sum(map(len, edited))
    ratios = [found[word] / total[1] / (times / total[0]) for word, times in real.most_common(100)]
    assert 0.8 < np.median(ratios) < 1.2
    assert min(ratios) > 0.3
    half = frequency([sentence for each in edited[: len(edited) // 2] for sentence in each])
    assert len(found) > 1.1 * len(half) > 1.1 * len(real) * 0.9


def test_coined_names_differ() -> None:
    names = [coined(number) for number in range(20_000)]
    assert len(set(names)) == len(names)
    assert names[:2] == ["Belbar", "Belbel"]
    assert all(name.isalpha() and name.istitle() for name in names)
    assert len(coined(10**9)) < 40
