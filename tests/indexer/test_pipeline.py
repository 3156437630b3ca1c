"""reindex(): its steps, what it counts and tells, and what it leaves behind."""

import json
import os
from pathlib import Path

import pytest

from indexer.article import CLEANING, Rejected
from indexer.errors import IndexBusy, IndexMissing, InputError
from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import FORMAT
from indexer.storage.parts import Parts
from search.question.query import Query
from tests.conftest import Build, Run, WriteFiles, content_of, open_index, rebuilt, write_tree
from tests.support.corpus import ARTICLES, BAKERY, CORPUS, FERRY, QUESTIONS, generated
from tests.support.fakes import CountingEmbedder, FakeEmbedder
from tests.support.runs import FILES, Update


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
    parts = Parts.open(generation)
    articles, tokens = parts.articles, parts.tokens
    assert parts.differences(manifest) == []
    for counted in (parts.columns, parts.vectors, parts.tokens, parts.words):
        assert len(counted) == manifest.passages
    assert len(tokens.read(range(manifest.passages))[0]) == manifest.tokens
    for stored in articles.passages(range(manifest.passages)):
        assert len(tokens.sentences(stored.number)) == len(stored.passage.sentences)
    names = {path.name for path in generation.path.iterdir()}
    assert names == {"corpus.db", "segments", "lexical", "manifest.json"}
    (segment,) = (generation.path / "segments").iterdir()
    files = {path.name for path in segment.iterdir()}
    assert files == {"articles.db", "vectors.faiss", "tokens.bin", "terms.db"}
    assert segment.name == "0"
    assert {path.name for path in index.iterdir()} == {
        "CURRENT",
        "LOCK",
        "generations",
        "last-run.json",
    }


def test_manifest(build: Build, index: Path) -> None:
    build()
    manifest = IndexFolder(index).open_current().manifest
    assert (manifest.model, manifest.model_sha256, manifest.dimension) == ("fake", "f" * 64, 32)
    assert (manifest.format, manifest.number) == (FORMAT, 1)
    (segment,) = manifest.segments
    assert (segment.first_article, segment.articles) == (0, ARTICLES)
    assert (segment.first_passage, segment.passages) == (0, manifest.passages)
    assert (segment.vector_index, segment.tokens) == ("flat", manifest.tokens)
    assert manifest.pipeline == CLEANING
    assert set(FILES) <= set(manifest.files)
    assert any(name.startswith("lexical/") for name in manifest.files)
    assert "manifest.json" not in manifest.files


def test_duplicates_skips_and_clashes(build: Build) -> None:
    text = "\n\n".join(BAKERY)
    summary = build(
        {
            "a.txt": text.encode(),
            "copy of a.txt": text.encode(),
            "b.json": _record(id="b", text="\n".join(FERRY), source="Echo"),
            "c.json": _record(id="b", text=text, source="Echo"),
            "d.json": _record(id="b", text="\n".join(FERRY), source="Echo"),
            "empty.txt": b"",
            "few.txt": b"Nothing here.",
            "list.json": b'{"a": 1, 2',
            "picture.txt": b"\x89PNG\r\n\x1a\n" + bytes(range(64)),
        }
    )
    assert (summary.articles, summary.duplicates) == (2, 2)
    reasons = _reasons(summary.skipped)
    assert set(reasons) == {"c.json", "empty.txt", "few.txt", "list.json", "picture.txt"}
    assert "'b'" in reasons["c.json"]
    assert "b.json" in reasons["c.json"]
    assert reasons["empty.txt"] == "empty"
    assert reasons["list.json"].startswith("not JSON")
    assert reasons["picture.txt"].startswith("picture")


@pytest.mark.parametrize("files", [{}, {"a.txt": b""}, {"a.pdf": b"text"}, {"a.json": b"{}"}])
def test_no_article_at_all(build: Build, index: Path, files: dict[str, bytes]) -> None:
    live = build().generation
    with pytest.raises(InputError, match=r"no (article|file)"):
        build(files)
    assert IndexFolder(index).current_id() == live


