"""Going back to an older generation, which is checked first."""

import errno
import shutil
from pathlib import Path

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
from tests.conftest import flipped
from tests.support.generations import another_process_writes, edit_manifest, folders_of, publish


def test_roll_back_to_the_one_before(folder: IndexFolder) -> None:
    first, second, third = (publish(folder, keep=3) for _ in range(3))
    assert folder.roll_back() == second
    assert folder.open_current() == second
    assert folder.roll_back() == first
    with pytest.raises(InputError, match="older"):
        folder.roll_back()
    assert folder.open_current() == first
    assert folder.roll_back(third.id) == third
    assert folder.open_current() == third
    assert folders_of(folder) == {first.id, second.id, third.id}


def test_roll_back_to_none_that_is_kept(folder: IndexFolder) -> None:
    with pytest.raises(IndexMissing):
        folder.roll_back()
    first = publish(folder)
    with pytest.raises(InputError, match=rf"older than {first.id}"):
        folder.roll_back()
    for name in ("20200101-000000-abcdefabcdef", "", "../..", first.id[:-1]):
        with pytest.raises(InputError, match=rf"kept: {first.id}"):
            folder.roll_back(name)
    assert folder.open_current() == first


@pytest.mark.parametrize("name", ["a.bin", "inner/b.bin", "tokens.bin", "manifest.json"])
def test_a_damaged_generation_is_not_rolled_back_to(folder: IndexFolder, name: str) -> None:
    first, second = publish(folder), publish(folder)
    file = first.path / name
    file.write_bytes(flipped(file.read_bytes(), 3))
    with pytest.raises((IndexDamaged, InputError)):
        folder.roll_back(first.id)
    assert folder.open_current() == second


def test_roll_back_to_another_format(folder: IndexFolder) -> None:
    first, second = publish(folder), publish(folder)
    edit_manifest(first, format=1)
    with pytest.raises((IndexMismatch, InputError)):
        folder.roll_back(first.id)
    assert folder.open_current() == second


@pytest.mark.parametrize("current", [b"", b"garbage", None])
def test_roll_back_mends_what_names_no_generation(
    folder: IndexFolder, current: bytes | None
) -> None:
    first, second = publish(folder), publish(folder)
    if current is None:
        shutil.rmtree(second.path)
    else:
        (folder.path / "CURRENT").write_bytes(current)
    with pytest.raises(IndexDamaged, match="rollback"):
        folder.open_current()
    folder.roll_back(first.id)
    assert folder.open_current() == first


def test_no_roll_back_while_another_process_writes(folder: IndexFolder) -> None:
    publish(folder)
    live = publish(folder)
    with another_process_writes(folder), pytest.raises(IndexBusy):
        folder.roll_back()
    assert folder.open_current() == live


@pytest.mark.parametrize("step", ["replace", "write_text"])
def test_a_roll_back_that_cannot_be_written(
    folder: IndexFolder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    publish(folder)
    live = publish(folder)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, step, fail)
        with pytest.raises(StorageError, match="No space left"):
            folder.roll_back()
    assert folder.open_current() == live
