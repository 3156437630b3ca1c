"""Pages out of web archives, as crawlers write them."""

import gzip
import sys
import zlib
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.article import Article, Document, Rejected
from indexer.reading.cleaning import clean
from indexer.reading.documents import read_documents
from indexer.reading.formats.warc import _of_chunks

PAGE = (
    "<!DOCTYPE html><html><head><title>The old ferry sails again</title></head><body><article>"
    "<h1>The old ferry sails again</h1><p>%s</p><p>It sails every Monday, the mayor said, and "
    "costs as much as before the long strike.</p><p>Nobody had thought of that in the spring.</p>"
    "</article></body></html>"
)
FERRY = "After eleven years on the slipway the ferry of the island was launched on Sunday."
URL = "https://echo.example/ferry"


def _record(kind: str, block: bytes, **headers: str) -> bytes:
    known = {"WARC-Type": kind, "WARC-Target-URI": URL, "WARC-Date": "2024-03-15T10:00:00Z"}
    known |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in known.items()]
    head = "\r\n".join(["WARC/1.0", *lines, f"Content-Length: {len(block)}"])
    return head.encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def _answer(body: bytes, *headers: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([status, *headers, "", ""]).encode() + body


def _page(text: str = FERRY) -> bytes:
    return (PAGE % text).encode()


def _html(body: bytes, *headers: str) -> bytes:
    return _record("response", _answer(body, "Content-Type: text/html; charset=utf-8", *headers))


def _chunked(body: bytes, size: int = 100) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;a=b\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _read(path: Path, content: bytes) -> list[Document | Rejected]:
    path.write_bytes(content)
    found = list(read_documents(path))
    for each in found:
        object.__setattr__(each, "location", each.location.removeprefix(str(path)))
    return found


def test_pages_are_read_and_the_rest_is_counted(tmp_path: Path) -> None:
    records = [
        _record("warcinfo", b"software: a crawler"),
        _record("request", b"GET / HTTP/1.1\r\n\r\n"),
        _html(_page()),
        *[_record("response", _answer(b"\x89PNG", "Content-Type: image/png"))] * 3,
        _record("response", _answer(_page(), "Content-Type: text/html", status="HTTP/1.1 404 No")),
        _record("revisit", _answer(b"")),
        _record("resource", _page(), Content_Type="text/html"),
        _record("request", b"GET / HTTP/1.1\r\n\r\n"),
        _record("response", b"", WARC_Target_URI="dns:echo.example"),
        _record("response", _answer(_page("It was on <b>Sunday</b>."))),
        _record("response", _answer(b"All is well.")),
    ]
    one, two, three, *passed = _read(tmp_path / "a.warc", b"".join(records))
    assert one == Document(":3", PAGE % FERRY, "html", url=URL, captured="2024-03-15T10:00:00Z")
    assert isinstance(two, Document)
    assert (two.location, two.url) == (":9", URL)
    assert three.location == ":12"
    assert [each.reason.split(" records")[0] for each in passed if isinstance(each, Rejected)] == [
        "warcinfo: 1", "request: 2", "image: 3", "status 404: 1", "revisit: 1", "not of the web: 1",
        "other: 1",
    ]  # fmt: skip
    assert all(isinstance(each, Rejected) and each.foreign for each in passed)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (_chunked(_page()), ["Transfer-Encoding: chunked"]),
        (gzip.compress(_page()), ["Content-Encoding: gzip"]),
        (
            _chunked(gzip.compress(_page())),
            ["Content-Encoding: gzip", "Transfer-Encoding: chunked"],
        ),
        (zlib.compress(_page()), ["Content-Encoding: deflate"]),
        (zlib.compress(_page(), wbits=-15), ["Content-Encoding: deflate"]),
        (brotli.compress(_page()), ["Content-Encoding: br"]),
        (brotli.compress(gzip.compress(_page())), ["Content-Encoding: gzip, br"]),
        # A crawler that unpacks what it keeps, and keeps the headers.
        (_page(), ["Content-Encoding: gzip", "Transfer-Encoding: chunked", "Content-Length: 7"]),
        (_page(), ["Content-Encoding: br"]),
    ],
)
def test_how_a_page_was_sent(tmp_path: Path, body: bytes, headers: list[str]) -> None:
    (document,) = _read(tmp_path / "a", _html(body, *headers))
    assert isinstance(document, Document)
    assert document.content == PAGE % FERRY


def test_a_member_of_gzip_a_record(tmp_path: Path) -> None:
    records = [_html(_page(f"{FERRY} It was trip number {number}.")) for number in range(3)]
    found = _read(tmp_path / "a.warc.gz", b"".join(map(gzip.compress, records)))
    assert [each.location for each in found] == [":1", ":2", ":3"]
    assert all(isinstance(each, Document) for each in found)


def test_no_date_of_a_page_is_later_than_its_capture(tmp_path: Path) -> None:
    page = _page(f"Published: 18 March 2024 {FERRY}").replace(
        b"<h1>", b"<p>Published 14 March 2024</p><p>Posted 2 May 2024</p><h1>"
    )
    (document,) = _read(tmp_path / "a.warc", _html(page))
    assert isinstance(document, Document)
    article = clean(document)
    assert isinstance(article, Article)
    assert article.published is not None
    assert article.published.iso == "2024-03-14"
    (document,) = _read(tmp_path / "a.warc", _html(_page()))
    assert isinstance(document, Document)
    article = clean(document)
    assert isinstance(article, Article)
    assert article.published is None


WET_TEXT = f"The old ferry sails again\nPublished 14 March 2024\n{FERRY}\nIt sails every Monday."


