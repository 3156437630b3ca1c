"""Whatever lies beside it, a good article is indexed; the rest is reported, with place and reason.

End to end, through `reindex()`. Work is bounded by memory and by bytes read, never by the clock.
"""

import gzip
import json
import random
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest

from indexer.reading.fields import MAX_PAGE
from indexer.reading.formats.json import MAX_LINE
from indexer.reading.input.packed import HARMLESS
from scripts.cli import main
from search.question.query import Query
from tests.conftest import Run, WriteFiles, open_index
from tests.support.fakes import FakeEmbedder

GOOD = (
    "Ferry timetable for the winter\n\n"
    "The night ferry between Oskar Quay and the island will sail twice an hour from Monday. "
    "The harbour master said that the boats had been full since the bridge was closed.\n"
)
ANOTHER = (
    "The lighthouse on the point was lit again on Friday after a summer of repairs. "
    "Its keeper told visitors that the lamp can be seen from twenty miles away.\n"
)
RANDOM = random.Random(20)


def _line(text: str, **fields: Any) -> bytes:
    return json.dumps({"text": text, **fields}).encode() + b"\n"


# File name → content; what is reported: place in the folder → a part of the reason; and how many
# articles there are beside the good one.
Wreck = tuple[dict[str, bytes], dict[str, str], int]
WRECKS: dict[str, Wreck] = {
    "empty": ({"a.txt": b"", "b.html": b"\n", "c.json": b" ", "d.jsonl": b"\n\n"},
              dict.fromkeys(["a.txt", "b.html", "c.json", "d.jsonl"], "empty"), 0),
    "zeros": ({"a.txt": bytes(5000)}, {"a.txt": "empty"}, 0),
    "binary": ({"a.txt": RANDOM.randbytes(9000), "b.html": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
                "c.json": b"PK\x03\x04" + RANDOM.randbytes(99),
                "d.jsonl": _line(ANOTHER) + b"\0\x01\0\x02\n",
                "e.txt": b"%PDF-1.7\n" + zlib.compress(RANDOM.randbytes(9000))},
               {"a.txt": "binary", "b.html": "picture", "c.json": "damaged", "d.jsonl:2": "binary",
                "e.txt": "PDF"}, 1),
    "gzip cut": ({"a.txt.gz": gzip.compress(RANDOM.randbytes(999).hex().encode())[:-300],
                  "b.jsonl.gz": gzip.compress(_line(ANOTHER))[:-4]},
                 {"a.txt.gz": "damaged", "b.jsonl.gz:2": "damaged"}, 1),
    "no gzip": ({"a.txt.gz": GOOD.encode(), "b.html.gz": b""},
                {"b.html.gz": "empty"}, 0),
    "deep json": ({"a.json": b"[" * 200_000, "b.json": b'{"a":' * 200_000,
                   "c.jsonl": b"[" * 200_000 + b"\n" + _line(ANOTHER) + b'{"a":' * 200_000},
                  {"a.json:1": "nested too deeply", "b.json": "nested too deeply",
                   "c.jsonl:1": "nested too deeply", "c.jsonl:3": "nested too deeply"}, 1),
    "broken lines": ({"a.jsonl": _line(ANOTHER) + b'{"text": "cut\n' + b"[1]\n\n" + b'{"text": 5}\n'
                                 + _line("On Sunday " + ANOTHER) + b"nope"},
                     {"a.jsonl:2": "Unterminated string", "a.jsonl:3": "not a JSON object",
                      "a.jsonl:5": "has no text", "a.jsonl:7": "Expecting value"}, 2),
    "broken array": ({"a.json": b'[{"text": "' + ANOTHER.strip().encode() + b'"},\n{"text" oops}]'},
                     {"a.json:2": "line 2 column 9"}, 1),
    "nested html": ({"a.html": b"<div>" * 100_000, "b.html": b"<b><p>" * 50_000 + b"</b>" * 9},
                    {"a.html": "HTML", "b.html": "HTML"}, 0),
    "large": ({"a.txt": b"x" * (MAX_PAGE + 1), "b.txt": b"word " * (50 * 2**20 // 5),
               "c.html.gz": gzip.compress(b"<p>" * (MAX_PAGE // 2), 1)},
              {"a.txt": "larger than", "b.txt": "larger than", "c.html.gz": "larger than"}, 0),
    "long line": ({"a.jsonl": _line(ANOTHER) + b'{"text": "' + b"x" * MAX_LINE + b'"}\n' + b"{\n"},
                  {"a.jsonl:2": "longer than 16 MB", "a.jsonl:3": "not JSON"}, 1),
    "bomb": ({"a.txt.gz": gzip.compress(bytes(2 * MAX_PAGE)),
              "b.jsonl.gz": gzip.compress(b"\n" + b"x" * (4 * HARMLESS), 1)},
             {"a.txt.gz": "larger than", "b.jsonl.gz": "tighter than text"}, 0),
    "names": ({"a\nb.txt": b"", "c\r\x1b[31m.txt": b"", "d\u202etxt.html": b"",
               "e\nf.jsonl": b"{\n", "\udcff.md": b""},
              {"a\nb.txt": "empty", "c\r\x1b[31m.txt": "empty", "d\u202etxt.html": "empty",
               "e\nf.jsonl": "not JSON", "\ufffd.md": "empty"}, 0),
}  # fmt: skip


def _indexed(index: Path, embedder: FakeEmbedder) -> list[str]:
    """The beginnings of the texts of all articles, found with words that each of them has."""
    hits = (
        open_index(index, embedder)
        .search(Query(text="the and said visitors boats", limit=100))
        .hits
    )
    return sorted(hit.article.text[:30] for hit in hits)


@pytest.mark.parametrize("wreck", WRECKS)
def test_a_wreck_is_reported_and_the_rest_indexed(
    wreck: str, write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    files, reported, articles = WRECKS[wreck]
    folder = write_files({**files, "good.txt": GOOD.encode()})
    summary = run(folder)
    reasons = {each.location.removeprefix(f"{folder}/"): each.reason for each in summary.skipped}
    assert reasons.keys() == reported.keys()
    for place, reason in reported.items():
        assert reason in reasons[place]
    assert summary.articles == 1 + articles
    assert len(summary.skipped) == len(reported)
    texts = _indexed(index, embedder)
    assert len(texts) == 1 + articles
    assert "The night ferry between Oskar" in " ".join(texts)
    # Every wreck can be written down, and the next run finds nothing else.
    json.dumps([each.location for each in summary.skipped], ensure_ascii=False).encode()
    again = run(folder)
    assert (again.published, len(again.skipped)) == (False, len(reported))


CAFE = "Le café d’été, dit-il, reste ouvert à tous jusqu’en août."
REPAIRED = {
    "windows-1252": ("a.txt", CAFE.encode("cp1252")),
    "two encodings": ("a.txt", "Le café\n".encode() * 9 + CAFE.encode("cp1252")),
    "twice utf-8": ("a.txt", CAFE.encode().decode("latin-1").encode()),
    "utf-16": ("a.txt", CAFE.encode("utf-16-le")),
    "utf-7 declared": ("a.html", b"<meta charset=utf-7><p>" + CAFE.encode("cp1252")),
    "wrongly declared": ("a.html", b"<meta charset=shift_jis><p>" + CAFE.encode()),
    "utf-16 lines": ("a.jsonl", f'{{"text": "{CAFE}"}}\n'.encode("utf-16")),
    "odd json": ("a.json", b'\xef\xbb\xbf{"n": NaN, "m": ' + b"9" * 9999 + b', "text": "\t'
                 + CAFE.encode() + b'\xe2\x80\xa8\\ud800 \0"}'),
}  # fmt: skip


@pytest.mark.parametrize("wreck", REPAIRED)
def test_what_can_be_repaired_is_indexed(
    wreck: str, write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    name, content = REPAIRED[wreck]
    summary = run(write_files({name: content, "good.txt": GOOD.encode()}))
    assert (summary.articles, summary.skipped) == (2, [])
    hits = open_index(index, embedder).search(Query(text="reste ouvert jusqu’en août")).hits
    assert CAFE in hits[0].article.text


def test_links_and_folders_in_a_circle(write_files: WriteFiles, run: Run, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text(ANOTHER, "utf-8")
    folder = write_files({"good.txt": GOOD.encode(), "sub/deep/x.txt": b""})
    links = {"loop": folder, "sub/deep/up": folder / "sub", "out": tmp_path / "outside",
             "secret.txt": tmp_path / "outside" / "secret.txt", "self.txt": folder / "self.txt",
             "gone.txt": tmp_path / "nowhere"}  # fmt: skip
    for name, target in links.items():
        (folder / name).symlink_to(target)
    summary = run(folder)
    reasons = {each.location.removeprefix(f"{folder}/"): each.reason for each in summary.skipped}
    assert summary.articles == 1
    assert reasons.pop("sub/deep/x.txt") == "empty"
    assert reasons == dict.fromkeys(links, "a symbolic link: links are not followed")


def test_what_may_not_be_read(
    write_files: WriteFiles, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["shut.txt", "shut.jsonl", "shut.html.gz"]
    folder = write_files({"good.txt": GOOD.encode(), **dict.fromkeys(names, ANOTHER.encode())})

    whole = Path.open

    def guarded(path: Path, mode: str = "r", **how: Any) -> Any:
        if path.name.startswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path, mode, **how)

    # The tests may run as root, who may read everything.
    monkeypatch.setattr(Path, "open", guarded)
    summary = run(folder)
    assert summary.articles == 1
    assert {Path(each.location).name: each.reason for each in summary.skipped} == dict.fromkeys(
        ["shut.txt", "shut.jsonl", "shut.html.gz"], "cannot be read: Permission denied"
    )


def test_a_large_file_takes_little_memory(write_files: WriteFiles, run: Run) -> None:
    folder = write_files(
        {
            "good.txt": GOOD.encode(),
            "line.txt": b"word " * (50 * 2**20 // 5),
            "lines.jsonl": b'{"text": "' + b"x" * (50 << 20) + b'"}\n' + _line(ANOTHER),
            "bomb.html.gz": gzip.compress(bytes(200 << 20), 1),
        }
    )
    tracemalloc.start()
    try:
        summary = run(folder)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()
    assert (summary.articles, len(summary.skipped)) == (2, 3)


def test_the_command_says_what_was_skipped(
    write_files: WriteFiles,
    index: Path,
    fake_model: FakeEmbedder,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = write_files(
        {"good.txt": GOOD.encode(), "a\n\x1b[31mb.txt": b"", "c.jsonl": _line(ANOTHER) + b"{\n"}
    )
    assert main(["reindex", str(folder), "--index", str(index), "--quiet"]) == 3
    out, _ = capsys.readouterr()
    assert "2 skipped" in out
    skipped = [line for line in out.splitlines() if line.startswith("skipped")]
    assert skipped[0] == f"skipped {folder}/a  [31mb.txt: empty"
    assert skipped[1].startswith(f"skipped {folder}/c.jsonl:2: not JSON")
    assert len(skipped) == 2
    assert main(["reindex", str(folder), "--index", str(index), "--quiet", "--json"]) == 3
    out, _ = capsys.readouterr()
    assert out.count("\n") == 1
    assert "\x1b" not in out
    report = json.loads(out)["skipped"]
    places = [f"{folder}/a\n\x1b[31mb.txt", f"{folder}/c.jsonl:2"]
    assert [each["location"] for each in report] == places
