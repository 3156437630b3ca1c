"""What the page is made of: the form and its address, marks, excerpts, bars, dates, links."""

import re
from datetime import date
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from indexer.article import Span
from search.question.syntax import parse
from search.results import Count
from tests.support.pages import solid
from web.page.bars import HEIGHT, Bar, Line, lines
from web.page.chips import chips
from web.page.days import readable_period
from web.page.form import SearchForm
from web.page.marking import LONGEST_EXCERPT, excerpt, marked
from web.page.original import opened_at


def test_a_form_is_its_url() -> None:
    form = SearchForm(
        q="a & b",
        page=3,
        cursor="Zm9v",
        mode="semantic",
        group="passage",
        sort="date",
        sources=("X", "Y=Z"),
        authors=("Ana",),
        languages=("en", "de"),
        published_from=date(2024, 1, 2),
        published_to=date(2024, 2, 3),
    )
    assert SearchForm.parse(QueryParams(form.url.removeprefix("/?"))) == form


spans = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda ends: Span(*sorted(ends)))


@given(st.text(st.sampled_from("ab 😀\n"), max_size=30), spans, spans, spans, spans)
def test_marks_cut_the_text_and_lose_none_of_it(
    text: str, within: Span, passage: Span, answer: Span, match: Span
) -> None:
    runs = [run for each in marked(text, within, passage, answer, (match,)) for run in each]
    assert solid("".join(run.text for run in runs)) == solid(within.of(text))
    shown = "".join(run.text for run in runs if run.kind == "answer")
    assert solid(shown) == solid(both(within, answer).of(text))
    assert sum(run.anchor for run in runs) == any(run.kind != "plain" for run in runs)


def both(one: Span, other: Span) -> Span:
    start = max(one.start, other.start)
    return Span(start, max(start, min(one.end, other.end)))


def test_a_mark_may_cross_paragraphs() -> None:
    text = "😀 One. Two.\n\nThree. Four."
    runs = marked(text, answer=Span(text.index("Two"), text.index(" Four")))
    assert [[(run.text, run.kind) for run in paragraph] for paragraph in runs] == [
        [("😀 One. ", "plain"), ("Two.", "answer")],
        [("Three.", "answer"), (" Four.", "plain")],
    ]


words = st.text(st.sampled_from("ab 😀\n"), max_size=40)


@given(st.lists(words, max_size=60).map("\n\n".join), st.data())
def test_an_excerpt_is_the_part_of_the_passage_around_the_answer(
    text: str, data: st.DataObject
) -> None:
    text = f"{text}end"
    start = data.draw(st.integers(0, len(text) - 1))
    passage = Span(start, data.draw(st.integers(start + 1, len(text))))
    first = data.draw(st.integers(passage.start, passage.end - 1))
    answer = Span(first, data.draw(st.integers(first + 1, passage.end)))
    shown = excerpt(text, passage, answer)
    assert passage.start <= shown.start <= answer.start < shown.end <= passage.end
    assert shown.end - shown.start <= max(LONGEST_EXCERPT, 0)
    assert answer.end <= shown.end or answer.end - answer.start > LONGEST_EXCERPT
    if passage.end - passage.start <= LONGEST_EXCERPT:
        assert shown == passage


def test_an_excerpt_takes_whole_paragraphs_and_cuts_long_ones_between_words() -> None:
    text = "\n\n".join(f"{letter * 299}." for letter in "abcd")
    answer = Span(text.index("c"), text.index("c") + 300)
    assert excerpt(text, Span(0, len(text)), answer).of(text) == text[302:904]
    text = "word " * 1000
    shown = excerpt(text, Span(0, 5000), Span(2500, 2505)).of(text)
    assert shown.startswith("word ")
    assert shown.endswith("word")
    assert 650 < len(shown) <= LONGEST_EXCERPT
    text = "x" * 1_000_000
    whole = Span(0, len(text))
    assert excerpt(text, whole, whole) == Span(0, LONGEST_EXCERPT)


def months(*values: str) -> list[Count]:
    return [Count(*_pair(value)) for value in values]


def _pair(value: str) -> tuple[str, int]:
    month, hits = value.split(":")
    return month, int(hits)


