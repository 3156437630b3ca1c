"""Filters against exact search: what they let through is found, and nothing else."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from search.engine import Searcher
from search.question.query import Query
from search.results import Results
from tests.conftest import Build, open_index, write_tree
from tests.support.corpus import generated, record, sentence
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex, passes

AUTHORS = ("Ada Thornbury", "Ben Ode and Cleo Marsh", "By Cleo Marsh", "")
ARTICLES = 120
ASKED = 1000


def _files() -> dict[str, bytes]:
    random = Random(3)
    lines = []
    for number in range(ARTICLES):
        fields = {
            "source": f"Outlet {random.randint(1, 6)}",
            "author": random.choice(AUTHORS),
            "date": f"{random.choice((2022, 2023, 2024))}-{random.randint(1, 12):02}-"
            f"{random.randint(1, 28):02}",
        }
        kept = {name: value for name, value in fields.items() if value and random.random() > 0.1}
        paragraphs = [
            " ".join(sentence(random) for _ in range(5)) for _ in range(random.randint(1, 6))
        ]
        title = f"{sentence(random)[:-1]} {number}"
        lines.append(record(f"n{number}", title, paragraphs, **kept))
    return {"all.jsonl": "\n".join(lines).encode()}


@pytest.fixture(scope="module")
def narrowing_index(tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder) -> Path:
    folder = tmp_path_factory.mktemp("narrowing")
    reindex([write_tree(folder / "articles", _files())], folder / "index", embedder, None)
    return folder / "index"


@pytest.fixture(scope="module")
def narrowing(narrowing_index: Path, embedder: FakeEmbedder) -> Searcher:
    return open_index(narrowing_index, embedder)


@pytest.fixture(scope="module")
def exact(narrowing_index: Path, embedder: FakeEmbedder) -> MemoryIndex:
    return MemoryIndex(IndexFolder(narrowing_index).open_current(), embedder)


def _best_of_articles(exact: MemoryIndex, embedder: FakeEmbedder, query: Query) -> dict[str, float]:
    """The best cosine of each article that passes, by its id."""
    vector = embedder.embed_query(query.words).vector
    found = exact.nearest(vector, len(exact.of), exact.narrow(query.filter))
    best: dict[str, float] = {}
    for number, score in zip(found.passages.tolist(), found.scores.tolist(), strict=True):
        best.setdefault(exact.stored[exact.of[number].article].article.id, score)
    return best


def _random_query(random: Random) -> Query:
    query = Query(text=sentence(random), mode="semantic", floor=0)
    if random.random() < 0.5:
        outlets = random.sample(range(1, 8), random.randint(1, 3))
        query = query.changed(sources=tuple(f"Outlet {number}" for number in outlets))
    if random.random() < 0.3:
        query = query.changed(authors=(random.choice(("cleo marsh", "Ode", "nobody")),))
    if random.random() < 0.5:
        days = sorted(date(random.randint(2022, 2024), random.randint(1, 12), 15) for _ in range(2))
        query = query.changed(published_from=days[0], published_to=random.choice((days[1], None)))
    return query


def test_random_filters_give_the_exact_best(
    narrowing: Searcher, exact: MemoryIndex, embedder: FakeEmbedder
) -> None:
    random = Random(11)
    empty = 0
    for _ in range(ASKED):
        query = _random_query(random)
        scores = _best_of_articles(exact, embedder, query)
        hits = narrowing.search(query).hits
        expected = sorted(scores.values(), reverse=True)[: query.limit]
        np.testing.assert_allclose([hit.score for hit in hits], expected, atol=1e-5)
        # Of articles as near as a rounding error either may come first.
        assert all(abs(scores[hit.article.id] - hit.score) < 1e-5 for hit in hits)
        empty += not scores
    assert 0 < empty < ASKED / 2


def test_random_filters_never_starve_words(narrowing: Searcher, exact: MemoryIndex) -> None:
    random, whole = Random(12), 0
    for _ in range(200):
        query = _random_query(random).changed(text="bridge", mode="lexical", limit=100)
        expected = {
            stored.article.id
            for stored in exact.stored.values()
            if passes(stored, query.filter)
            and "bridge" in f"{stored.article.title} {stored.article.text}".lower().split()
        }
        results = narrowing.search(query)
        found = {hit.article.id for hit in results.hits}
        assert found <= expected
        if results.total_relation == "eq":
            assert results.total == len(expected)
        whole += results.total_relation == "eq"
    assert 50 < whole < 200


def _ids(results: Results) -> set[str]:
    return {hit.article.id for hit in results.hits}


def _build(build: Build, index: Path, embedder: FakeEmbedder, *texts: str) -> Searcher:
    lines = [record(f"a{n}", f"Report {n}", [text]) for n, text in enumerate(texts)]
    build({"a.jsonl": "\n".join(lines).encode()})
    return open_index(index, embedder)


@pytest.fixture
def ships(build: Build, index: Path, embedder: FakeEmbedder) -> Searcher:
    """Three articles about ships; nothing but their words tells them apart."""
    return _build(
        build,
        index,
        embedder,
        "The grey harbour pilot boarded the tanker off the point at dawn, and the crew waited.",
        "A pilot of the harbour board said that the grey tanker had waited at the point.",
        "The ferry was late. Its crew blamed a tanker, and the passengers blamed the crew.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("tanker", {"a0", "a1", "a2"}),
        ('"harbour pilot" tanker', {"a0"}),
        ('"Harbor pilot" tanker', {"a0", "a1", "a2"}),
        ("tanker -ferry", {"a0", "a1"}),
        ("tanker -ferries", {"a0", "a1"}),
        ('tanker -"harbour pilot"', {"a1", "a2"}),
        ('"harbour pilot" -crew', set()),
        ("tanker title:report", {"a0", "a1", "a2"}),
        ('tanker title:"report 2"', {"a2"}),
        ("tanker title:ferry", set()),
        ("tanker -pilot -ferry", set()),
    ],
)
def test_words_narrow(ships: Searcher, asked: str, expected: set[str]) -> None:
    assert _ids(ships.search(Query(text=asked))) == expected


def test_a_phrase_that_nobody_wrote_is_read_as_words(ships: Searcher) -> None:
    results = ships.search(Query(text='"tanker ferry pilot"'))
    assert results.relaxed == ("tanker ferry pilot",)
    assert _ids(results) == {"a0", "a1", "a2"}
    assert ships.search(Query(text='"grey tanker"')).relaxed == ()


def test_a_phrase_with_a_word_that_no_index_holds_is_read_as_words(ships: Searcher) -> None:
    endless = "w" * 60
    results = ships.search(Query(text=f'"pilot {endless}" tanker'))
    assert results.relaxed == (f"pilot {endless}",)
    assert _ids(ships.search(Query(text=f'tanker -"pilot {endless}"'))) == {"a0", "a1", "a2"}
    assert _ids(ships.search(Query(text=f'tanker title:"report {endless}"'))) == set()


def test_an_empty_value_is_none(narrowing: Searcher) -> None:
    every = narrowing.search(Query(text="bridge")).total
    empty = Query(text="bridge", sources=("",), authors=("", ""), languages=("",))
    assert narrowing.search(empty).total == every
    one = Query(text="bridge", sources=("Outlet 3",))
    assert narrowing.search(one.changed(sources=("", "Outlet 3"))).total == (
        narrowing.search(one).total
    )


def test_a_name_without_letters_is_nobody(narrowing: Searcher) -> None:
    assert narrowing.search(Query(text="bridge", authors=("-",))).total == 0
    both = narrowing.search(Query(text="bridge", authors=("Thornbury", "...")))
    assert both.total == narrowing.search(Query(text="bridge", authors=("Thornbury",))).total > 0


def test_accents_of_an_author_do_not_matter(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    text = "The lantern of the harbour was lit at nine."
    build({"a.json": record("a", "Lantern", [text], author="José Ñandú").encode()})
    searcher = open_index(index, embedder)
    for asked in ("jose nandu", "JOSÉ", "Ñandú"):
        assert searcher.search(Query(text="lantern", authors=(asked,))).total == 1


def test_operators_are_the_parameters(narrowing: Searcher) -> None:
    pairs: Sequence[tuple[str, dict[str, Any]]] = [
        ('bridge source:"Outlet 3"', {"sources": ("Outlet 3",)}),
        ('bridge source:"outlet 3" source:"Outlet 4"', {"sources": ("Outlet 3", "Outlet 4")}),
        ("bridge author:ode", {"authors": ("Ode",)}),
        ("bridge after:2023", {"published_from": date(2023, 1, 1)}),
        ("bridge before:2023-04", {"published_to": date(2023, 4, 30)}),
        ("bridge lang:en", {"languages": ("en",)}),
    ]
    for written, parameters in pairs:
        said = narrowing.search(Query(text=written, limit=100))
        set_apart = narrowing.search(Query(text="bridge", limit=100, **parameters))
        assert [hit.article.id for hit in said.hits] == [hit.article.id for hit in set_apart.hits]
        assert said.total == set_apart.total > 0


def test_a_filter_that_nothing_passes_finds_nothing(narrowing: Searcher) -> None:
    results = narrowing.search(Query(text="bridge", sources=("nobody",)))
    assert (results.hits, results.total, results.total_relation) == ([], 0, "eq")
    assert results.facets.values["source"] == results.facets.months == ()
    assert results.next is None


def test_an_index_of_one_article_can_be_narrowed(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    build(generated(1))
    searcher = open_index(index, embedder)
    assert searcher.search(Query(text="bridge", published_from=date(1990, 1, 1))).total <= 1
