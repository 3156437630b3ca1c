"""Several segments answer as one of all that they hold."""

import itertools
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.arrays import Float32
from indexer.article import Article, Date
from indexer.embedding.codec import TokenCodec
from indexer.storage.exact import ExactVectors
from indexer.storage.manifest import VectorIndexKind
from indexer.storage.suggestions import Suggested, Suggestions, SuggestionWriter
from indexer.storage.tokens import PassageTokens, Tokens, TokenWriter
from indexer.storage.union import UnionSuggestions, UnionTokens, UnionVectors
from indexer.storage.vectors import FaissVectors
from tests.support.vectors import coded_vectors, unit_vectors, write_vectors

# Where 60 passages, or articles, are cut into segments: one, two, three, and some of a single one.
CUTS = [[], [40], [1], [20, 40], [1, 59], [58, 59]]
COUNT = 60


def _pieces(cuts: Sequence[int], count: int = COUNT) -> list[range]:
    return [range(*each) for each in itertools.pairwise([0, *cuts, count])]


@pytest.fixture(params=CUTS, ids=str)
def cuts(request: pytest.FixtureRequest) -> list[int]:
    return list(request.param)


# Half of them twice, so that scores tie across segments.
VECTORS = np.concatenate([coded_vectors(COUNT // 2, 8), coded_vectors(COUNT // 2, 8)])


def _vectors(
    folder: Path, vectors: Float32, cuts: Sequence[int], kinds: Sequence[VectorIndexKind]
) -> UnionVectors:
    found = []
    for number, (piece, kind) in enumerate(
        zip(_pieces(cuts), itertools.cycle(kinds), strict=False)
    ):
        write_vectors(folder / str(number), vectors[piece.start : piece.stop], kind)
        found.append(FaissVectors.open(folder / str(number)))
    return UnionVectors(found)


@pytest.fixture(params=[["flat"], ["ivf"], ["ivf", "flat"]], ids=" ".join)
def vectors(request: pytest.FixtureRequest, tmp_path: Path, cuts: list[int]) -> UnionVectors:
    return _vectors(tmp_path, VECTORS, cuts, request.param)


def test_vectors_are_found_as_by_comparing_all(vectors: UnionVectors) -> None:
    assert (len(vectors), vectors.dimension) == (COUNT, 8)
    exact = ExactVectors(VECTORS)
    for query in unit_vectors(5, 8, seed=9):
        for limit in (1, 7, COUNT, 2 * COUNT):
            found, expected = vectors.search(query, limit), exact.search(query, limit)
            assert found.passages.dtype == np.int64
            assert found.scores.dtype == np.float32
            np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)
            cosines = VECTORS[found.passages] @ query
            np.testing.assert_allclose(found.scores, cosines, atol=1e-6)
            assert len(set(found.passages.tolist())) == min(limit, COUNT)


def test_a_mask_is_of_all_segments(vectors: UnionVectors) -> None:
    exact = ExactVectors(VECTORS)
    some = np.random.default_rng(1).random(COUNT) < 0.4
    # Of whole segments all or none may be allowed.
    masks = [some, np.arange(COUNT) < 40, np.arange(COUNT) >= 59, np.arange(COUNT) == 0]
    for query, allowed in itertools.product(unit_vectors(3, 8, seed=5), masks):
        for limit in (1, 7, COUNT):
            found = vectors.search(query, limit, allowed)
            expected = exact.search(query, limit, allowed)
            np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)
            assert allowed[found.passages].all()
            assert len(set(found.passages.tolist())) == min(limit, np.count_nonzero(allowed))
    nothing = vectors.search(query, 5, np.zeros(COUNT, np.bool_))
    assert (len(nothing.passages), len(nothing.scores)) == (0, 0)


def test_ties_are_ordered_by_number_across_segments(tmp_path: Path, cuts: list[int]) -> None:
    # Of one axis each, so that no score is rounded.
    axes = np.eye(3, dtype=np.float32)[np.arange(COUNT) % 3]
    vectors = _vectors(tmp_path, axes, cuts, ["flat"])
    for axis in range(3):
        alike = np.flatnonzero(np.arange(COUNT) % 3 == axis).tolist()
        rest = [number for number in range(COUNT) if number not in alike]
        for limit in (1, 2, len(alike), len(alike) + 3):
            found = vectors.search(np.eye(3, dtype=np.float32)[axis], limit)
            assert found.passages.tolist() == [*alike, *rest][:limit]


@pytest.mark.parametrize(
    "numbers", [[], [0], [59, 0, 59], [41, 40, 39, 0, 1, 39], [5, 5, 5], [*range(COUNT)]]
)
def test_rows_are_in_the_order_asked_for(vectors: UnionVectors, numbers: list[int]) -> None:
    rows = vectors.rows(np.array(numbers, np.int64))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, VECTORS[numbers].reshape(-1, 8), atol=1e-6)


