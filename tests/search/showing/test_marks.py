"""The words of a question in a passage."""

from pathlib import Path

import pytest

from indexer.article import Span
from search.engine import Searcher
from search.question.query import Query
from search.showing.marks import Matcher, content_stems
from tests.conftest import Build, open_index
from tests.support.corpus import record
from tests.support.fakes import FakeEmbedder


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("who owned the Millbrook bakery", ["Millbrook", "bakery"]),
        ("closing bakeries", ["bakery", "closed"]),
        ("what is the", []),
        ("Friday-doors", ["doors", "Friday"]),
    ],
)
def test_words_of_the_question_are_found_by_their_stems(
    searcher: Searcher, question: str, expected: list[str]
) -> None:
    hit = next(
        hit
        for hit in searcher.search(Query(text=question, limit=100, explain=True)).hits
        if hit.article.title == "Last loaves at the Millbrook bakery"
    )
    first = Span(hit.passage.start, hit.article.text.index(".") + 1)
    found = [each.of(hit.article.text) for each in hit.matches if each.end <= first.end]
    assert found == expected
    assert all(
        hit.passage.start <= each.start < each.end <= hit.passage.end for each in hit.matches
    )


def test_words_are_found_beside_what_the_index_leaves_out(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    text = (
        f"The lantern {'x' * 60} of the 🦉 lighthouse-keeper’s café was lit at 9pm, ½ an hour late."
    )
    build({"a.json": record("a", "Keeper", [text]).encode()})
    hit = (
        open_index(index, embedder)
        .search(Query(text="cafe lanterns lighthouse hour", explain=True))
        .hits[0]
    )
    found = [each.of(hit.article.text) for each in hit.matches]
    assert found == ["lantern", "lighthouse", "café", "hour"]


def test_what_a_question_is_about() -> None:
    assert content_stems("Who closed the BAKERIES, and why?") == content_stems("bakery closing")
    assert content_stems("what is the, of and to") == frozenset()


def test_spans_by_hand() -> None:
    text = "Bakers: the bakery of Zürich-West closed. A bakery opened."
    matcher = Matcher.of("closing bakeries, west zurich")
    found = [span.of(text) for span in matcher.spans(text, Span(0, len(text)))]
    assert found == ["bakery", "Zürich", "West", "closed", "bakery"]
    first = Span(0, text.index(" A "))
    assert [span.of(text) for span in matcher.spans(text, first)] == found[:4]
    assert Matcher.of("what is the").spans(text, Span(0, len(text))) == []
