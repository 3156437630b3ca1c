"""A page whose lines were glued into one is cut again. Every page here is made up."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Document
from indexer.reading.body.glued import SHORTEST, cut_line, gap_features, is_glued, load_model
from indexer.reading.body.lines import judge
from indexer.reading.cleaning import clean
from tests.indexer.reading.body.test_lines import BODY, BOTTOM, BYLINE, HEADLINE, TOP, page


def _glued(text: str) -> str:
    return " ".join(text.split("\n"))


def _kept(text: str) -> str:
    return " ".join(line.text for line in judge(text) if line.kept)


def test_the_body_is_told_from_the_page() -> None:
    found = _kept(_glued(page(TOP, HEADLINE, BYLINE, *BODY, BOTTOM, between="\n")))
    body = " ".join(BODY)
    assert set(body.split()) - set(found.split()) <= {"“Nobody", "Not", "convinced."}
    assert len(found) < 1.1 * len(body)
    for furniture in ("Podcasts", "Leave a comment", "Privacy", "rights reserved"):
        assert furniture not in found


def test_what_stands_around_a_glued_body_is_read() -> None:
    text = _glued(page(TOP, HEADLINE, BYLINE, *BODY, BOTTOM, between="\n"))
    article = clean(Document("a.txt", text, "text"))
    assert isinstance(article, Article)
    assert article.published
    assert (article.published.iso, article.author) == ("2024-02-04T08:15", "Karen Holm")


@pytest.mark.parametrize("titled", [True, False])
def test_the_body_alone_stays_one_line(titled: bool) -> None:
    text = " ".join(BODY)
    assert len(text) > SHORTEST
    assert [(line.text, line.kept) for line in judge(text, titled)] == [(text, True)]


@pytest.mark.parametrize(
    "dateline",
    ["VESTER HAVN, Feb 4 (Reuters) - The", "Vester, Feb. 4 (TDN): The", "VESTER HAVN (AP) — The"],
)
def test_a_dateline_begins_a_line_and_stays_with_its_sentence(dateline: str) -> None:
    body = (dateline + BODY[0].removeprefix("The"), *BODY[1:])
    text = _glued(page(TOP, "Town moves its market inland", *body, BOTTOM, between="\n"))
    begun = [line for line in cut_line(text, load_model()) if dateline in line]
    assert [line.startswith(dateline.split(",")[0].split(" (")[0]) for line in begun] == [True]


@pytest.mark.parametrize("day", ["2024-02-04 08:15:00", "4 February 2024", "Feb. 4, 2024 8:15 am"])
def test_a_date_stays_whole(day: str) -> None:
    text = _glued(page(TOP, HEADLINE, f"Published {day}", *BODY, BOTTOM, between="\n"))
    assert sum(day in line for line in cut_line(text, load_model())) == 1


def test_words_that_are_not_spaced_are_cut_at_each_space() -> None:
    lines = ["首页", "新闻", "市议会周二晚上决定把集市从码头迁到旧操场。", "摊主们将免交一年租金。"]
    assert cut_line(" ".join(lines), load_model()) == lines


def test_which_texts_are_glued() -> None:
    assert is_glued([" ".join(BODY)])
    assert is_glued(["", " ".join(BODY), ""])
    assert not is_glued(["A short line."])
    assert not is_glued(list(BODY))
    assert not is_glued(["word " * 200_000])


def test_the_weights_fit_the_features() -> None:
    (features,) = gap_features(HEADLINE.split())
    assert features.shape == (len(HEADLINE.split()) - 1, len(load_model().network.hidden))


@given(
    st.lists(
        st.sampled_from([*TOP.split("\n"), *BODY, "(IANS):", "Nov 30", "|", "首页"]), min_size=1
    )
)
def test_nothing_but_space_is_lost(parts: list[str]) -> None:
    text = " ".join(parts)
    assert " ".join(cut_line(text, load_model())) == " ".join(text.split())


def test_time_is_linear() -> None:
    start = time.process_time()
    judge(("word " * 80_000) + ". ")
    assert time.process_time() - start < 20
