"""The Searcher against plain NumPy, and what holds for every question."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.analysis import distinct_stems
from indexer.article import Article
from indexer.errors import IndexDamaged, IndexMismatch, QueryError, StorageError
from indexer.pipeline import reindex
from indexer.storage.exact import Candidates
from indexer.storage.filter import Filter
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from search.engine import Searcher
from search.question.query import MAX_LIMIT, Group, Mode, Query
from search.ranking.candidates import CANDIDATES, RERANKED
from search.ranking.collapse import LONGEST_RUN, RELEVANT
from search.results import Hit
from tests.conftest import Build, open_index, write_tree
from tests.support.corpus import CORPUS, QUESTIONS, STORIES, generated
from tests.support.fakes import FakeEmbedder
from tests.support.memory_index import MemoryIndex

ARTICLES = 60
ASKED = (
    "old harbour bridge repaired",
    "which doctor found the copper lantern",
    "volcano island ferry",
    "northern library election",
    "dragon",
)


@pytest.fixture(scope="module")
def large_index(tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder) -> Path:
    folder = tmp_path_factory.mktemp("large")
    reindex(
        [write_tree(folder / "articles", generated(ARTICLES))], folder / "index", embedder, None
    )
    return folder / "index"


@pytest.fixture(scope="module")
def large(large_index: Path, embedder: FakeEmbedder) -> Searcher:
    return open_index(large_index, embedder)


@pytest.fixture(scope="module")
def exact(large_index: Path, embedder: FakeEmbedder) -> MemoryIndex:
    return MemoryIndex(IndexFolder(large_index).open_current(), embedder)


def _by_meaning(exact: MemoryIndex, embedder: FakeEmbedder, question: str) -> Candidates:
    """Every passage by cosine."""
    vector = embedder.embed_query(question).vector
    return exact.nearest(vector, len(exact.of), exact.narrow(Filter()))


def _by_words(exact: MemoryIndex, question: str) -> Candidates:
    """Every passage that has a word of the question, by BM25."""
    return exact.matching(distinct_stems(question), len(exact.of), exact.narrow(Filter()))


def _all_hits(searcher: Searcher, query: Query, page: int = MAX_LIMIT) -> list[Hit]:
    hits: list[Hit] = []
    while True:
        found = searcher.search(query.changed(limit=page, offset=len(hits))).hits
        hits.extend(found)
        if len(found) < page:
            return hits


def test_the_corpus_is_large_enough(exact: MemoryIndex) -> None:
    assert CANDIDATES > len(exact.of) > 2 * ARTICLES > RERANKED


@pytest.mark.parametrize("question", ASKED)
def test_semantic_is_the_order_of_cosines(
    large: Searcher, exact: MemoryIndex, embedder: FakeEmbedder, question: str
) -> None:
    hits = _all_hits(large, Query(text=question, mode="semantic", group="passage"))
    expected = _by_meaning(exact, embedder, question)
    assert sorted(hit.passage_number for hit in hits) == list(range(len(exact.of)))
    np.testing.assert_allclose([hit.score for hit in hits], expected.scores, atol=1e-5)
    cosines = dict(zip(expected.passages.tolist(), expected.scores.tolist(), strict=True))
    for hit in hits:
        assert hit.score == pytest.approx(cosines[hit.passage_number], abs=1e-5)


@pytest.mark.parametrize("question", ASKED)
def test_lexical_is_the_order_of_words(large: Searcher, exact: MemoryIndex, question: str) -> None:
    hits = _all_hits(large, Query(text=question, mode="lexical", group="passage"))
    expected = _by_words(exact, question)
    assert len(hits) == len(expected.passages) > 0
    assert [hit.passage_number for hit in hits] == expected.passages.tolist()


@pytest.mark.parametrize("question", ASKED)
def test_neighbours_are_one_hit(large: Searcher, exact: MemoryIndex, question: str) -> None:
    hits = _all_hits(large, Query(text=question, group="passage"))
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


@pytest.mark.parametrize("question", ASKED)
def test_hybrid_ranks_what_both_methods_rank_high(
    large: Searcher, exact: MemoryIndex, embedder: FakeEmbedder, question: str
) -> None:
    cosines, words = np.zeros(len(exact.of)), np.zeros(len(exact.of))
    for scores, found in (
        (cosines, _by_meaning(exact, embedder, question)),
        (words, _by_words(exact, question)),
    ):
        scores[found.passages] = found.scores
    fused = (cosines - cosines.min()) / np.ptp(cosines) + words / words.max()
    pool = set(np.argsort(-fused)[: 2 * RERANKED].tolist())
    hits = large.search(Query(text=question, group="passage")).hits
    assert all(pool & set(hit.merged) for hit in hits)
    assert int(np.argmax(fused)) in [number for hit in hits for number in hit.merged]


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


@pytest.mark.parametrize("mode", get_args(Mode))
def test_one_hit_an_article_in_the_order_of_its_best_passage(large: Searcher, mode: Mode) -> None:
    for question in ASKED:
        best: dict[str, float] = {}
        found: dict[str, set[int]] = {}
        for hit in _all_hits(large, Query(text=question, mode=mode, group="passage")):
            best.setdefault(hit.article.id, hit.score)
            found.setdefault(hit.article.id, set()).update(hit.merged)
        articles = _all_hits(large, Query(text=question, mode=mode))
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


@pytest.mark.parametrize("group", get_args(Group))
def test_pages_follow_each_other(large: Searcher, group: Group) -> None:
    for question in ASKED[:2]:
        whole = large.search(Query(text=question, limit=100, group=group))
        for size in (7, 10):
            query = Query(text=question, group=group)
            pages = _all_hits(large, query, size)
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

    matching = {
        hit.article.id for hit in _all_hits(large, Query(text=ASKED[0], mode=mode, group="article"))
    }
    for query in queries:
        expected = {
            stored.article.id
            for stored in exact.stored.values()
            if passes(query, stored.article)
            and (_day(stored.article) or not (query.published_from or query.published_to))
        }
        found = [hit.article.id for hit in _all_hits(large, query)]
        assert set(found) == (expected & matching if mode == "lexical" else expected)
        assert len(found) == len(set(found))


def test_the_answer_is_the_sentence_asked_for(searcher: Searcher) -> None:
    expected = {
        "Professor Lena Okoro gives the first queens to forty beekeepers": "The first queens",
        "Shopkeepers on Anchor Street fear roadworks": "Shopkeepers on Anchor Street",
        "a buoy drifted half a mile in the storm, said captain Dora Quill": "The captain, Dora",
        "Mayor Pia Lund promised the lanterns would return": "Mayor Pia Lund",
    }
    for question, beginning in expected.items():
        hit = searcher.search(Query(text=question)).hits[0]
        assert hit.answer.of(hit.article.text).startswith(beginning)


def test_best_sentence_of_an_article_is_found_in_any_passage(
    build: Build, index: Path, embedder: FakeEmbedder
) -> None:
    filler = "The quiet harbour waited for the winter and the winter came. "
    answer = (
        " ".join(
            ["Professor Zoltan Quibble invented the purple umbrella machine"]
            + [f"beside gadget number {number} of his workshop" for number in range(12)]
        )
        + "."
    )
    text = "\n\n".join([filler * 8, answer, filler * 8])
    build({"a.txt": text.encode()})
    searcher = open_index(index, embedder)
    passages = searcher.passages_of(0)
    assert any(len(passage.passage.sentences) == 1 for passage in passages)
    found = searcher.best_sentence("Zoltan Quibble purple umbrella machine inventor", 0)
    assert found is not None
    stored = searcher.article(searcher.search(Query(text="umbrella")).hits[0].article.id)
    assert stored is not None
    assert "Quibble" in found[1].of(stored.article.text)


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
    invisible = " ".join(["\u200b"] * 90)
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
    for file in ("articles.db", "vectors.faiss", "tokens.bin"):
        generation = IndexFolder(index).open_current()
        kept = (generation.path / file).read_bytes()
        (generation.path / file).write_bytes((old / file).read_bytes())
        with pytest.raises(IndexDamaged, match=file):
            LocalIndex(generation)
        (new / file).write_bytes(kept)
    assert open_index(index, embedder).search(Query(text="cup")).hits


@pytest.mark.parametrize("file", ["articles.db", "vectors.faiss", "tokens.bin", "lexical"])
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