def test_a_missing_path(index: Path, embedder: FakeEmbedder, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere does not exist"):
        reindex([tmp_path / "nowhere"], index, embedder, None)


def test_a_missing_path_leaves_everything(
    update: Update, write_files: WriteFiles, index: Path, tmp_path: Path
) -> None:
    folder = write_files(CORPUS)
    first, _ = update(folder)
    for options in ({}, {"full": True}, {"dry": True}, {"prune": True, "yes": True}):
        with pytest.raises(InputError, match="nowhere does not exist"):
            update(folder, tmp_path / "nowhere", **options)
    assert IndexFolder(index).current_id() == first.generation


def test_a_run_that_reads_nothing_makes_no_index(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    with pytest.raises(InputError, match=r"no (article|file)"):
        update(write_files({"a.txt": b""}))
    with pytest.raises(IndexMissing):
        IndexFolder(index).open_current()
    assert list((index / "generations").iterdir()) == []


def test_the_same_input_gives_the_same_results(
    write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files({**CORPUS, **generated(20)})

    def answers() -> list[object]:
        run(folder, full=True)
        searcher = open_index(index, embedder)
        return [searcher.search(Query(text=question, limit=100)).hits for question in QUESTIONS]

    assert answers() == answers()


def test_several_paths_and_the_same_file_twice(
    write_files: WriteFiles, index: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files(CORPUS)
    summary = reindex(
        [folder / "feeds", folder / "feeds" / "final.json", folder], index, embedder, None
    )
    assert (summary.articles, summary.duplicates, summary.skipped) == (ARTICLES, 0, [])


def test_progress(write_files: WriteFiles, index: Path, embedder: FakeEmbedder) -> None:
    seen: list[tuple[str, int, int]] = []
    reindex([write_files(CORPUS)], index, embedder, None, lambda *step: seen.append(step))
    reading = [step for step in seen if step[0] == "reading"]
    total = sum(map(len, CORPUS.values()))
    assert [done for _, done, _ in reading] == sorted(done for _, done, _ in reading)
    assert reading[-1] == ("reading", total, total)
    assert len(reading) >= len(CORPUS)
    cutting = [step for step in seen if step[0] == "cutting"]
    assert cutting == [("cutting", done, 8) for done in range(1, 9)]
    assert seen[len(reading) + len(cutting) :] == [
        ("embedding", 0, 8), ("embedding", 8, 8), ("writing", 8, 8),
        *(("grouping", done, 8) for done in range(1, 9)),
    ]  # fmt: skip


def test_progress_of_an_update(
    write_files: WriteFiles, index: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.encoding.PIECE", 4)
    monkeypatch.setattr("indexer.storage.vector_writer.FLAT_UP_TO", 5)
    monkeypatch.setattr("indexer.storage.vector_writer.CHUNK", 6)
    folder = write_files(CORPUS)
    reindex([folder], index, embedder, None)
    write_tree(folder, {"new.txt": "\n".join(FERRY).encode()})
    seen: list[tuple[str, int, int]] = []
    reindex([folder], index, embedder, None, lambda *step: seen.append(step))
    assert [step for step in seen if step[0] not in ("reading", "cutting")] == [
        ("embedding", 0, 1), ("embedding", 1, 1),
        ("writing", 4, 9), ("writing", 8, 9), ("writing", 9, 9),
        ("linking", 6, 9), ("linking", 9, 9),
        *(("grouping", done, 9) for done in range(1, 10)),
    ]  # fmt: skip


def _kinds(index: Path) -> list[str]:
    """The kinds of the vector indexes of the live generation's segments."""
    return [each.vector_index for each in IndexFolder(index).open_current().manifest.segments]


def test_many_passages_are_in_lists(
    write_files: WriteFiles,
    run: Run,
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("indexer.storage.vector_writer.FLAT_UP_TO", 60)
    folder = write_files(generated(20))
    run(folder)
    assert _kinds(index) == ["flat"]
    write_tree(folder, generated(40))
    run(folder)
    assert _kinds(index) == ["ivf"]
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)
    (folder / "0003.json").unlink()
    (folder / "0030.json").unlink()
    run(folder)
    assert content_of(index) == rebuilt([folder], tmp_path / "newer", embedder)


def test_a_process_that_writes_is_not_disturbed(
    write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    folder = write_files(CORPUS)

    def again(stage: str, done: int, total: int) -> None:
        with pytest.raises(IndexBusy, match=str(os.getpid())):
            run(folder)
        assert run(folder, dry=True).added == ARTICLES

    assert reindex([folder], index, embedder, None, again).published


def test_a_file_name_that_is_not_utf8(index: Path, embedder: FakeEmbedder, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "articles")
    os.mkdir(folder)
    for name in (b"caf\xe9.txt", b"caf\xe9.json"):
        with open(os.path.join(folder, name), "wb") as stream:
            stream.write("\n".join(FERRY).encode())
    summary = reindex([tmp_path / "articles"], index, embedder, None)
    assert summary.articles == 1
    assert len(summary.skipped) == 1
    json.dumps([rejected.location for rejected in summary.skipped], ensure_ascii=False).encode()


def test_a_lost_current_loses_nothing(
    write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    run(one)
    run(other)
    (index / "CURRENT").unlink()
    counting = CountingEmbedder()
    summary = run(one, model=counting)
    assert (summary.articles, counting.embedded, summary.published) == (ARTICLES + 5, 0, True)
    assert IndexFolder(index).current_id() == summary.generation
