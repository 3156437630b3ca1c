"""Generations: written once, published by a rename, never trusted when opened."""

import errno
import json
import math
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import (
    IndexBusy,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    InputError,
    StorageError,
)
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import ConfidenceModel, Generation, Manifest, sha256_of
from tests.conftest import ROOT, flipped

DRAFT = Manifest(
    pipeline=1,
    model="m",
    model_sha256="0" * 64,
    dimension=2,
    articles=1,
    passages=1,
    tokens=1,
    vector_index="flat",
    confidence=ConfidenceModel((1.5, 0.0, 2.25), -3.0),
)


def _publish(folder: IndexFolder, content: bytes = b"content", keep: int = 2) -> Generation:
    with folder.writing() as target:
        (target / "a.bin").write_bytes(content)
        (target / "inner").mkdir()
        (target / "inner" / "b.bin").write_bytes(b"inner")
        (target / "tokens.bin").write_bytes(b"tokens")
        return folder.publish(target, DRAFT, keep)


def _folders(folder: IndexFolder) -> set[str]:
    return {path.name for path in (folder.path / "generations").iterdir()}


@pytest.fixture
def folder(index: Path) -> IndexFolder:
    return IndexFolder(index)


def _edit(generation: Generation, **changes: Any) -> None:
    file = generation.path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def _forge_content(folder: IndexFolder, content: bytes) -> None:
    """Make a manifest of any content the live one, its digest right."""
    generation = _publish(folder)
    file = generation.path / "manifest.json"
    file.write_bytes(content)
    name = f"{generation.id[:-12]}{sha256_of(file)[:12]}"
    generation.path.rename(generation.path.with_name(name))
    (folder.path / "CURRENT").write_text(name)


def _forge(folder: IndexFolder, **changes: Any) -> None:
    raw = json.loads((_publish(folder).path / "manifest.json").read_text())
    _forge_content(folder, json.dumps(raw | changes).encode())


def test_publish_and_open(folder: IndexFolder) -> None:
    published = _publish(folder)
    opened = folder.open_current()
    assert opened == published
    assert opened.manifest.files == {
        "a.bin": (7, sha256_of(opened.path / "a.bin")),
        "inner/b.bin": (5, sha256_of(opened.path / "inner" / "b.bin")),
        "tokens.bin": (6, sha256_of(opened.path / "tokens.bin")),
    }
    assert (opened.manifest.number, opened.manifest.size) == (1, 18)
    assert opened.damage() == []


def test_an_id_ends_with_the_digest_of_the_manifest(folder: IndexFolder) -> None:
    published = _publish(folder)
    digest = sha256_of(published.path / "manifest.json")
    assert re.fullmatch(rf"\d{{8}}-\d{{6}}-{digest[:12]}", published.id)
    assert published.path.name == folder.current_id() == published.id
    assert _publish(folder).id != published.id


