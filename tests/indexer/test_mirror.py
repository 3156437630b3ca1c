"""From one run of reindex() to the next: what changed is noticed, and nothing else is done."""

import gzip
import io
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from indexer.article import Article, Document, Order, Rejected
from indexer.reading.cleaning import clean_all
from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from search.question.query import Query
from tests.conftest import WriteFiles, content_of, open_index, rebuilt, write_tree
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
from tests.support.fakes import FakeEmbedder
from tests.support.runs import Update, counts_of, found_by_words, snapshot_of


def _ids(index: Path) -> set[str]:
    live = IndexFolder(index).open_current()
    return {stored.article.id for stored, _ in Articles(live).everything()}


def _long_article(seed: int, paragraphs: int = 12) -> list[str]:
    random = Random(seed)
    return [" ".join(sentence(random) for _ in range(4)) for _ in range(paragraphs)]


def test_the_first_run_adds_everything(update: Update, write_files: WriteFiles) -> None:
    summary, embedded = update(write_files(CORPUS))
    assert summary.published
    assert counts_of(summary) == {"added": 8}
    assert embedded == summary.embedded == summary.passages


def test_no_change_publishes_nothing(update: Update, write_files: WriteFiles, index: Path) -> None:
    folder = write_files(
        {**CORPUS, "empty.txt": b"", "bakery again.txt": CORPUS["echo/bakery.txt"]}
    )
    first, _ = update(folder)
    before = snapshot_of(index / "generations"), (index / "CURRENT").stat().st_mtime_ns
    second, embedded = update(folder)
    assert (second.published, second.generation) == (False, first.generation)
    assert (second.embedded, embedded) == (0, 0)
    assert (second.articles, second.passages) == (first.articles, first.passages)
    assert counts_of(second) == {"unchanged": 8, "duplicates": 1, "skipped": 1}
    assert before == (snapshot_of(index / "generations"), (index / "CURRENT").stat().st_mtime_ns)


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
    assert counts_of(summary) == {"changed": 1, "unchanged": 8}
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
    assert counts_of(summary) == {"changed": 1, "unchanged": 8}
    assert embedded == len(_passages_of(index, "long"))
    assert list(found_by_words(index, "another")) == ["long"]


def test_new_metadata_embeds_nothing(update: Update, write_files: WriteFiles, index: Path) -> None:
    folder = write_files({**CORPUS, "b.json": record("b", "Bees", BEES, source="Old").encode()})
    update(folder)
    (folder / "b.json").write_bytes(record("b", "Bees", BEES, source="New").encode())
    summary, embedded = update(folder)
    assert summary.published
    assert (counts_of(summary), embedded) == ({"changed": 1, "unchanged": 8}, 0)
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
    assert (counts_of(second), embedded) == ({"moved": moved, "unchanged": 8 - moved}, 0)
    assert _ids(index) == before
    if article:
        stored = open_index(index, FakeEmbedder()).article(article)
        assert stored is not None
        assert stored.article.location.startswith(str(folder / becomes))


def test_a_removed_file_is_gone(update: Update, write_files: WriteFiles, index: Path) -> None:
    folder = write_files(CORPUS)
    update(folder)
    assert set(found_by_words(index, "rovers")) == {"final"}
    (folder / "feeds" / "final.json").unlink()
    summary, embedded = update(folder)
    assert (counts_of(summary), embedded) == ({"removed": 1, "unchanged": 7}, 0)
    assert summary.removed == [str(folder / "feeds" / "final.json")]
    assert found_by_words(index, "rovers") == {}
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
    assert [*found_by_words(index, "Redshaw").values()] == [f"{folder}/feed.jsonl:1"]
    assert [*found_by_words(index, "Harrow").values()] == [f"{folder}/feed.jsonl:5"]


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
    assert counts_of(summary) == {"added": 5, "kept": 8}
    assert embedded == summary.passages - 8
    # Nobody says what is in a folder that is not named.
    (one / "feeds" / "final.json").unlink()
    summary, _ = update(other)
    assert (counts_of(summary), summary.published) == ({"unchanged": 5, "kept": 8}, False)
    assert set(found_by_words(index, "rovers")) == {"final"}
    summary, _ = update(one, other)
    assert counts_of(summary) == {"unchanged": 12, "removed": 1}