VOCABULARY = 30
CODEC = TokenCodec.fit(unit_vectors(100, 6), 5)
_RANDOM = np.random.default_rng(4)


def _tokens(number: int) -> PassageTokens:
    """Of some passages none."""
    count = number % 5
    codes = _RANDOM.integers(0, 256, (count, 2), np.uint8)
    return PassageTokens(codes, np.arange(0, max(count, 1), 2).astype(np.int64))


PASSAGES = [_tokens(number) for number in range(COUNT)]


def _write_tokens(file: Path, piece: range) -> Tokens:
    passages = [PASSAGES[number] for number in piece]
    sentences = sum(len(each.sentences) for each in passages)
    writer = TokenWriter(file, CODEC, len(piece), sentences, VOCABULARY)
    writer.add(passages)
    for number in piece:
        writer.frequency[number % VOCABULARY] += 1
    writer.finish()
    return Tokens(file)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, ...], UnionTokens]:
    """The tokens of all cuts."""
    folder = tmp_path_factory.mktemp("tokens")
    return {
        tuple(cuts): UnionTokens(
            [
                _write_tokens(folder / f"{len(cuts)}-{piece.start}-{piece.stop}", piece)
                for piece in _pieces(cuts)
            ]
        )
        for cuts in CUTS
    }


def test_what_is_known_of_all_tokens(
    written: dict[tuple[int, ...], UnionTokens], cuts: list[int]
) -> None:
    tokens = written[tuple(cuts)]
    assert len(tokens) == COUNT
    assert tokens.codec.same_as(CODEC)
    assert tokens.document_frequency.tolist() == [COUNT // VOCABULARY] * VOCABULARY
    assert tokens.document_frequency.dtype == np.int64


@given(st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=12), st.sampled_from(CUTS))
def test_tokens_are_read_in_any_order(
    written: dict[tuple[int, ...], UnionTokens], numbers: list[int], cuts: list[int]
) -> None:
    tokens = written[tuple(cuts)]
    expected = [PASSAGES[number] for number in numbers]
    lengths = [len(each.codes) for each in expected]
    for asked in (numbers, np.array(numbers, np.int64)):
        codes, begins = tokens.read(asked)
        np.testing.assert_array_equal(codes, np.concatenate([each.codes for each in expected]))
        assert codes.dtype == np.uint8
        assert begins.dtype == np.int64
        assert begins.tolist() == np.cumsum([0, *lengths[:-1]]).tolist()
    rows = tokens.rows(np.array(numbers, np.int64))
    for row, each in zip(rows, expected, strict=True):
        np.testing.assert_array_equal(row.codes, each.codes)
        assert row.sentences.tolist() == each.sentences.tolist()
    assert [each.tolist() for each in tokens.sentences_of(numbers)] == [
        each.sentences.tolist() for each in expected
    ]
    assert tokens.sentences(numbers[0]).tolist() == expected[0].sentences.tolist()


def test_no_rows(written: dict[tuple[int, ...], UnionTokens], cuts: list[int]) -> None:
    assert written[tuple(cuts)].rows(np.zeros(0, np.int64)) == []
    assert written[tuple(cuts)].sentences_of([]) == []


def _suggestions(file: Path, articles: Sequence[Article], piece: range) -> Suggestions:
    with closing(SuggestionWriter(file)) as writer:
        for number in piece:
            # What a test has in capitals stands for a name.
            article = articles[number]
            names = {word for word in article.text.split() if word[0].isupper()}
            writer.add(number, article, sorted(names))
        writer.finish()
    return Suggestions(file)


def _union(folder: Path, articles: Sequence[Article], cuts: Sequence[int]) -> UnionSuggestions:
    pieces = _pieces(cuts, len(articles))
    folder.mkdir()
    return UnionSuggestions(
        [_suggestions(folder / f"{n}.db", articles, piece) for n, piece in enumerate(pieces)]
    )


