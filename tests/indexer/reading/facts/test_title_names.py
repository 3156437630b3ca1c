"""Names that the titles of one source repeat are told from parts of headlines that recur."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article
from indexer.reading.facts.title_names import TitleNames

HEADLINES = [
    "Fish auction closes after 150 years",
    "Goat boards last ferry",
    "Mayor quits over losses",
    "Bakery burns down",
    "Two tails seen on a comet",
    "Trams return to the harbour",
    "Old lighthouse is sold",
    "Choir sings for whales",
]


def _article(title: str, text: str = "It was decided on Monday.", **fields: Any) -> Article:
    return Article(id=title, title=title, text=text, **{"location": "/dump/a.txt", **fields})


def _names(articles: Sequence[Article]) -> TitleNames:
    names = TitleNames()
    for article in articles:
        names.add(article, partial(str, article.text))
    return names


def _less(articles: Sequence[Article]) -> list[str]:
    names = _names(articles)
    return [names.without(article).title for article in articles]


@pytest.mark.parametrize(
    "written",
    [
        "{} - Vale Examiner",
        "{} | BBC News",
        "{} – The Skerry Post",
        "{}|Vale Examiner",
        "{} :: valeexaminer.example",
        "Vale Examiner » {}",
        "{} - Vale Examiner | North Edition",
        "{} | nrk.no",
        "{} - El País",
        "{} - La voz del Valle",
        "{} - Новости Долины",
        "{} - 谷地日报",
    ],
)
def test_a_name_is_taken_off(written: str) -> None:
    assert _less([_article(written.format(each)) for each in HEADLINES]) == HEADLINES


def test_a_name_of_a_script_without_spaces() -> None:
    headlines = [f"市长{number}辞职" for number in "一二三四五"]
    assert _less([_article(f"{each}_谷地新闻网") for each in headlines]) == headlines


@pytest.mark.parametrize(
    "part",
    ["live", "Live updates", "Opinion", "In pictures", "Sport", "Analysis", "News", "Video",
     "Kommentar", "Monday", "March 2024", "2024", "what we know", "as it happened", "Q&A",
     "who won?"],
)  # fmt: skip
@pytest.mark.parametrize("written", ["{} - {}", "{} | {}"])
def test_sections_and_series_stay(part: str, written: str) -> None:
    titles = [written.format(each, part) for each in HEADLINES]
    assert _less([_article(title) for title in titles]) == titles


def test_a_section_before_the_name_stays() -> None:
    titles = [f"{each} | Opinion | Vale Examiner" for each in HEADLINES]
    expected = [f"{each} | Opinion" for each in HEADLINES]
    assert _less([_article(title) for title in titles]) == expected


@pytest.mark.parametrize("written", ["{} in Gaza", "BREAKING: {}", "{}-Gaza", "Gaza: {}"])
def test_without_a_separator_nothing_is_a_name(written: str) -> None:
    titles = [written.format(each) for each in HEADLINES]
    assert _less([_article(title) for title in titles]) == titles


@pytest.mark.parametrize("written", ["{} - Skerrivane", "Skerrivane | {}", "{} - Ragna Holt"])
def test_what_the_articles_speak_of_stays(written: str) -> None:
    titles = [written.format(each) for each in HEADLINES]
    text = "The harbour board of Skerrivane met on Thursday, and Ragna Holt spoke."
    assert _less([_article(title, text) for title in titles]) == titles


@pytest.mark.parametrize("dateline", ["SKERRIVANE — ", "Skerrivane (Reuters) - "])
def test_a_place_that_they_report_from_stays(dateline: str) -> None:
    titles = [f"{each} | Skerrivane" for each in HEADLINES]
    assert _less([_article(title, f"{dateline}It was so.") for title in titles]) == titles


def test_who_wrote_them_stays() -> None:
    titles = [f"{each} | Ragna Holt" for each in HEADLINES]
    assert _less([_article(title, author="Ragna Holt") for title in titles]) == titles


def test_an_outlet_that_its_articles_name_now_and_then() -> None:
    texts = ["He told the Vale Examiner so.", *["It was decided on Monday."] * 7]
    articles = [
        _article(f"{each} - Vale Examiner", text)
        for each, text in zip(HEADLINES, texts, strict=True)
    ]
    assert _less(articles) == HEADLINES


@pytest.mark.parametrize("dateline", ["(CNN)", "LOWICK (CNN) - ", "CNN —\n\n", "London CNN — "])
def test_an_outlet_in_the_datelines_of_its_articles(dateline: str) -> None:
    articles = [_article(f"{each} - CNN", f"{dateline}It was decided.") for each in HEADLINES]
    assert _less(articles) == HEADLINES


def test_the_agency_that_its_articles_open_with() -> None:
    text = "LOWICK (Reuters) - It was decided on Monday."
    articles = [_article(f"{each} | Reuters", text, agency="Reuters") for each in HEADLINES]
    assert _less(articles) == HEADLINES


@pytest.mark.parametrize(
    ("with_it", "without", "goes"),
    [(5, 5, True), (5, 6, False), (4, 0, True), (4, 1, False), (3, 0, True), (2, 0, False)],
)
def test_how_many_titles_of_a_source_have_it(with_it: int, without: int, goes: bool) -> None:
    plain = [f"Report {number} of the day" for number in range(with_it + without)]
    titles = [f"{each} - Vale Examiner" for each in plain[:with_it]] + plain[with_it:]
    assert _less([_article(title) for title in titles]) == (plain if goes else titles)


def test_copies_of_one_headline_count_once() -> None:
    titles = ["Goat boards last ferry - Vale Examiner"] * 6
    assert _less([_article(title) for title in titles]) == titles


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"source": "Echo"}, {"source": "Post"}),
        ({"location": "/dump/echo/a.txt"}, {"location": "/dump/post/a.txt"}),
        ({"location": "/echo.jsonl:3"}, {"location": "/post/all.jsonl:3"}),
    ],
)
def test_another_source_tells_nothing(one: dict[str, str], other: dict[str, str]) -> None:
    lone = _article("Choir sings - Vale Examiner", **other)
    some = [_article(f"{each} - Vale Examiner", **one) for each in HEADLINES]
    assert _less([lone, *some]) == ["Choir sings - Vale Examiner", *HEADLINES]


def test_a_headline_that_was_made_is_left_as_it_is() -> None:
    made = [f"{each} - Vale Examiner" for each in HEADLINES]
    articles = [Article(id=each, title=each, text=each, title_made=True) for each in made]
    assert _less(articles) == made


def test_an_outlet_that_others_of_its_host_told() -> None:
    article = _article(
        "Goat boards last ferry | Vale Examiner",
        source="Vale Examiner",
        source_read="vx.example",
    )
    assert _less([article]) == ["Goat boards last ferry"]


def test_what_was_taken_off_is_kept() -> None:
    articles = [_article(f"{each} - Vale Examiner") for each in HEADLINES]
    names = _names(articles)
    less = names.without(articles[0])
    assert (less.title, less.title_read) == (HEADLINES[0], f"{HEADLINES[0]} - Vale Examiner")
    assert names.without(_article("Whales")) == _article("Whales")


@given(st.lists(st.text("ab -|–Vale Examiner_", min_size=1, max_size=30), max_size=12))
def test_a_title_is_never_lost_and_only_shortened(titles: list[str]) -> None:
    for title, less in zip(titles, _less([_article(each) for each in titles]), strict=True):
        assert less.strip() or not title.strip()
        assert less in title
