"""Files that are made to exhaust whoever reads them: each is read within 500 MB, and told.

Each is read in a process of its own, whose peak is what is measured. Large ones are sparse: they
hold gigabytes and take no room.
"""

import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

MOST = 500 * 2**20
# Far beyond what any of them takes: a run that hangs is ended, and fails.
SECONDS = 300
_READ = """
import json, resource, sys
from pathlib import Path
from indexer.article import Rejected
from indexer.reading.documents import read_documents
documents, reasons = 0, []
for found in read_documents(Path(sys.argv[1])):
    if isinstance(found, Rejected):
        reasons.append(found.reason)
    else:
        documents += 1
# Not ru_maxrss, which a process takes over from the one that started it.
status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
peak = int(status["VmHWM"].split()[0]) * 1024
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps([documents, reasons[:20], max(peak, children)]))
"""
GOOD = b"The night ferry sails twice an hour from Monday, the harbour master said."


def _sparse(path: Path, before: bytes, size: int, after: bytes = b"") -> None:
    with path.open("wb") as file:
        file.write(before)
        file.seek(size, io.SEEK_CUR)
        file.write(after or b"\0")


def _zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("bomb.txt", "w", force_zip64=True) as member:
            for _ in range(2 << 10):
                member.write(bytes(1 << 20))
        archive.writestr("good.txt", GOOD)


def _gzip_of_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.compress(bytes(512 << 20), 1)))


def _long_tar(path: Path) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 4 << 30
    _sparse(path, header.tobuf(), 4 << 30)


def _endless_cell(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'title,text\nFerry,"')
        for _ in range(300):
            file.write(b"word " * (1 << 18))


def _endless_line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'title,text\nFerry,"')
        for _ in range(100):
            file.write(b"word\n" * (1 << 18))


def _long_warc(path: Path) -> None:
    record = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/\r\n"
        b"WARC-Date: 2024-03-01T10:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        b"Content-Length: %d\r\n\r\n"
    )
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body><p>"
    size = 4 << 30
    _sparse(path, record % size + page, size - len(page), b"\r\n\r\n")


def _entities(path: Path) -> None:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "word ">{levels}]>'
        "<rss><channel><item><title>Ferry</title><description>&a11;</description></item>"
        "</channel></rss>",
        "utf-8",
    )


def _many_pages(path: Path) -> None:
    """A PDF of 10,000 pages, each with a line."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for number in range(10_000):
        text = b"BT /F1 12 Tf 72 720 Td (Line %d of the ferry.) Tj ET" % number
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (
        len(kids), b" ".join(b"%d 0 R" % kid for kid in kids)
    )  # fmt: skip
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(
        b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    )
    path.write_bytes(out.getvalue())


def _many_records(path: Path) -> None:
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b"[1]\n" * 10_000)


# A maker, the name of the file, and whether something in it is an article.
HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a zip bomb": (_zip_bomb, "a.zip"),
    "gzip in gzip": (_gzip_of_gzip, "a.txt.gz"),
    "a tar with a header of 4 GB": (_long_tar, "a.tar"),
    "a cell without an end": (_endless_cell, "a.csv"),
    "a cell of lines without an end": (_endless_line, "b.csv"),
    "a WARC with a record of 4 GB": (_long_warc, "a.warc"),
    "entities of entities": (_entities, "a.xml"),
    "a PDF of 10,000 pages": (_many_pages, "a.pdf"),
    "a text of 4 GB": (lambda path: _sparse(path, GOOD, 4 << 30, GOOD), "a.txt"),
    "JSON of 4 GB": (lambda path: _sparse(path, b'[{"text": "', 4 << 30, b'"}]'), "a.json"),
    "a line of JSON of 4 GB": (
        lambda path: _sparse(path, b'{"text": "', 4 << 30, b'"}'),
        "a.jsonl",
    ),
    "a million broken records": (_many_records, "b.jsonl"),
    "a mail of 4 GB": (
        lambda path: _sparse(path, b"From: a@b.c\nSubject: x\nMIME-Version: 1.0\n\n", 4 << 30),
        "a.eml",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_bounded_and_told(name: str, tmp_path: Path) -> None:
    make, file = HOSTILE[name]
    path = tmp_path / file
    make(path)
    run = subprocess.run(
        [sys.executable, "-c", _READ, str(path)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    documents, reasons, peak = json.loads(run.stdout)
    assert peak < MOST
    assert documents or reasons
    if name not in ("a PDF of 10,000 pages",):
        assert reasons
