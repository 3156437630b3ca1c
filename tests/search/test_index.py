"""The contract of `Index`, for each of its implementations: name another in `INDEXES`."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import pytest

from indexer.analysis import plain_words
from indexer.embedding.base import Embedder
from indexer.index_url import IndexUrl
from indexer.pipeline import reindex
from indexer.storage.exact import Candidates
from indexer.storage.filter import Filter, Narrowed
from indexer.storage.folder import IndexFolder
from indexer.storage.lance.folder import LanceFolder
from indexer.storage.lance.index import LanceIndex
from indexer.storage.lance.sending import Sending
from indexer.storage.local import LocalIndex
from indexer.storage.manifest import Generation
from search.engine import Searcher
from search.index import Index
from search.question.query import Query
from tests.conftest import write_tree
from tests.support.corpus import CORPUS, QUESTIONS, generated, record, sentence
from tests.support.fakes import FakeEmbedder
from tests.support.languages import NEWS
from tests.support.memory_index import MemoryIndex
from tests.support.s3 import BUCKET, s3_server

Open = Callable[[Generation, Embedder], Index]


def _open_local(generation: Generation, _: Embedder) -> Index:
    return LocalIndex(generation)


def _open_lance(generation: Generation, _: Embedder) -> Index:
    built = generation.path.parents[1]
    return _sent(built, generation, IndexUrl("file", str(built.with_name("lance"))))


def _open_s3(generation: Generation, _: Embedder) -> Index:
    return _sent(generation.path.parents[1], generation, IndexUrl("s3", f"{BUCKET}/contract"))


def _sent(built: Path, generation: Generation, url: IndexUrl) -> Index:
    Sending(url, built, keep=2).send()
    return LanceFolder(url).open_index(generation.id)


# How to open a generation, by the name of an implementation; how many vectors may lie flat, and in
# how many runs, a segment each, it is built. It is opened after each run, as it grows.
INDEXES: dict[str, tuple[Open, int, int]] = {
    "local, flat": (_open_local, 30_000, 1),
    "local, lists": (_open_local, 0, 1),
    "local, segments": (_open_local, 30_000, 3),
    "lance": (_open_lance, 30_000, 1),
    "lance, segments": (_open_lance, 30_000, 3),
    "lance, S3": (_open_s3, 30_000, 2),
    "memory": (MemoryIndex, 30_000, 1),
}
ASKED = (
    "old harbour bridge repaired",
    "volcano island",
    "ferry",
    "the copper lantern of the pilot",
    '老桥 "进行维修"',
    "다리 -渡船 мост",
)
AUTHORS = ("Ada Thornbury", "Ben Ode and Cleo Marsh", "By Łukasz Ørsted", "")
HOSTS = ("www.echo.example", "news.echo.example", "echo.example.org:8080", "post.example")


def _files() -> dict[str, bytes]:
    """Articles of every kind of field, copies and reports of one event among them."""
    random = Random(5)
    lines = []
    for number in range(60):
        fields = {
            "source": random.choice(("Echo", "ECHO", "The Post", "Teal Times", "")),
            "author": random.choice(AUTHORS),
            "url": f"https://{random.choice(HOSTS)}/a/{number}",
            "date": f"{random.choice((2023, 2024))}-{random.randint(1, 12):02}"
            + random.choice(("", f"-{random.randint(1, 28):02}")),
        }
        kept = {name: value for name, value in fields.items() if value and random.random() > 0.15}
        paragraphs = [
            " ".join(sentence(random) for _ in range(6)) for _ in range(random.randint(1, 8))
        ]
        lines.append(record(f"n{number}", sentence(random)[:-1], paragraphs, **kept))
        if number % 10 == 0:
            title = f"Copy {number}"
            lines.append(record(f"c{number}", title, paragraphs, source="Wire", date="2024-06-01"))
    for identity in ("zh", "ja", "ko", "th", "hi", "ru", "ar"):
        lines.append(record(identity, NEWS[identity][:20], [NEWS[identity]], date="2024-06-02"))
    return {"all.jsonl": "\n".join(lines).encode()} | CORPUS | generated(10)


@pytest.fixture(scope="module", params=INDEXES)
def both(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    embedder: FakeEmbedder,
) -> Iterator[tuple[Index, MemoryIndex]]:
    """An index, and its oracle."""
    opened, flat, runs = INDEXES[request.param]
    folder, files = tmp_path_factory.mktemp("contract"), list(_files().items())
    with ExitStack() as stack:
        if opened is _open_s3:
            stack.enter_context(s3_server(folder))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("indexer.storage.vector_writer.FLAT_UP_TO", flat)
        # No segment is merged.
        patch.setattr("indexer.compaction.TIMES", 0)
        patch.setattr("indexer.compaction.SMALL", 0)
        for number in range(runs):
            some = write_tree(folder / f"{number}", dict(files[number::runs]))
            reindex([some], folder / "index", embedder, None)
            generation = IndexFolder(folder / "index").open_current()
            index = opened(generation, embedder)
        assert len(generation.manifest.segments) == runs
        whole = isinstance(index, LanceIndex)
        yield index, MemoryIndex(generation, embedder, whole)


@pytest.fixture(scope="module")
def index(both: tuple[Index, MemoryIndex]) -> Index:
    return both[0]


@pytest.fixture(scope="module")
def exact(both: tuple[Index, MemoryIndex]) -> MemoryIndex:
    return both[1]


def _random_filter(random: Random) -> Filter:
    values: dict[str, tuple[str, ...]] = {}
    for name, choices in (
        ("source", ("echo", "The Post", "teal times", "nobody")),
        ("author", ("thornbury", "MARSH cleo", "lukasz orsted", "-")),
        ("language", ("en", "EN-gb", "de")),
        (
            "site",
            ("echo.example", "www.echo.example", "POST.example", "example.org", "cho.example"),
        ),
    ):
        if random.random() < 0.3:
            values[name] = tuple(random.sample(choices, random.randint(1, 2)))
    days = sorted(date(random.randint(2023, 2024), random.randint(1, 12), 15) for _ in range(2))

    def some(numbers: int) -> tuple[int, ...]:
        return tuple(random.sample(range(60), numbers)) if random.random() < 0.2 else ()

    def words(share: float) -> tuple[str, ...]:
        found = sentence(random)[:-1].split()[: random.randint(1, 4)]
        return (" ".join(found),) if random.random() < share else ()

    return Filter(
        values,
        random.choice((days[0], None, None)),
        random.choice((days[1], None, None)),
        words(0.3),
        words(0.1),
        words(0.3),
        some(9),
        some(5),
        some(3),
    )


FILTERS = [Filter(), *(_random_filter(Random(seed)) for seed in range(150))]


@pytest.mark.parametrize("filter", FILTERS)
@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_the_newest(index: Index, exact: MemoryIndex, filter: Filter, limit: int) -> None:
    found = index.newest(limit, index.narrow(filter))
    assert found.tolist() == exact.newest(limit, exact.narrow(filter)).tolist()
    assert len(found) <= limit


def _same(found: Candidates, expected: Candidates) -> None:
    """The same passages in the same order, but for those whose scores differ by rounding."""
    assert found.passages.dtype == np.int64
    assert found.scores.dtype == np.float32
    np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-5, atol=2e-6)
    known = dict(zip(expected.passages.tolist(), expected.scores.tolist(), strict=True))
    assert len(set(found.passages.tolist())) == len(found.passages)
    for number, score in zip(found.passages.tolist(), found.scores.tolist(), strict=True):
        # Of the last place any of those that tie by rounding may be there.
        assert number in known or score == pytest.approx(expected.scores[-1], rel=1e-5)
        assert known.get(number, score) == pytest.approx(score, rel=1e-5, abs=2e-6)
    for place in range(1, len(found.scores)):
        if found.scores[place] == found.scores[place - 1]:
            assert found.passages[place] > found.passages[place - 1]


def _everything(index: Index) -> tuple[Narrowed, int]:
    return index.narrow(Filter()), index.generation.manifest.passages


@pytest.mark.parametrize("chosen", FILTERS)
def test_what_a_filter_lets_through_is_found_and_nothing_else(
    index: Index, exact: MemoryIndex, embedder: FakeEmbedder, chosen: Filter
) -> None:
    narrowed, expected = index.narrow(chosen), exact.narrow(chosen)
    assert (narrowed.passages, narrowed.relaxed) == (expected.passages, expected.relaxed)
    vector = embedder.embed_query(ASKED[0]).vector
    found = index.nearest(vector, len(exact.of), narrowed)
    assert sorted(found.passages.tolist()) == expected.allowed
    for limit in (1, 10, 200):
        _same(index.nearest(vector, limit, narrowed), exact.nearest(vector, limit, expected))
        for stems in (["old", "bridg"], ["the"], ["ferri", "unheardof", "lantern"], ["unheardof"]):
            _same(index.matching(stems, limit, narrowed), exact.matching(stems, limit, expected))


def test_the_filters_try_something() -> None:
    assert sum(bool(each.values) for each in FILTERS) > 30
    assert all(any(getattr(each, name) for each in FILTERS) for name in Filter.__slots__)


def test_some_filters_let_through_and_some_do_not(exact: MemoryIndex) -> None:
    counts = [exact.narrow(each).passages for each in FILTERS]
    assert counts[0] == len(exact.of)
    assert 10 < sum(count == 0 for count in counts) < 120
    assert any(exact.narrow(each).relaxed for each in FILTERS)


def test_nothing_is_asked_for(index: Index) -> None:
    narrowed, _ = _everything(index)
    assert len(index.matching([], 10, narrowed).passages) == 0
    assert index.narrow(Filter({"source": ()})).passages == narrowed.passages


def test_what_belongs_to_passages(index: Index, exact: MemoryIndex) -> None:
    _, count = _everything(index)
    numbers = np.random.default_rng(1).permutation(count)
    for few in (numbers, numbers[:1], numbers[:0]):
        found, expected = index.columns(few), exact.columns(few)
        for name in ("article", "story", "day", "month"):
            assert getattr(found, name).tolist() == getattr(expected, name).tolist()
        assert {name: _named(found, name) for name in found.values} == {
            name: _named(expected, name) for name in found.values
        }
        assert index.passages(few.tolist()) == exact.passages(few.tolist())
    np.testing.assert_allclose(index.vectors(numbers), exact.vectors(numbers), atol=1e-6)
    np.testing.assert_allclose(index.idf, exact.idf, rtol=1e-6)
    codes, begins = index.codes(numbers.tolist())
    expected_codes, expected_begins = exact.codes(numbers.tolist())
    np.testing.assert_array_equal(codes, expected_codes)
    assert begins.tolist() == expected_begins.tolist()
    for one, other in zip(
        index.sentence_tokens(numbers.tolist()), exact.sentence_tokens(numbers.tolist()),
        strict=True,
    ):  # fmt: skip
        assert one.tolist() == other.tolist()


def _named(columns: object, name: str) -> list[str | None]:
    values = columns.values[name]  # type: ignore[attr-defined]
    return [values.names[code] if code >= 0 else None for code in values.codes.tolist()]


def test_articles_and_stories(index: Index, exact: MemoryIndex) -> None:
    numbers = list(exact.stored)
    assert index.articles(numbers) == exact.articles(numbers)
    assert index.articles([]) == {}
    for stored in exact.stored.values():
        assert index.by_id(stored.article.id) == stored
        assert index.passages_of(stored.number, 3) == exact.passages_of(stored.number, 3)
    assert index.by_id("nobody") is None
    stories = {stored.story for stored in exact.stored.values()}
    assert len(numbers) > len(stories)
    for story in stories:
        for limit in (1, 10):
            assert index.story(story, limit) == exact.story(story, limit)
    assert index.outlines(stories, 2) == exact.outlines(stories, 2)
    for count in (1, 7, 1000):
        assert index.sample(count) == exact.sample(count)


def test_words_and_suggestions(index: Index, exact: MemoryIndex) -> None:
    words, articles = index.vocabulary()
    expected_words, expected_articles = exact.vocabulary()
    assert words == expected_words
    assert articles.tolist() == expected_articles.tolist()
    # What is counted within segments, merging alone makes one.
    merged = len(index.generation.manifest.segments) == 1
    for word in [*words[::5], "unheardof", ""]:
        written = index.written(word)
        assert written == exact.written(word) if merged else plain_words(written) in ([word], []), (
            word
        )
    for stem in ("the", "harbour", "ferri", "unheardof", ""):
        assert index.document_frequency(stem) == exact.document_frequency(stem)
    for prefix in (
        "b",
        "the ",
        "Owl",
        "o",
        "ha",
        "council votes for",
        "zz",
        "",
        " ",
        "Last loaves",
    ):
        for limit in (1, 8):
            found, expected = index.suggest(prefix, limit), exact.suggest(prefix, limit)
            known = expected if merged else exact.suggest(prefix, 1000)
            assert found == expected if merged else set(found) <= set(known), prefix


@pytest.mark.parametrize("question", [*ASKED, *QUESTIONS, 'ferry -pilot source:"the post"'])
def test_a_searcher_answers_alike(
    index: Index, exact: MemoryIndex, embedder: FakeEmbedder, question: str
) -> None:
    one, other = Searcher(index, embedder), Searcher(exact, embedder)
    for group in ("story", "article", "passage"):
        query = Query.model_validate({"q": question, "group": group, "explain": True})
        found, expected = one.search(query), other.search(query)
        assert found.total == expected.total
        assert [hit.article.id for hit in found.hits] == [hit.article.id for hit in expected.hits]
        for hit, same in zip(found.hits, expected.hits, strict=True):
            assert (hit.passage, hit.answer, hit.merged) == (same.passage, same.answer, same.merged)
            assert (hit.matches, hit.story) == (same.matches, same.story)
            assert hit.score == pytest.approx(same.score, abs=1e-5)
        assert found.facets == expected.facets
        assert (found.corrections, found.period) == (expected.corrections, expected.period)


def test_similar_articles_are_those_of_the_exact_index(
    index: Index, exact: MemoryIndex, embedder: FakeEmbedder
) -> None:
    one, other = Searcher(index, embedder), Searcher(exact, embedder)
    for stored in list(exact.stored.values())[::7]:
        found = one.similar(stored, 5)
        expected = other.similar(stored, 5)
        assert [each.article for each in found] == [each.article for each in expected]
        assert all(each.article.story != stored.story for each in found)
