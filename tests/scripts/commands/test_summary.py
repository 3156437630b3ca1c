"""What reindex says at its end, of a few files and of many."""

import json
from pathlib import Path
from typing import Any

from indexer.article import Rejected, Remark
from indexer.pipeline import Summary
from scripts.commands.summary import REPORT, summary_lines, write_report


def _summary(**fields: Any) -> Summary:
    zeros = dict.fromkeys(["articles", "passages", "embedded", "added", "changed", "moved"], 0)
    more: dict[str, Any] = {
        "unchanged": 0, "kept": 0, "duplicates": 0, "removed": [], "skipped": [], "remarks": [],
        "undecided": [], "seconds": 1.0, "generation": "G", "published": True,
    }  # fmt: skip
    return Summary(**{**zeros, **more, **fields})


def test_a_few_are_told_one_by_one() -> None:
    skipped = [Rejected("a.txt", "empty"), Rejected("b.jsonl:3", "not JSON: Expecting value")]
    lines = summary_lines(_summary(skipped=skipped), dry=False, report=Path("index/skipped.jsonl"))
    assert "skipped a.txt: empty" in lines
    assert "skipped b.jsonl:3: not JSON: Expecting value" in lines
    assert lines[-1] == "each of them is in index/skipped.jsonl"
    assert "2 skipped)" in lines[0]


def test_many_are_told_by_kind() -> None:
    skipped = [Rejected(f"{n}.txt", f"not JSON: at {n}") for n in range(400)]
    skipped += [Rejected(f"{n}.png", "picture: not read", foreign=True) for n in range(9)]
    lines = summary_lines(_summary(skipped=skipped), dry=False, report=None)
    assert "skipped 400: not JSON: 0.txt, 1.txt, 2.txt, …" in lines
    assert "passed over 9: picture: 0.png, 1.png, 2.png, …" in lines
    assert "400 skipped)" in lines[0]


def test_the_summary_stays_short() -> None:
    skipped = [Rejected(f"{n}-{m}.txt", f"kind {n}: {m}") for n in range(99) for m in range(9)]
    remarks = [(f"{n}", Remark(f"field {n}", "x", "y")) for n in range(99)]
    summary = _summary(
        skipped=skipped, remarks=remarks, removed=["a"] * 99, kept=1, published=False
    )
    assert len(summary_lines(summary, dry=False, report=Path("x"))) < 40


def test_fields_that_could_not_be_read() -> None:
    remarks = [(f"a.jsonl:{n}", Remark("date", f"someday {n}", "is no date")) for n in range(5)]
    lines = summary_lines(_summary(remarks=remarks), dry=False, report=None)
    assert (
        "declared but not read, date 5: is no date: a.jsonl:0 (someday 0), "
        "a.jsonl:1 (someday 1), a.jsonl:2 (someday 2), …" in lines
    )


def test_dates_that_nothing_decides(tmp_path: Path) -> None:
    days = ["2024-04-03", "2024-03-04"]
    summary = _summary(undecided=[(f"a.jsonl:{n}", days) for n in range(5)])
    (line,) = [each for each in summary_lines(summary, False, None) if "nothing tells" in each]
    assert line.startswith(
        "day or month first, nothing tells 5: a.jsonl:0 (2024-04-03 or 2024-03-04), "
    )
    assert "--dates us" in line
    report = write_report(tmp_path, summary)
    assert report is not None
    assert json.loads(report.read_text("utf-8").splitlines()[0]) == {
        "location": "a.jsonl:0",
        "reason": "date 2024-04-03 or 2024-03-04: the day or the month may come first",
        "field": "date",
    }


def test_the_report_lists_all_and_goes_when_there_is_nothing(tmp_path: Path) -> None:
    skipped = [Rejected(f"{n}.txt", "empty") for n in range(400)]
    summary = _summary(skipped=skipped, remarks=[("a", Remark("date", "x", "is no date"))])
    assert write_report(tmp_path, summary) == tmp_path / REPORT
    rows = [json.loads(line) for line in (tmp_path / REPORT).read_text("utf-8").splitlines()]
    assert len(rows) == 401
    assert rows[0] == {"location": "0.txt", "reason": "empty", "foreign": False}
    assert rows[-1] == {"location": "a", "reason": "date x: is no date", "field": "date"}
    assert write_report(tmp_path, _summary()) is None
    assert not (tmp_path / REPORT).exists()
