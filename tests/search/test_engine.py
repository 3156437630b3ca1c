"""The Searcher against plain NumPy, and what holds for every question."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.article import Article
from indexer.errors import IndexDamaged, IndexMismatch, QueryError, StorageError
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from search.engine import Searcher
from search.question.query import Group, Mode, Query
from search.results import Hit
from tests.conftest import Build, open_index
from tests.support.asking import all_hits
from tests.support.corpus import ASKED, CORPUS, QUESTIONS, generated, record
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex
from tests.support.runs import FILES


@pytest.mark.parametrize("mode", get_args(Mode))
@pytest.mark.parametrize("group", get_args(Group))
def test_every_hit_is_consistent(large: Searcher, mode: Mode, group: Group) -> None:
    for question in ASKED:
        results = large.search(Query(text=question, limit=100, mode=mode, group=group))
        assert [hit.rank for hit in results.hits] == list(range(1, len(results.hits) + 1))
        scores = [hit.score for hit in results.hits]
        assert scores == sorted(scores, reverse=True)
        assert results.total >= len(results.hits) > 0
        for hit in results.hits:
            assert 0 <= hit.passage.start <= hit.answer.start < hit.answer.end
            assert hit.answer.end <= hit.passage.end <= len(hit.article.text)
            stored = large.article(hit.article.id)
            assert stored is not None
            assert stored.article == hit.article
            passage = next(
                passage
                for passage in large.passages_of(stored.number)
                if passage.number == hit.passage_number
            )
            spans = [
                each.passage.span
                for each in large.passages_of(stored.number)
                if each.number in hit.merged
            ]
            assert (spans[0].start, spans[-1].end) == (hit.passage.start, hit.passage.end)
            assert hit.answer in passage.passage.sentences


@pytest.mark.parametrize("group", get_args(Group))
def test_pages_follow_each_other(large: Searcher, group: Group) -> None:
    for question in ASKED[:2]:
        whole = large.search(Query(text=question, limit=100, group=group))
        for size in (7, 10):
            query = Query(text=question, group=group)
            pages = all_hits(large, query, size)
            assert pages[: len(whole.hits)] == whole.hits
            assert len(pages) == whole.total
        beyond = large.search(Query(text=question, offset=400, group=group))
        assert beyond.hits == []
        assert beyond.total == whole.total


def _day(article: Article) -> str:
    return article.published.iso[:10] if article.published else ""


@pytest.mark.parametrize("mode", get_args(Mode))
def test_filters_let_nothing_else_through(large: Searcher, exact: MemoryIndex, mode: Mode) -> None:
    first, last = date(2024, 3, 1), date(2024, 8, 15)
    queries = [
        Query(text=ASKED[0], mode=mode, sources=("source 1", "SOURCE 2")),
        Query(text=ASKED[0], mode=mode, published_from=first),
        Query(text=ASKED[0], mode=mode, published_to=last),
        Query(
            text=ASKED[0], mode=mode, published_from=first, published_to=last, sources=("Source 3",)
        ),
        Query(text=ASKED[0], mode=mode, published_from=last, published_to=last),
        Query(text=ASKED[0], mode=mode, sources=("nobody",)),
    ]

    def passes(query: Query, article: Article) -> bool:
        wanted = [source.casefold() for source in query.sources]
        low = query.published_from.isoformat() if query.published_from else ""
        high = query.published_to.isoformat() if query.published_to else "9"
        return (not wanted or (article.source or "").casefold() in wanted) and (
            low <= _day(article) <= high if low or high != "9" else True
        )

    matching = {hit.article.id for hit in all_hits(large, Query(text=ASKED[0], mode=mode, floor=0))}
    for query in queries:
        expected = {
            stored.article.id
            for stored in exact.stored.values()
            if passes(query, stored.article)
            and (_day(stored.article) or not (query.published_from or query.published_to))
        }
        found = [hit.article.id for hit in all_hits(large, query.changed(floor=0))]
        assert set(found) == (expected & matching if mode == "lexical" else expected)
        assert len(found) == len(set(found))


@settings(max_examples=150, deadline=None)
@given(
    st.text(min_size=1, max_size=1000),
    st.sampled_from(get_args(Mode)),
    st.sampled_from(get_args(Group)),
)
@example("🦉" * 1000, "hybrid", "article")
@example('"(bridge AND OR NOT -+*:^~[]{}\\/', "hybrid", "article")
@example("\u0301", "hybrid", "passage")
@example("\ud800", "lexical", "story")
@example("a" * 1000, "semantic", "article")
def test_any_question_is_answered_or_refused(
    searcher: Searcher, text: str, mode: Mode, group: Group
) -> None:
    try:
        query = Query(text=text, mode=mode, group=group)
    except QueryError:
        return
    results = searcher.search(query)
    for hit in results.hits:
        assert np.isfinite(hit.score)
        assert hit.answer.of(hit.article.text)


def test_threads_get_what_one_alone_gets(large: Searcher) -> None:
    queries = [
        Query(text=question, limit=3, mode=mode, group=group)
        for question in ASKED
        for mode in get_args(Mode)
        for group in get_args(Group)
    ]
    queries += [
        Query(text=question, limit=5, offset=5, sources=("Source 1",)) for question in ASKED
    ]
    queries = queries[:50]
    alone = [large.search(query).hits for query in queries]

    def ask_all(turn: int) -> list[list[Hit]]:
        order = queries[turn:] + queries[:turn]
        answers = [large.search(query).hits for query in order]
        return answers[len(queries) - turn :] + answers[: len(queries) - turn]

    with ThreadPoolExecutor(8) as pool:
        for answers in pool.map(ask_all, range(0, 48, 6)):
            assert answers == alone


def test_a_passage_without_tokens_does_not_break_the_search(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    sentence = "the old cat saw the red hen and ran off " * 9 + "the end."
    invisible = " ".join(["\u2063"] * 90)
    build({"a.txt": f"{sentence}\n\n{invisible}\n\n{sentence}\n".encode()})
    searcher = open_index(index, embedder)
    texts = []
    for mode in get_args(Mode):
        hits = searcher.search(Query(text="red hen", mode=mode, group="passage")).hits
        texts += [hit.passage.of(hit.article.text) for hit in hits]
    assert any(invisible in text for text in texts)


def test_another_model_is_refused(corpus_index: Path) -> None:
    with pytest.raises(IndexMismatch, match="run `reindex --full`"):
        open_index(corpus_index, FakeEmbedder(sha256="1" * 64))


def test_files_of_two_generations_are_refused(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    first, second = build(), build({"one.json": CORPUS["feeds/final.json"]})
    old, new = (index / "generations" / str(each.generation) for each in (first, second))
    for file in FILES[:-1]:
        generation = IndexFolder(index).open_current()
        kept = (generation.path / file).read_bytes()
        (generation.path / file).write_bytes((old / file).read_bytes())
        with pytest.raises(IndexDamaged, match=Path(file).name):
            LocalIndex(generation)
        (new / file).write_bytes(kept)
    assert open_index(index, embedder).search(Query(text="cup")).hits


@pytest.mark.parametrize("file", [*FILES, "lexical"])
@pytest.mark.parametrize(("byte", "size"), [(b"\xff", 1), (b"\x5a", 4096)])
def test_damage_is_a_storage_error_or_harmless(
    build: Build, index: Path, embedder: FakeEmbedder, file: str, byte: bytes, size: int
) -> None:
    build(generated(25))
    path = IndexFolder(index).open_current().path / file
    for damaged in [path] if path.is_file() else sorted(path.iterdir()):
        whole = damaged.read_bytes()
        for start in range(0, len(whole), max(size, len(whole) // 20)):
            # A new file: another searcher may still have the old one mapped.
            damaged.unlink()
            length = min(size, len(whole) - start)
            damaged.write_bytes(whole[:start] + byte * length + whole[start + length :])
            try:
                open_index(index, embedder).search(Query(text=ASKED[0], limit=100))
            except StorageError:
                pass
            except BaseException as error:  # noqa: BLE001 - tantivy's panic is no Exception
                pytest.fail(f"{damaged.name} at {start}: {error!r}")
        damaged.write_bytes(whole)


def test_questions_of_the_corpus(searcher: Searcher) -> None:
    expected = (
        "bakery", "comet", "ferry", "tram", "Bees", "Rovers", "Owls", "akery"
    )  # fmt: skip
    for question, fragment in zip(QUESTIONS, expected, strict=True):
        assert fragment in searcher.search(Query(text=question)).hits[0].article.title


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
