"""What each kind of file gives, packed or not, and what is said of what gives nothing."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.article import Document, Rejected
from indexer.reading.documents import MAX_REPORTED, read_documents
from indexer.reading.fields import MAX_FIELD
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
        "a.json:3": "has no text: its fields are title; name the one that holds it with --map "
        "text=FIELD",
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
    monkeypatch.setattr("indexer.reading.formats.json.MAX_LINE", 1 << 20)
    long = b'{"text": "' + b"x" * (3 << 20) + b'"}'
    content = b'{"text": "One"}\n' + long + b'\n{"text": "Three"}\n' + long
    found = read("a.jsonl", content)
    assert [each.location for each in _documents(found)] == ["a.jsonl:1", "a.jsonl:3"]
    assert _reasons(found) == dict.fromkeys(["a.jsonl:2", "a.jsonl:4"], "line longer than 1 MB")


def test_what_json_has_on_the_web_is_read(read: Read) -> None:
    content = (
        b'{"text": "A tab\tin it", "n": NaN, "m": -Infinity, "id": 7, "id": 8}\n'
        b'{"text": "A long number", "n": ' + b"9" * 5000 + b', "id": ' + b"1" * 5000 + b"}\n"
        b'\xef\xbb\xbf{"text": "A zero\x00 and \xe2\x80\xa8 a separator"}\n'
        b'{"text": "In another encoding: caf\xe9"}\n'
        b'{"text": "The mayor\\u00e2\\u20ac\\u2122s plan"}\n'
    )
    found = _documents(read("a.jsonl", content))
    assert [(each.content, each.id and each.id[:9]) for each in found] == [
        ("A tab\tin it", "8"),
        ("A long number", "111111111"),
        ("A zero and \n a separator", None),
        ("In another encoding: café", None),
        ("The mayor’s plan", None),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_json_lines_in_utf_16(read: Read, encoding: str) -> None:
    lines = '{"text": "Één"}\r\n{"broken\r\n\r\n{"text": "Vier"}\n'
    found = read("a.jsonl", lines.encode(encoding))
    assert [(each.location, each.content) for each in _documents(found)] == [
        ("a.jsonl:1", "Één"),
        ("a.jsonl:4", "Vier"),
    ]
    assert set(_reasons(found)) == {"a.jsonl:2"}


def test_a_broken_array_keeps_what_stands_before(read: Read) -> None:
    records = [{"text": f"Number {number}", "tags": [[1, 2.5, None]] * 999} for number in range(99)]
    content = json.dumps(records, indent=1).encode()
    found = read("a.json", content)
    assert [each.content for each in _documents(found)] == [each["text"] for each in records]
    assert _reasons(found) == {}
    cut = content[: len(content) // 2].rstrip()
    found = read("a.json", cut)
    assert [each.location for each in _documents(found)] == [f"a.json:{n}" for n in range(1, 50)]
    (place, reason) = _reasons(found).popitem()
    line = cut.count(b"\n") + 1
    assert place == "a.json:50"
    assert reason.startswith("not JSON")
    assert f"line {line} column" in reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'[{"text": "One"}\n,\n{"text": oops}]', "Expecting value: line 3 column 10 (char 28)"),
        (b'[{"text": "One"}\n{}]', "Expecting ',' delimiter: line 2 column 1 (char 17)"),
        (b'[{"text": "One"},', "Expecting value: line 1 column 18 (char 17)"),
        (b'[{"text": "One"}', "Expecting ',' delimiter: line 1 column 17 (char 16)"),
        (b'[{"text": "One"}]\n[]', "Extra data: line 1 column 18 (char 17)"),
        (b'[{"text": "One"}, ' + b"[" * 100_000, "nested too deeply"),
    ],
)  # fmt: skip
def test_where_an_array_is_broken(read: Read, content: bytes, reason: str) -> None:
    found = read("a.json", content)
    assert [each.content for each in _documents(found)] == ["One"]
    assert _reasons(found) == {"a.json:2": f"not JSON: {reason}"}


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_of_many_broken_records_the_first_are_reported(read: Read, name: str) -> None:
    content = json.dumps([*[1] * 3000, {"text": "Last"}]).encode()
    if name == "a.jsonl":
        content = content.strip(b"[]").replace(b",", b"\n")
    found = read(name, content)
    assert [each.location for each in _documents(found)] == [f"{name}:3001"]
    assert len(_reasons(found)) == MAX_REPORTED + 1
    assert _reasons(found)[name] == "2,000 more of its records are no articles"


def test_a_value_that_is_too_long(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.reading.formats.json_values.MAX_VALUE", 1 << 20)
    long = b'{"text": "' + b"x" * (1 << 20) + b'"}'
    assert "longer than" in _reasons(read("a.json", long))["a.json"]
    found = read("a.json", b'[{"text": "One"},\n' + long + b',{"text": "Three"}]')
    assert [each.content for each in _documents(found)] == ["One"]
    assert _reasons(found)["a.json:2"].startswith("not JSON: line 2: longer than")


def test_what_is_longer_than_an_article(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.reading.fields.MAX_TEXT", 1 << 20)
    for module in ("fields", "formats.page"):
        monkeypatch.setattr(f"indexer.reading.{module}.MAX_PAGE", 2 << 20)
    for size, names in ((1, ["a.txt"]), (2, ["a.txt", "a.html"])):
        for name in ("a.txt", "a.html"):
            found = read(name, b"x" * ((size << 20) + 1))
            assert bool(_documents(found)) == (name not in names)
    for kind, most in (("text", 1), ("html", 2)):
        lines = [json.dumps({kind: "x" * ((most << 20) + more)}) for more in (0, 1)]
        found = read("a.jsonl", "\n".join(lines).encode())
        assert [each.location for each in _documents(found)] == ["a.jsonl:1"]
        assert _reasons(found) == {"a.jsonl:2": f"{kind} longer than {most} MB"}


@pytest.mark.parametrize(
    "content", [b"\n" * (4 << 20), b"x" * (4 << 20), b'{"text": "y"}\n' * (1 << 18)]
)
def test_a_bomb_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr("indexer.reading.input.packed.HARMLESS", 1 << 20)
    monkeypatch.setattr("indexer.reading.formats.json.MAX_LINE", 1 << 20)
    packed = gzip.compress(content)
    # Whoever reads to the end finds that it is missing.
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    *_, last = read_documents(tmp_path / "a.jsonl.gz")
    assert isinstance(last, Rejected)
    assert "tighter" in last.reason


def test_a_cut_gzip_keeps_the_lines_before(tmp_path: Path) -> None:
    records = [json.dumps({"text": f"{number} {hash(number)}" * 50}) for number in range(4000)]
    packed = gzip.compress("\n".join(records).encode())
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    found = list(read_documents(tmp_path / "a.jsonl.gz"))
    assert len(_documents(found)) > 100
    (location,) = _reasons(found)
    assert location.endswith(f"a.jsonl.gz:{len(found)}")
    assert _reasons(found)[location].startswith("damaged")


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.json", "a.jsonl", "a.md"])
def test_empty(read: Read, name: str) -> None:
    assert _reasons(read(name, b"")) == {name: "empty"}


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.json", "a.jsonl"])
def test_only_space_or_binary(read: Read, name: str) -> None:
    assert _reasons(read(name, b" \n\t\n")) == {name: "empty"}
    (reason,) = _reasons(read(name, b"\x00\x01\x02\x03 a\x00")).values()
    assert reason == "binary, not text"


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
    assert len(list(read_documents(path, reached=positions.append))) == 2000
    assert positions == sorted(positions)
    assert 0 < positions[0] <= positions[-1] == len(packed)


@pytest.mark.parametrize(
    ("date", "read"),
    [("1733666700", "1733666700"), ("1733666700.5", "1733666700"), ("true", None), ("NaN", None),
     ("1e400", None), ("-5", None), ("[2024, 3, 9]", "2024-03-09"), ("[]", None)],
)  # fmt: skip
def test_a_date_that_is_a_number(write_files: WriteFiles, date: str, read: str | None) -> None:
    folder = write_files({"a.json": f'{{"text": "Text", "date": {date}}}'.encode()})
    (document,) = read_documents(folder / "a.json")
    assert isinstance(document, Document)
    assert document.date == read


RAISING: dict[str, bytes] = {
    "mac.csv": b"title,text\rFerry,It sails.\r",
    "length.warc": b"WARC/1.0\r\nWARC-Type: request\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\nx",
}


@pytest.mark.parametrize("name", RAISING)
def test_whatever_a_reader_stumbles_over_is_told(read: Read, name: str) -> None:
    found = read(name, RAISING[name])
    assert found
    assert all(isinstance(each, Rejected) for each in found)


def test_a_wide_table(read: Read) -> None:
    (document,) = _documents(read("a.csv", b"title," + b"x" * 200_000 + b",text\nA,B,C\n"))
    assert (document.title, document.content) == ("A", "C")


def test_a_tar_that_is_cut_inside_a_member(tmp_path: Path) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name in ("a.txt", "b.txt"):
            info = tarfile.TarInfo(name)
            info.size = 1 << 20
            archive.addfile(info, io.BytesIO(b"word " * (1 << 18)))
    (tmp_path / "a.tar").write_bytes(content.getvalue()[: (1 << 20) + (1 << 19)])
    first, *rest = read_documents(tmp_path / "a.tar")
    assert isinstance(first, Document)
    assert rest
    assert all(isinstance(each, Rejected) and each.unread for each in rest)


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_packed_is_read_as_what_is_not(tmp_path: Path, packed: bool) -> None:
    page = b"<script>" + b"var a = 1; " * 900 + b"</script><p>The ferry sails.</p><p>Twice.</p>"
    hits = json.dumps({"hits": [{"text": "word " * 500} for _ in range(4)]}).encode()
    for name, content, expected in (("page", page, ["html"]), ("one.jsonl", hits, ["text"] * 4)):
        path = tmp_path / name
        path.write_bytes(gzip.compress(content) if packed else content)
        found = list(read_documents(path))
        assert [each.format for each in found if isinstance(each, Document)] == expected
