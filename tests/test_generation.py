"""Generations: written once, published by a rename, never trusted when opened."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexMissing
from indexer.storage.generation import (
    Generation,
    IndexFolder,
    sha256_of,
)
from tests.conftest import ROOT

FACTS = {
    "pipeline": 1,
    "model": "m",
    "model_sha256": "0" * 64,
    "dimension": 2,
    "articles": 1,
    "passages": 1,
    "tokens": 1,
    "vector_index": "flat",
}


def _publish(folder: IndexFolder, content: bytes = b"content") -> Generation:
    with folder.writing() as target:
        (target / "a.bin").write_bytes(content)
        (target / "inner").mkdir()
        (target / "inner" / "b.bin").write_bytes(b"inner")
        return folder.publish(target, dict(FACTS))


@pytest.fixture
def folder(index: Path) -> IndexFolder:
    return IndexFolder(index)


def _edit(generation: Generation, **changes: Any) -> None:
    file = generation.path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_publish_and_open(folder: IndexFolder) -> None:
    published = _publish(folder)
    opened = folder.open_current()
    assert opened == published
    assert opened.manifest.files == {
        "a.bin": (7, sha256_of(opened.path / "a.bin")),
        "inner/b.bin": (5, sha256_of(opened.path / "inner" / "b.bin")),
    }


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


def test_keeps_the_live_one_and_the_one_before(
    folder: IndexFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Published within one second, or while the clock is set back: names do not tell the order.
    endings = iter(["d00000", "c00000", "e00000", "b00000", "a00000"])
    monkeypatch.setattr("secrets.token_hex", lambda size: next(endings))
    before = None
    for _ in range(5):
        live = _publish(folder).id
        kept = {path.name for path in (folder.path / "generations").iterdir()}
        assert kept == {live, before or live}
        before = live


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
    assert [path.name for path in (folder.path / "generations").iterdir()] == [live.id]


def test_busy_while_another_process_writes(folder: IndexFolder) -> None:
    program = """
import sys
from pathlib import Path
from indexer.storage.generation import IndexFolder
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
        with pytest.raises(IndexBusy, match=str(other.pid)), folder.writing():
            pass
        assert list((folder.path / "generations").glob("*.writing")) != []
        other.kill()
    _publish(folder)
    assert list((folder.path / "generations").glob("*.writing")) == []


@pytest.mark.parametrize(
    "content", [b"../../etc", b"", b"\n", b"/etc", b"a/b", b".", b"\xff\xfe", b"a b", b"x" * 101]
)
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
    file = _publish(folder).path / "inner" / "b.bin"
    file.write_bytes(b"inner, and more")
    with pytest.raises(IndexDamaged, match="15 bytes where 5"):
        folder.open_current()
    file.unlink()
    with pytest.raises(IndexDamaged, match="missing"):
        folder.open_current()


def test_another_format(folder: IndexFolder) -> None:
    _edit(_publish(folder), format=99)
    with pytest.raises(IndexMismatch, match="99"):
        folder.open_current()


@pytest.mark.parametrize("name", ["../../CURRENT", "/etc/passwd", "inner/../../x"])
def test_a_manifest_that_names_files_outside(folder: IndexFolder, name: str) -> None:
    _edit(_publish(folder), files={name: [1, "0"]})
    with pytest.raises(IndexDamaged, match="outside"):
        folder.open_current()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"format": 1}',
        b'{"format": 1, "files": []}',
        b'{"format": 1, "files": {"a\\u0000b": [1, "0"]}}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_manifest_that_makes_no_sense(folder: IndexFolder, content: bytes) -> None:
    (_publish(folder).path / "manifest.json").write_bytes(content)
    with pytest.raises(IndexDamaged):
        folder.open_current()


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"a\0b": [1, "0"]}},
        {"files": {"a.bin": "x"}},
        {"files": {"a.bin": [1]}},
        {"files": {"a.bin": ["one", "0"]}},
        {"surprise": 1},
    ],
)
def test_a_manifest_with_a_wrong_field(folder: IndexFolder, changes: dict[str, Any]) -> None:
    _edit(_publish(folder), **changes)
    with pytest.raises(IndexDamaged):
        folder.open_current()


def test_a_file_among_the_generations_is_left_alone(folder: IndexFolder) -> None:
    _publish(folder)
    stray = folder.path / "generations" / ".DS_Store"
    stray.write_bytes(b"x")
    live = _publish(folder)
    assert folder.current_id() == live.id
    assert stray.exists()
