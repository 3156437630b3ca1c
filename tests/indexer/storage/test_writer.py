"""The files of a generation, written together: what each of them holds."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from indexer.analysis import distinct_stems
from indexer.article import Article
from indexer.embedding.codec import TokenCodec
from indexer.storage.article_writer import ArticleWriter
from indexer.storage.embedded import EmbeddedPassage
from indexer.storage.parts import Parts
from indexer.storage.tokens import PassageTokens
from indexer.storage.writer import PassageWriter, write_articles, write_suggestions
from tests.support.stored import ARTICLES, DOCUMENTS, PASSAGES, add
from tests.support.vectors import unit_vectors

CODEC = TokenCodec.fit(unit_vectors(100, 6), 2)
VOCABULARY = 9
VECTORS = np.array([[1, 0], [0, 1], [0.6, 0.8], [-1, 0]], np.float16)
# Of each passage: its codes, one byte a token, the first tokens of its sentences, its token ids.
TOKENS = [([1, 2, 3], [0, 2], [4, 5]), ([4], [0], [5]), ([], [0], []), ([5, 6], [0], [8, 5])]


def _embedded(number: int) -> EmbeddedPassage:
    codes, sentences, ids = TOKENS[number]
    return EmbeddedPassage(
        VECTORS[number],
        PassageTokens(np.array(codes, np.uint8).reshape(-1, 1), np.array(sentences)),
        np.array(ids, np.int64),
    )


@pytest.fixture
def articles(tmp_path: Path) -> Iterator[ArticleWriter]:
    """Three articles of four passages, and one of none."""
    with closing(write_articles(tmp_path, None)) as writer:
        for article, document, passages in zip(ARTICLES, DOCUMENTS, PASSAGES, strict=True):
            add(writer, article, document, passages)
        add(writer, Article("d", "", ""), b"four", [])
        assert writer.complete(reuse=True) == 4
        yield writer


@pytest.fixture
def writer(tmp_path: Path, articles: ArticleWriter) -> Iterator[PassageWriter]:
    """A writer that has been given all passages, in two pieces."""
    with closing(PassageWriter(tmp_path, CODEC, 2, VOCABULARY, articles)) as writer:
        rows = list(articles.rows())
        for piece in (rows[:3], rows[3:]):
            writer.add(piece, [_embedded(row.number) for row in piece])
        yield writer


def test_each_file_holds_what_belongs_to_each_passage(
    tmp_path: Path, articles: ArticleWriter, writer: PassageWriter
) -> None:
    # What is carried over is counted by whoever knows it.
    writer.frequency[7] += 2
    assert writer.finish(lambda vectors: None) == "flat"
    assert writer.tokens == 6
    with closing(write_suggestions(tmp_path)) as suggestions:
        suggestions.finish()
    articles.finish()
    names = {"articles.db", "vectors.faiss", "tokens.bin", "lexical", "terms.db"}
    assert {path.name for path in tmp_path.iterdir()} == names
    parts = Parts.open(tmp_path)
    assert set(parts.passages().values()) == {4}
    np.testing.assert_array_equal(parts.vectors.rows(np.arange(4)), VECTORS)
    codes, starts = parts.tokens.read(range(4))
    assert (codes.ravel().tolist(), starts.tolist()) == ([1, 2, 3, 4, 5, 6], [0, 3, 4, 4])
    assert [parts.tokens.sentences(number).tolist() for number in range(4)] == [
        sentences for _, sentences, _ in TOKENS
    ]
    assert parts.tokens.document_frequency.tolist() == [0, 0, 0, 0, 1, 3, 0, 2, 1]
    # Of a headline as of a text.
    for word, passages in (("gull", [0, 3]), ("copy", [3]), ("title", [0, 1])):
        assert sorted(parts.words.search(distinct_stems(word), 9).passages.tolist()) == passages
    assert parts.articles.count() == 4


def test_an_article_points_where_its_passages_do(writer: PassageWriter) -> None:
    found = writer.article_vectors()
    assert found.dtype == np.float32
    half = np.sqrt(0.5)
    expected = [[half, half], [0.6, 0.8], [-1, 0], [0, 0]]
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_articles_are_written_beside_the_live_ones(tmp_path: Path, articles: ArticleWriter) -> None:
    articles.finish()
    (tmp_path / "next").mkdir()
    with closing(write_articles(tmp_path / "next", tmp_path)) as writer:
        stored = writer.live_by_id("c")
        assert stored is not None
        assert (stored.number, stored.article) == (2, ARTICLES[2])
        assert (writer.find("c"), writer.articles) == (None, 0)
    assert [path.name for path in (tmp_path / "next").iterdir()] == ["articles.db"]


def test_a_writer_that_is_closed_half_way_leaves_no_index(
    tmp_path: Path, articles: ArticleWriter
) -> None:
    with closing(PassageWriter(tmp_path, CODEC, 2, VOCABULARY, articles)) as writer:
        rows = list(articles.rows())
        writer.add(rows, [_embedded(row.number) for row in rows])
    assert not (tmp_path / "vectors.faiss").exists()
