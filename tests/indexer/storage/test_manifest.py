"""What the manifest names is checked, and so is the manifest itself."""

import math
import os
import re
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import IndexDamaged, IndexMismatch
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import (
    FORMAT,
    MOST_SEGMENTS,
    Segment,
    check_unread,
    checked_when_read,
    sha256_of,
)
from tests.conftest import flipped
from tests.support.generations import DRAFT, edit_manifest, forge, forge_content, publish


def test_sha256(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(file) == known


def test_an_id_ends_with_the_digest_of_the_manifest(folder: IndexFolder) -> None:
    published = publish(folder)
    digest = sha256_of(published.path / "manifest.json")
    assert re.fullmatch(rf"\d{{8}}-\d{{6}}-{digest[:12]}", published.id)
    assert published.path.name == folder.current_id() == published.id
    assert publish(folder).id != published.id


def test_a_file_is_missing_or_changed_its_size(folder: IndexFolder) -> None:
    generation = publish(folder)
    for name, size in (("inner/b.bin", 5), ("tokens.bin", 6)):
        file = generation.path / name
        content = file.read_bytes()
        file.write_bytes(content + b", and more")
        with pytest.raises(IndexDamaged, match=f"{size + 10} bytes where {size}"):
            folder.open_current()
        file.unlink()
        with pytest.raises(IndexDamaged, match="missing"):
            folder.open_current()
        file.write_bytes(content)
    assert folder.open_current() == generation


def test_a_file_that_is_a_folder(folder: IndexFolder) -> None:
    file = publish(folder).path / "a.bin"
    file.unlink()
    file.mkdir()
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_every_flipped_byte_of_a_manifest_is_found(folder: IndexFolder) -> None:
    file = publish(folder).path / "manifest.json"
    content = file.read_bytes()
    for at in range(len(content)):
        file.write_bytes(flipped(content, at))
        with pytest.raises((IndexDamaged, IndexMismatch)):
            folder.open_current()
    file.write_bytes(content + b"\n")
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_every_flipped_byte_of_a_file_is_found(folder: IndexFolder) -> None:
    generation = publish(folder)
    for name in generation.manifest.files:
        file = generation.path / name
        content = file.read_bytes()
        for at in range(len(content)):
            file.write_bytes(flipped(content, at))
            assert [str(file) in found for found in generation.damage()] == [True]
            with pytest.raises(IndexDamaged, match=file.name):
                generation.check()
            if name == "tokens.bin":
                assert folder.open_current() == generation
            else:
                with pytest.raises(IndexDamaged, match=file.name):
                    folder.open_current()
        file.write_bytes(content)
    generation.check()


def test_a_file_too_many_is_found(folder: IndexFolder) -> None:
    generation = publish(folder)
    (generation.path / "inner" / "more").write_bytes(b"")
    (generation.path / "link").symlink_to("a.bin")
    found = generation.damage()
    assert len(found) == 2
    for name in ("inner/more", "link"):
        assert any(f"{generation.path / name} is not a file of it" in each for each in found)
    with pytest.raises(IndexDamaged):
        generation.check()


def test_damage_of_many_kinds_is_all_told(folder: IndexFolder) -> None:
    generation = publish(folder)
    (generation.path / "a.bin").unlink()
    (generation.path / "tokens.bin").write_bytes(b"sekont")
    (generation.path / "inner" / "b.bin").write_bytes(b"")
    assert len(generation.damage()) == 3


def test_a_manifest_of_another_generation(folder: IndexFolder) -> None:
    first, second = publish(folder), publish(folder)
    shutil.copytree(first.path, second.path, dirs_exist_ok=True)
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_another_format(folder: IndexFolder) -> None:
    edit_manifest(publish(folder), format=99)
    with pytest.raises(IndexMismatch, match="99"):
        folder.open_current()


@pytest.mark.parametrize("name", ["../../CURRENT", "/etc/passwd", "inner/../../x"])
def test_a_manifest_that_names_files_outside(folder: IndexFolder, name: str) -> None:
    forge(folder, files={name: [1, "0"]})
    with pytest.raises(IndexDamaged, match="outside"):
        folder.open_current()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"format": %d}' % FORMAT,
        b'{"format": %d, "files": []}' % FORMAT,
        b'{"format": %d, "files": {"a\\u0000b": [1, "0"]}}' % FORMAT,
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_manifest_that_makes_no_sense(folder: IndexFolder, content: bytes) -> None:
    forge_content(folder, content)
    with pytest.raises(IndexDamaged):
        folder.open_current()