def test_bars_of_up_to_three_years_are_months() -> None:
    november = Bar(
        "Nov", "November 2024", 3, date(2024, 11, 1), date(2024, 11, 30), 11, HEIGHT // 2
    )
    february = Bar("Feb", "February 2025", 6, date(2025, 2, 1), date(2025, 2, 28), 2, HEIGHT)
    assert lines(months("2024-11:3", "2025-02:6")) == [
        Line("2024", 12, [november]),
        Line("2025", 12, [february]),
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], []),
        (["2024-11:3"], []),
        (["2022-01:1", "2024-12:1"], ["2022: Jan", "2023:", "2024: Dec"]),
        (["2022-01:1", "2025-01:1"], ["2020–2029: ’22 ’25"]),
        (["1985-01:1", "2020-12:1"], ["1980–1989: ’85", "1990–1999:", "2000–2009:", "2010–2019:",
                                      "2020–2029: ’20"]),
        (["1985-01:1", "2021-12:1"], ["1900–1999: 80s", "2000–2099: 20s"]),
        (["1600-01:1", "2021-12:1"], ["1000–1999: 1600", "2000–2999: 2000"]),
    ],
)  # fmt: skip
def test_bars_of_more_are_years_decades_or_centuries(given: list[str], expected: list[str]) -> None:
    found = lines(months(*given))
    assert [f"{line.name}: {' '.join(b.label for b in line.bars)}".strip() for line in found] == (
        expected
    )


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 9999), st.integers(1, 12)), st.integers(1, 400), max_size=60
    )
)
def test_bars_count_every_hit_once_and_cover_its_month(hits: dict[tuple[int, int], int]) -> None:
    counts = [Count(f"{y:04}-{m:02}", n) for (y, m), n in sorted(hits.items())]
    bars = [bar for line in lines(counts) for bar in line.bars]
    if len(hits) < 2:
        assert bars == []
        return
    assert len(bars) <= 100
    for bar in bars:
        inside = [n for (y, m), n in hits.items() if bar.first <= date(y, m, 1) <= bar.last]
        assert bar.hits == sum(inside) > 0
        assert 2 <= bar.height <= HEIGHT
    assert sum(bar.hits for bar in bars) == sum(hits.values())
    assert max(bar.height for bar in bars) == HEIGHT


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("2024-11-30", "2024-11-30", "30 November 2024"),
        ("2024-02-01", "2024-02-29", "February 2024"),
        ("2024-02-01", "2024-02-28", "1 February 2024 – 28 February 2024"),
        ("2024-01-01", "2024-12-31", "2024"),
        ("1990-01-01", "1999-12-31", "1990–1999"),
        ("2024-11-01", "2025-01-31", "1 November 2024 – 31 January 2025"),
        ("2024-11-01", None, "from 1 November 2024"),
        (None, "2024-11-01", "until 1 November 2024"),
        ("0001-01-01", "0001-12-31", "1"),
    ],
)
def test_a_period_is_named_as_people_would(first: str | None, last: str | None, shown: str) -> None:
    days = [date.fromisoformat(day) if day else None for day in (first, last)]
    assert readable_period(*days) == shown


PAGE = "https://ledger.example/storm?a=1"


@pytest.mark.parametrize(
    ("sentence", "address"),
    [
        ("Walls, new ones.", f"{PAGE}#:~:text=Walls%2C%20new%20ones."),
        ("A well-known R&D plan", f"{PAGE}#:~:text=A%20well%2Dknown%20R%26D%20plan"),
        ("50% “ß” 😀", f"{PAGE}#:~:text=50%25%20%E2%80%9C%C3%9F%E2%80%9D%20%F0%9F%98%80"),
        (
            "one two three four five six seven eight nine ten eleven twelve thirteen",
            f"{PAGE}#:~:text=one%20two%20three%20four%20five%20six,"
            "eight%20nine%20ten%20eleven%20twelve%20thirteen",
        ),
        ("x" * 1_000_000, PAGE),
        (" \n", PAGE),
        ("", PAGE),
    ],
)
def test_an_original_is_opened_at_the_sentence(sentence: str, address: str) -> None:
    assert opened_at(PAGE, sentence) == address


def test_an_original_keeps_its_own_fragment() -> None:
    assert opened_at(f"{PAGE}#part-2", "Walls.") == f"{PAGE}#part-2:~:text=Walls."
    assert opened_at(f"{PAGE}#part-2:~:text=old", "Walls.") == f"{PAGE}#part-2:~:text=Walls."


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_a_text_fragment_holds_the_words_and_no_sign_of_its_own(sentence: str) -> None:
    _, _, fragment = opened_at(PAGE, sentence).partition("#:~:text=")
    assert re.fullmatch(r"[A-Za-z0-9._~%,]*", fragment)
    assert fragment.count(",") == (len(sentence.split()) > 12)
    if "," not in fragment and fragment:
        assert unquote(fragment) == " ".join(sentence.split())


def test_operators_are_chips_that_can_be_taken_out_one_by_one() -> None:
    form = SearchForm(
        q='walls "grain deal" -fish source:Echo after:2024-11 lang:de', page=2, sort="date"
    )
    found = {chip.name: chip for chip in chips(form)}
    assert {name: chip.value for name, chip in found.items()} == {
        "Exactly": "grain deal",
        "Excluding": "fish",
        "Source": "Echo",
        "From": "1 November 2024",
        "Language": "de",
    }
    shorter = SearchForm.parse(QueryParams(found["Excluding"].url.removeprefix("/?")))
    assert shorter == SearchForm(
        q='walls "grain deal" source:Echo after:2024-11 lang:de', sort="date"
    )
    assert form.unfiltered == SearchForm(q="walls grain deal")


@pytest.mark.parametrize(
    ("q", "left"),
    [
        ('"grain deal" -fish', ["grain deal -fish", '"grain deal"']),
        ("source:Echo", ["Echo"]),
        ('"source:Echo"', ["source Echo"]),
    ],
)
def test_taking_an_operator_out_leaves_something_to_ask(q: str, left: list[str]) -> None:
    form = SearchForm(q=q)
    assert [form.without(each).q for each in form.operators] == left


@pytest.mark.parametrize("q", ['"-x"', '"source:a"', '"before:2024 rates"'])
def test_a_phrase_like_an_operator_can_be_taken_out(q: str) -> None:
    (chip,) = chips(SearchForm(q=q))
    left = SearchForm.parse(QueryParams(chip.url.partition("?")[2]))
    assert left.operators == ()
    assert left.query().words


def test_searching_as_written_quotes_the_words_but_not_those_of_operators() -> None:
    form = SearchForm(q="Belousow, not source:Belousow said (Belousows)", page=3, sources=("X",))
    quoted = form.as_written(["Belousow"])
    assert quoted == SearchForm(
        q='"Belousow" , not source:Belousow said (Belousows)', sources=("X",)
    )
    assert [each.name for each in parse(quoted.q).operators] == ["phrase", "source"]
