"""Marks and excerpts cut a text, and lose none of it."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Span
from tests.support.pages import solid
from web.page.marking import LONGEST_EXCERPT, excerpt, marked

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
