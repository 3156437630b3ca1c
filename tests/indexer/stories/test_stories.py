"""Stories and copies, on invented reports."""

import random
import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.arrays import Float32
from indexer.article import Article, Date
from indexer.stories.copies import find_copies
from indexer.stories.grouping import SIMILAR, Stories, group, published_seconds
from indexer.stories.sketches import LONGEST, SKETCH, Sketches, overlap, sketch

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


def copies_of(*texts: str) -> list[int]:
    articles = [article(str(i), text) for i, text in enumerate(texts)]
    copies: list[int] = group(articles, no_vectors(articles)).copies.tolist()
    return copies


def named(articles: Sequence[Article], stories: Stories) -> dict[str, tuple[str, str, str]]:
    """The earliest of each article's text, copies and story, by id."""
    ids = [each.id for each in articles]
    columns = stories.texts, stories.copies, stories.stories
    return {
        each: (ids[columns[0][i]], ids[columns[1][i]], ids[columns[2][i]])
        for i, each in enumerate(ids)
    }


def test_the_same_text_however_it_is_printed() -> None:
    text = report(1)
    printed = [
        text,
        text.upper(),
        "\n".join(text.split()),
        f"  {text}\n\n",
        f"By A. Writer, Evening Desk\n\n{text}",
        text.replace(". ", ".&nbsp;"),
    ]
    articles = [article(str(i), each, f"Headline {i}") for i, each in enumerate(printed)]
    stories = group(articles, no_vectors(articles))
    assert stories.texts.tolist() == [0] * len(printed)
    assert stories.degrees() == [None] + ["same"] * (len(printed) - 1)


def test_a_headline_above_the_text_is_not_the_text() -> None:
    text = report(2)
    articles = [
        article("a", text, "Ferry sold"),
        article("b", f"Ferry sold\n\n{text}", "Ferry sold"),
    ]
    assert group(articles, no_vectors(articles)).degrees() == [None, "same"]


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3])
def test_an_edited_copy(share: float) -> None:
    text = report(3, 40)
    articles = [article("a", text), article("b", edited(text, 4, share))]
    stories = group(articles, no_vectors(articles))
    assert stories.copies.tolist() == [0, 0]
    assert stories.degrees() == [None, "edited"]


@pytest.mark.parametrize("sentences", [9, 20, 200])
def test_a_copy_that_is_cut_reordered_and_edited(sentences: int) -> None:
    text = report(5, sentences)
    paragraphs = text.split("\n\n")
    half = paragraphs[: (len(paragraphs) + 1) // 2]
    assert copies_of(text, "\n\n".join(half)) == [0, 0]
    assert copies_of(text, "\n\n".join(reversed(paragraphs))) == [0, 0]
    assert copies_of(text, "\n\n".join([NOTICE, edited(text, 6, 0.2)])) == [0, 0]


def test_other_reports_are_no_copies() -> None:
    assert copies_of(*(report(seed) for seed in range(20))) == list(range(20))


def test_boilerplate_does_not_join() -> None:
    texts = [f"{report(seed, 9)}\n\n{NOTICE}" for seed in range(20)]
    assert copies_of(*texts) == list(range(20))


def test_paragraphs_used_again_do_not_join() -> None:
    background = report(7, 9)
    texts = [f"{report(seed, 21)}\n\n{background}" for seed in range(8, 16)]
    assert copies_of(*texts) == list(range(8))


def test_a_roundup_does_not_join_what_it_is_made_of() -> None:
    briefs = [report(seed, 6) for seed in range(30, 36)]
    assert copies_of("\n\n".join(briefs), *briefs) == list(range(7))


def test_a_notice_under_many_headlines_is_no_story() -> None:
    articles = [
        article(str(i), NOTICE, headline, f"2024-{i + 1:02}-01")
        for i, headline in enumerate(
            ["Ferry company raises fares", "Choir wins silver medal", "Glacier loses ten metres"]
        )
    ]
    assert group(articles, no_vectors(articles)).stories.tolist() == [0, 1, 2]
    near = [article("a", report(1, 6), "Choir wins", "2024-05-02")]
    near.append(article("b", f"A choir wins. {report(1, 6)}", "A choir wins", "2024-05-03"))
    assert group(near, no_vectors(near)).stories.tolist() == [0, 0]


def test_last_years_page_is_another_story() -> None:
    new = f"{report(50, 15)}\n\n{report(51, 9)}"
    old = f"{report(50, 15)}\n\n{report(52, 9)}"
    for year, joined in (("2024", True), ("2023", False)):
        articles = [article("a", new, "", "2024-05-01"), article("b", old, "", f"{year}-05-02")]
        copies = group(articles, no_vectors(articles)).copies.tolist()
        assert (copies[0] == copies[1]) == joined
    again = [article("a", new, "", "2024-05-01"), article("b", new, "", "2023-05-01")]
    assert group(again, no_vectors(again)).copies.tolist() == [1, 1]


def test_a_wire_story_with_sixty_copies_is_one() -> None:
    text = report(40, 30)
    texts = [text] + [edited(text, seed, 0.1 + seed % 3 / 10) for seed in range(60)]
    others = [report(seed, 30) for seed in range(100, 120)]
    found = copies_of(*texts, *others)
    assert found == [0] * 61 + list(range(61, 81))


def test_hundreds_of_identical_copies_are_one() -> None:
    assert copies_of(*[report(41)] * 500) == [0] * 500


def test_texts_of_next_to_nothing() -> None:
    articles = [
        article("a", ""),
        article("b", ""),
        article("c", "", "Ferry"),
        article("d", "Ferry"),
        article("e", "ferry!", "Ferry"),
        article("f", "\ud800 \x00 ���"),
        article("g", "…—“”"),
        article("h", "Sold out."),
        article("i", "sold out"),
        article("j", "Photographs", "The choir in May"),
        article("k", "Photographs", "The museum at night"),
    ]
    found = group(articles, no_vectors(articles)).copies.tolist()
    assert found == [0, 1, 2, 2, 4, 5, 6, 7, 7, 9, 10]


def test_a_text_without_end_takes_no_longer() -> None:
    for text in ("a" * 10**7, "&" * 10**6, "a " * 10**6, "by " + "x" * 10**6, "\n" * 10**6):
        begin = time.process_time()
        found = sketch(article("a", text))
        assert len(found.hashes) <= SKETCH
        assert time.process_time() - begin < 2
    text = report(1, 3000)
    assert len(text) > LONGEST
    assert copies_of(text, f"{text} more") == [0, 0]


def test_overlap_is_symmetric_and_one_for_a_text_and_itself() -> None:
    texts = [report(1, 200), report(1, 40), edited(report(1, 200), 2, 0.3), report(2)]
    sketches = Sketches(len(texts))
    for number, text in enumerate(texts):
        sketches.put(number, sketch(article("a", text)))
    one, other = np.array([0, 0, 0, 0]), np.array([0, 1, 2, 3])
    found = overlap(sketches, one, other)
    assert np.array_equal(found, overlap(sketches, other, one)[:, ::-1])
    assert found[0].tolist() == [1, 1]
    assert found[1].max() > 0.9
    assert found[1].min() < 0.4
    assert found[2].min() > 0.8
    assert found[3].max() < 0.1


def test_no_articles() -> None:
    stories = group([], np.zeros((0, 3), np.float32))
    assert stories.degrees() == []
    none = np.zeros(0, np.int64)
    assert [len(each) for each in find_copies(Sketches(0), none, none)] == [0, 0]


# Cosines to the first vector fall from 1; each of the others is alike only to its neighbours.
def _unit(degrees: float) -> Float32:
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], np.float32)


