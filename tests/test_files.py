"""Which files are read, in which order, and what is refused."""

import gzip
import os
from pathlib import Path

import pytest

from indexer.article import Rejected
from indexer.errors import InputError
from indexer.reading.files import SUFFIXES, article_suffix, find_files, read_whole
from tests.conftest import WriteFiles


def _names(found: list[Path | Rejected], folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in found if isinstance(path, Path)]


def _rejected(found: list[Path | Rejected]) -> dict[str, str]:
    return {Path(each.location).name: each.reason for each in found if isinstance(each, Rejected)}


def test_suffixes() -> None:
    assert {".txt", ".html", ".htm", ".md", ".json", ".jsonl"} == SUFFIXES
    for suffix in SUFFIXES:
        assert article_suffix(Path(f"a{suffix}")) == suffix
        assert article_suffix(Path(f"A.B{suffix.upper()}.GZ")) == suffix
    for name in ("a.pdf", "a", "a.gz", "txt", "a.txt.bak", "a.txt.zip"):
        assert article_suffix(Path(name)) is None


def test_nested_folders_in_order_of_name(write_files: WriteFiles) -> None:
    names = ["b/2.txt", "b/10.md", "a/deep/er/x.html.gz", "z.json", "a/y.HTM", "b/c/1.jsonl"]
    folder = write_files(dict.fromkeys([*names, "b/picture.jpg", "b/README", "a/.git"], b"x"))
    expected = ["z.json", "a/y.HTM", "a/deep/er/x.html.gz", "b/10.md", "b/2.txt", "b/c/1.jsonl"]
    assert _names(list(find_files([folder])), folder) == expected


def test_paths_in_the_order_given_each_file_once(write_files: WriteFiles) -> None:
    folder = write_files({"a.txt": b"x", "b.txt": b"x"})
    paths = [folder / "b.txt", folder, folder / "a.txt", folder / "." / "b.txt"]
    assert _names(list(find_files(paths)), folder) == ["b.txt", "a.txt"]
    os.link(folder / "a.txt", folder / "hard.txt")
    assert _names(list(find_files([folder])), folder) == ["a.txt", "b.txt"]


def test_links_are_not_followed_and_reported(write_files: WriteFiles, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.txt").write_bytes(b"x")
    folder = write_files({"a.txt": b"x"})
    (folder / "link.txt").symlink_to(secret / "s.txt")
    (folder / "broken.txt").symlink_to(tmp_path / "nowhere")
    (folder / "loop").symlink_to(folder)
    (folder / "outside").symlink_to(secret)
    found = list(find_files([folder]))
    assert _names(found, folder) == ["a.txt"]
    assert {"link.txt", "broken.txt", "loop", "outside"} == set(_rejected(found))
    assert all("link" in reason for reason in _rejected(found).values())


def test_a_named_file_of_another_kind_is_reported(write_files: WriteFiles) -> None:
    folder = write_files({"a.pdf": b"x"})
    assert list(find_files([folder])) == []
    (rejected,) = find_files([folder / "a.pdf"])
    assert isinstance(rejected, Rejected)
    assert ".jsonl" in rejected.reason


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert list(find_files([tmp_path])) == []
    (rejected,) = find_files([tmp_path / "pipe.txt"])
    assert isinstance(rejected, Rejected)


def test_a_missing_path(write_files: WriteFiles) -> None:
    folder = write_files({"a.txt": b"x"})
    with pytest.raises(InputError, match="nowhere"):
        list(find_files([folder, folder / "nowhere"]))
    (folder / "broken.txt").symlink_to(folder / "nowhere")
    with pytest.raises(InputError, match=r"broken\.txt"):
        list(find_files([folder / "broken.txt"]))


def test_an_unreadable_folder_is_reported(
    write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files({"a.txt": b"x", "shut/b.txt": b"x"})
    scandir = os.scandir

    def guarded(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    found = list(find_files([folder]))
    assert _names(found, folder) == ["a.txt"]
    assert "Permission denied" in _rejected(found)["shut"]


def test_size_is_limited_unpacked(write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.reading.files.MAX_BYTES", 1 << 20)
    bomb = gzip.compress(bytes(50 << 20))
    folder = write_files(
        {"fits.txt": b"x" * (1 << 20), "big.txt": b"x" * ((1 << 20) + 1), "bomb.txt.gz": bomb}
    )
    assert len(read_whole(folder / "fits.txt")) == 1 << 20  # type: ignore[arg-type]
    for name in ("big.txt", "bomb.txt.gz"):
        rejected = read_whole(folder / name)
        assert isinstance(rejected, Rejected)
        assert "larger than 1 MB" in rejected.reason


def test_damaged_gzip(write_files: WriteFiles) -> None:
    packed = gzip.compress(os.urandom(5000))
    folder = write_files(
        {
            "cut.txt.gz": packed[:-1000],
            "no.txt.gz": b"plain text",
            "flipped.txt.gz": packed[:100] + b"\xff" * 50 + packed[150:],
            "crc.txt.gz": packed[:-8] + bytes(8),
        }
    )
    for file in folder.iterdir():
        rejected = read_whole(file)
        assert isinstance(rejected, Rejected), file
        assert rejected.reason.startswith("damaged gzip"), rejected


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    rejected = read_whole(tmp_path / "gone.txt")
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "cannot be read: No such file or directory"
