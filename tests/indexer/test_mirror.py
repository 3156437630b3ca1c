"""From one run of reindex() to the next: what changed is noticed, and nothing else is done."""

import gzip
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from indexer.article import Article, Document, Rejected
from indexer.errors import IndexDamaged, IndexMismatch, IndexMissing, InputError
from indexer.pipeline import Summary
from indexer.reading.cleaning import clean
from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from indexer.storage.tokens import Tokens
from search.question.query import Query
from tests.conftest import Run, WriteFiles, content_of, flipped, open_index, rebuilt, write_tree
from tests.support.corpus import (
    BAKERY,
    BEES,
    CORPUS,
    FERRY,
    FINAL,
    TRAM,
    generated,
    record,
    sentence,
)
from tests.support.fakes import CountingEmbedder, FakeEmbedder

Snapshot = dict[str, tuple[int, bytes]]
Update = Callable[..., tuple[Summary, int]]


@pytest.fixture
def update(run: Run) -> Update:
    """Run `reindex`; how many passages the model was asked for comes with the summary."""

    def updated(*paths: Path, **options: Any) -> tuple[Summary, int]:
        model = CountingEmbedder()
        summary = run(*paths, model=model, **options)
        assert summary.articles == (
            summary.added + summary.changed + summary.moved + summary.unchanged + summary.kept
        )
        return summary, model.embedded

    return updated


def _counts(summary: Summary) -> dict[str, int]:
    """All counts of articles that are not 0."""
    names = ("added", "changed", "moved", "unchanged", "kept", "duplicates")
    counts = {name: getattr(summary, name) for name in names}
    counts |= {"removed": len(summary.removed), "skipped": len(summary.skipped)}
    return {name: count for name, count in counts.items() if count}


def _snapshot(folder: Path) -> Snapshot:
    """Every file below a folder, with its content and when it was written."""
    return {
        str(file): (file.stat().st_mtime_ns, file.read_bytes())
        for file in folder.rglob("*")
        if file.is_file()
    }


def _ids(index: Path) -> set[str]:
    path = IndexFolder(index).open_current().path / "articles.db"
    return {stored.article.id for stored, _ in Articles(path).everything()}


def _found(index: Path, question: str) -> dict[str, str]:
    """Ids and locations of the articles that have a word of the question."""
    hits = open_index(index, FakeEmbedder()).search(Query(text=question, mode="lexical")).hits
    return {hit.article.id: hit.article.location for hit in hits}


def _long_article(seed: int, paragraphs: int = 12) -> list[str]:
    random = Random(seed)
    return [" ".join(sentence(random) for _ in range(4)) for _ in range(paragraphs)]


def test_the_first_run_adds_everything(update: Update, write_files: WriteFiles) -> None:
    summary, embedded = update(write_files(CORPUS))
    assert summary.published
    assert _counts(summary) == {"added": 8}
    assert embedded == summary.embedded == summary.passages


def test_no_change_publishes_nothing(update: Update, write_files: WriteFiles, index: Path) -> None:
    folder = write_files(
        {**CORPUS, "empty.txt": b"", "bakery again.txt": CORPUS["echo/bakery.txt"]}
    )
    first, _ = update(folder)
    before = _snapshot(index / "generations"), (index / "CURRENT").stat().st_mtime_ns
    second, embedded = update(folder)
    assert (second.published, second.generation) == (False, first.generation)
    assert (second.embedded, embedded) == (0, 0)
    assert (second.articles, second.passages) == (first.articles, first.passages)
    assert _counts(second) == {"unchanged": 8, "duplicates": 1, "skipped": 1}
    assert before == (_snapshot(index / "generations"), (index / "CURRENT").stat().st_mtime_ns)


def test_files_that_are_only_written_again_are_unchanged(
    update: Update, write_files: WriteFiles
) -> None:
    folder = write_files(CORPUS)
    update(folder)
    write_tree(folder, CORPUS)
    summary, embedded = update(folder)
    assert (summary.published, embedded) == (False, 0)


