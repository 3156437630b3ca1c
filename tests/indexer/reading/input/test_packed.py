"""What comes out of packed files and archives, and that no bomb is read to its end."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from indexer.article import Rejected
from indexer.reading.documents import read_documents
from indexer.reading.input.packed import DAMAGED, MAX_RATIO, Source, TooTight, sources, too_tight

TEXT = b"The ferry sails on Monday. " * 99
NOISE = random.Random(3).randbytes(1 << 20).hex().encode()
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "zstd": zstd.compress, "bz2": bz2.compress, "xz": lzma.compress,
}  # fmt: skip


def _read(path: Path) -> list[tuple[str, str, bytes] | Rejected]:
    """The place behind the path, the name and the content of each source."""
    found: list[tuple[str, str, bytes] | Rejected] = []
    for source in sources(path):
        if isinstance(source, Rejected):
            found.append(source)
        else:
            place = source.place.removeprefix(str(path))
            found.append((place, source.name, source.stream.read()))
    return found


def _zip(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


def _tar(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, member in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(member)
            archive.addfile(info, io.BytesIO(member))
    return content.getvalue()


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("name", ["A.TXT", "a.txt.gz"])
def test_packed_whatever_it_is_called(tmp_path: Path, packer: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PACKERS[packer](TEXT))
    assert _read(path) == [("", "a.txt", TEXT)]


@pytest.mark.parametrize("packer", PACKERS)
def test_several_streams_in_a_row(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKERS[packer](TEXT) + PACKERS[packer](b"More."))
    assert _read(path) == [("", "a", TEXT + b"More.")]


@pytest.mark.parametrize("packer", PACKERS)
def test_what_stands_before_the_damage_is_read(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKERS[packer](NOISE)[:-600])
    (source,) = sources(path)
    assert isinstance(source, Source)


@pytest.mark.parametrize("packer", PACKERS)
def test_a_damaged_file_raises(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKERS[packer](NOISE)[:-600])
    for source in sources(path):
        assert isinstance(source, Source)
        with pytest.raises(DAMAGED):
            source.stream.read(len(NOISE))
        break


@pytest.mark.parametrize("packer", ["gzip", "zstd", "bz2", "xz"])
def test_a_bomb(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "a"
    packed = PACKERS[packer](bytes(64 << 20))
    assert (64 << 20) / len(packed) > MAX_RATIO
    path.write_bytes(packed)
    for source in sources(path):
        assert isinstance(source, Source)
        with pytest.raises(TooTight):
            source.stream.read(64 << 20)


def test_what_lies_in_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "news"
    path.write_bytes(
        _zip(
            {
                "b/A.txt": TEXT,
                "folder/": b"",
                "../../etc/x.html": b"<p>",
                "c.json.gz": gzip.compress(b"{}"),
            }
        )
    )
    assert _read(path) == [
        ("//b/A.txt", "a.txt", TEXT),
        ("//etc/x.html", "x.html", b"<p>"),
        ("//c.json.gz", "c.json", b"{}"),
    ]


@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress, zstd.compress])
def test_what_lies_in_a_tar(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "news.tar"
    path.write_bytes(pack(_tar({"/b/a.txt": TEXT, "c.txt.gz": gzip.compress(TEXT)})))
    assert _read(path) == [("//b/a.txt", "a.txt", TEXT), ("//c.txt.gz", "c.txt", TEXT)]


def test_a_bomb_in_a_zip_does_not_hide_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(_zip({"a.txt": bytes(64 << 20), "b.txt": TEXT}))
    seen = []
    for source in sources(path):
        assert isinstance(source, Source)
        try:
            seen.append(len(source.stream.read()))
        except TooTight:
            seen.append(-1)
    assert seen == [-1, len(TEXT)]


@pytest.mark.parametrize("pack", [_zip, _tar])
def test_many_members_are_bounded_together(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.reading.input.packed.HARMLESS_IN_ALL", 8 << 20)
    # Each is harmless alone, whatever it was packed in.
    member = gzip.compress(bytes(4 << 20)) if pack is _tar else bytes(4 << 20)
    path = tmp_path / "a"
    path.write_bytes(pack({f"{number}.txt": member for number in range(20)}))
    most, seen = max(8 << 20, MAX_RATIO * path.stat().st_size), 0
    *_, last = read_documents(path)
    assert isinstance(last, Rejected)
    assert last.reason == (
        "an archive that unpacks to more than 200 times its size in all: it is not read further"
    )
    for number, source in enumerate(sources(path)):
        assert isinstance(source, Source)
        try:
            seen += len(source.stream.read())
        except TooTight as error:
            assert last == too_tight(source.place, error)  # noqa: PT017
            assert number < 19
    assert most - (8 << 20) < seen <= most


def test_archives_inside_archives_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(_zip({"in.tar": _tar({"a.txt": TEXT}), "b.txt": TEXT}))
    inner, other = _read(path)
    assert isinstance(inner, Rejected)
    assert inner.reason == "an archive inside an archive"
    assert other == ("//b.txt", "b.txt", TEXT)


def test_a_tar_with_a_header_of_gigabytes(tmp_path: Path) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 4 << 30
    path = tmp_path / "a.tar"
    path.write_bytes(header.tobuf() + bytes(1 << 20))
    (rejected,) = _read(path)
    assert isinstance(rejected, Rejected)
    assert "too large" in rejected.reason


def test_links_in_a_tar_are_passed_over(tmp_path: Path) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        link = tarfile.TarInfo("passwd.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    path = tmp_path / "a.tar"
    path.write_bytes(content.getvalue())
    assert _read(path) == []


def test_encrypted_and_damaged_zips(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    content = bytearray(_zip({"a.txt": TEXT}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    (rejected,) = _read(path)
    assert isinstance(rejected, Rejected)
    assert "encrypted" in rejected.reason
    path.write_bytes(_zip({"a.txt": NOISE})[:-30])
    (rejected,) = _read(path)
    assert isinstance(rejected, Rejected)
    assert rejected.reason.startswith("damaged")
