"""How bodies, headlines and days are scored, on made pages whose score is known by hand."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from indexer.article import Date
from scripts.benchmarks.pages import body_f1, count_days, equal_headlines, speed, words_kept
from scripts.lab.data import Pages


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    gold = {
        "a": {"body": "one two three four five", "title": "A Headline!", "published": "2024-03-05"},
        "b": {"body": "six seven eight nine ten", "title": "", "published": None},
        "c": {"body": "no such words", "title": "Other", "published": "2024-03-05T23:00:00Z"},
    }
    texts = {"a": "5 March 2024\nOne.", "b": "Two.", "c": "Three, without a day."}
    for name in ("text", "html"):
        (tmp_path / name).mkdir()
    (tmp_path / "gold.json").write_text(json.dumps(gold))
    for name, text in texts.items():
        (tmp_path / "text" / f"{name}.txt").write_text(text)
        (tmp_path / "html" / f"{name}.html.gz").write_bytes(gzip.compress(text.encode()))
    return Pages(tmp_path)


def test_f1_of_bodies(pages: Pages) -> None:
    found = {"a": "one two three four", "b": "six seven eight nine ten", "c": "other words here"}
    # One of the two shingles of the first page, all of the second, none of the third.
    assert body_f1(pages, found) == pytest.approx((2 / 3 + 1 + 0) / 3)


def test_equal_headlines_of_pages_that_have_one(pages: Pages) -> None:
    assert equal_headlines(pages, dict.fromkeys("abc", "a  headline")) == 1 / 2
    assert equal_headlines(pages, {"a": None}) == 0


def test_counted_days(pages: Pages) -> None:
    counts = count_days(pages, {"a": Date("2024-03-06"), "b": None, "c": None})
    assert counts == {"dated": 2, "printed": 1, "right": 1, "right of printed": 1, "wrong": 0}


@pytest.mark.parametrize("wrong", ["2024-03-07", "2024-03"])
def test_another_day_and_a_month_alone_are_wrong(pages: Pages, wrong: str) -> None:
    counts = count_days(pages, dict.fromkeys("abc", Date(wrong)))
    assert counts == {"dated": 2, "printed": 1, "right": 0, "right of printed": 0, "wrong": 2}


def test_words_that_are_kept() -> None:
    assert words_kept(["a b c d", "e f", " "], lambda text: text[:3]) == (1 / 2 + 1) / 2


def test_speed_cleans_every_text_each_time() -> None:
    seen: list[str] = []

    def clean(texts: Sequence[str]) -> list[list[str]]:
        seen.extend(texts)
        return list(map(sorted, texts))

    assert speed(["é" * 500_000, "a", "b"], clean, repeats=2) > 0
    assert [len(text) for text in seen] == [500_000, 1, 1] * 2
