"""`explain` tells of every line whether the article has it, and why or why not."""

import json
import zipfile
from pathlib import Path

import pytest

from scripts.cli import main
from tests.conftest import Run, WriteFiles
from tests.support.corpus import BAKERY, FERRY, OBSERVATORY, record

Captured = pytest.CaptureFixture[str]

HERRING = "ten tons of herring and two new sails on the morning of this very day"
SLOGAN = "You read this because two thousand islanders pay for their own paper."
PAGE = [
    "Home | World | Sport | Weather | Podcasts",
    "Last loaves at the Millbrook bakery",
    "Published 2024-02-09 08:00:00",
    *BAKERY,
    "Leave a comment",
    "You have 2000 characters left.",
]


def _explained(file: Path | str, captured: Captured, *more: str) -> list[dict[str, object]]:
    captured.readouterr()
    main(["explain", str(file), "--json", *more])
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


def _kept(report: dict[str, object]) -> dict[str, tuple[bool, str]]:
    lines = report["lines"]
    assert isinstance(lines, list)
    return {line["text"]: (line["kept"], line["why"]) for line in lines}


def test_every_line_of_a_text(write_files: WriteFiles, capsys: Captured) -> None:
    folder = write_files({"a.txt": "\n\n".join(PAGE).encode()})
    (report,) = _explained(folder / "a.txt", capsys)
    lines = _kept(report)
    assert list(lines) == PAGE
    assert [line for line, (kept, _) in lines.items() if kept] == list(BAKERY)
    assert lines[PAGE[1]] == (False, "the headline")
    assert lines[PAGE[2]] == (False, "the date: published 2024-02-09T08:00:00")
    assert all(why for _, why in lines.values())
    assert report["published"] == {
        "iso": "2024-02-09T08:00:00",
        "precision": "second",
        "certain": True,
        "line": PAGE[2],
    }


def test_the_frame_of_an_archive_is_told(write_files: WriteFiles, capsys: Captured) -> None:
    frame = ["17 captures", "11 Jul 2019 - 03 Feb 2022", "About this capture"]
    folder = write_files({"a.txt": "\n".join([*frame, "", *PAGE]).encode()})
    (report,) = _explained(folder / "a.txt", capsys)
    lines = _kept(report)
    assert list(lines) == [*frame, *PAGE]
    assert [lines[line] for line in frame] == [(False, "frame of a web archive")] * 3
    assert [line for line, (kept, _) in lines.items() if kept] == list(BAKERY)


def test_for_people(write_files: WriteFiles, capsys: Captured) -> None:
    folder = write_files({"a.txt": "\n\n".join(PAGE).encode()})
    assert main(["explain", str(folder / "a.txt")]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert "title      Last loaves at the Millbrook bakery" in printed
    assert any(line.startswith("published  2024-02-09T08:00:00 (second") for line in printed)
    assert [line for line in printed if line.startswith("kept")]
    assert any(line.startswith("dropped  the headline") for line in printed)


def test_every_line_of_a_page(write_files: WriteFiles, capsys: Captured) -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in BAKERY)
    html = (
        "<html><head><title>Last loaves</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>Last loaves</h1>{body}</article><script>var hidden = 1</script>"
        "<footer>Imprint and contact</footer></body></html>"
    )
    folder = write_files({"a.html": html.encode()})
    (report,) = _explained(folder / "a.html", capsys)
    lines = _kept(report)
    assert list(lines) == ["Home", "Last loaves", *BAKERY, "Imprint and contact"]
    assert [line for line, (kept, _) in lines.items() if kept] == list(BAKERY)
    assert lines["Last loaves"] == (False, "the headline")