HEADLINES = ["Gulls over Ellis", "GULLS over ellis!", "Gulls", "Over Ellis", "A tide, over", "Élan"]
PREFIXES = ["g", "o", "over e", "gulls ", "a", "e", "zz", ""]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(HEADLINES), st.integers(0, 3)), min_size=3, max_size=9),
    st.data(),
)
def test_headlines_of_all_segments(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, int]], data: st.DataObject
) -> None:
    articles = [
        Article(f"{n}", title, title.lower(), Date(f"2024-03-0{day}") if day else None)
        for n, (title, day) in enumerate(drawn)
    ]
    places = st.integers(1, len(articles) - 1)
    cuts = sorted(data.draw(st.sets(places, min_size=1, max_size=2)))
    folder = tmp_path_factory.mktemp("headlines")
    union, whole = _union(folder / "cut", articles, cuts), _union(folder / "one", articles, [])
    for prefix in PREFIXES:
        expected = whole.suggest(prefix, 99, set)
        assert union.suggest(prefix, 99, set) == expected
        # Which of those of one day come first may differ where each segment gives but some.
        for limit in range(1, len(expected) + 1):
            found = union.suggest(prefix, limit, set)
            assert [each.published for each in found] == [e.published for e in expected[:limit]]
            assert len({each.key for each in found}) == limit
    words, counts = union.vocabulary()
    assert (words, counts.tolist()) == (whole.vocabulary()[0], whole.vocabulary()[1].tolist())
    assert counts.dtype == np.int32
    for word in [*words, "unheard"]:
        assert union.written(word) == whole.written(word)


def _names(union: UnionSuggestions, prefix: str, limit: int = 9) -> list[tuple[str, int]]:
    found = union.suggest(prefix, limit, set)
    assert all((each.article, each.published) == (None, "") for each in found)
    return [(each.text, each.articles) for each in found]


@pytest.mark.parametrize("cuts", [[], [4], [3, 7]])
def test_names_are_counted_over_segments(tmp_path: Path, cuts: list[int]) -> None:
    # In each piece at least twice, as a name has to be.
    texts = ["Ellis Elm", "Ellis", "Ellis Elm", "Elm Ellis", "Elm", "Ellis Elm", "Elm Ellis"]
    texts += ["Elm", "Ellis Elm", "Ellis Elm"]
    articles = [Article(f"{n}", "", text) for n, text in enumerate(texts)]
    union = _union(tmp_path / "cut", articles, cuts)
    assert _names(union, "el") == [("Elm", 9), ("Ellis", 8)]
    # Of those that a segment leaves out, its articles are not counted.
    assert [text for text, _ in _names(union, "el", 1)] == ["Elm"]
    assert _names(union, "ell") == [("Ellis", 8)]


def test_a_name_is_spelled_as_most_articles_of_a_segment_do(tmp_path: Path) -> None:
    texts = ["Zoë", "Zoë", "Zoe", "Zoe", "Zoe"]
    articles = [Article(f"{n}", "", text) for n, text in enumerate(texts)]
    union = _union(tmp_path / "cut", articles, [2])
    assert _names(union, "zo") == [("Zoe", 5)]
    # As the segment with more articles that have the word.
    assert union.written("zoe") == "Zoe"
    assert _union(tmp_path / "one", articles, []).written("zoe") == "Zoe"


def test_names_come_before_headlines(tmp_path: Path) -> None:
    articles = [
        Article("0", "Ellis wins", "Ellis", Date("2024-03-01")),
        Article("1", "Ellis", "Ellis", Date("2024-03-02")),
        Article("2", "Ellis loses", "Ellis", Date("2024-03-04")),
        Article("3", "ELLIS WINS!", "Ellis", Date("2024-03-03")),
    ]
    expected = [
        Suggested("Ellis", None, 4, ""),
        Suggested("Ellis loses", 2, 1, "2024-03-04"),
        Suggested("ELLIS WINS!", 3, 2, "2024-03-03"),
        Suggested("Ellis", 1, 1, "2024-03-02"),
    ]
    for name, cuts in (("one", []), ("two", [2])):
        union = _union(tmp_path / name, articles, cuts)
        for limit in range(1, 6):
            assert union.suggest("ellis", limit, set) == expected[:limit]


def test_a_headline_is_that_of_an_article_that_is_there(tmp_path: Path) -> None:
    articles = [
        # Changed since, but for their headlines: one has another date, one the same.
        Article("0", "Ellis wins", "once", Date("2024-03-09")),
        Article("1", "Gulls", "once", Date("2024-03-03")),
        Article("0", "Ellis wins", "again", Date("2024-03-02")),
        Article("1", "Gulls", "again", Date("2024-03-03")),
        Article("2", "Ellis loses", "once", Date("2024-03-05")),
    ]
    gulls = Suggested("Gulls", 3, 1, "2024-03-03")
    wins, loses = (
        Suggested("Ellis wins", 2, 1, "2024-03-02"),
        Suggested("Ellis loses", 4, 1, "2024-03-05"),
    )
    union = _union(tmp_path / "cut", articles, [2])
    assert union.suggest("gulls", 9, {2, 3, 4}.intersection) == [gulls]
    assert union.suggest("ellis", 9, {2, 3, 4}.intersection) == [loses, wins]
    assert union.suggest("ellis", 9, {2, 3}.intersection) == [wins]
    one = _union(tmp_path / "one", articles[2:], [])
    assert [each.text for each in one.suggest("ellis", 9, {2}.intersection)] == ["Ellis loses"]
