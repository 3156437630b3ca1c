"""Copies: the same text however it is printed, edited or cut, and nothing else."""

from collections.abc import Sequence

import numpy as np
import pytest

from indexer.article import Article, Date
from indexer.stories.copies import UNDATED, WEEK, find_copies
from indexer.stories.sketches import Sketches, sketch
from tests.support.reports import NOTICE, article, copies_of, edited, grouped, no_vectors, report


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
    stories = grouped(articles, no_vectors(articles))
    assert stories.texts.tolist() == [0] * len(printed)
    assert stories.degrees() == [None] + ["same"] * (len(printed) - 1)


def test_a_headline_above_the_text_is_not_the_text() -> None:
    text = report(2)
    articles = [
        article("a", text, "Ferry sold"),
        article("b", f"Ferry sold\n\n{text}", "Ferry sold"),
    ]
    assert grouped(articles, no_vectors(articles)).degrees() == [None, "same"]


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3])
def test_an_edited_copy(share: float) -> None:
    text = report(3, 40)
    articles = [article("a", text), article("b", edited(text, 4, share))]
    stories = grouped(articles, no_vectors(articles))
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
    assert grouped(articles, no_vectors(articles)).stories.tolist() == [0, 1, 2]
    near = [article("a", report(1, 6), "Choir wins", "2024-05-02")]
    near.append(article("b", f"A choir wins. {report(1, 6)}", "A choir wins", "2024-05-03"))
    assert grouped(near, no_vectors(near)).stories.tolist() == [0, 0]


def test_last_years_page_is_another_story() -> None:
    new = f"{report(50, 15)}\n\n{report(51, 9)}"
    old = f"{report(50, 15)}\n\n{report(52, 9)}"
    for year, joined in (("2024", True), ("2023", False)):
        articles = [article("a", new, "", "2024-05-01"), article("b", old, "", f"{year}-05-02")]
        copies = grouped(articles, no_vectors(articles)).copies.tolist()
        assert (copies[0] == copies[1]) == joined
    again = [article("a", new, "", "2024-05-01"), article("b", new, "", "2023-05-01")]
    assert grouped(again, no_vectors(again)).copies.tolist() == [1, 1]


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
    found = grouped(articles, no_vectors(articles)).copies.tolist()
    assert found == [0, 1, 2, 2, 4, 5, 6, 7, 7, 9, 10]


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
    found = grouped(articles, np.eye(4, 8, dtype=np.float32))
    assert found.stories.tolist() == [0, 0, 0, 3]
    assert found.degrees()[:2] == [None, "same"]


def _found(texts: Sequence[str], weeks: Sequence[int | None], order: Sequence[int]) -> list[int]:
    sketches = Sketches(len(texts))
    for number, text in enumerate(texts):
        sketches.put(number, sketch(article(str(number), text)))
    seconds = [UNDATED if week is None else week * WEEK for week in weeks]
    by_text, by_copy = find_copies(sketches, np.array(seconds), np.array(order))
    # The same text is a copy, whatever is found besides.
    assert by_copy[by_text].tolist() == by_copy.tolist()
    copies: list[int] = by_copy.tolist()
    return copies


def test_the_first_is_meant_in_the_order_that_is_given() -> None:
    texts = [report(1), report(2), report(1), edited(report(1), 3, 0.1)]
    undated = [None] * 4
    assert _found(texts, undated, [0, 1, 2, 3]) == [0, 1, 0, 0]
    assert _found(texts, undated, [3, 1, 2, 0]) == [3, 1, 3, 3]
    assert _found(texts, undated, [2, 0, 3, 1]) == [2, 1, 2, 2]


@pytest.mark.parametrize(
    ("weeks", "joined"),
    [((5, 5), True), ((5, 6), True), ((5, 7), False), ((5, None), True), ((None, None), True)],
)
def test_what_comes_later_must_share_more(
    weeks: tuple[int | None, int | None], joined: bool
) -> None:
    # About two thirds of either text are the other's.
    texts = [f"{report(50, 15)}\n\n{report(51, 9)}", f"{report(50, 15)}\n\n{report(52, 9)}"]
    assert _found(texts, weeks, [0, 1]) == [0, 0 if joined else 1]
    assert _found([texts[0]] * 2, weeks, [0, 1]) == [0, 0]
