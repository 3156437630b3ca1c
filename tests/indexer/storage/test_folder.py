"""The folder of an index: written once, published by a rename, locked while one writes."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import IndexBusy, IndexDamaged, IndexMissing, StorageError
from indexer.storage.folder import IndexFolder, share
from indexer.storage.manifest import Generation, sha256_of
from tests.conftest import flipped
from tests.support.generations import DRAFT, another_process_writes, folders_of, publish


def test_publish_and_open(folder: IndexFolder) -> None:
    published = publish(folder)
    opened = folder.open_current()
    assert opened == published
    assert opened.manifest.files == {
        "a.bin": (7, sha256_of(opened.path / "a.bin")),
        "inner/b.bin": (5, sha256_of(opened.path / "inner" / "b.bin")),
        "tokens.bin": (6, sha256_of(opened.path / "tokens.bin")),
    }
    assert (opened.manifest.number, opened.manifest.size) == (1, 18)
    assert opened.damage() == []


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
    first = publish(folder)
    seen: list[str] = []
    replace = Path.replace

    def spy(self: Path, target: Path) -> Path:
        # The moment before the switch: the old one is live and the new one is whole.
        seen.append(folder.open_current().id)
        new = folder.path / "generations" / self.read_text().strip()
        assert (new / "manifest.json").is_file()
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", spy)
    second = publish(folder)
    assert seen == [first.id]
    assert folder.open_current().id == second.id
    assert sorted(path.name for path in folder.path.iterdir()) == [
        "CURRENT", "LOCK", "generations"
    ]  # fmt: skip


def test_keeps_the_live_one_and_the_one_before(folder: IndexFolder) -> None:
    before = None
    for number in range(1, 6):
        live = publish(folder)
        assert live.manifest.number == number
        assert folders_of(folder) == {live.id, before or live.id}
        before = live.id


@pytest.mark.parametrize("keep", [1, 2, 3, 9])
def test_keeps_as_many_as_asked(folder: IndexFolder, keep: int) -> None:
    made = [publish(folder, keep=keep).id for _ in range(5)]
    assert [generation.id for generation in folder.generations()] == made[-keep:][::-1]
    assert folders_of(folder) == set(made[-keep:])


def test_the_live_one_is_kept_whatever_is_asked(folder: IndexFolder) -> None:
    live = publish(folder, keep=0)
    assert folder.open_current() == live


def test_the_one_that_was_live_is_kept_before_newer_ones(folder: IndexFolder) -> None:
    first, second, third = (publish(folder, keep=3).id for _ in range(3))
    folder.roll_back(first)
    assert folders_of(folder) == {first, second, third}
    live = publish(folder)
    assert live.manifest.number == 4
    assert folders_of(folder) == {first, live.id}


@pytest.mark.parametrize("current", [None, b"", b"garbage"])
def test_as_many_are_kept_when_none_was_live(folder: IndexFolder, current: bytes | None) -> None:
    publish(folder)
    second = publish(folder)
    if current is None:
        (folder.path / "CURRENT").unlink()
    else:
        (folder.path / "CURRENT").write_bytes(current)
    third = publish(folder)
    assert folders_of(folder) == {second.id, third.id}


def test_a_damaged_generation_is_not_listed(folder: IndexFolder) -> None:
    first, second = publish(folder), publish(folder)
    (first.path / "manifest.json").write_bytes(b"{}")
    assert folder.generations() == [second]
    assert IndexFolder(folder.path / "nowhere").generations() == []


def test_what_is_no_generation_is_left_alone(folder: IndexFolder) -> None:
    generations = folder.path / "generations"
    generations.mkdir(parents=True)
    for name in ("backup", "20200101-000000", "20200101-000000-abcdef.old", "lost+found"):
        (generations / name).mkdir()
        (generations / name / "manifest.json").write_bytes(b"{}")
    stray = folders_of(folder)
    for _ in range(3):
        publish(folder, keep=1)
    assert stray < folders_of(folder)
    assert len(folder.generations()) == 1


def test_writing_removes_litter(folder: IndexFolder) -> None:
    live = publish(folder)
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
    assert folders_of(folder) == {live.id}


def test_busy_while_another_process_writes(folder: IndexFolder) -> None:
    with another_process_writes(folder) as other:
        holder = rf"process {other.pid} \(since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)"
        with pytest.raises(IndexBusy, match=holder), folder.writing():
            pass
        with pytest.raises(IndexBusy, match=holder), folder.locked():
            pass
        assert list((folder.path / "generations").glob("*.writing")) != []
    publish(folder)
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


def test_each_switch_is_seen(folder: IndexFolder) -> None:
    assert folder.current_changed() is None
    marks = set()
    for _ in range(3):
        publish(folder, keep=3)
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
    publish(folder)
    (folder.path / "CURRENT").write_bytes(content)
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_current_is_a_folder(folder: IndexFolder) -> None:
    (folder.path / "CURRENT").mkdir(parents=True)
    with pytest.raises(IndexMissing):
        folder.open_current()


def test_a_file_among_the_generations_is_left_alone(folder: IndexFolder) -> None:
    publish(folder)
    stray = folder.path / "generations" / ".DS_Store"
    stray.write_bytes(b"x")
    live = publish(folder)
    assert folder.current_id() == live.id
    assert stray.exists()


@pytest.mark.parametrize("step", ["fsync", "rename", "replace"])
def test_a_failure_while_publishing_leaves_the_live_one(
    folder: IndexFolder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    live = publish(folder)

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        owner: Any = os if step == "fsync" else Path
        patch.setattr(owner, step, fail)
        with pytest.raises(OSError, match="Input/output"):
            publish(folder)
    assert folder.open_current() == live
    after = publish(folder)
    assert folder.open_current() == after
    assert live.id in folders_of(folder)
    assert not any(name.endswith(".writing") for name in folders_of(folder))


def _no_links(self: Path, target: Path) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_a_file_is_shared_without_a_byte_written(folder: IndexFolder, tmp_path: Path) -> None:
    live = publish(folder)
    target = tmp_path / "a new" / "folder" / "b.bin"
    share(live, "inner/b.bin", target)
    assert target.samefile(live.path / "inner" / "b.bin")
    # What was damaged before is found by who opens it: its digest is that of before.
    (live.path / "a.bin").write_bytes(b"kontent")
    share(live, "a.bin", tmp_path / "a.bin")


def test_a_file_is_copied_where_there_are_no_links(
    folder: IndexFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = publish(folder)
    monkeypatch.setattr(Path, "hardlink_to", _no_links)
    target = tmp_path / "a new" / "folder" / "b.bin"
    share(live, "inner/b.bin", target)
    assert target.read_bytes() == b"inner"
    assert not target.samefile(live.path / "inner" / "b.bin")


@pytest.mark.parametrize("content", [b"flipt", b"long and longer"])
def test_what_is_damaged_is_not_copied_as_sound(
    folder: IndexFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    live = publish(folder)
    (live.path / "inner" / "b.bin").write_bytes(content)
    monkeypatch.setattr(Path, "hardlink_to", _no_links)
    with pytest.raises(IndexDamaged):
        share(live, "inner/b.bin", tmp_path / "b.bin")


def _publish_upon(folder: IndexFolder, base: Generation, keep: int = 2) -> Generation:
    """A generation that shares all files of another, but for one that is its own."""
    with folder.writing() as target:
        for name in ("inner/b.bin", "tokens.bin"):
            share(base, name, target / name)
        (target / "a.bin").write_bytes(b"another")
        return folder.publish(target, DRAFT, keep, base)


@pytest.mark.parametrize("links", [True, False])
def test_what_is_shared_is_of_both(
    folder: IndexFolder, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    first = publish(folder)
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", _no_links)
    second = _publish_upon(folder, first)
    assert folder.open_current() == second
    assert second.damage() == first.damage() == []
    before, now = first.manifest.files, second.manifest.files
    assert {name for name in now if now[name] == before[name]} == {"inner/b.bin", "tokens.bin"}
    shared = (first.path / "tokens.bin").samefile(second.path / "tokens.bin")
    assert shared == links
    # Whoever goes, the other stays whole.
    third = _publish_upon(folder, second, keep=1)
    assert folders_of(folder) == {third.id}
    assert third.damage() == []


def test_what_is_shared_is_not_hashed_again(
    folder: IndexFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def spy(file: Path) -> str:
        hashed.append(file.name)
        return sha256_of(file)

    first = publish(folder)
    monkeypatch.setattr("indexer.storage.folder.sha256_of", spy)
    second = _publish_upon(folder, first)
    assert hashed == ["a.bin"]
    # Alike is not the same: this one was written anew.
    with folder.writing() as target:
        (target / "a.bin").write_bytes(b"another")
        third = folder.publish(target, DRAFT, 2, second)
    assert hashed == ["a.bin", "a.bin"]
    assert third.manifest.files["a.bin"] == second.manifest.files["a.bin"]


@pytest.mark.parametrize("name", ["inner/b.bin", "tokens.bin"])
def test_damage_of_what_is_shared_is_not_sealed(folder: IndexFolder, name: str) -> None:
    first = publish(folder)
    file = first.path / name
    content = file.read_bytes()
    file.write_bytes(flipped(content, 3))
    second = _publish_upon(folder, first)
    assert second.manifest.files[name] == first.manifest.files[name]
    assert [str(second.path / name) in each for each in second.damage()] == [True]
    if name != "tokens.bin":
        with pytest.raises(IndexDamaged, match="as it was written"):
            folder.open_current()


def test_of_a_base_that_was_just_opened_nothing_is_hashed(
    folder: IndexFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = publish(folder), publish(folder)
    looked_at: list[str] = []
    damage = Generation.damage

    def spy(self: Generation) -> list[str]:
        looked_at.append(self.id)
        return damage(self)

    monkeypatch.setattr(Generation, "damage", spy)
    third = _publish_upon(folder, second, keep=3)
    assert looked_at == [first.id]
    assert folders_of(folder) == {first.id, second.id, third.id}
