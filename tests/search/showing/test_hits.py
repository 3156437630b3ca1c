"""What a hit says beside its passage: story, matched words, parts of the score; and its facets."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from indexer.article import Span
from search.engine import Searcher
from search.question.query import Query
from search.ranking.candidates import DENSE_WEIGHT, LATE_SHARE, LEXICAL_WEIGHT, RERANKED
from tests.conftest import Build, open_index
from tests.support.corpus import generated, record
from tests.support.fakes import FakeEmbedder


@pytest.fixture
def large(build: Build, index: Path, embedder: FakeEmbedder) -> Searcher:
    build(generated(60))
    return open_index(index, embedder)


def test_facets_count_every_hit_once(large: Searcher) -> None:
    for query in (
        Query(text="harbour bridge"),
        Query(text="ferry", group="passage"),
        Query(text="winter market"),
    ):
        results = large.search(query)
        every = [
            hit
            for offset in range(0, 400, 100)
            for hit in large.search(query.changed(limit=100, offset=offset)).hits
        ]
        sources = Counter(hit.article.source for hit in every if hit.article.source)
        months = Counter(hit.article.published.iso[:7] for hit in every if hit.article.published)
        found = [(each.value, each.hits) for each in results.facets.values["source"]]
        assert dict(found) == sources
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
        assert [(each.value, each.hits) for each in results.facets.months] == sorted(months.items())


def test_by_date_the_newest_comes_first_and_nothing_irrelevant(
    large: Searcher, searcher: Searcher
) -> None:
    for found, question in ((large, "harbour bridge"), (searcher, "Bees and the Millbrook bakery")):
        query = Query(text=question, limit=100)
        ranked = found.search(query).hits
        dated = found.search(query.changed(sort="date")).hits
        days = [hit.article.published.iso[:10] if hit.article.published else "" for hit in dated]
        assert days == sorted(days, reverse=True)
        relevant = {hit.article.id for hit in ranked if hit.score >= ranked[0].score / 2}
        assert {hit.article.id for hit in dated} == relevant
        assert [hit.rank for hit in dated] == list(range(1, len(dated) + 1))
    assert 1 < len(dated) < len(ranked)


def test_a_hit_names_its_story(searcher: Searcher) -> None:
    question = "who owned the Millbrook bakery"
    hit = searcher.search(Query(text=question, group="story")).hits[0]
    assert hit.story is not None
    assert hit.story.articles == 2
    earliest, copy = hit.story.members
    assert (earliest.title, earliest.degree) == ("Last loaves at the Millbrook bakery", None)
    assert (copy.id, copy.source, copy.degree) == ("copy", "Teal Times", "same")
    assert hit.story.id == earliest.id
    assert hit.story.outlets == (() if hit.article.id == "copy" else ("Teal Times",))
    assert searcher.search(Query(text=question)).hits[0].story is None


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


def test_the_parts_of_a_score_make_the_score(large: Searcher) -> None:
    query = Query(text="harbour bridge", limit=100, group="passage", explain=True)
    hits = large.search(query).hits
    reranked = 0
    for hit in hits:
        parts = hit.explanation
        assert parts is not None
        fused = (DENSE_WEIGHT * parts.dense.scaled if parts.dense else 0) + (
            LEXICAL_WEIGHT * parts.lexical.scaled if parts.lexical else 0
        )
        assert parts.fused == pytest.approx(fused, abs=1e-5)
        if parts.late is not None and parts.fused is not None:
            mixed = (1 - LATE_SHARE) * parts.fused + LATE_SHARE * parts.late
            assert hit.score == pytest.approx(mixed, abs=1e-5)
            reranked += len(hit.merged)
        if parts.dense and parts.dense.rank == 1:
            assert parts.dense.scaled == 1
    assert 0 < reranked <= 3 * RERANKED
    assert large.search(query.changed(explain=False)).hits[0].explanation is None
    for mode, other in (("semantic", "lexical"), ("lexical", "dense")):
        hit = large.search(query.changed(mode=mode)).hits[0]
        assert hit.explanation is not None
        assert getattr(hit.explanation, other) is None
        assert hit.explanation.fused is hit.explanation.late is None
        own = hit.explanation.dense or hit.explanation.lexical
        assert own is not None
        assert own.score == pytest.approx(hit.score)
        assert own.rank == 1


def test_similar_articles_are_of_other_stories(searcher: Searcher) -> None:
    bakery = searcher.search(Query(text="Millbrook bakery", group="story")).hits[0]
    stored = searcher.article(bakery.article.id)
    assert stored is not None
    found = searcher.similar(stored, 5)
    assert [each.rank for each in found] == list(range(1, len(found) + 1))
    assert [each.score for each in found] == sorted((n.score for n in found), reverse=True)
    stories = [each.article.story for each in found]
    assert stored.story not in stories
    assert len(set(stories)) == len(stories) == 5


def test_a_period_in_the_question_is_only_suggested(searcher: Searcher) -> None:
    plain = searcher.search(Query(text="what happened to the ferry in March 2024"))
    assert plain.period is not None
    assert (plain.period.first, plain.period.last) == (date(2024, 3, 1), date(2024, 3, 31))
    assert len({hit.article.published for hit in plain.hits}) > 1
    assert searcher.search(Query(text="what happened to the ferry in March 2019")).period is None
    filtered = Query(
        text="what happened to the ferry in March 2024", published_from=date(2024, 1, 1)
    )
    assert searcher.search(filtered).period is None
    assert searcher.search(Query(text="what happened to the ferry")).period is None


def test_a_word_that_narrows_is_looked_up_as_it_is_written(searcher: Searcher) -> None:
    plain = searcher.search(Query(text="bakkery closed"))
    assert [(each.written, each.read) for each in plain.corrections] == [("bakkery", "bakery")]
    for narrowing in ("title:bakkery closed", 'closed "bakkery"'):
        assert searcher.search(Query(text=narrowing)).corrections == ()


def test_a_cosine_below_nothing_is_sorted_too(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    build(generated(60))
    large = open_index(index, embedder)
    seen = 0
    for question in ("zzz", "q x z", "vvv www", "jjj kkk qqq", "xx yy"):
        for source in ("Source 1", "Source 2", "Source 3"):
            query = Query(text=question, mode="semantic", sources=(source,))
            ranked = large.search(query)
            dated = large.search(query.changed(sort="date"))
            assert 0 < dated.total <= ranked.total
            assert ranked.hits[0].article.id in {hit.article.id for hit in dated.hits}
            assert dated.total_relation == ("eq" if dated.total == ranked.total else "gte")
            seen += dated.total < ranked.total
    assert seen


def test_as_many_similar_articles_as_asked_for(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    long = [
        record(f"l{n}", f"Long {n}", ["The harbour bridge was repaired again. " * 400])
        for n in range(6)
    ]
    short = [
        record(f"s{n}", f"Short {n}", [f"A {n} word about lantern {n} and orchard."])
        for n in range(40)
    ]
    build({"a.jsonl": "\n".join([*long, *short]).encode()})
    searcher = open_index(index, embedder)
    stored = searcher.article("l0")
    assert stored is not None
    assert len(searcher.similar(stored, 30)) == 30


def test_total_says_whether_there_are_others(
    searcher: Searcher, build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    assert searcher.search(Query(text="bakery")).total_relation == "eq"
    assert searcher.search(Query(text="bakery", mode="lexical")).total_relation == "eq"
    build(generated(120))
    large = open_index(index, embedder)
    assert large.search(Query(text="harbour bridge")).total_relation == "gte"
    narrow = Query(
        text="harbour bridge", published_from=date(2024, 6, 1), published_to=date(2024, 7, 1)
    )
    assert large.search(narrow).total_relation == "eq"