def test_texts_of_pages_are_read(tmp_path: Path) -> None:
    records = [
        _record("warcinfo", b"software: a crawler", Content_Type="application/warc-fields"),
        _record("conversion", WET_TEXT.encode(), Content_Type="text/plain"),
        _record("conversion", b"%PDF-1.4", Content_Type="application/pdf"),
        _record("conversion", b" \n", Content_Type="text/plain"),
        _record("conversion", WET_TEXT.encode() * 20_000, Content_Type="text/plain"),
        _record("conversion", WET_TEXT.encode() * 100_000, Content_Type="text/plain"),
    ]
    found = _read(tmp_path / "a.warc.wet", b"".join(records))
    assert found[0] == Document(":2", WET_TEXT, "text", url=URL, captured="2024-03-15T10:00:00Z")
    assert [(each.location, each.reason) for each in found[1:] if isinstance(each, Rejected)] == [
        (":4", "empty"),
        (":5", "text longer than 2 MB"),
        (":6", "text longer than 2 MB"),
        ("", "warcinfo: 1 records of a web archive that are no pages"),
        ("", "conversion: 1 records of a web archive that are no pages"),
    ]


def _arc(block: bytes, mime: str, second: bool, url: str = URL) -> bytes:
    more = " 200 AB12 - 1021 a.arc" if second else ""
    return f"{url} 192.0.2.1 20010315100000 {mime}{more} {len(block)}\n".encode() + block + b"\n"


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_the_format_before(tmp_path: Path, second: bool, packed: bool) -> None:
    about = b"1 0 Echo\nURL IP-address Archive-date Content-type Archive-length\n"
    answer = _answer(_page(), "Content-Type: text/html")
    records = [
        _arc(about, "text/plain", second, "filedesc://a.arc"),
        _arc(b"echo", "text/dns", second, "dns:echo.example"),
        _arc(answer, "text/html", second),
        _arc(_answer(b"GIF89a", "Content-Type: image/gif"), "image/gif", second),
        _arc(answer, "text/html", second).replace(b"200 OK", b"404 No"),
        b"nonsense\n",
        _arc(answer, "text/html", second),
        _arc(answer, "text/html", second)[:-200],
    ]
    content = b"".join(map(gzip.compress, records) if packed else records)
    one, two, three, four, *passed = _read(tmp_path / "a.arc", content)
    assert one == Document(":3", PAGE % FERRY, "html", url=URL, captured="2001-03-15")
    assert isinstance(two, Rejected)
    assert (two.location, two.reason.partition(":")[0]) == (":6", "damaged")
    assert (three.location, isinstance(three, Document)) == (":7", True)
    assert four == Rejected(":8", "damaged: the record is cut short")
    assert [each.reason.split(" records")[0] for each in passed if isinstance(each, Rejected)] == [
        "warcinfo: 1", "not of the web: 1", "image: 1", "status 404: 1",
    ]  # fmt: skip


def test_a_damaged_record_does_not_hide_the_rest(tmp_path: Path) -> None:
    whole = _html(_page())
    content = whole + b"\0\xff nonsense\r\nmore of it\r\n\r\n" + whole
    content += b"WARC/1.0\r\nContent-Length: many\r\n\r\n" + whole + whole[:-300]
    found = _read(tmp_path / "a.warc", content)
    assert [each.location for each in found if isinstance(each, Document)] == [":1", ":3", ":5"]
    assert {each.location: each.reason for each in found if isinstance(each, Rejected)} == {
        ":2": "damaged: no record of a web archive where one should begin",
        ":4": "damaged: the headers of a record of a web archive",
        ":6": "damaged: the record is cut short",
    }


def test_a_record_of_gigabytes(tmp_path: Path) -> None:
    head = _html(b"").replace(b"Content-Length: 59", b"Content-Length: 4294967296")
    assert b"4294967296" in head
    path = tmp_path / "a.warc"
    with path.open("wb") as file:
        file.write(head.rstrip() + b"\r\n\r\n")
        file.seek((4 << 30) - 59, 1)
        file.write(b"\r\n\r\n" + _html(_page()))
    long, *_ = found = list(read_documents(path))
    assert isinstance(long, Rejected)
    assert long.reason == "html longer than 10 MB"
    assert [each.location for each in found if isinstance(each, Document)] == [f"{path}:2"]


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate"])
def test_a_page_that_unpacks_to_gigabytes(tmp_path: Path, coding: str) -> None:
    bomb = bytes(1 << 27)
    packed = {
        "gzip": gzip.compress(bomb, 1),
        "br": brotli.compress(bomb, quality=1),
        "deflate": zlib.compress(bomb, 1),
    }[coding]
    (found,) = _read(tmp_path / "a", _html(packed, f"Content-Encoding: {coding}"))
    assert isinstance(found, Rejected)
    assert found.reason == "html longer than 10 MB"


def test_endless_headers(tmp_path: Path) -> None:
    content = b"WARC/1.0\r\n" + b"a: b\r\n" * 1000 + b"c: " + b"x" * (1 << 20) + b"\r\n\r\n"
    found = _read(tmp_path / "a", content + _html(_page()))
    assert [type(each) for each in found] == [Rejected, Document]


def test_without_brotli_it_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = _html(brotli.compress(_page()), "Content-Encoding: br")
    monkeypatch.setitem(sys.modules, "brotli", None)
    document, rejected = _read(tmp_path / "a", sent + _html(_page()) + sent)
    assert isinstance(document, Document)
    assert rejected == Rejected("", "needs the extra warc: pip install 'article-search[warc]'")


@given(st.binary(min_size=1), st.integers(1, 50))
def test_chunks_are_joined(body: bytes, size: int) -> None:
    assert _of_chunks(_chunked(body, size)) == body