def test_an_edited_sentence_embeds_one_passage(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    article = _long_article(1)
    folder = write_files({**CORPUS, "long.json": record("long", "A title", article).encode()})
    update(folder)
    passages = len(_passages_of(index, "long"))
    assert passages > 5
    # Another word of the same length, so that the article is cut as before.
    article[6] = article[6].replace(article[6].split()[2], article[6].split()[2].swapcase(), 1)
    (folder / "long.json").write_bytes(record("long", "A title", article).encode())
    summary, embedded = update(folder)
    assert _counts(summary) == {"changed": 1, "unchanged": 8}
    assert embedded == summary.embedded == 1
    assert len(_passages_of(index, "long")) == passages


def test_a_new_headline_embeds_the_article(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    article = _long_article(1)
    folder = write_files({**CORPUS, "long.json": record("long", "A title", article).encode()})
    update(folder)
    (folder / "long.json").write_bytes(record("long", "Another title", article).encode())
    summary, embedded = update(folder)
    assert _counts(summary) == {"changed": 1, "unchanged": 8}
    assert embedded == len(_passages_of(index, "long"))
    assert list(_found(index, "another")) == ["long"]


def test_new_metadata_embeds_nothing(update: Update, write_files: WriteFiles, index: Path) -> None:
    folder = write_files({**CORPUS, "b.json": record("b", "Bees", BEES, source="Old").encode()})
    update(folder)
    (folder / "b.json").write_bytes(record("b", "Bees", BEES, source="New").encode())
    summary, embedded = update(folder)
    assert summary.published
    assert (_counts(summary), embedded) == ({"changed": 1, "unchanged": 8}, 0)
    stored = open_index(index, FakeEmbedder()).article("b")
    assert stored is not None
    assert stored.article.source == "New"


def _passages_of(index: Path, article_id: str) -> list[object]:
    searcher = open_index(index, FakeEmbedder())
    stored = searcher.article(article_id)
    assert stored is not None
    return list(searcher.passages_of(stored.number))


@pytest.mark.parametrize(
    ("name", "becomes", "article"),
    [
        ("echo/bakery.txt", "echo/a.txt", None),
        ("feeds/final.json", "zz/deep/down/f.json", "final"),
        ("feeds/owls.json", "0.json", "owls"),
        ("feeds", "elsewhere", "tram 1/a"),
    ],
)
def test_a_moved_file_embeds_nothing(
    update: Update, write_files: WriteFiles, index: Path, name: str, becomes: str, article: str
) -> None:
    folder = write_files(CORPUS)
    first, _ = update(folder)
    before = _ids(index)
    moved = sum(file.startswith(name) for file in CORPUS) + (name == "feeds")
    (folder / becomes).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).rename(folder / becomes)
    second, embedded = update(folder)
    assert second.published
    assert second.generation != first.generation
    assert (_counts(second), embedded) == ({"moved": moved, "unchanged": 8 - moved}, 0)
    assert _ids(index) == before
    if article:
        stored = open_index(index, FakeEmbedder()).article(article)
        assert stored is not None
        assert stored.article.location.startswith(str(folder / becomes))


def test_a_removed_file_is_gone(update: Update, write_files: WriteFiles, index: Path) -> None:
    folder = write_files(CORPUS)
    update(folder)
    assert set(_found(index, "rovers")) == {"final"}
    (folder / "feeds" / "final.json").unlink()
    summary, embedded = update(folder)
    assert (_counts(summary), embedded) == ({"removed": 1, "unchanged": 7}, 0)
    assert summary.removed == [str(folder / "feeds" / "final.json")]
    assert _found(index, "rovers") == {}
    assert open_index(index, FakeEmbedder()).article("final") is None


def test_a_line_on_top_embeds_that_line(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    lines = [json.dumps({"text": " ".join(part)}) for part in (BAKERY, FERRY, TRAM, BEES)]
    folder = write_files(
        {"feed.jsonl": "\n".join(lines).encode(), "z.json": CORPUS["feeds/owls.json"]}
    )
    update(folder)
    lines.insert(0, json.dumps({"text": " ".join(FINAL)}))
    (folder / "feed.jsonl").write_text("\n".join(lines))
    summary, embedded = update(folder)
    assert embedded == summary.embedded == 1
    assert (summary.articles, summary.unchanged, summary.removed) == (6, 1, [])
    assert [*_found(index, "Redshaw").values()] == [f"{folder}/feed.jsonl:1"]
    assert [*_found(index, "Harrow").values()] == [f"{folder}/feed.jsonl:5"]


def test_a_line_that_is_taken_out_is_removed(update: Update, write_files: WriteFiles) -> None:
    lines = [json.dumps({"text": " ".join(part)}) for part in (BAKERY, FERRY, TRAM, BEES)]
    folder = write_files({"feed.jsonl": "\n".join(lines).encode()})
    update(folder)
    (folder / "feed.jsonl").write_text("\n".join([*lines[:1], *lines[2:]]))
    summary, embedded = update(folder)
    assert (summary.articles, summary.moved, summary.unchanged) == (3, 2, 1)
    assert (len(summary.removed), embedded) == (1, 0)


def test_articles_of_other_paths_are_kept(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    update(one)
    summary, embedded = update(other)
    assert _counts(summary) == {"added": 5, "kept": 8}
    assert embedded == summary.passages - 8
    # Nobody says what is in a folder that is not named.
    (one / "feeds" / "final.json").unlink()
    summary, _ = update(other)
    assert (_counts(summary), summary.published) == ({"unchanged": 5, "kept": 8}, False)
    assert set(_found(index, "rovers")) == {"final"}
    summary, _ = update(one, other)
    assert _counts(summary) == {"unchanged": 12, "removed": 1}


def test_one_file_of_a_folder_may_be_named(update: Update, write_files: WriteFiles) -> None:
    folder = write_files(CORPUS)
    update(folder)
    for name in ("echo/bakery.txt", "feeds/day.jsonl"):
        (folder / name).write_bytes(CORPUS[name] + b"\n\n")
    summary, _ = update(folder / "feeds" / "day.jsonl")
    assert _counts(summary) == {"unchanged": 2, "kept": 6}
    (folder / "feeds" / "day.jsonl").write_bytes(CORPUS["feeds/day.jsonl"].split(b"\n")[0])
    summary, _ = update(folder / "feeds" / "day.jsonl")
    assert _counts(summary) == {"unchanged": 1, "removed": 1, "kept": 6}


def test_prune_drops_what_is_not_named(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    one, other = write_files(CORPUS), write_files(generated(9))
    update(one, other)
    summary, embedded = update(other, prune=True)
    assert (_counts(summary), embedded) == ({"unchanged": 9, "removed": 8}, 0)
    assert {Path(place).parent.parent for place in summary.removed} == {one, one}
    assert content_of(index) == rebuilt([other], tmp_path / "new", embedder)


@pytest.mark.parametrize(("left", "refused"), [(3, True), (4, False)])
def test_more_than_half_is_not_dropped_unasked(
    update: Update, write_files: WriteFiles, index: Path, left: int, refused: bool
) -> None:
    folder = write_files(generated(8))
    first, _ = update(folder)
    before = content_of(index)
    for number in range(left, 8):
        (folder / f"{number:04}.json").unlink()
    if refused:
        with pytest.raises(InputError, match="5 of 8 articles would be removed") as caught:
            update(folder)
        assert str(folder / "0003.json") in str(caught.value)
        assert "--yes" in str(caught.value)
        assert "--dry-run" in str(caught.value)
        assert (content_of(index), IndexFolder(index).current_id()) == (before, first.generation)
    summary, embedded = update(folder, yes=refused)
    assert (_counts(summary), embedded) == ({"unchanged": left, "removed": 8 - left}, 0)


def test_prune_of_more_than_half_is_refused(update: Update, write_files: WriteFiles) -> None:
    one, other = write_files(CORPUS), write_files(generated(3))
    update(one, other)
    with pytest.raises(InputError, match="8 of 11"):
        update(other, prune=True)
    with pytest.raises(InputError, match="8 of 11"):
        update(other, prune=True, full=True)
    assert update(other, prune=True, yes=True)[0].articles == 3


def test_nothing_is_left_to_index(update: Update, write_files: WriteFiles, index: Path) -> None:
    folder = write_files({"a.json": CORPUS["feeds/final.json"]})
    first, _ = update(folder)
    (folder / "a.json").unlink()
    for options in ({}, {"yes": True}, {"dry": True}, {"full": True}):
        with pytest.raises(InputError, match="no article file"):
            update(folder, **options)
    assert IndexFolder(index).current_id() == first.generation


def _drop(folder: Path, other: Path) -> None:
    for number in range(6):
        (folder / f"{number:04}.json").unlink()


def _edit(folder: Path, other: Path) -> None:
    for number in range(3):
        file = folder / f"{number:04}.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "title": "Renamed"}))


def _move(folder: Path, other: Path) -> None:
    (folder / "0000.json").rename(folder / "z.json")
    (folder / "0004.json").rename(other / "0004.json")


def _mix(folder: Path, other: Path) -> None:
    _edit(folder, other)
    _move(folder, other)
    (folder / "0001.json").unlink()
    write_tree(folder, {f"new/{name}": text for name, text in CORPUS.items()})
    write_tree(other, {"copy.json": (folder / "0002.json").read_bytes(), "empty.txt": b""})


def _duplicate(folder: Path, other: Path) -> None:
    write_tree(folder, {f"copy of {number}.json": _text_of(folder, number) for number in range(4)})
    (folder / "0003.json").unlink()


def _text_of(folder: Path, number: int) -> bytes:
    """The text of an article, now without its id and date: another article, the same story."""
    raw = json.loads((folder / f"{number:04}.json").read_text())
    return json.dumps({"title": raw["title"], "text": raw["text"]}).encode()


def _nothing(folder: Path, other: Path) -> None:
    pass


CHANGES = [_nothing, _drop, _edit, _move, _mix, _duplicate]


@pytest.fixture
def roots(write_files: WriteFiles) -> tuple[Path, Path]:
    files = generated(20)
    names = sorted(files)
    one = {name: files[name] for name in names[:12]}
    other = {name: files[name] for name in names[12:]}
    return write_files(one), write_files(other)


@pytest.mark.parametrize("piece", [1024, 3])
@pytest.mark.parametrize("change", CHANGES)
def test_an_update_gives_what_a_rebuild_gives(
    update: Update,
    roots: tuple[Path, Path],
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, Path], None],
    piece: int,
) -> None:
    monkeypatch.setattr("indexer.encoding.PIECE", piece)
    update(*roots)
    change(*roots)
    summary, embedded = update(*roots, yes=True)
    assert embedded == summary.embedded
    assert embedded < summary.passages / 2
    assert content_of(index) == rebuilt(roots, tmp_path / "new", embedder)


@pytest.mark.parametrize("change", CHANGES)
def test_an_update_back_gives_what_there_was(
    update: Update, roots: tuple[Path, Path], index: Path, change: Callable[[Path, Path], None]
) -> None:
    update(*roots)
    before = content_of(index)
    saved = [_snapshot(root) for root in roots]
    change(*roots)
    update(*roots, yes=True)
    for root in roots:
        for file in root.rglob("*"):
            if file.is_file():
                file.unlink()
    for snapshot in saved:
        for name, (_, content) in snapshot.items():
            Path(name).write_bytes(content)
    update(*roots, yes=True)
    assert content_of(index) == before


def test_roots_that_come_one_by_one_give_what_a_rebuild_gives(
    update: Update, roots: tuple[Path, Path], index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    one, other = roots
    update(other)
    update(one / "0005.json")
    update(one)
    assert content_of(index) == rebuilt(roots, tmp_path / "new", embedder)


def _frequency(index: Path, embedder: FakeEmbedder) -> dict[int, int]:
    """In how many passages each token occurs, counted from what is stored."""
    articles = Articles(IndexFolder(index).open_current().path / "articles.db")
    seen: Counter[int] = Counter()
    for owner, passages in articles.everything():
        article = owner.article
        for stored, _ in passages:
            (passage,) = embedder.tokenizer.passages(
                [article.title], [stored.passage.span.of(article.text)]
            )
            seen.update(set(passage.ids[passage.first : passage.last].tolist()))
    return dict(seen)


@pytest.mark.parametrize("change", CHANGES)
def test_token_frequencies_are_those_of_the_passages(
    update: Update,
    roots: tuple[Path, Path],
    index: Path,
    embedder: FakeEmbedder,
    change: Callable[[Path, Path], None],
) -> None:
    update(*roots)
    change(*roots)
    update(*roots, yes=True)
    stored = Tokens(IndexFolder(index).open_current().path / "tokens.bin").document_frequency
    found = {token: int(stored[token]) for token in np.flatnonzero(stored).tolist()}
    assert found == _frequency(index, embedder)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("options", [{}, {"prune": True}, {"full": True}])
def test_a_dry_run_tells_what_a_run_would_do_and_does_nothing(
    update: Update,
    roots: tuple[Path, Path],
    index: Path,
    change: Callable[[Path, Path], None],
    options: Mapping[str, bool],
) -> None:
    live, _ = update(*roots)
    change(*roots)
    before = _snapshot(index)
    dry, embedded = update(roots[0], dry=True, **options)
    assert (dry.published, dry.generation, embedded) == (False, live.generation, 0)
    assert _snapshot(index) == before
    real, _ = update(roots[0], yes=True, **options)
    same = {"seconds": 0.0, "generation": None, "published": False}
    assert replace(dry, **same) == replace(real, **same)  # type: ignore[arg-type]


def test_a_dry_run_does_not_make_the_index(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    summary, embedded = update(write_files(CORPUS), dry=True)
    assert (summary.published, summary.generation) == (False, None)
    assert (_counts(summary), embedded) == ({"added": 8}, 0)
    assert summary.embedded == summary.passages
    assert not index.exists()


def test_another_model_is_refused(run: Run, write_files: WriteFiles, index: Path) -> None:
    folder = write_files(CORPUS)
    first = run(folder)
    other = CountingEmbedder(sha256="0" * 64)
    other.model = replace(other.model, name="other-model")
    for options in ({}, {"dry": True}, {"yes": True, "prune": True}):
        with pytest.raises(IndexMismatch) as caught:
            run(folder, model=other, **options)
        for part in ("fake (ffffffffffff)", "other-model (000000000000)", "--full"):
            assert part in str(caught.value)
    assert other.embedded == 0
    assert IndexFolder(index).current_id() == first.generation
    summary = run(folder, model=other, full=True)
    assert other.embedded == summary.embedded == summary.passages
    manifest = IndexFolder(index).open_current().manifest
    assert (manifest.model, manifest.model_sha256) == ("other-model", "0" * 64)


def test_another_model_embeds_what_is_kept_as_well(
    run: Run, write_files: WriteFiles, index: Path, tmp_path: Path
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    run(one)
    model = CountingEmbedder(sha256="0" * 64)
    summary = run(other, model=model, full=True)
    assert (_counts(summary), model.embedded) == ({"added": 5, "kept": 8}, summary.passages)
    assert content_of(index) == rebuilt([one, other], tmp_path / "new", model)


def test_full_embeds_everything(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    first, _ = update(one, other)
    before = content_of(index)
    summary, embedded = update(one, full=True)
    assert summary.published
    assert summary.generation != first.generation
    assert _counts(summary) == {"unchanged": 8, "kept": 5}
    assert embedded == summary.embedded == summary.passages
    assert content_of(index) == before


LIVE_FILES = ["articles.db", "vectors.faiss", "tokens.bin", "lexical/meta.json", "manifest.json"]


@pytest.mark.parametrize("name", [*LIVE_FILES, "lexical/*.idx", "lexical/*.term", "more.bin"])
def test_a_damaged_generation_is_not_built_upon(
    run: Run, write_files: WriteFiles, index: Path, name: str
) -> None:
    folder = write_files(generated(8))
    first = run(folder)
    path = IndexFolder(index).open_current().path
    file = path / name if name == "more.bin" else next(path.glob(name))
    content = file.read_bytes() if file.exists() else b"more"
    file.write_bytes(flipped(content, len(content) // 2))
    (folder / "0000.json").unlink()
    model = CountingEmbedder()
    with pytest.raises((IndexDamaged, IndexMismatch)):
        run(folder, model=model)
    assert model.embedded == 0
    assert IndexFolder(index).current_id() == first.generation
    assert [entry.name for entry in (index / "generations").iterdir()] == [first.generation]


@pytest.mark.parametrize("name", LIVE_FILES)
def test_full_rebuilds_what_is_damaged(
    update: Update,
    write_files: WriteFiles,
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    name: str,
) -> None:
    folder = write_files(generated(8))
    update(folder)
    file = IndexFolder(index).open_current().path / name
    content = file.read_bytes()
    file.write_bytes(flipped(content, len(content) // 2))
    summary, embedded = update(folder, full=True)
    assert summary.published
    assert embedded == summary.passages
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)
    assert IndexFolder(index).open_current().damage() == []


def test_full_says_what_it_loses(
    update: Update, write_files: WriteFiles, index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = write_files(CORPUS), write_files(generated(5))
    update(one, other)
    tokens = IndexFolder(index).open_current().path / "tokens.bin"
    tokens.write_bytes(flipped(tokens.read_bytes(), 5000))
    summary, _ = update(one, full=True)
    assert _counts(summary) == {"unchanged": 8, "kept": 5}
    assert caplog.records == []
    articles = IndexFolder(index).open_current().path / "articles.db"
    articles.write_bytes(flipped(articles.read_bytes(), 5000))
    summary, _ = update(one, full=True)
    assert _counts(summary) == {"added": 8}
    warnings = [record.getMessage() for record in caplog.records]
    assert len(warnings) == 1, warnings
    assert str(articles) in warnings[0]


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are cleaned, from now on."""
    seen: list[str] = []

    def spy(document: Document) -> Article | Rejected:
        seen.append(Path(document.location).name)
        return clean(document)

    monkeypatch.setattr("indexer.mirror.clean", spy)
    return seen


def test_only_what_is_new_is_cleaned(
    update: Update, write_files: WriteFiles, cleaned: list[str]
) -> None:
    folder = write_files({**CORPUS, "few.txt": b"Nothing here.", "few.html": b"<p>Nothing</p>"})
    first, _ = update(folder)
    assert len(cleaned) == len(CORPUS) + 3
    cleaned.clear()
    write_tree(folder, {"new.txt": "\n".join(FERRY).encode()})
    (folder / "few.txt").rename(folder / "little.txt")
    (folder / "feeds" / "owls.json").rename(folder / "owls.json")
    summary, _ = update(folder)
    assert cleaned == ["new.txt"]
    reasons = {Path(each.location).name: each.reason for each in summary.skipped}
    assert reasons == {
        {"few.txt": "little.txt"}.get(name, name): reason
        for name, reason in ((Path(each.location).name, each.reason) for each in first.skipped)
    }
    cleaned.clear()
    summary, _ = update(folder)
    assert (cleaned, summary.published) == ([], False)
    update(folder, full=True)
    assert len(cleaned) == len(CORPUS) + 4


def test_a_new_pipeline_reads_everything_again(
    update: Update,
    write_files: WriteFiles,
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, other = write_files(CORPUS), write_files(generated(4))
    update(folder, other)
    seen: list[str] = []

    def cleaned_otherwise(document: Document) -> Article | Rejected:
        seen.append(document.location)
        article = clean(document)
        if isinstance(article, Article) and article.id == "final":
            return replace(article, text=article.text.replace("Redshaw", "Greenshaw"))
        return article

    monkeypatch.setattr("indexer.mirror.clean", cleaned_otherwise)
    monkeypatch.setattr("indexer.mirror.CLEANING", 99)
    monkeypatch.setattr("indexer.pipeline.CLEANING", 99)
    summary, embedded = update(folder)
    assert (len(seen), embedded) == (8, 1)
    assert summary.published
    assert (summary.articles, summary.kept, summary.removed) == (12, 4, [])
    assert IndexFolder(index).open_current().manifest.pipeline == 99
    assert set(_found(index, "Greenshaw")) == {"final"}
    again, _ = update(folder)
    assert (len(seen), again.published, _counts(again)) == (8, False, {"unchanged": 8, "kept": 4})
    update(folder, other)
    assert content_of(index) == rebuilt([folder, other], tmp_path / "new", embedder)


def _feed(*records: str) -> bytes:
    return "\n".join(records).encode()


@pytest.mark.parametrize("first", [0, 1])
def test_an_id_that_another_path_has(
    update: Update, write_files: WriteFiles, index: Path, first: int
) -> None:
    both = [write_files({}) for _ in range(2)]
    kept, named = both[first], both[1 - first]
    write_tree(kept, {"a.json": record("x", "Bakery", BAKERY).encode()})
    write_tree(
        named,
        {"a.json": record("x", "Ferry", FERRY).encode(), "b.json": CORPUS["feeds/owls.json"]},
    )
    update(kept)
    summary, embedded = update(named)
    assert (_counts(summary), embedded) == ({"added": 1, "kept": 1, "skipped": 1}, 1)
    (skipped,) = summary.skipped
    assert skipped.location == str(named / "a.json")
    assert "'x'" in skipped.reason
    assert str(kept / "a.json") in skipped.reason
    assert set(_found(index, "Millbrook")) == {"x"}
    (kept / "a.json").unlink()
    summary, embedded = update(*both)
    assert (_counts(summary), embedded) == ({"changed": 1, "unchanged": 1}, 1)
    assert set(_found(index, "Lowick")) == {"x"}


@pytest.mark.parametrize("first", [0, 1])
def test_a_text_that_another_path_has(
    update: Update, write_files: WriteFiles, index: Path, first: int
) -> None:
    both = [write_files({"a.txt": CORPUS["echo/bakery.txt"]}) for _ in range(2)]
    kept, named = both[first], both[1 - first]
    write_tree(kept, {"b.json": CORPUS["feeds/owls.json"]})
    update(kept)
    summary, embedded = update(named)
    assert (_counts(summary), embedded) == ({"duplicates": 1, "kept": 2}, 0)
    assert not summary.published
    (kept / "a.txt").unlink()
    summary, embedded = update(*both)
    assert (_counts(summary), embedded) == ({"moved": 1, "unchanged": 1}, 0)
    assert [*_found(index, "Millbrook").values()] == [str(named / "a.txt")]


def test_the_same_id_and_text_in_another_place_is_a_duplicate(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    one = write_files({"a.json": record("x", "Bakery", BAKERY, source="One").encode()})
    other = write_files({"b.json": record("x", "Bakery!", BAKERY, source="Two").encode()})
    update(one)
    summary, embedded = update(other)
    assert (_counts(summary), embedded) == ({"duplicates": 1, "kept": 1}, 0)
    summary, embedded = update(one, other)
    assert (_counts(summary), embedded) == ({"duplicates": 1, "unchanged": 1}, 0)


def test_ids_that_change_places(update: Update, write_files: WriteFiles, index: Path) -> None:
    records = [record("x", "Bakery", BAKERY), record("y", "Ferry", FERRY)]
    folder = write_files({"a.jsonl": _feed(*records)})
    update(folder)
    swapped = [record("y", "Bakery", BAKERY), record("x", "Ferry", FERRY)]
    (folder / "a.jsonl").write_bytes(_feed(*swapped))
    summary, embedded = update(folder)
    assert (_counts(summary), embedded) == ({"changed": 2}, 0)
    assert set(_found(index, "Millbrook")) == {"y"}
    assert set(_found(index, "Lowick")) == {"x"}


def test_an_id_taken_over_by_an_earlier_file(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    folder = write_files({"b.json": record("x", "Bakery", BAKERY).encode()})
    update(folder)
    write_tree(folder, {"a.json": record("x", "Ferry", FERRY).encode()})
    summary, embedded = update(folder)
    assert (_counts(summary), embedded) == ({"changed": 1, "skipped": 1}, 1)
    assert summary.skipped[0].location == str(folder / "b.json")
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_live_is_all_accounted_for(
    update: Update, write_files: WriteFiles, order: int
) -> None:
    """An article moves, and another takes its place: it moved, and the other was added."""
    new, old = ["a.txt", "b.txt"][::order]
    folder = write_files({old: "\n".join(FERRY).encode(), "z.json": CORPUS["feeds/owls.json"]})
    update(folder)
    (folder / old).rename(folder / new)
    (folder / old).write_bytes("\n".join(TRAM).encode())
    summary, _ = update(folder)
    assert _counts(summary) == {"moved": 1, "added": 1, "unchanged": 1}


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
    with pytest.raises(InputError, match="no article"):
        update(write_files({"a.txt": b""}))
    with pytest.raises(IndexMissing):
        IndexFolder(index).open_current()
    assert list((index / "generations").iterdir()) == []


def test_a_path_is_the_same_however_it_is_written(
    update: Update, write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = write_files(CORPUS)
    update(folder)
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(folder.parent)
    for path in (Path(folder.name), tmp_path / "link", folder / "echo" / ".."):
        summary, _ = update(path)
        assert (_counts(summary), summary.published) == ({"unchanged": 8}, False)


def test_the_same_page_under_another_site_is_read_again(
    update: Update, write_files: WriteFiles, index: Path
) -> None:
    folder = write_files(
        {"one.example/a.txt": "\n".join(FERRY).encode(), "z.json": CORPUS["feeds/owls.json"]}
    )
    update(folder)
    (folder / "one.example").rename(folder / "two.example")
    summary, embedded = update(folder)
    assert (summary.articles, embedded, summary.published) == (2, 0, True)
    (found,) = open_index(index, FakeEmbedder()).search(Query(text="Lowick", mode="lexical")).hits
    assert found.article.source == "two.example"


def test_what_cannot_be_read_at_the_moment_is_kept(
    update: Update, write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is locked, or half written, is not a file that was deleted."""
    folder = write_files({name: content for name, content in CORPUS.items() if name[0] != "f"})
    lines = CORPUS["feeds/day.jsonl"]
    (folder / "day.jsonl.gz").write_bytes(gzip.compress(lines))
    (folder / "owls.json").write_bytes(CORPUS["feeds/owls.json"])
    update(folder)
    packed = (folder / "day.jsonl.gz").read_bytes()
    (folder / "day.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    real_open, real_listdir = Path.open, os.listdir

    def locked(self: Path, *arguments: Any, **named: Any) -> Any:
        if self.name == "owls.json":
            raise PermissionError(13, "Permission denied", str(self))
        return real_open(self, *arguments, **named)

    def unlisted(path: Any) -> list[str]:
        if Path(path).name == "web":
            raise PermissionError(13, "Permission denied", str(path))
        return real_listdir(path)

    monkeypatch.setattr(Path, "open", locked)
    monkeypatch.setattr(os, "listdir", unlisted)
    summary, embedded = update(folder)
    assert summary.removed == []
    unread = {Path(each.location).name.split(":")[0] for each in summary.skipped if each.unread}
    assert unread == {"owls.json", "day.jsonl.gz", "web"}
    assert (embedded, summary.published) == (0, False)
    assert summary.kept + summary.unchanged == summary.articles
    monkeypatch.undo()
    (folder / "owls.json").unlink()
    assert [Path(place).name for place in update(folder)[0].removed] == ["owls.json"]
