"""The files of a generation: all are opened, counted, and missed."""

import gc
import shutil
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import IndexDamaged
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation, Segment
from indexer.storage.parts import Parts
from tests.conftest import Build, Run, WriteFiles, flipped
from tests.support.corpus import ARTICLES, CORPUS, generated

SEGMENT = "segments/0"
# In words, what differs where a file is that of another generation.
COUNTED = {
    f"{SEGMENT}/articles.db": "passages in articles.db",
    f"{SEGMENT}/vectors.faiss": f"passages in {SEGMENT}/vectors.faiss",
    f"{SEGMENT}/tokens.bin": f"passages in {SEGMENT}/tokens.bin",
    "lexical": "passages in lexical",
    "corpus.db": "articles in corpus.db",
}


@pytest.fixture
def copy(corpus_index: Path, tmp_path: Path) -> Generation:
    """A copy of a generation of one segment."""
    live = IndexFolder(corpus_index).open_current()
    return replace(live, path=Path(shutil.copytree(live.path, tmp_path / "copy")))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def test_every_file_holds_what_the_manifest_says(corpus_index: Path) -> None:
    live = IndexFolder(corpus_index).open_current()
    parts = Parts.open(live)
    assert parts.differences(live.manifest) == []
    (segment,) = live.manifest.segments
    assert parts.articles.count() == segment.articles == live.manifest.articles == ARTICLES
    counts = {len(each) for each in (parts.columns, parts.vectors, parts.tokens, parts.words)}
    assert counts == {live.manifest.passages} == {segment.passages} == {parts.alive}
    assert parts.segments[0].tokens.tokens == segment.tokens


def test_of_several_segments(grown: Generation) -> None:
    parts, manifest = Parts.open(grown), grown.manifest
    assert parts.differences(manifest) == []
    assert len(parts.segments) == 3
    assert [len(each.vectors) for each in parts.segments] == [s.passages for s in manifest.segments]
    assert [each.tokens.tokens for each in parts.segments] == [s.tokens for s in manifest.segments]
    assert manifest.tokens == sum(segment.tokens for segment in manifest.segments)
    counts = {len(each) for each in (parts.columns, parts.vectors, parts.tokens)}
    assert counts == {manifest.end_passage}
    assert len(parts.words) == parts.alive == manifest.passages < manifest.end_passage
    assert sorted(parts.words.numbers().tolist()) == np.flatnonzero(parts.columns.alive).tolist()
    assert parts.articles.count() == manifest.articles
    assert sum(1 for _ in parts.articles.written()) == manifest.end_article


@pytest.mark.parametrize("name", [*COUNTED, f"{SEGMENT}/terms.db"])
def test_none_may_be_missing(copy: Generation, name: str) -> None:
    Parts.open(copy)
    gc.collect()
    _remove(copy.path / name)
    with pytest.raises(IndexDamaged):
        Parts.open(copy)


@pytest.mark.parametrize("name", COUNTED)
def test_a_file_of_another_generation_is_counted_for_itself(
    copy: Generation, build: Build, index: Path, name: str
) -> None:
    build(generated(3))
    other = IndexFolder(index).open_current()
    _remove(copy.path / name)
    clone = shutil.copytree if name == "lexical" else shutil.copy2
    clone(other.path / name, copy.path / name)
    gc.collect()
    wrong = Parts.open(copy).differences(copy.manifest)
    count = "articles" if name == "corpus.db" else "passages"
    held, written = getattr(other.manifest, count), getattr(copy.manifest, count)
    assert held != written
    assert f"{held} {COUNTED[name]}, {written} in the manifest" in wrong


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"articles": 3}, ["articles in corpus.db"]),
        ({"passages": 3}, ["live passages in articles.db", "passages in lexical"]),
        (
            {"dimension": 3},
            [f"numbers a vector in segments/{first}/vectors.faiss" for first in (0, 6, 9)],
        ),
    ],
)
def test_of_another_manifest_each_difference_is_told(
    grown: Generation, changes: dict[str, int], told: list[str]
) -> None:
    wrong = Parts.open(grown).differences(replace(grown.manifest, **changes))  # type: ignore[arg-type]
    assert [each.split(" ", 1)[1].split(",")[0] for each in wrong] == told
    assert all(each.endswith(", 3 in the manifest") for each in wrong)


@pytest.mark.parametrize(
    ("field", "file"), [("passages", "vectors.faiss"), ("tokens", "tokens.bin")]
)
def test_of_a_segment_each_difference_is_told(grown: Generation, field: str, file: str) -> None:
    def changed(segment: Segment) -> Segment:
        return replace(segment, **{field: 3})  # type: ignore[arg-type]

    segments = grown.manifest.segments
    manifest = replace(grown.manifest, segments=(segments[0], changed(segments[1]), segments[2]))
    wrong = Parts.open(grown).differences(manifest)
    held = getattr(segments[1], field)
    assert f"{held} {field} in segments/6/{file}, 3 in the manifest" in wrong
    assert not any("segments/0" in each or "segments/9" in each for each in wrong)


def test_segments_that_generations_share_are_opened_once(
    grown: Generation, write_files: WriteFiles, run: Run, index: Path
) -> None:
    before = Parts.open(grown)
    run(write_files({"more.txt": CORPUS["echo/bakery.txt"]}))
    now = IndexFolder(index).open_current()
    assert now.manifest.segments[:3] == grown.manifest.segments
    parts = Parts.open(now)
    assert [one is other for one, other in zip(before.segments, parts.segments, strict=False)] == [
        True, True, True
    ]  # fmt: skip
    assert len(parts.segments) == 4
    # And closed when nobody has them any more.
    closed = weakref.ref(parts.segments[3])
    del parts
    gc.collect()
    assert closed() is None
    assert len(before.tokens.read([0])[0]) > 0


def test_of_a_draft_every_file_is_opened(copy: Generation) -> None:
    published = Parts.open(copy)
    draft = Parts.open(replace(copy, manifest=replace(copy.manifest, files={})))
    assert draft.segments[0] is not published.segments[0]
    assert draft.differences(copy.manifest) == []


def test_what_is_damaged_is_not_opened(copy: Generation) -> None:
    file = copy.path / SEGMENT / "tokens.bin"
    file.write_bytes(flipped(file.read_bytes(), 9))
    with pytest.raises(IndexDamaged):
        Parts.open(replace(copy, manifest=replace(copy.manifest, files={})))
