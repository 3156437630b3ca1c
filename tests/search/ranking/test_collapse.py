"""One hit for each story, article or run of passages, in the order asked for."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.storage.columns import Columns
from indexer.storage.exact import NONE
from search.engine import Searcher
from search.question.query import Group, Mode, Query, Sort
from search.ranking.candidates import Pool
from search.ranking.collapse import LONGEST_RUN, Groups, collapse
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
        if after and after.article.id == hit.article.id:
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
    by_story = searcher.search(Query(text=question, group="story", floor=0)).hits
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
    for found, question in (
        (large, "who mended the old bridge"),
        (searcher, "Bees and the Millbrook bakery"),
    ):
        query = Query(text=question, limit=100)
        ranked = found.search(query).hits
        dated = found.search(query.changed(sort="date")).hits
        days = [hit.article.published.iso[:10] if hit.article.published else "" for hit in dated]
        assert days == sorted(days, reverse=True)
        assert {hit.article.id for hit in dated} == {hit.article.id for hit in ranked}
        assert [hit.rank for hit in dated] == list(range(1, len(dated) + 1))
        everything = found.search(query.changed(floor=0.0, sort="date"))
        assert 1 < len(dated) <= everything.total
        left_out = everything.total - len(dated)
        assert left_out or found is searcher


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
            assert dated.total_relation == "eq"
            seen += dated.total < large.search(query.changed(floor=0.0)).total
    assert seen


def test_total_says_whether_there_are_others(
    searcher: Searcher, build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    assert searcher.search(Query(text="bakery")).total_relation == "eq"
    assert searcher.search(Query(text="bakery", mode="lexical")).total_relation == "eq"
    build(generated(120))
    large = open_index(index, embedder)
    assert large.search(Query(text="harbour bridge", floor=0)).total_relation == "gte"
    assert large.search(Query(text="harbour bridge")).total_relation == "eq"
    narrow = Query(
        text="harbour bridge", published_from=date(2024, 6, 1), published_to=date(2024, 7, 1)
    )
    assert large.search(narrow).total_relation == "eq"


def pool_of(
    passages: list[int],
    scores: list[float],
    article: dict[int, int],
    story: dict[int, int],
    day: dict[int, int],
    complete: bool = True,
) -> Pool:
    """A pool; the article of a passage, the story and the day of an article, by number."""
    owners = [article[passage] for passage in passages]
    columns = Columns(
        np.array(owners, np.int64),
        np.array([story[each] for each in owners], np.int64),
        np.zeros(len(owners), np.int32),
        np.array([day[each] for each in owners], np.int32),
        {},
    )
    numbers, kept = np.array(passages, np.int64), np.array(scores, np.float32)
    return Pool(numbers, kept, NONE, NONE, kept, NONE.scores, NONE.scores, complete, columns)


# Of articles 0 and 1 one story is told; article 0 has the passages 3 to 6.
BY_HAND = pool_of(
    passages=[5, 4, 9, 6, 11, 3],
    scores=[1.0, 0.9, 0.8, 0.7, 0.6, 0.4],
    article={3: 0, 4: 0, 5: 0, 6: 0, 9: 1, 11: 2},
    story={0: 0, 1: 0, 2: 2},
    day={0: 10, 1: 30, 2: 20},
)


def shown(groups: Groups) -> list[list[int]]:
    return [list(groups.members(int(leader))) for leader in groups.leaders]


def test_groups_by_hand() -> None:
    stories = collapse(BY_HAND, Query(text="x", group="story"))
    assert stories.leaders.tolist() == [0, 4]
    # A story is shown by the article of its best passage.
    assert shown(stories) == [[5, 4, 6, 3], [11]]
    articles = collapse(BY_HAND, Query(text="x", group="article"))
    assert articles.leaders.tolist() == [0, 2, 4]
    assert shown(articles) == [[5, 4, 6, 3], [9], [11]]
    assert articles.choice(0, 3) == [5, 4, 6]
    passages = collapse(BY_HAND, Query(text="x", group="passage"))
    assert passages.leaders.tolist() == [0, 2, 4, 5]
    # The passage 3 is a neighbour, but not half as good as the best.
    assert shown(passages) == [[5, 4, 6], [9], [11], [3]]


def test_one_method_is_shown_passage_by_passage() -> None:
    for mode in ("semantic", "lexical"):
        groups = collapse(BY_HAND, Query(text="x", mode=mode, group="passage"))
        assert shown(groups) == [[5], [4], [9], [6], [11], [3]]
        articles = collapse(BY_HAND, Query(text="x", mode=mode))
        assert articles.run(5, articles.choice(0, 4)) == (5, 5)


def test_a_run_grows_to_its_neighbours() -> None:
    groups = collapse(BY_HAND.above(0.5), Query(text="x"))
    for chosen, choice, expected in (
        (5, [5, 4, 6, 3], (4, 6)),
        (4, [5, 4, 6, 3], (4, 6)),
        (6, [5, 4, 6, 3], (4, 6)),
        (5, [5, 4], (4, 5)),
        (3, [5, 4, 6, 3], (3, 5)),
        (9, [9], (9, 9)),
    ):
        assert groups.run(chosen, choice) == expected


def test_by_date_the_newest_comes_first_whatever_its_score() -> None:
    pool = BY_HAND.above(0.5)
    groups = collapse(pool, Query(text="x", sort="date"))
    assert groups.leaders.tolist() == [2, 4, 0]
    passages = collapse(pool, Query(text="x", sort="date", group="passage"))
    assert passages.leaders.tolist() == [2, 4, 0]
    assert groups.complete
    assert passages.complete


def test_nothing_is_no_group() -> None:
    nothing = pool_of([], [], {}, {}, {})
    for group in get_args(Group):
        for sort in get_args(Sort):
            assert len(collapse(nothing, Query(text="x", group=group, sort=sort))) == 0


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    sizes = draw(st.lists(st.integers(1, 7), min_size=1, max_size=6))
    owners = [article for article, size in enumerate(sizes) for _ in range(size)]
    story = {n: draw(st.integers(0, n)) for n in range(len(sizes))}
    day = {n: draw(st.sampled_from([-1, 5, 6, 700_000])) for n in range(len(sizes))}
    kept = draw(st.integers(1, len(owners)))
    order = draw(st.permutations(range(len(owners))))[:kept]
    scores = draw(st.lists(st.floats(-1, 1, width=16), min_size=kept, max_size=kept))
    best_first = sorted(scores, reverse=True)
    return pool_of(order, best_first, dict(enumerate(owners)), story, day, draw(st.booleans()))


queries = st.tuples(st.sampled_from(get_args(Mode)), st.sampled_from(get_args(Group))).map(
    lambda how: Query(text="x", mode=how[0], group=how[1])
)


@settings(deadline=None)
@given(pools(), queries)
def test_every_passage_is_in_one_group_and_the_best_leads(pool: Pool, query: Query) -> None:
    groups = collapse(pool, query)
    place = {passage: at for at, passage in enumerate(pool.passages.tolist())}
    leaders = groups.leaders.tolist()
    assert leaders == sorted(set(leaders))
    for leader, members in zip(leaders, shown(groups), strict=True):
        assert min(place[each] for each in members) == place[members[0]] == leader
    if query.group == "story":
        assert sorted(pool.columns.story[leaders]) == sorted(set(pool.columns.story.tolist()))
    else:
        found = [passage for members in shown(groups) for passage in members]
        assert sorted(found) == sorted(place)
    assert groups.complete == pool.complete


@settings(deadline=None)
@given(pools(), queries)
def test_a_run_is_contiguous_and_inside_one_article(pool: Pool, query: Query) -> None:
    groups = collapse(pool, query)
    owner = dict(zip(pool.passages.tolist(), pool.columns.article.tolist(), strict=True))
    for group in range(len(groups)):
        choice = groups.choice(group, 4)
        for chosen in choice:
            first, last = groups.run(chosen, choice)
            run = range(first, last + 1)
            assert chosen in run
            assert set(run) <= set(choice)
            assert set(run) - {chosen} <= groups.mergeable
            assert len(run) <= LONGEST_RUN
            assert len({owner[each] for each in run}) == 1


@settings(deadline=None)
@given(pools())
def test_runs_of_passages_are_as_long_as_may_be(pool: Pool) -> None:
    groups = collapse(pool, Query(text="x", group="passage"))
    owner = dict(zip(pool.passages.tolist(), pool.columns.article.tolist(), strict=True))
    runs = sorted(sorted(members) for members in shown(groups))
    for run in runs:
        assert run == list(range(run[0], run[-1] + 1))
        assert len(run) <= LONGEST_RUN
        assert len({owner[each] for each in run}) == 1
    for one, other in pairwise(runs):
        beside = one[-1] + 1 == other[0] and owner[one[0]] == owner[other[0]]
        if beside and {*one, *other} <= groups.mergeable:
            assert len(one) + len(other) > LONGEST_RUN


@settings(deadline=None)
@given(pools(), queries)
def test_by_date_is_by_relevance_in_another_order(pool: Pool, query: Query) -> None:
    ranked, dated = collapse(pool, query), collapse(pool, query.changed(sort="date"))
    assert sorted(dated.leaders.tolist()) == sorted(ranked.leaders.tolist())
    keys = [(-int(pool.columns.day[leader]), leader) for leader in dated.leaders.tolist()]
    assert keys == sorted(keys)
    assert dated.complete == ranked.complete