NO_CONFIDENCE: tuple[object, ...] = (
    [],
    7,
    {},
    {"weights": [1, 2, 3]},
    {"weights": [1, 2], "bias": 0},
    {"weights": [1, 2, 3, 4], "bias": 0},
    {"weights": 1, "bias": 0},
    {"weights": [1, 2, "x"], "bias": 0},
    {"weights": [1, 2, None], "bias": 0},
    {"weights": [1, 2, -0.1], "bias": 0},
    {"weights": [1, 2, math.nan], "bias": 0},
    {"weights": [1, 2, math.inf], "bias": 0},
    {"weights": [1, 2, 3], "bias": math.nan},
    {"weights": [1, 2, 3], "bias": -math.inf},
    {"weights": [1, 2, 3], "bias": 10**400},
)


def _segment(**changes: Any) -> dict[str, Any]:
    return asdict(DRAFT.segments[0]) | changes


def _without(field: str) -> dict[str, Any]:
    return {name: value for name, value in _segment().items() if name != field}


NO_SEGMENTS: tuple[object, ...] = (
    None,
    [],
    {},
    [[]],
    [_segment(surprise=1)],
    *([_without(name)] for name in _segment()),
    [_segment(articles=-1)],
    [_segment(passages="1")],
    [_segment(tokens=1.5)],
    [_segment(tokens=1 << 63)],
    [_segment(vector_index="hnsw")],
    [_segment(first_article=n, first_passage=n) for n in range(MOST_SEGMENTS + 1)],
)


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"a\0b": [1, "0"]}},
        {"files": {"a.bin": "x"}},
        {"files": {"a.bin": [1]}},
        {"files": {"a.bin": ["one", "0"]}},
        {"surprise": 1},
        *({"confidence": each} for each in NO_CONFIDENCE),
        {"number": "1"},
        {"passages": -1},
        {"articles": None},
        {"dimension": 1.5},
        {"tokens": 7},
        *({"segments": each} for each in NO_SEGMENTS),
    ],
)
def test_a_manifest_with_a_wrong_field(folder: IndexFolder, changes: dict[str, Any]) -> None:
    forge(folder, **changes)
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_a_forged_manifest_can_be_opened(folder: IndexFolder) -> None:
    forge(folder, articles=5)
    assert folder.open_current().manifest.articles == 5


def _following(*changes: dict[str, int]) -> list[dict[str, Any]]:
    """Segments of two articles and three passages each, but for some changes."""
    return [
        _segment(first_article=2 * n, articles=2, first_passage=3 * n, passages=3) | change
        for n, change in enumerate(changes)
    ]


@pytest.mark.parametrize("count", [1, 2, MOST_SEGMENTS])
def test_segments_that_follow_each_other(folder: IndexFolder, count: int) -> None:
    forge(folder, segments=_following(*[{}] * count))
    manifest = folder.open_current().manifest
    folders = [each.folder for each in manifest.segments]
    assert folders == [f"segments/{2 * n}" for n in range(count)]
    assert [each.end_article for each in manifest.segments] == [2 * n + 2 for n in range(count)]
    assert (manifest.end_article, manifest.end_passage) == (2 * count, 3 * count)
    assert manifest.tokens == count
    assert isinstance(manifest.segments[0], Segment)