def test_one_file_of_a_folder_may_be_named(update: Update, write_files: WriteFiles) -> None:
    folder = write_files(CORPUS)
    update(folder)
    for name in ("echo/bakery.txt", "feeds/day.jsonl"):
        (folder / name).write_bytes(CORPUS[name] + b"\n\n")
    summary, _ = update(folder / "feeds" / "day.jsonl")
    assert counts_of(summary) == {"unchanged": 2, "kept": 6}
    (folder / "feeds" / "day.jsonl").write_bytes(CORPUS["feeds/day.jsonl"].split(b"\n")[0])
    summary, _ = update(folder / "feeds" / "day.jsonl")
    assert counts_of(summary) == {"unchanged": 1, "removed": 1, "kept": 6}


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are cleaned, from now on."""
    seen: list[str] = []

    def spy(documents: Sequence[Document], order: Order | None) -> list[Article | Rejected]:
        seen.extend(Path(each.location).name for each in documents)
        return clean_all(documents, order)

    monkeypatch.setattr("indexer.mirror.clean_all", spy)
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

    def cleaned_otherwise(
        documents: Sequence[Document], order: Order | None
    ) -> list[Article | Rejected]:
        seen.extend(each.location for each in documents)
        return [
            replace(article, text=article.text.replace("Redshaw", "Greenshaw"))
            if isinstance(article, Article) and article.id == "final"
            else article
            for article in clean_all(documents, order)
        ]

    monkeypatch.setattr("indexer.mirror.clean_all", cleaned_otherwise)
    monkeypatch.setattr("indexer.identity.CLEANING", 99)
    monkeypatch.setattr("indexer.pipeline.CLEANING", 99)
    summary, embedded = update(folder)
    assert (len(seen), embedded) == (8, 1)
    assert summary.published
    assert (summary.articles, summary.kept, summary.removed) == (12, 4, [])
    assert IndexFolder(index).open_current().manifest.pipeline == 99
    assert set(found_by_words(index, "Greenshaw")) == {"final"}
    again, _ = update(folder)
    assert (len(seen), again.published, counts_of(again)) == (8, False, {"unchanged": 8, "kept": 4})
    update(folder, other)
    assert content_of(index) == rebuilt([folder, other], tmp_path / "new", embedder)


def test_a_path_is_the_same_however_it_is_written(
    update: Update, write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = write_files(CORPUS)
    update(folder)
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(folder.parent)
    for path in (Path(folder.name), tmp_path / "link", folder / "echo" / ".."):
        summary, _ = update(path)
        assert (counts_of(summary), summary.published) == ({"unchanged": 8}, False)


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


def _archive(members: dict[str, str], damaged: str | None = None) -> bytes:
    """A zip of texts, one of which has a wrong checksum."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    packed = content.getvalue()
    if damaged is None:
        return packed
    sound = members[damaged].encode()
    return packed.replace(sound, sound[:-3] + b"???", 1)


@pytest.mark.parametrize("length", [1, 400])
def test_a_damaged_member_keeps_its_article_and_no_other(
    update: Update, write_files: WriteFiles, index: Path, embedder: FakeEmbedder, length: int
) -> None:
    bakery = record("1", "Bakery", BAKERY * length, source="Echo")
    ferry = record("2", "Ferry", FERRY, source="Echo")
    folder = write_files({"a.zip": _archive({"a.json": bakery, "b.json": ferry})})
    update(folder)
    corrected = record("2", "Ferry", [*FERRY, "Correction: it sails at noon."], source="Echo")
    members = {"a.json": bakery, "b.json": corrected}
    (folder / "a.zip").write_bytes(_archive(members, damaged="a.json"))
    summary, _ = update(folder)
    assert [each.unread for each in summary.skipped] == [True]
    assert counts_of(summary) == {"changed": 1, "kept": 1, "skipped": 1}
    assert _ids(index) == {"1", "2"}
    (hit,) = open_index(index, embedder).search(Query(text="correction noon", mode="lexical")).hits
    assert hit.article.id == "2"