def test_sha256(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(file) == known


def test_nothing_published(folder: IndexFolder) -> None:
    with pytest.raises(IndexMissing, match="reindex"):
        folder.open_current()
    with pytest.raises(RuntimeError), folder.writing():
        raise RuntimeError
    with pytest.raises(IndexMissing):
        folder.open_current()


def test_current_is_never_half_written(
    folder: IndexFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _publish(folder)
    seen: list[str] = []
    replace = Path.replace

    def spy(self: Path, target: Path) -> Path:
        # The moment before the switch: the old one is live and the new one is whole.
        seen.append(folder.open_current().id)
        new = folder.path / "generations" / self.read_text().strip()
        assert (new / "manifest.json").is_file()
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", spy)
    second = _publish(folder)
    assert seen == [first.id]
    assert folder.open_current().id == second.id
    assert sorted(path.name for path in folder.path.iterdir()) == [
        "CURRENT", "LOCK", "generations"
    ]  # fmt: skip


def test_keeps_the_live_one_and_the_one_before(folder: IndexFolder) -> None:
    before = None
    for number in range(1, 6):
        live = _publish(folder)
        assert live.manifest.number == number
        assert _folders(folder) == {live.id, before or live.id}
        before = live.id


@pytest.mark.parametrize("keep", [1, 2, 3, 9])
def test_keeps_as_many_as_asked(folder: IndexFolder, keep: int) -> None:
    made = [_publish(folder, keep=keep).id for _ in range(5)]
    assert [generation.id for generation in folder.generations()] == made[-keep:][::-1]
    assert _folders(folder) == set(made[-keep:])


def test_the_live_one_is_kept_whatever_is_asked(folder: IndexFolder) -> None:
    live = _publish(folder, keep=0)
    assert folder.open_current() == live


def test_the_one_that_was_live_is_kept_before_newer_ones(folder: IndexFolder) -> None:
    first, second, third = (_publish(folder, keep=3).id for _ in range(3))
    folder.roll_back(first)
    assert _folders(folder) == {first, second, third}
    live = _publish(folder)
    assert live.manifest.number == 4
    assert _folders(folder) == {first, live.id}


@pytest.mark.parametrize("current", [None, b"", b"garbage"])
def test_as_many_are_kept_when_none_was_live(folder: IndexFolder, current: bytes | None) -> None:
    _publish(folder)
    second = _publish(folder)
    if current is None:
        (folder.path / "CURRENT").unlink()
    else:
        (folder.path / "CURRENT").write_bytes(current)
    third = _publish(folder)
    assert _folders(folder) == {second.id, third.id}


def test_a_damaged_generation_is_not_listed(folder: IndexFolder) -> None:
    first, second = _publish(folder), _publish(folder)
    (first.path / "manifest.json").write_bytes(b"{}")
    assert folder.generations() == [second]
    assert IndexFolder(folder.path / "nowhere").generations() == []


def test_what_is_no_generation_is_left_alone(folder: IndexFolder) -> None:
    generations = folder.path / "generations"
    generations.mkdir(parents=True)
    for name in ("backup", "20200101-000000", "20200101-000000-abcdef.old", "lost+found"):
        (generations / name).mkdir()
        (generations / name / "manifest.json").write_bytes(b"{}")
    stray = _folders(folder)
    for _ in range(3):
        _publish(folder, keep=1)
    assert stray < _folders(folder)
    assert len(folder.generations()) == 1


def test_writing_removes_litter(folder: IndexFolder) -> None:
    live = _publish(folder)
    litter = folder.path / "generations" / "20200101-000000-abcdef.writing"
    litter.mkdir()
    (litter / "half").write_bytes(b"x")

    def fail_half_way() -> None:
        with folder.writing() as target:
            assert not litter.exists()
            (target / "half").write_bytes(b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert _folders(folder) == {live.id}


@contextmanager
def _another_process_writes(folder: IndexFolder) -> Iterator[subprocess.Popen[str]]:
    program = """
import sys
from pathlib import Path
from indexer.storage.folder import IndexFolder
with IndexFolder(Path(sys.argv[1])).writing():
    print("writing", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder.path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "writing\n"
        yield other
        other.kill()


def test_busy_while_another_process_writes(folder: IndexFolder) -> None:
    with _another_process_writes(folder) as other:
        holder = rf"process {other.pid} \(since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)"
        with pytest.raises(IndexBusy, match=holder), folder.writing():
            pass
        with pytest.raises(IndexBusy, match=holder), folder.locked():
            pass
        assert list((folder.path / "generations").glob("*.writing")) != []
    _publish(folder)
    assert list((folder.path / "generations").glob("*.writing")) == []


def test_a_lock_tells_of_its_last_holder_alone(folder: IndexFolder) -> None:
    lock = folder.path / "LOCK"
    folder.path.mkdir()
    lock.write_bytes(b"x" * 1000)
    for _ in range(2):
        with folder.locked():
            assert lock.read_text().startswith(f"{os.getpid()} (since 20")
            assert len(lock.read_text()) < 50


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot write"), IndexFolder(tmp_path / "file").locked():
        pass


def test_roll_back_to_the_one_before(folder: IndexFolder) -> None:
    first, second, third = (_publish(folder, keep=3) for _ in range(3))
    assert folder.roll_back() == second
    assert folder.open_current() == second
    assert folder.roll_back() == first
    with pytest.raises(InputError, match="older"):
        folder.roll_back()
    assert folder.open_current() == first
    assert folder.roll_back(third.id) == third
    assert folder.open_current() == third
    assert _folders(folder) == {first.id, second.id, third.id}


def test_roll_back_to_none_that_is_kept(folder: IndexFolder) -> None:
    with pytest.raises(IndexMissing):
        folder.roll_back()
    first = _publish(folder)
    with pytest.raises(InputError, match=rf"older than {first.id}"):
        folder.roll_back()
    for name in ("20200101-000000-abcdefabcdef", "", "../..", first.id[:-1]):
        with pytest.raises(InputError, match=rf"kept: {first.id}"):
            folder.roll_back(name)
    assert folder.open_current() == first


@pytest.mark.parametrize("name", ["a.bin", "inner/b.bin", "tokens.bin", "manifest.json"])
def test_a_damaged_generation_is_not_rolled_back_to(folder: IndexFolder, name: str) -> None:
    first, second = _publish(folder), _publish(folder)
    file = first.path / name
    file.write_bytes(flipped(file.read_bytes(), 3))
    with pytest.raises((IndexDamaged, InputError)):
        folder.roll_back(first.id)
    assert folder.open_current() == second


def test_roll_back_to_another_format(folder: IndexFolder) -> None:
    first, second = _publish(folder), _publish(folder)
    _edit(first, format=1)
    with pytest.raises((IndexMismatch, InputError)):
        folder.roll_back(first.id)
    assert folder.open_current() == second


@pytest.mark.parametrize("current", [b"", b"garbage", None])
def test_roll_back_mends_what_names_no_generation(
    folder: IndexFolder, current: bytes | None
) -> None:
    first, second = _publish(folder), _publish(folder)
    if current is None:
        shutil.rmtree(second.path)
    else:
        (folder.path / "CURRENT").write_bytes(current)
    with pytest.raises(IndexDamaged, match="rollback"):
        folder.open_current()
    folder.roll_back(first.id)
    assert folder.open_current() == first


def test_no_roll_back_while_another_process_writes(folder: IndexFolder) -> None:
    _publish(folder)
    live = _publish(folder)
    with _another_process_writes(folder), pytest.raises(IndexBusy):
        folder.roll_back()
    assert folder.open_current() == live


@pytest.mark.parametrize("step", ["replace", "write_text"])
def test_a_roll_back_that_cannot_be_written(
    folder: IndexFolder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    _publish(folder)
    live = _publish(folder)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, step, fail)
        with pytest.raises(StorageError, match="No space left"):
            folder.roll_back()
    assert folder.open_current() == live


def test_each_switch_is_seen(folder: IndexFolder) -> None:
    assert folder.current_changed() is None
    marks = set()
    for _ in range(3):
        _publish(folder, keep=3)
        marks.add(folder.current_changed())
    folder.roll_back()
    marks.add(folder.current_changed())
    assert len(marks) == 4
    assert folder.current_changed() in marks


@pytest.mark.parametrize(
    "content",
    [b"../../etc", b"", b"\n", b"/etc", b"a/b", b".", b"\xff\xfe", b"a b", b"x" * 101,
     b"20240101-000000", b"20240101-000000-xyz", b"20240101-000000-abcdef/..", b"a-b"],
)  # fmt: skip
def test_current_that_names_no_generation(folder: IndexFolder, content: bytes) -> None:
    _publish(folder)
    (folder.path / "CURRENT").write_bytes(content)
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_current_is_a_folder(folder: IndexFolder) -> None:
    (folder.path / "CURRENT").mkdir(parents=True)
    with pytest.raises(IndexMissing):
        folder.open_current()


def test_a_file_is_missing_or_changed_its_size(folder: IndexFolder) -> None:
    generation = _publish(folder)
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
    file = _publish(folder).path / "a.bin"
    file.unlink()
    file.mkdir()
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_every_flipped_byte_of_a_manifest_is_found(folder: IndexFolder) -> None:
    file = _publish(folder).path / "manifest.json"
    content = file.read_bytes()
    for at in range(len(content)):
        file.write_bytes(flipped(content, at))
        with pytest.raises((IndexDamaged, IndexMismatch)):
            folder.open_current()
    file.write_bytes(content + b"\n")
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_every_flipped_byte_of_a_file_is_found(folder: IndexFolder) -> None:
    generation = _publish(folder)
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
    generation = _publish(folder)
    (generation.path / "inner" / "more").write_bytes(b"")
    (generation.path / "link").symlink_to("a.bin")
    found = generation.damage()
    assert len(found) == 2
    for name in ("inner/more", "link"):
        assert any(f"{generation.path / name} is not a file of it" in each for each in found)
    with pytest.raises(IndexDamaged):
        generation.check()


def test_damage_of_many_kinds_is_all_told(folder: IndexFolder) -> None:
    generation = _publish(folder)
    (generation.path / "a.bin").unlink()
    (generation.path / "tokens.bin").write_bytes(b"sekont")
    (generation.path / "inner" / "b.bin").write_bytes(b"")
    assert len(generation.damage()) == 3


def test_a_manifest_of_another_generation(folder: IndexFolder) -> None:
    first, second = _publish(folder), _publish(folder)
    shutil.copytree(first.path, second.path, dirs_exist_ok=True)
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_another_format(folder: IndexFolder) -> None:
    _edit(_publish(folder), format=99)
    with pytest.raises(IndexMismatch, match="99"):
        folder.open_current()


@pytest.mark.parametrize("name", ["../../CURRENT", "/etc/passwd", "inner/../../x"])
def test_a_manifest_that_names_files_outside(folder: IndexFolder, name: str) -> None:
    _forge(folder, files={name: [1, "0"]})
    with pytest.raises(IndexDamaged, match="outside"):
        folder.open_current()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"format": 5}',
        b'{"format": 5, "files": []}',
        b'{"format": 5, "files": {"a\\u0000b": [1, "0"]}}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_manifest_that_makes_no_sense(folder: IndexFolder, content: bytes) -> None:
    _forge_content(folder, content)
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
    _forge(folder, **changes)
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_a_forged_manifest_can_be_opened(folder: IndexFolder) -> None:
    _forge(folder, articles=5)
    assert folder.open_current().manifest.articles == 5


def test_a_file_among_the_generations_is_left_alone(folder: IndexFolder) -> None:
    _publish(folder)
    stray = folder.path / "generations" / ".DS_Store"
    stray.write_bytes(b"x")
    live = _publish(folder)
    assert folder.current_id() == live.id
    assert stray.exists()


@pytest.mark.parametrize("step", ["fsync", "rename", "replace"])
def test_a_failure_while_publishing_leaves_the_live_one(
    folder: IndexFolder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    live = _publish(folder)

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        owner: Any = os if step == "fsync" else Path
        patch.setattr(owner, step, fail)
        with pytest.raises(OSError, match="Input/output"):
            _publish(folder)
    assert folder.open_current() == live
    after = _publish(folder)
    assert folder.open_current() == after
    assert live.id in _folders(folder)
    assert not any(name.endswith(".writing") for name in _folders(folder))