@pytest.mark.parametrize(
    "segments",
    [
        _following({"first_article": 1}),
        _following({"first_passage": 1}),
        _following({}, {"first_article": 1}),
        _following({}, {"first_article": 3}),
        _following({}, {"first_passage": 2}),
        _following({}, {}, {"first_passage": 7}),
        _following({}, {"articles": 3}, {}),
        _following({}, {}, {})[::-1],
        [*_following({}), *_following({})],
    ],
)
def test_segments_that_do_not_follow_each_other(
    folder: IndexFolder, segments: list[dict[str, Any]]
) -> None:
    forge(folder, segments=segments)
    with pytest.raises(IndexDamaged, match="do not follow each other"):
        folder.open_current()


@pytest.mark.parametrize(
    ("name", "when_read"),
    [("segments/0/tokens.bin", True), ("tokens.bin", True), ("segments/0/terms.db", False),
     ("tokens.bin/x", False), ("lexical/tokens.bin.store", False)],
)  # fmt: skip
def test_codes_alone_are_checked_when_they_are_read(name: str, when_read: bool) -> None:
    assert checked_when_read(name) == when_read


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are hashed, one after the other."""
    seen: list[str] = []

    def spy(file: Path) -> str:
        seen.append(file.name)
        return sha256_of(file)

    monkeypatch.setattr("indexer.storage.manifest.sha256_of", spy)
    monkeypatch.setattr("indexer.storage.manifest._sound", {})
    return seen


def _later(file: Path) -> None:
    """As if it were written a second later: clocks of file systems are coarse."""
    status = file.stat()
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def test_a_file_is_hashed_once(tmp_path: Path, hashed: list[str]) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    digest = sha256_of(file)
    for _ in range(3):
        check_unread(file, 7, digest)
    assert hashed == ["file"]
    # Nor is it hashed for its other names.
    (tmp_path / "shared").hardlink_to(file)
    check_unread(tmp_path / "shared", 7, digest)
    assert hashed == ["file"]
    shutil.copyfile(file, tmp_path / "copy")
    check_unread(tmp_path / "copy", 7, digest)
    assert hashed == ["file", "copy"]


def test_a_file_that_was_touched_is_hashed_again(tmp_path: Path, hashed: list[str]) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    digest = sha256_of(file)
    check_unread(file, 7, digest)
    _later(file)
    check_unread(file, 7, digest)
    assert hashed == ["file", "file"]


def test_a_file_that_changed_after_it_was_hashed_is_refused(
    tmp_path: Path, hashed: list[str]
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    digest = sha256_of(file)
    check_unread(file, 7, digest)
    file.write_bytes(b"kontent")
    _later(file)
    for _ in range(2):
        with pytest.raises(IndexDamaged, match="not as it was written"):
            check_unread(file, 7, digest)
    file.write_bytes(b"content, and more")
    with pytest.raises(IndexDamaged, match="17 bytes where 7"):
        check_unread(file, 7, digest)
    file.unlink()
    with pytest.raises(IndexDamaged, match="missing"):
        check_unread(file, 7, digest)


def test_a_sound_file_is_not_taken_for_another(tmp_path: Path, hashed: list[str]) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    check_unread(file, 7, sha256_of(file))
    with pytest.raises(IndexDamaged):
        check_unread(file, 7, "0" * 64)
    with pytest.raises(IndexDamaged, match="7 bytes where 8"):
        check_unread(file, 8, sha256_of(file))
    # A name that no file can have.
    with pytest.raises(IndexDamaged, match="cannot be read"):
        check_unread(tmp_path / "a\0b", 7, "0" * 64)


def test_a_generation_is_hashed_once_but_for_its_codes(
    folder: IndexFolder, hashed: list[str]
) -> None:
    generation = publish(folder)
    hashed.clear()
    for _ in range(3):
        assert folder.open_current() == generation
    assert sorted(hashed) == ["a.bin", "b.bin"]
    generation.check()
    assert sorted(hashed) == ["a.bin", "a.bin", "b.bin", "b.bin", "tokens.bin"]
