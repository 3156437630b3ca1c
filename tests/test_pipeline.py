"""reindex(): what it counts, what it skips, and what it leaves behind."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.article import Rejected
from indexer.embedding.embedder import PassageVectors
from indexer.embedding.tokenizer import TokenizedPassage
from indexer.errors import InputError
from indexer.pipeline import first_tokens, reindex
from indexer.storage.articles import Articles
from indexer.storage.generation import IndexFolder
from indexer.storage.lexical import Words
from indexer.storage.tokens import Tokens
from indexer.storage.vectors import FaissVectors
from search.query import Query
from tests.conftest import Build, WriteFiles, open_index
from tests.corpus import ARTICLES, BAKERY, CORPUS, FERRY, QUESTIONS, generated
from tests.fakes import FakeEmbedder


def _record(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def _reasons(skipped: list[Rejected]) -> dict[str, str]:
    return {Path(rejected.location).name: rejected.reason for rejected in skipped}


def test_counts_agree_in_every_file(build: Build, index: Path) -> None:
    summary = build(generated(30))
    generation = IndexFolder(index).open_current()
    manifest = generation.manifest
    assert summary.generation == generation.id
    assert summary.articles == manifest.articles == 30
    assert summary.passages == manifest.passages > 30
    assert (summary.duplicates, summary.skipped) == (0, [])
    assert summary.seconds > 0
    articles = Articles(generation.path / "articles.db")
    tokens = Tokens(generation.path / "tokens.bin")
    assert len(articles.article_of) == manifest.passages
    assert len(FaissVectors.open(generation.path / "vectors.faiss")) == manifest.passages
    assert len(Words(generation.path / "lexical")) == manifest.passages
    assert len(tokens) == manifest.passages
    assert len(tokens.read(range(manifest.passages))[0]) == manifest.tokens
    for stored in articles.passages(range(manifest.passages)):
        assert len(tokens.sentences(stored.number)) == len(stored.passage.sentences)
    assert not (generation.path / "vectors.raw").exists()


def test_manifest(build: Build, index: Path) -> None:
    build()
    manifest = IndexFolder(index).open_current().manifest
    assert (manifest.model, manifest.model_sha256, manifest.dimension) == ("fake", "f" * 64, 32)
    assert (manifest.vector_index, manifest.format) == ("flat", 1)
    assert {"articles.db", "vectors.faiss", "tokens.bin"} <= set(manifest.files)
    assert any(name.startswith("lexical/") for name in manifest.files)
    assert "manifest.json" not in manifest.files


def test_duplicates_skips_and_clashes(build: Build) -> None:
    text = "\n\n".join(BAKERY)
    summary = build(
        {
            "a.txt": text.encode(),
            "copy of a.txt": text.encode(),
            "b.json": _record(id="b", text="\n".join(FERRY)),
            "c.json": _record(id="b", text=text),
            "d.json": _record(id="b", text="\n".join(FERRY)),
            "empty.txt": b"",
            "few.txt": b"Nothing here.",
            "list.json": b"[1, 2",
            "picture.txt": b"\x89PNG\x00\x00\x00",
        }
    )
    assert (summary.articles, summary.duplicates) == (2, 2)
    reasons = _reasons(summary.skipped)
    assert set(reasons) == {"c.json", "empty.txt", "few.txt", "list.json", "picture.txt"}
    assert "'b'" in reasons["c.json"]
    assert "b.json" in reasons["c.json"]
    assert reasons["empty.txt"] == "empty"
    assert reasons["list.json"].startswith("not JSON")
    assert reasons["picture.txt"].startswith("binary")


@pytest.mark.parametrize("files", [{}, {"a.txt": b""}, {"a.pdf": b"text"}, {"a.json": b"{}"}])
def test_no_article_at_all(build: Build, index: Path, files: dict[str, bytes]) -> None:
    live = build().generation
    with pytest.raises(InputError, match="no article"):
        build(files)
    assert IndexFolder(index).current_id() == live


def test_a_missing_path(index: Path, embedder: FakeEmbedder, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere does not exist"):
        reindex([tmp_path / "nowhere"], index, embedder)


def test_the_same_input_gives_the_same_results(
    write_files: WriteFiles, index: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files({**CORPUS, **generated(20)})

    def answers() -> list[object]:
        reindex([folder], index, embedder)
        searcher = open_index(index, embedder)
        return [searcher.search(Query(question, limit=100)).hits for question in QUESTIONS]

    assert answers() == answers()


def test_several_paths_and_the_same_file_twice(
    write_files: WriteFiles, index: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files(CORPUS)
    summary = reindex([folder / "feeds", folder / "feeds" / "final.json", folder], index, embedder)
    assert (summary.articles, summary.duplicates, summary.skipped) == (ARTICLES, 0, [])


def test_progress(write_files: WriteFiles, index: Path, embedder: FakeEmbedder) -> None:
    seen: list[tuple[str, int, int]] = []
    reindex([write_files(CORPUS)], index, embedder, lambda *step: seen.append(step))
    reading = [step for step in seen if step[0] == "reading"]
    total = sum(map(len, CORPUS.values()))
    assert [done for _, done, _ in reading] == sorted(done for _, done, _ in reading)
    assert reading[-1] == ("reading", total, total)
    assert len(reading) >= len(CORPUS)
    assert seen[-1] == ("embedding", 8, 8)


class Breaking(FakeEmbedder):
    """Fails once it has embedded so many passages."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def embed_passages(
        self, passages: Sequence[TokenizedPassage], projection: NDArray[np.float32]
    ) -> PassageVectors:
        self.left -= len(passages)
        if self.left < 0:
            raise RuntimeError("the model fell over")
        return super().embed_passages(passages, projection)


