"""The files of a generation, written together: what each of them holds."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from indexer.analysis import distinct_stems
from indexer.article import Article
from indexer.embedding.calibration import Codecs
from indexer.embedding.codec import TokenCodec
from indexer.storage.article_writer import ArticleWriter
from indexer.storage.corpus_writer import Standing
from indexer.storage.drafts import Drafts
from indexer.storage.embedded import EmbeddedPassage
from indexer.storage.manifest import Generation, Segment
from indexer.storage.parts import Parts
from indexer.storage.tokens import PassageTokens
from indexer.storage.words import Words, WordWriter
from indexer.storage.writer import GenerationWriter, PassageWriter
from tests.support.generations import DRAFT
from tests.support.stored import TOLD, Told, add
from tests.support.vectors import codec_of, coded, unit_vectors

CODECS = Codecs(TokenCodec.fit(unit_vectors(100, 6), 2), codec_of(2))
VOCABULARY = 9
VECTORS = np.array([[1, 0], [0, 1], [0.6, 0.8], [-1, 0]], np.float32)
# Of each passage: its codes, one byte a token, the first tokens of its sentences, its token ids.
TOKENS = [([1, 2, 3], [0, 2], [4, 5]), ([4], [0], [5]), ([], [0], []), ([5, 6], [0], [8, 5])]


def _embedded(number: int) -> EmbeddedPassage:
    codes, sentences, ids = TOKENS[number]
    return EmbeddedPassage(
        VECTORS[number],
        PassageTokens(np.array(codes, np.uint8).reshape(-1, 1), np.array(sentences)),
        np.array(ids, np.int64),
    )


class Writing(NamedTuple):
    """A generation on its way: its segment of three articles of four passages, and one of none."""

    files: GenerationWriter
    drafts: Drafts
    segment: ArticleWriter
    words: WordWriter


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[Writing]:
    files = GenerationWriter(tmp_path, None)
    with closing(files.drafts()) as drafts, closing(files.share(())) as words:
        segment = files.segment(drafts, ())
        add(segment, *TOLD, Told(Article("d", "", ""), b"four", []))
        assert segment.complete(reuse=True) == 4
        yield Writing(files, drafts, segment, words)


@pytest.fixture
def writer(writing: Writing) -> Iterator[PassageWriter]:
    """A writer that has been given all passages, in two pieces."""
    files, _, segment, words = writing
    with closing(files.passages(words, CODECS, VOCABULARY, segment)) as writer:
        rows = list(segment.rows())
        for piece in (rows[:3], rows[3:]):
            writer.add(piece, [_embedded(row.number) for row in piece])
        yield writer


def _finish(writing: Writing, writer: PassageWriter) -> Segment:
    files, drafts, segment, words = writing
    kind = writer.finish(lambda vectors: None)
    with closing(files.suggestions()) as suggestions:
        suggestions.finish()
    words.finish()
    segment.finish()
    drafts.close()
    files.finish(Standing(n, n, name, n, None) for n, name in enumerate(("a", "b", "c", "d")))
    return Segment(
        first_article=0,
        articles=segment.articles,
        first_passage=0,
        passages=segment.passages,
        tokens=writer.tokens,
        vector_index=kind,
    )


def _generation(folder: Path, segment: Segment) -> Generation:
    manifest = replace(
        DRAFT, dimension=2, articles=4, passages=segment.passages, segments=(segment,)
    )
    return Generation("draft", manifest, folder)


def test_each_file_holds_what_belongs_to_each_passage(
    tmp_path: Path, writing: Writing, writer: PassageWriter
) -> None:
    # What is carried over is counted by whoever knows it.
    writer.frequency[7] += 2
    segment = _finish(writing, writer)
    assert (segment.vector_index, segment.tokens, segment.passages) == ("flat", 6, 4)
    assert {path.name for path in tmp_path.iterdir()} == {"corpus.db", "lexical", "segments"}
    names = {"articles.db", "vectors.faiss", "tokens.bin", "terms.db"}
    assert {path.name for path in (tmp_path / "segments" / "0").iterdir()} == names
    generation = _generation(tmp_path, segment)
    parts = Parts.open(generation)
    assert parts.differences(generation.manifest) == []
    np.testing.assert_allclose(parts.vectors.rows(np.arange(4)), coded(VECTORS), atol=1e-6)
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
    assert found.dtype == np.float16
    half = np.sqrt(0.5)
    expected = [[half, half], [0.6, 0.8], [-1, 0], [0, 0]]
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_a_writer_that_is_closed_half_way_leaves_no_index(tmp_path: Path, writing: Writing) -> None:
    files, _, segment, words = writing
    with closing(files.passages(words, CODECS, VOCABULARY, segment)) as writer:
        rows = list(segment.rows())
        writer.add(rows, [_embedded(row.number) for row in rows])
    assert not (tmp_path / "segments" / "0" / "vectors.faiss").exists()


def test_the_next_generation_shares_what_stays(grown: Generation, tmp_path: Path) -> None:
    files = GenerationWriter(tmp_path / "next", grown)
    (tmp_path / "next").mkdir()
    staying = grown.manifest.segments[:2]
    with closing(files.drafts()) as drafts:
        stored = drafts.live_by_number(0)
        assert drafts.find(stored.article.id) is None
        with closing(files.share(staying)) as words:
            assert len(Words(tmp_path / "next" / "lexical")) == grown.manifest.passages
            del words
        segment = files.segment(drafts, staying)
        assert (segment.first_article, segment.first_passage) == (
            staying[-1].end_article,
            staying[-1].end_passage,
        )
    for each in staying:
        for file in (grown.path / each.folder).iterdir():
            assert file.samefile(tmp_path / "next" / each.folder / file.name)
    last = grown.manifest.segments[2].folder
    assert [path.name for path in (tmp_path / "next" / last).iterdir()] == ["articles.db"]
    assert not (tmp_path / "next" / last / "articles.db").samefile(
        grown.path / last / "articles.db"
    )
