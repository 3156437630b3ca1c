"""verify: a sound index has no problem, and whatever is wrong with one is found."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from indexer.arrays import Float32
from indexer.article import Article
from indexer.embedding.base import Embedder
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation
from indexer.storage.packing import pack_text
from indexer.storage.suggestions import SuggestionWriter
from indexer.storage.tokens import Tokens, TokenWriter
from indexer.storage.vector_writer import VectorWriter
from indexer.storage.vectors import FaissVectors
from indexer.verify import verify
from tests.conftest import Build, flipped
from tests.support.fakes import FakeEmbedder

# The only one of a small index.
SEGMENT = "segments/0/"
SHORT = f"x'{pack_text('short').hex()}'"

Tamper = Callable[[Path], None]


def _resealed(index: Path, tamper: Tamper) -> Generation:
    """The live generation with something changed, and every checksum made to fit."""
    live = IndexFolder(index).open_current()
    copy = index.with_name("resealed")
    shutil.copytree(live.path, copy / "generations" / "20260101-000000.writing")
    target = copy / "generations" / "20260101-000000.writing"
    tamper(target)
    (target / "manifest.json").unlink()
    return IndexFolder(copy).publish(target, live.manifest, keep=2)


def test_a_sound_index(build: Build, index: Path, embedder: FakeEmbedder) -> None:
    build()
    seen: list[tuple[str, int, int]] = []
    generation = IndexFolder(index).open_current()
    assert verify(generation, embedder, lambda *step: seen.append(step)) == []
    assert seen[-1] == ("checking", 8, 8)
    assert verify(_resealed(index, lambda folder: None), embedder) == []


def test_every_file_is_hashed(build: Build, index: Path, embedder: FakeEmbedder) -> None:
    build()
    generation = IndexFolder(index).open_current()
    for name in generation.manifest.files:
        file = generation.path / name
        content = file.read_bytes()
        if not content:
            continue
        for damaged in (flipped(content, len(content) // 2), content[:-1], content + b"\0"):
            file.write_bytes(damaged)
            problems = verify(generation, embedder)
            assert len(problems) == 1
            assert name in problems[0]
        file.unlink()
        assert "missing" in verify(generation, embedder)[0]
        file.write_bytes(content)
    (generation.path / "lexical" / "stray").write_bytes(b"x")
    assert "stray" in verify(generation, embedder)[0]


def _sql(statement: str, file: str = SEGMENT + "articles.db") -> Tamper:
    def tamper(folder: Path) -> None:
        connection = sqlite3.connect(folder / file)
        connection.execute(statement)
        connection.commit()
        connection.close()

    return tamper


def _corpus(statement: str) -> Tamper:
    return _sql(statement, "corpus.db")


def _vectors(change: Callable[[Float32], None]) -> Tamper:
    def tamper(folder: Path) -> None:
        store = FaissVectors.open(folder / SEGMENT / "vectors.faiss")
        rows = store.rows(np.arange(len(store)))
        change(rows)
        writer = VectorWriter(folder / SEGMENT / "vectors.faiss", store.codec)
        writer.add(store.codec.encode(rows))
        writer.finish()

    return tamper


def _swap_rows(rows: Float32) -> None:
    rows[[0, 1]] = rows[[1, 0]]


def _lengthen(rows: Float32) -> None:
    rows[3] *= 2


def _tokens(order: list[int], count: int = 0, shift: int = 0, flip: int = 0) -> Tamper:
    """The token file with its passages in another order, counts, sentences or codes changed."""

    def tamper(folder: Path) -> None:
        tokens = Tokens(folder / SEGMENT / "tokens.bin")
        rows = tokens.rows(np.array(order))
        for row in rows:
            row.sentences[1:] += shift
            row.codes[:] ^= flip
        sentences = sum(len(row.sentences) for row in rows)
        writer = TokenWriter(
            folder / SEGMENT / "tokens.bin", tokens.codec, len(rows), sentences,
            len(tokens.document_frequency),
        )  # fmt: skip
        writer.frequency[:] = tokens.document_frequency
        writer.frequency[7] += count
        writer.add(rows)
        writer.finish()

    return tamper


def _words_of_another(folder: Path) -> None:
    from indexer.storage.words import WordWriter

    shutil.rmtree(folder / "lexical")
    writer = WordWriter(folder / "lexical")
    for number in range(8):
        writer.add(min(number, 6), "title", "text")
    writer.finish()
    writer.close()


def _terms_of_another(folder: Path) -> None:
    file = folder / SEGMENT / "terms.db"
    file.unlink()
    with closing(SuggestionWriter(file)) as writer:
        writer.add(0, Article("a", "Another", "Another."), [])
        writer.finish()


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (_sql(f"UPDATE articles SET text = {SHORT} WHERE number = 2"), "no slice of article"),
        (_sql("UPDATE articles SET text = x'00' WHERE number = 2"), "a text is damaged"),
        (_sql("UPDATE articles SET title = 'Other' WHERE number = 2"), "the key of passage 2"),
        (_corpus("UPDATE standings SET story = 99 WHERE number = 3"), "article 3 is in a story"),
        (_corpus("UPDATE standings SET story = 0 WHERE number = 3"), "article 3 is in a story"),
        (
            _corpus("UPDATE standings SET degree = 'same' WHERE number = 3"),
            "article 3 is in a story",
        ),
        (_corpus("DELETE FROM standings WHERE number = 3"), "7 articles in corpus.db, 8"),
        (_corpus("UPDATE standings SET number = 99 WHERE number = 7"), "7 live passages in"),
        (_sql("UPDATE passages SET start = start + 1 WHERE number = 1"), "passage 1"),
        (_sql("UPDATE passages SET article = 2 WHERE number = 1"), "passage 1"),
        (_sql("UPDATE passages SET article = 3 WHERE number = 1"), "not in the order of their"),
        (_sql("DELETE FROM passages WHERE number = 7"), "7 passages in articles.db, 8"),
        (_sql("UPDATE passages SET sentences = x'' WHERE number = 1"), "no slice of article"),
        (_sql("UPDATE passages SET sentences = x'00' WHERE number = 1"), "a passage is damaged"),
        (_sql("UPDATE passages SET key = x'00' WHERE number = 4"), "the key of passage 4"),
        (_vectors(_swap_rows), "passage 0 embeds to another vector"),
        (_vectors(_lengthen), "the vector of passage 3 is not of unit length"),
        (_tokens([1, 0, *range(2, 8)]), "the tokens of passage 0 are not those"),
        (_tokens(list(range(7))), "7 passages in segments/0/tokens.bin, 8"),
        (_tokens(list(range(8)), count=1), "counts of passages with each token"),
        (_tokens(list(range(8)), shift=1), "the tokens of passage"),
        (_tokens(list(range(8)), flip=255), "passage 0 embeds to other token vectors"),
        (_words_of_another, "lexical does not hold every passage once"),
        (
            _terms_of_another,
            "words in segments/0/terms.db differ from those of the articles: 'another'",
        ),
    ],
)
def test_what_does_not_belong_together(
    build: Build, index: Path, embedder: FakeEmbedder, tamper: Tamper, problem: str
) -> None:
    build()
    problems = verify(_resealed(index, tamper), embedder)
    assert any(problem in each for each in problems), problems


def test_another_model(build: Build, index: Path, embedder: FakeEmbedder) -> None:
    build()
    problems = verify(IndexFolder(index).open_current(), FakeEmbedder(sha256="0" * 64))
    assert any("ffffffffffff" in each and "000000000000" in each for each in problems)


@pytest.mark.model
def test_the_real_model_says_the_same_again(sample_index: Path, real_embedder: Embedder) -> None:
    generation = IndexFolder(sample_index).open_current()
    assert verify(generation, real_embedder) == []