STEP = float(np.degrees(np.arccos(SIMILAR))) * 0.9


def _events(*reports: tuple[str | None, float]) -> list[int]:
    articles = [article(f"{i:03}", report(i), "", day) for i, (day, _) in enumerate(reports)]
    vectors = np.array([_unit(angle) for _, angle in reports])
    stories: list[int] = group(articles, vectors).stories.tolist()
    return stories


def test_reports_of_one_event_join_the_earliest() -> None:
    articles = [
        article("b", report(1), "", "2024-05-02"),
        article("a", report(2), "", "2024-05-01"),
    ]
    stories = group(articles, np.array([_unit(0), _unit(STEP)]))
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
    stories = group(articles, vectors)
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
    assert group(articles, no_vectors(articles)).copies.tolist() == [1, 1]


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
    whole = group(articles, vectors)
    for name, size in (("_RANKS", 7), ("_PAIRS", 3)):
        monkeypatch.setattr(f"indexer.stories.copies.{name}", size)
    for name, size in (("_BLOCK", 5), ("_LEADERS", 4)):
        monkeypatch.setattr(f"indexer.stories.grouping.{name}", size)
    assert named(articles, group(articles, vectors)) == named(articles, whole)
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
    assert named(shuffled, group(shuffled, vectors[order])) == named(
        articles, group(articles, vectors)
    )


@settings(max_examples=60, deadline=None)
@given(news(), st.data())
def test_adding_articles_splits_no_copies(
    made: tuple[list[Article], Float32], data: st.DataObject
) -> None:
    articles, vectors = made
    some = data.draw(st.lists(st.sampled_from(range(len(articles))), unique=True, min_size=1))
    few = [articles[i] for i in some]
    before, after = group(few, vectors[some]).copies, group(articles, vectors).copies
    for i, number in enumerate(some):
        assert after[number] == after[some[before[i]]]


@settings(max_examples=60, deadline=None)
@given(news())
def test_the_three_degrees_lie_within_each_other(made: tuple[list[Article], Float32]) -> None:
    articles, vectors = made
    stories = group(articles, vectors)
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


def test_a_copy_in_chinese_is_found() -> None:
    text = (
        "昨日上午，港口城市的市场发生火灾，三人受伤，消防队员用了两个小时才将火扑灭。"
        "警方正在调查起火原因，市长表示市场将关闭一周，商户们担心失去顾客。"
        "目击者说，火是从一家鱼店开始的，当时里面没有人。"
    )
    edited = text.replace("两个小时", "三个钟头").replace("一周", "七天")
    others = "教师们周一开始罢工，要求提高工资，学校将关闭到月底，家长们对此表示理解。" * 2
    articles = [
        Article(str(n), f"标题{n}", each, Date("2024-03-01"))
        for n, each in enumerate([text, text.replace("，", ", "), edited, others])
    ]
    found = group(articles, np.eye(4, 8, dtype=np.float32))
    assert found.stories.tolist() == [0, 0, 0, 3]
    assert found.degrees()[:2] == [None, "same"]
