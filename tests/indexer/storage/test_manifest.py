"""What the manifest names is checked, and so is the manifest itself."""

import math
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import IndexDamaged, IndexMismatch
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import sha256_of
from tests.conftest import flipped
from tests.support.generations import edit_manifest, forge, forge_content, publish


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
        b'{"format": 9}',
        b'{"format": 9, "files": []}',
        b'{"format": 9, "files": {"a\\u0000b": [1, "0"]}}',
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
        {"tokens": 1.5},
    ],
)
def test_a_manifest_with_a_wrong_field(folder: IndexFolder, changes: dict[str, Any]) -> None:
    forge(folder, **changes)
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_a_forged_manifest_can_be_opened(folder: IndexFolder) -> None:
    forge(folder, articles=5)
    assert folder.open_current().manifest.articles == 5
