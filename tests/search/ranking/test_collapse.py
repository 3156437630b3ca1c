"""One hit for each story, article or run of passages, in the order asked for."""

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from search.engine import Searcher
from search.question.query import Mode, Query
from search.ranking.collapse import LONGEST_RUN, RELEVANT
from tests.conftest import Build, open_index
from tests.support.asking import all_hits
from tests.support.corpus import ASKED, STORIES, generated
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex


@pytest.mark.parametrize("question", ASKED)
def test_neighbours_are_one_hit(large: Searcher, exact: MemoryIndex, question: str) -> None:
    hits = all_hits(large, Query(text=question, group="passage"))
    assert any(len(hit.merged) > 1 for hit in hits)
    hit_of = {number: hit for hit in hits for number in hit.merged}
    assert len(hit_of) == sum(len(hit.merged) for hit in hits)
    for hit in hits:
        assert 1 <= len(hit.merged) <= LONGEST_RUN
        assert len({exact.of[number].article for number in hit.merged}) == 1
        after = hit_of.get(hit.merged.stop)
        relevant = min(hit.score, after.score if after else 0) >= RELEVANT * hits[0].score
        if after and relevant and after.article.id == hit.article.id:
            assert len(hit.merged) + len(after.merged) > LONGEST_RUN


@pytest.mark.parametrize("mode", get_args(Mode))
def test_one_hit_an_article_in_the_order_of_its_best_passage(large: Searcher, mode: Mode) -> None:
    for question in ASKED:
        best: dict[str, float] = {}
        found: dict[str, set[int]] = {}
        for hit in all_hits(large, Query(text=question, mode=mode, group="passage")):
            best.setdefault(hit.article.id, hit.score)
            found.setdefault(hit.article.id, set()).update(hit.merged)
        articles = all_hits(large, Query(text=question, mode=mode))
        assert [(hit.article.id, hit.score) for hit in articles] == list(best.items())
        assert all(hit.passage_number in found[hit.article.id] for hit in articles)


def test_copies_are_one_story(searcher: Searcher) -> None:
    question = "who owned the Millbrook bakery"
    by_article = searcher.search(Query(text=question)).hits
    by_story = searcher.search(Query(text=question, group="story")).hits
    assert {hit.article.title for hit in by_article[:2]} == {
        "Last loaves at the Millbrook bakery",
        "Bakery shuts after 91 years",
    }
    assert by_story[0].article.id == by_article[0].article.id
    assert by_article[1].article.id not in {hit.article.id for hit in by_story}
    assert len(by_story) == STORIES


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
