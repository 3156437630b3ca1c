"""What each kind of file gives, packed or not, and what is said of what gives nothing."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.article import Document, Rejected
from indexer.reading.formats import MAX_FIELD, read_documents
from tests.conftest import WriteFiles

Read = Callable[[str, bytes], list[Document | Rejected]]


@pytest.fixture(params=["", ".gz"])
def read(request: pytest.FixtureRequest, write_files: WriteFiles) -> Read:
    """Read a file, plain and packed; locations come back as file names."""

    def run(name: str, content: bytes) -> list[Document | Rejected]:
        packed = gzip.compress(content) if request.param else content
        folder = write_files({name + request.param: packed})
        found = list(read_documents(folder / (name + request.param)))
        for each in found:
            location = each.location.replace(request.param, "") if request.param else each.location
            object.__setattr__(each, "location", location.removeprefix(f"{folder}/"))
        return found

    return run


def _reasons(found: list[Document | Rejected]) -> dict[str, str]:
    return {each.location: each.reason for each in found if isinstance(each, Rejected)}


def _documents(found: list[Document | Rejected]) -> list[Document]:
    return [each for each in found if isinstance(each, Document)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.txt", "text"), ("a.md", "text"), ("a.html", "html"), ("a.htm", "html"), ("A.TXT", "text")],
)
def test_one_document_a_file(read: Read, name: str, kind: str) -> None:
    (document,) = _documents(read(name, b"Some caf\xc3\xa9\r\nlines"))
    assert (document.location, document.format) == (name, kind)
    assert document.content == "Some café\nlines"
    assert document.title is None


def test_json_fields(read: Read) -> None:
    record = {
        "id": 7, "title": " A\ttitle\n", "text": "Text", "html": "<p>no</p>", "date": "2024-01-02",
        "source": "Echo", "url": "https://e.example", "author": "Ruth", "other": [1],
    }  # fmt: skip
    assert read("a.json", json.dumps(record).encode()) == [
        Document("a.json", "Text", "text", "7", "A title", "2024-01-02", "Echo",
                 "https://e.example", "Ruth")
    ]  # fmt: skip


def test_json_html_and_ids(read: Read) -> None:
    (document,) = _documents(read("a.json", b'{"html": "<p>Hi</p>", "text": " ", "_id": "x"}'))
    assert (document.content, document.format, document.id) == ("<p>Hi</p>", "html", "x")
    (document,) = _documents(read("a.json", b'{"text": "Hi", "_id": "first", "id": "second"}'))
    assert document.id == "first"
    (document,) = _documents(read("a.json", b'{"text": "Hi", "id": null, "title": 5, "url": {}}'))
    assert (document.id, document.title, document.url) == (None, None, None)


def test_json_array(read: Read) -> None:
    found = read("a.json", b'[{"text": "One"}, 2, {"title": "No text"}, {"text": "Two"}]')
    assert [(each.location, each.content) for each in _documents(found)] == [
        ("a.json:1", "One"),
        ("a.json:4", "Two"),
    ]
    assert _reasons(found) == {
        "a.json:2": "not a JSON object",
        "a.json:3": "has neither a text nor an html field",
    }


def test_json_lines_go_on_after_broken_ones(read: Read) -> None:
    lines = [
        b'\xef\xbb\xbf{"text": "One"}',
        b'{"text": "broken',
        b"",
        b"  ",
        b'{"text": "Five"}\r',
        b"[1, 2]",
        b"\x00\x01",
        b'{"text": "Eight \\ud83e\\udd89"}',
        b"[" * 100_000,
        b'{"title": "None"}',
        b'{"text": "Last, no line end"}',
    ]
    found = read("a.jsonl", b"\n".join(lines))
    assert [(each.location, each.content) for each in _documents(found)] == [
        ("a.jsonl:1", "One"),
        ("a.jsonl:5", "Five"),
        ("a.jsonl:8", "Eight 🦉"),
        ("a.jsonl:11", "Last, no line end"),
    ]
    reasons = _reasons(found)
    assert set(reasons) == {f"a.jsonl:{number}" for number in (2, 6, 7, 9, 10)}
    assert reasons["a.jsonl:2"].startswith("not JSON")
    assert reasons["a.jsonl:6"] == "not a JSON object"
    assert reasons["a.jsonl:7"] == "binary, not text"
    assert reasons["a.jsonl:9"] == "not JSON: nested too deeply"


def test_a_long_line_is_passed_over(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.reading.formats.MAX_LINE", 1 << 20)
    long = b'{"text": "' + b"x" * (3 << 20) + b'"}'
    content = b'{"text": "One"}\n' + long + b'\n{"text": "Three"}\n' + long
    found = read("a.jsonl", content)
    assert [each.location for each in _documents(found)] == ["a.jsonl:1", "a.jsonl:3"]
    assert _reasons(found) == dict.fromkeys(["a.jsonl:2", "a.jsonl:4"], "line longer than 1 MB")


def test_a_cut_gzip_keeps_the_lines_before(tmp_path: Path) -> None:
    records = [json.dumps({"text": f"{number} {hash(number)}" * 50}) for number in range(4000)]
    packed = gzip.compress("\n".join(records).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    found = list(read_documents(tmp_path / "a.jsonl.gz"))
    assert len(_documents(found)) > 100
    (location,) = _reasons(found)
    assert location.endswith(f"a.jsonl.gz:{len(found)}")
    assert _reasons(found)[location].startswith("damaged gzip")


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.json", "a.jsonl", "a.md"])
def test_empty(read: Read, name: str) -> None:
    assert _reasons(read(name, b"")) == {name: "empty"}


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.json"])
def test_only_space_or_binary(read: Read, name: str) -> None:
    assert _reasons(read(name, b" \n\t\n")) == {name: "empty"}
    assert _reasons(read(name, b"PK\x03\x04\x00\x00")) == {name: "binary, not text"}


@pytest.mark.parametrize(
    "content",
    [b"{", b"nope", b"[" * 100_000, b'{"a":' * 50_000, b'"text"', b"1" * 10_000, b"null", b"NaN"],
)
def test_json_that_is_no_article(read: Read, content: bytes) -> None:
    (rejected,) = read("a.json", content)
    assert isinstance(rejected, Rejected)
    assert "JSON" in rejected.reason


def test_an_array_without_articles_is_reported(read: Read) -> None:
    assert set(_reasons(read("a.json", b"[]"))) == {"a.json"}


def test_control_characters_and_lone_surrogates(read: Read) -> None:
    record = (
        b'{"id": "i\\ud800", "title": "Red \\u001b[31m\\u0000 \\udfff", '
        b'"text": "A\\u0007B \\ud83d C\\r\\nD\\u2028E", "source": "S\\u0008"}'
    )
    (document,) = _documents(read("a.json", record))
    assert (document.id, document.title, document.source) == ("i?", "Red [31m ?", "S")
    assert document.content == "AB ? C\nD\nE"


def test_fields_are_cut(read: Read) -> None:
    record = {"text": "Text", "title": "x" * 10_000, "id": "y" * 10_000}
    (document,) = _documents(read("a.json", json.dumps(record).encode()))
    assert len(document.title or "") == len(document.id or "") == MAX_FIELD


def test_an_id_is_a_word_or_a_number(read: Read) -> None:
    text = "A sentence of some words stands here for an article."
    records: list[dict[str, object]] = [
        {"_id": None, "id": "5"},
        {"_id": True, "id": 7},
        {"_id": "", "id": False},
    ]
    lines = "\n".join(json.dumps({**record, "text": text}) for record in records)
    found = _documents(read("a.jsonl", lines.encode()))
    assert [document.id for document in found] == ["5", "7", None]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_json_lines_tell_how_far_they_are(write_files: WriteFiles, name: str) -> None:
    content = b"".join(b'{"text": "Sentence number %d of many."}\n' % i for i in range(2000))
    packed = gzip.compress(content) if name.endswith(".gz") else content
    path = write_files({name: packed}) / name
    positions: list[int] = []
    assert len(list(read_documents(path, positions.append))) == 2000
    assert positions == sorted(positions)
    assert 0 < positions[0] <= positions[-1] == len(packed)