@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_a_failure_half_way_leaves_the_old_index(
    build: Build,
    index: Path,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    pieces: int,
) -> None:
    live = build().generation
    monkeypatch.setattr("indexer.pipeline.PIECE", 5)
    monkeypatch.setattr("indexer.pipeline.CODEC_SAMPLE", 5)
    with pytest.raises(RuntimeError, match="fell over"):
        build(generated(30), Breaking(after=5 * pieces))
    assert IndexFolder(index).current_id() == live
    assert [path.name for path in (index / "generations").iterdir()] == [live]
    assert open_index(index, embedder).search(Query("tram")).hits
    following = build(generated(30)).generation
    assert IndexFolder(index).current_id() == following


def test_embedding_in_pieces_changes_nothing(
    build: Build, index: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vectors() -> NDArray[np.float32]:
        build(generated(30))
        path = IndexFolder(index).open_current().path / "vectors.faiss"
        store = FaissVectors.open(path)
        found = [store.search(row, len(store)) for row in np.eye(32, dtype=np.float32)]
        return np.array([scores[np.argsort(numbers)] for numbers, scores in found])

    whole = vectors()
    monkeypatch.setattr("indexer.pipeline.PIECE", 3)
    np.testing.assert_array_equal(vectors(), whole)


def test_a_file_name_that_is_not_utf8(index: Path, embedder: FakeEmbedder, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "articles")
    os.mkdir(folder)
    for name in (b"caf\xe9.txt", b"caf\xe9.json"):
        with open(os.path.join(folder, name), "wb") as stream:
            stream.write("\n".join(FERRY).encode())
    summary = reindex([tmp_path / "articles"], index, embedder)
    assert summary.articles == 1
    assert len(summary.skipped) == 1
    json.dumps([rejected.location for rejected in summary.skipped], ensure_ascii=False).encode()


def test_first_tokens() -> None:
    offsets = np.array([[0, 2], [2, 5], [6, 9], [9, 10], [11, 14]])
    assert first_tokens(np.array([5, 10, 14]), offsets).tolist() == [0, 2, 4]
    assert first_tokens(np.array([14]), offsets).tolist() == [0]
