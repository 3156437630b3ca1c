"""Which files are read, in which order, and what is refused."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.article import Rejected
from indexer.errors import InputError
from indexer.reading.input.files import (
    file_of,
    find_files,
    is_under,
    location,
    order_of,
)
from tests.conftest import WriteFiles


def _names(found: list[Path | Rejected], folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in found if isinstance(path, Path)]


def _rejected(found: list[Path | Rejected]) -> dict[str, str]:
    return {Path(each.location).name: each.reason for each in found if isinstance(each, Rejected)}


def test_nested_folders_in_order_of_name(write_files: WriteFiles) -> None:
    names = ["b/2.txt", "b/10.md", "a/deep/er/x.html.gz", "z.json", "a/y.HTM", "b/c/1.jsonl"]
    folder = write_files(dict.fromkeys([*names, "b/picture.jpg", "b/README", "a/.git"], b"x"))
    expected = [
        *("a/.git", "a/deep/er/x.html.gz", "a/y.HTM", "b/10.md", "b/2.txt", "b/README"),
        *("b/c/1.jsonl", "b/picture.jpg", "z.json"),
    ]
    assert _names(list(find_files([folder])), folder) == expected


def test_the_order_is_that_of_the_locations(write_files: WriteFiles) -> None:
    names = ["a.txt", "a/b.txt", "a b/c.txt", "a-/d.txt", "a/b/c.txt", "A.txt", "é.txt", "b.txt.gz"]
    folder = write_files(dict.fromkeys(names, b"x"))
    found = [location(path) for path in find_files([folder]) if isinstance(path, Path)]
    assert len(found) == len(names)
    assert found == sorted(found, key=order_of)


def test_each_file_once_in_the_same_order_however_it_is_named(write_files: WriteFiles) -> None:
    folder = write_files({"a.txt": b"x", "b.txt": b"x", "c/d.txt": b"x"})
    paths = [
        folder / "c",
        folder / "b.txt",
        folder,
        folder / "a.txt",
        folder / "c" / ".." / "b.txt",
    ]
    expected = ["a.txt", "b.txt", "c/d.txt"]
    assert _names(list(find_files(paths)), folder) == expected
    assert _names(list(find_files(paths[::-1])), folder) == expected
    assert _names(list(find_files(paths[:2])), folder) == expected[1:]
    os.link(folder / "a.txt", folder / "hard.txt")
    assert _names(list(find_files([folder])), folder) == expected


def test_a_path_is_named_in_the_same_way_in_every_run(
    write_files: WriteFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files({"c/d.txt": b"x"})
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(folder)
    for path in (Path("c"), Path("c/../c/"), Path("c/d.txt"), tmp_path / "link" / "c"):
        assert list(find_files([path])) == [folder / "c" / "d.txt"]


def test_what_lies_under_a_path() -> None:
    for place in ("/a/b", "/a/b/c.txt", "/a/b/c.jsonl:12", "/a/b/c.JSONL.gz:1", "/a/b/x.json:2"):
        assert is_under(place, ["/z", "/a/b"])
        assert is_under(place, ["/"])
    for place in ("/a", "/a/bc.txt", "/a/b.txt", "/b", "a/b"):
        assert not is_under(place, ["/a/b", "/z"])
    assert is_under("/a.jsonl:3", ["/a.jsonl"])
    assert not is_under("/a.jsonl:3", ["/a.json"])
    assert is_under("/a.zip//b/c.txt:3", ["/a.zip"])
    assert not is_under("/a.zip//b/c.txt", ["/a.zip/b"])
    assert not is_under("/a", [])


def test_the_records_of_a_file_are_together() -> None:
    assert file_of("/a/b.jsonl.gz:10") == "/a/b.jsonl.gz"
    assert file_of("/a/b.zip//c:1/d.jsonl:10") == "/a/b.zip"
    assert file_of("/a/b:10:1") == "/a/b:10"
    assert order_of("/a/b.jsonl:10") == order_of("/a/b.jsonl:9") == ("/", "a", "b.jsonl")
    places = ["/a.txt", "/a/x.txt", "/a-b.txt", "/a/x/y.txt", "/a b/x.txt"]
    assert sorted(places, key=order_of) == [
        "/a/x/y.txt", "/a/x.txt", "/a b/x.txt", "/a-b.txt", "/a.txt"
    ]  # fmt: skip


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder below so many others that its path can hardly be longer."""
    made = [tmp_path]
    while len(str(made[-1])) < 3900:
        made.append(made[-1] / "d")
        made[-1].mkdir()
    yield made[-1]
    for folder in made[:0:-1]:
        folder.rmdir()


def test_folders_nested_as_deep_as_can_be(deep: Path, tmp_path: Path) -> None:
    file = deep / "a.txt"
    file.write_bytes(b"x")
    assert list(find_files([tmp_path])) == [file]
    file.unlink()


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


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    for path in (tmp_path, tmp_path / "pipe.txt"):
        (rejected,) = find_files([path])
        assert isinstance(rejected, Rejected)
        assert rejected.reason == "not a regular file"


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
    listdir = os.listdir

    def guarded(path: str) -> list[str]:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return listdir(path)

    monkeypatch.setattr(os, "listdir", guarded)
    found = list(find_files([folder]))
    assert _names(found, folder) == ["a.txt"]
    assert "Permission denied" in _rejected(found)["shut"]