def test_what_a_page_hides_or_declares_is_told_where_it_belongs(
    write_files: WriteFiles, capsys: Captured
) -> None:
    first, *rest = BAKERY
    hidden = "".join(f"<p>{paragraph}</p>" for paragraph in rest)
    declared = json.dumps({"@type": "NewsArticle", "articleBody": "\n".join(BAKERY)})
    script = f"<script type='application/ld+json'>{declared}</script>"
    page = (
        "<html><body><article><h1>Last loaves</h1><p>{}</p>{}</article><p>Imprint</p></body></html>"
    )
    folder = write_files(
        {
            "a.html": page.format(first, f"<div style='display:none'>{hidden}</div>").encode(),
            "b.html": page.format(first, script).encode(),
        }
    )
    for name in ("a.html", "b.html"):
        (report,) = _explained(folder / name, capsys)
        lines = _kept(report)
        assert list(lines) == ["Last loaves", *BAKERY, "Imprint"]
        assert [line for line, (kept, _) in lines.items() if kept] == list(BAKERY)
        assert lines[BAKERY[-1]] == (True, "hidden, but in the article")


def test_one_record_of_many(write_files: WriteFiles, capsys: Captured) -> None:
    folder = write_files(
        {"a.jsonl": f"{record('a', 'A', BAKERY)}\n\n{record('b', 'B', FERRY)}\n{{".encode()}
    )
    file = folder / "a.jsonl"
    assert [each.get("id") for each in _explained(file, capsys)] == ["a", "b", None]
    (report,) = _explained(f"{file}:3", capsys)
    assert report["id"] == "b"
    assert main(["explain", f"{file}:4"]) == 3
    assert "not JSON" in capsys.readouterr().out
    assert main(["explain", f"{file}:2"]) == 1
    assert "there is no record 2 in" in capsys.readouterr().err
    assert main(["explain", str(folder / "no.txt")]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_each_of_many_broken_records(write_files: WriteFiles, capsys: Captured) -> None:
    lines = [*["{"] * 1500, record("a", "A", BAKERY), '{"title": "B"}']
    file = write_files({"a.jsonl": "\n".join(lines).encode()}) / "a.jsonl"
    (report,) = _explained(f"{file}:1502", capsys)
    assert report["location"] == f"{file}:1502"
    assert str(report["rejected"]).startswith("has no text")
    assert len(_explained(file, capsys)) == 1502


def test_a_member_of_an_archive(write_files: WriteFiles, capsys: Captured) -> None:
    file = write_files({"x": b""}) / "a.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("b/c.jsonl", f"{record('a', 'A', BAKERY)}\n{{\n")
        archive.writestr("c.jsonl", f"{record('b', 'B', FERRY)}\n")
        archive.writestr("c.jsonl.txt", "\n\n".join(PAGE))
    whole = _explained(f"{file}//b/c.jsonl", capsys)
    assert [each["location"] for each in whole] == [f"{file}//b/c.jsonl:{n}" for n in (1, 2)]
    assert [each["id"] for each in _explained(f"{file}//c.jsonl", capsys)] == ["b"]
    assert [each["id"] for each in _explained(f"{file}//c.jsonl:1", capsys)] == ["b"]
    assert main(["explain", f"{file}//d.jsonl"]) == 1


def test_a_record_that_is_only_counted(write_files: WriteFiles, capsys: Captured) -> None:
    warc = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 2\r\n\r\nab\r\n\r\n"
    file = write_files({"a.warc": warc}) / "a.warc"
    (report,) = _explained(f"{file}:1", capsys)
    assert report["rejected"] == "metadata: 1 records of a web archive that are no pages"


def test_what_holds_no_article(write_files: WriteFiles, capsys: Captured) -> None:
    folder = write_files({"a.txt": b"Home\n\nMenu"})
    assert main(["explain", str(folder / "a.txt")]) == 3
    printed = capsys.readouterr().out
    assert "rejected   no article text found" in printed
    assert "dropped  no article text found" in printed


def test_a_rejected_document_has_no_line_that_is_kept(
    write_files: WriteFiles, capsys: Captured
) -> None:
    line = "Harbourmasterscottagerestaurant Lighthouse"
    folder = write_files({"a.txt": line.encode(), "b.html": f"<p>{line}</p>".encode()})
    for name in ("a.txt", "b.html"):
        (report,) = _explained(folder / name, capsys)
        ((kept, why),) = _kept(report).values()
        assert not kept
        assert why.startswith("no article text found")


def test_lines_of_many_articles(
    write_files: WriteFiles, run: Run, index: Path, capsys: Captured
) -> None:
    articles = {
        f"{n}.json": record(
            f"{n}", "News", [f"Boat number {n} came into the harbour today.", SLOGAN], source="Echo"
        ).encode()
        for n in range(8)
    }
    folder = write_files(articles)
    (alone,) = _explained(folder / "1.json", capsys, "--index", str(index))
    assert _kept(alone)[SLOGAN][0]
    run(folder)
    (report,) = _explained(folder / "1.json", capsys, "--index", str(index))
    assert _kept(report)[SLOGAN] == (False, "in many articles of Echo")


def test_background_of_which_one_copy_stays(
    write_files: WriteFiles, run: Run, index: Path, capsys: Captured
) -> None:
    background = "The Sandholm Bridge was opened in 1931 by Queen Ida, who had sold her boats."
    echo, post = (
        "\n".join(
            record(
                f"{n}", "News", [f"{source} boat {n} came in with {HERRING}.", below], source=source
            )
            for n in range(8)
        ).encode()
        for source, below in (("Echo", SLOGAN), ("Post", background))
    )
    folder = write_files({"echo.jsonl": echo, "post.jsonl": post})
    run(folder)
    # The ids are those of the other outlet's articles as well.
    first, second = _explained(folder / "post.jsonl", capsys, "--index", str(index))[:2]
    assert _kept(first)[background][0]
    assert _kept(second)[background] == (False, "in many articles of Post; the first keeps it")
    assert str(second["id"]).startswith("1@")


def test_a_name_that_titles_repeat(
    write_files: WriteFiles, run: Run, index: Path, capsys: Captured
) -> None:
    headlines = ["Last loaves at the bakery", "Night ferry runs aground", "Two tails on a comet"]
    texts = [BAKERY, FERRY, OBSERVATORY]
    folder = write_files(
        {
            f"{number}.txt": "\n\n".join([f"{headline} - Vale Examiner", *text]).encode()
            for number, (headline, text) in enumerate(zip(headlines, texts, strict=True))
        }
    )
    run(folder)
    (report,) = _explained(folder / "0.txt", capsys, "--index", str(index))
    assert (report["title"], report["title_read"]) == (
        headlines[0],
        f"{headlines[0]} - Vale Examiner",
    )
    kept, why = _kept(report)[f"{headlines[0]} - Vale Examiner"]
    assert (kept, why) == (False, "the headline, less what titles of its folder repeat")


def test_the_outlet_that_others_declare(
    write_files: WriteFiles, run: Run, index: Path, capsys: Captured
) -> None:
    url = {"url": "https://valeexaminer.example/a"}
    folder = write_files(
        {
            "a.json": record("a", "Bakery", BAKERY, source="Vale Examiner", **url).encode(),
            "b.json": record("b", "Ferry", FERRY, **url).encode(),
        }
    )
    run(folder)
    (report,) = _explained(folder / "b.json", capsys, "--index", str(index))
    assert (report["source"], report["source_read"]) == ("Vale Examiner", "valeexaminer.example")


def test_the_libraries_say_nothing_of_a_page(
    write_files: WriteFiles, capsys: Captured, caplog: pytest.LogCaptureFixture
) -> None:
    nested = f"<html><body>{'<div>' * 3000}<p>{BAKERY[0]}</p></body></html>"
    folder = write_files({"a.html": nested.encode(), "b.html": b"<html><body> </body></html>"})
    for name in ("a.html", "b.html"):
        main(["explain", str(folder / name)])
    assert caplog.messages == []
