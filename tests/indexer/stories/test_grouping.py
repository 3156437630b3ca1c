"""Stories: copies go with their earliest, reports of one event with the first of them."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.arrays import Float32
from indexer.article import Article, Date
from indexer.stories.copies import find_copies
from indexer.stories.grouping import SIMILAR, published_seconds
from indexer.stories.sketches import Sketches
from tests.support.reports import article, edited, grouped, named, no_vectors, report


# Cosines to the first vector fall from 1; each of the others is alike only to its neighbours.
def _unit(degrees: float) -> Float32:
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], np.float32)


STEP = float(np.degrees(np.arccos(SIMILAR))) * 0.9


def _events(*reports: tuple[str | None, float]) -> list[int]:
    articles = [article(f"{i:03}", report(i), "", day) for i, (day, _) in enumerate(reports)]
    vectors = np.array([_unit(angle) for _, angle in reports])
    stories: list[int] = grouped(articles, vectors).stories.tolist()
    return stories


def test_no_articles() -> None:
    stories = grouped([], np.zeros((0, 3), np.float32))
    assert stories.degrees() == []
    none = np.zeros(0, np.int64)
    assert [len(each) for each in find_copies(Sketches(0), none, none)] == [0, 0]


def test_reports_of_one_event_join_the_earliest() -> None:
    articles = [
        article("b", report(1), "", "2024-05-02"),
        article("a", report(2), "", "2024-05-01"),
    ]
    stories = grouped(articles, np.array([_unit(0), _unit(STEP)]))
    assert stories.stories.tolist() == [1, 1]
    assert stories.copies.tolist() == [0, 1]
    assert stories.degrees() == ["event", None]


def test_events_do_not_chain() -> None:
    days = ["2024-05-01", "2024-05-02", "2024-05-03"]
    found = _events(*((day, i * STEP) for i, day in enumerate(days)))
    assert found == [0, 0, 2]


def test_an_event_ends() -> None:
    assert _events(("2024-05-01", 0), ("2024-05-04", 0), ("2024-05-05", 0)) == [0, 0, 2]


def test_without_a_day_there_is_no_event() -> None:
    assert _events(("2024-05", 0), ("2024-05", 0), (None, 0), (None, 0)) == [0, 1, 2, 3]


def test_the_most_similar_leader_is_joined() -> None:
    days = ["2024-05-01", "2024-05-01", "2024-05-02"]
    found = _events((days[0], 0), (days[1], STEP * 1.5), (days[2], STEP))
    assert found == [0, 1, 1]


def test_copies_go_with_their_earliest() -> None:
    first, second = report(1), report(2)
    articles = [
        article("a", first, "", "2024-05-01"),
        article("b", second, "", "2024-05-02"),
        article("c", second, "", "2024-06-02"),
        article("d", edited(first, 1, 0.2)),
    ]
    vectors = np.array([_unit(0), _unit(STEP), _unit(90), _unit(90)])
    stories = grouped(articles, vectors)
    assert stories.stories.tolist() == [0, 0, 0, 0]
    assert stories.copies.tolist() == [0, 1, 1, 0]
    assert stories.degrees() == [None, "event", "event", "edited"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2024-05-01", "2024-05-01T00:01"),
        ("2024-05-01T09:00:00+09:00", "2024-05-01T00:00:01+00:00"),
        ("2024-05-31", "2024-05"),
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_dates_are_ordered_as_moments(earlier: str, later: str) -> None:
    assert published_seconds(Date(earlier)) < published_seconds(Date(later))
    articles = [article("a", report(1), "", later), article("b", report(1), "", earlier)]
    assert grouped(articles, no_vectors(articles)).copies.tolist() == [1, 1]


def test_more_articles_than_fit_one_piece_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    some = np.random.default_rng(1)
    texts = [report(seed % 50, 9) for seed in range(120)]
    days = [f"2024-05-{1 + seed * 28 // 120:02}" for seed in range(120)]
    articles = [
        article(f"{i:03}", edited(text, i, 0.1), "", day)
        for i, (text, day) in enumerate(zip(texts, days, strict=True))
    ]
    vectors = some.standard_normal((120, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    whole = grouped(articles, vectors)
    for name, size in (("_RANKS", 7), ("_PAIRS", 3)):
        monkeypatch.setattr(f"indexer.stories.copies.{name}", size)
    for name, size in (("_BLOCK", 5), ("_LEADERS", 4)):
        monkeypatch.setattr(f"indexer.stories.grouping.{name}", size)
    assert named(articles, grouped(articles, vectors)) == named(articles, whole)
    assert len(set(whole.copies.tolist())) == 50
    assert len(set(whole.stories.tolist())) < 50


@st.composite
def news(draw: st.DrawFn) -> tuple[list[Article], Float32]:
    """Some articles: originals, copies of them, several days, some without one."""
    count = draw(st.integers(1, 14))
    articles = []
    for number in range(count):
        text = report(draw(st.integers(0, 4)), 12)
        share = draw(st.sampled_from([0.0, 0.0, 0.15, 0.3]))
        if share:
            text = edited(text, draw(st.integers(0, 99)), share)
        day = draw(st.sampled_from([None, "2024-05", "2024-05-01", "2024-05-03", "2024-05-19"]))
        articles.append(article(f"{number:02}", text, draw(st.sampled_from(["", "Fares"])), day))
    angles = draw(st.lists(st.integers(0, 180), min_size=count, max_size=count))
    return articles, np.array([_unit(angle) for angle in angles])


@settings(max_examples=60, deadline=None)
@given(news(), st.randoms(use_true_random=False))
def test_stories_do_not_depend_on_the_order(
    made: tuple[list[Article], Float32], some: random.Random
) -> None:
    articles, vectors = made
    order = some.sample(range(len(articles)), len(articles))
    shuffled = [articles[i] for i in order]
    assert named(shuffled, grouped(shuffled, vectors[order])) == named(
        articles, grouped(articles, vectors)
    )


@settings(max_examples=60, deadline=None)
@given(news(), st.data())
def test_adding_articles_splits_no_copies(
    made: tuple[list[Article], Float32], data: st.DataObject
) -> None:
    articles, vectors = made
    some = data.draw(st.lists(st.sampled_from(range(len(articles))), unique=True, min_size=1))
    few = [articles[i] for i in some]
    before, after = grouped(few, vectors[some]).copies, grouped(articles, vectors).copies
    for i, number in enumerate(some):
        assert after[number] == after[some[before[i]]]


@settings(max_examples=60, deadline=None)
@given(news())
def test_the_three_degrees_lie_within_each_other(made: tuple[list[Article], Float32]) -> None:
    articles, vectors = made
    stories = grouped(articles, vectors)
    assert np.array_equal(stories.copies[stories.texts], stories.copies)
    assert np.array_equal(stories.stories[stories.copies], stories.stories)
    for column in (stories.texts, stories.copies, stories.stories):
        assert np.array_equal(column[column], column)
    times = [(published_seconds(each.published), each.id) for each in articles]
    assert all(times[first] <= times[i] for i, first in enumerate(stories.stories))


def test_later_articles_leave_earlier_events_alone() -> None:
    some = random.Random(1)
    days = sorted(f"2024-05-{some.randrange(1, 20):02}" for _ in range(60))
    reports = [(day, some.uniform(0, 180)) for day in days]
    whole = _events(*reports)
    for count in (10, 30, 59):
        assert _events(*reports[:count]) == whole[:count]
