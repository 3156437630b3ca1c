"""Headers of an answer before what was sent."""

import gzip
from pathlib import Path

import pytest

from indexer.article import Article, Document, Rejected
from indexer.reading.cleaning import clean
from indexer.reading.documents import read_documents
from indexer.reading.input.response import response_headers
from tests.support.ferry import BODY, TITLE, html_of

MOVED = "HTTP/1.1 301 Moved Permanently\r\nLocation: https://skerrypost.example/a\r\n\r\n"
PROXY = "HTTP/1.0 200 Connection established\r\n\r\n"
SENT = (
    "HTTP/2 200 \r\ndate: Wed, 05 Jun 2024 08:00:00 GMT\r\ncontent-type: text/html\r\n"
    "last-modified: Tue, 04 Jun 2024 08:00:00 GMT\r\n\r\n"
)
PAGE = html_of("")


def _read(path: Path, content: str) -> Document | Rejected:
    path.write_bytes(content.encode())
    (found,) = read_documents(path)
    return found


@pytest.mark.parametrize("headers", [SENT, MOVED + SENT, PROXY + MOVED + SENT])
@pytest.mark.parametrize("name", ["a.html", "a.txt", "a"])
def test_a_page_is_read_without_its_headers(tmp_path: Path, headers: str, name: str) -> None:
    found = _read(tmp_path / name, headers + PAGE)
    assert isinstance(found, Document)
    assert (found.format, found.content) == ("html", PAGE)
    article = clean(found)
    assert isinstance(article, Article)
    assert article.title == TITLE
    assert article.published is None or "2024-06" not in article.published.iso


def test_other_ends_of_lines_kinds_and_packing(tmp_path: Path) -> None:
    assert _read(tmp_path / "a", SENT.replace("\r", "") + PAGE) == Document(
        str(tmp_path / "a"), PAGE, "html"
    )
    text = "\n\n".join([TITLE, *BODY])
    found = _read(tmp_path / "b", SENT + text)
    assert isinstance(found, Document)
    assert (found.format, found.content) == ("text", text)
    (tmp_path / "c.gz").write_bytes(gzip.compress((SENT + PAGE).encode()))
    (unpacked,) = read_documents(tmp_path / "c.gz")
    assert isinstance(unpacked, Document)
    assert unpacked.content == PAGE


@pytest.mark.parametrize("status", ["404 Not Found", "503 Service Unavailable", "302 Found"])
def test_an_answer_without_success(tmp_path: Path, status: str) -> None:
    headers = f"{SENT}HTTP/1.1 {status}\r\nContent-Type: text/html\r\n\r\n"
    found = _read(tmp_path / "a.html", headers + PAGE)
    assert isinstance(found, Rejected)
    assert found.reason == "no article: error page"


@pytest.mark.parametrize(
    "text",
    [
        "HTTP/2 404 times\n\nServers answered so on Monday, and nobody knows why.",
        "HTTP/1.1 404 Not Found",
        "HTTP/1.1 404 Not Found\r\nServer: x" + "x" * 100,
        "Status: HTTP/1.1 404 Not Found\r\na: b\r\n\r\nText",
        "",
    ],
)
def test_what_begins_with_no_headers(text: str) -> None:
    assert response_headers(text.encode()) == (0, 200)


def test_headers_without_end_are_bounded() -> None:
    head = MOVED.encode() * 50
    assert response_headers(head) == (len(MOVED) * 20, 301)
    assert response_headers(b"HTTP/1.1 200 OK\n" + b"a:\n" * 20_000) == (0, 200)
