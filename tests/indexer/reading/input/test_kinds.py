"""What a file is said to be, whatever it is called."""

import gzip
import json
import time

import pytest

from indexer.reading.input.kinds import Foreign, kind_of
from tests.support.zipping import make_docx, make_epub, make_zip

LINE = json.dumps({"title": "Ferry", "text": "It sails."}).encode()
PAGE = b"<!DOCTYPE html><html><body><p>It sails.</p></body></html>"
MAIL = b"From: a@example.org\nTo: b@example.org\nSubject: Ferry\nMIME-Version: 1.0\n\nIt sails.\n"
TEXT = b"The ferry sails on Monday.\n"


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (LINE + b"\n" + LINE, "a.json", "json lines"),
        (LINE + b"\n" + LINE, "dump", "json lines"),
        (LINE + b"\n", "a.jsonl", "json lines"),
        (LINE, "a.json", "json"),
        (b"[" + LINE + b",\n" + LINE + b"]", "a.jsonl", "json"),
        (json.dumps([json.loads(LINE)], indent=1).encode(), "a.ndjson", "json"),
        (json.dumps(json.loads(LINE), indent=1).encode() * 2, "a.jsonl", "json"),
        (b"[1, 2]\n[3]\n", "a.jsonl", "json lines"),
        (b"[Updated] The ferry sails.", "a.txt", "text"),
        (b"{Curly} people met on Monday.", "a", "text"),
        (PAGE, "index.html?p=3", "html"),
        (PAGE, "page.txt", "html"),
        (PAGE, "story", "html"),
        (b"\xef\xbb\xbf\n <!-- saved --> <HTML>", "a.php", "html"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html><html xmlns="x">', "a.xhtml", "html"),
        (b"<p>It sails.</p><p>Twice.</p>", "a.txt", "html"),
        (b"<3 from all of us", "a.txt", "text"),
        (b'<?xml version="1.0"?><rss version="2.0">', "feed", "xml"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', "a.txt", "xml"),
        (b'<?xml version="1.0"?><?xml-stylesheet href="x"?><!-- a --><html>', "a", "html"),
        (b"<!-- made by hand -->\n<rss><title>A</title></rss>", "a", "xml"),
        (b"<!DOCTYPE nitf SYSTEM 'x'><nitf>", "a", "xml"),
        (b"<a:feed xmlns:a='x'>", "a", "xml"),
        (b"<articles><p>It sails.</p></articles>", "a.xml", "xml"),
        (b"<feeder><p>It sails.</p></feeder>", "a", "html"),
        (b"\x00\x01\x02\x03" * 99, "a.rss", "text"),
        (b"title,text,date\nFerry,It sails.,2024\n", "dump.txt", "table"),
        (b"Headline;Body\nFerry;It sails.\n", "dump", "table"),
        (b"one,two\n1,2\n", "a.csv", "table"),
        (b"He came, he saw, he left,\n", "a.txt", "text"),
        (MAIL, "a.eml", "mail"),
        (MAIL, "a.txt", "mail"),
        (b"From: <Saved by Blink>\nSubject: A\nMIME-Version: 1.0\n", "page", "mail"),
        (TEXT, "page.mhtml", "mail"),
        (b"From: the editor\nTo: the reader\n\nDear all,\n", "a.txt", "text"),
        (b"From a@example.org Fri Mar 15 06:30:00 2024\n" + MAIL, "a", "mailbox"),
        (b"WARC/1.0\r\n", "a", "warc"),
        (b"%PDF-1.7\n", "a.txt", "pdf"),
        (b"\xef\xbb\xbf\r\n%PDF-1.4\n", "a", "pdf"),
        (b"PAR1\x15\x04\x15", "a", "parquet"),
        (b"ARROW1\0\0\xff\xff\xff\xff", "a.feather", "arrow"),
        (b"\xff\xff\xff\xff\x70\1\0\0\x10\0\0\0", "data-00000.arrow", "arrow"),
        (make_epub({"a.xhtml": "<p>"}), "a", "epub"),
        (make_docx("<w:p/>"), "a", "word"),
        (TEXT, "a.md", "text"),
        (TEXT, "article/123", "text"),
        (TEXT, "a.1", "text"),
        (b"\x00\x01\x02\x03" * 99, "a.txt", "text"),
        (b"MZ Ltd wins the contract.", "a.txt", "text"),
        (b"BM reports a loss.", "a.txt", "text"),
        (b"true love never dies", "a.txt", "text"),
    ],
)  # fmt: skip
def test_kinds(content: bytes, name: str, kind: str) -> None:
    assert kind_of(content, name) == kind


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.html", "picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a", "picture"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a.webp", "picture"),
        (b'<?xml version="1.0"?><svg xmlns="x">', "a.svg", "picture"),
        (b"\0\0\0\x18ftypmp42", "a.mp4", "sound or film"),
        (b"SQLite format 3\0", "articles.db", "database"),
        (b"#!/bin/sh\necho\n", "run", "program"),
        (b"body { color: red }", "a.css", "style sheet"),
        (b"var a = 1;", "a.js", "script"),
        (b"{\\rtf1 Hello}", "a.rtf", "rich text document"),
        (b"\x00\x01\x02\x03" * 99, "a.dat", "binary (.dat)"),
        (
            make_zip({"[Content_Types].xml": "", "xl/workbook.xml": ""}),
            "a",
            "document of an office",
        ),
        (make_zip({"a.txt": TEXT}), "a.zip", "archive inside an archive"),
    ],
)
def test_what_holds_no_articles(content: bytes, name: str, kind: str) -> None:
    assert kind_of(content, name) == Foreign(kind)


def test_a_kind_is_told_by_what_was_unpacked() -> None:
    assert kind_of(gzip.decompress(gzip.compress(PAGE)), "p.html") == "html"


@pytest.mark.parametrize("end", ["<html>", "<svg>", "x"])
def test_many_comments_take_no_time(end: str) -> None:
    begun = time.process_time()
    kind_of(b"<!-- a -->\n" * 3000 + end.encode(), "a")
    assert time.process_time() - begun < 5
