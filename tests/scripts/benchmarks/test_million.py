"""A million passages: what is counted of an index, what is kept, and what other options do."""

import json
from pathlib import Path

import pytest

from indexer.pipeline import reindex
from scripts.benchmarks import million
from scripts.lab.table import Table
from tests.support.fakes import FakeEmbedder

_TOLD = (
    "The council of Lowick met on Monday and agreed that the old ferry will be sold next year. "
    "A harbour master said that nobody had used it since the bridge was opened in spring."
)
_ARTICLES = [
    {"_id": "a", "title": "Ferry sold", "text": _TOLD, "date": "2024-05-17"},
    {"_id": "b", "title": "Old ferry goes", "text": _TOLD, "date": "2024-05-18"},
    {"_id": "c", "title": "Rain", "text": "It rained all day on the hills.", "date": "2024-07-18"},
]


def test_an_index_is_like_itself(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in _ARTICLES), "utf-8")
    reindex([file], tmp_path / "index", FakeEmbedder(), None)
    table = million._likeness(tmp_path / "index", tmp_path / "index")
    rows = {row[0]: list(row[1:]) for row in table.rows}
    assert rows["articles"] == ["3", "3"]
    assert rows["articles in a story of several"] == ["66.7%", "66.7%"]
    assert rows["articles that are copies of another"] == ["33.3%", "33.3%"]
    assert rows["articles in the largest story"] == ["2", "2"]
    # "the", "on" and ten more; "ferry" and "sold" are in two.
    assert rows["articles with the words of rank 1 to 10"] == [
        "66.67%",
        "1.00 times as many (1.00 to 1.00)",
    ]


def test_what_is_measured_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    beir = tmp_path / "beir"
    beir.mkdir()
    (beir / "corpus.jsonl").write_text(json.dumps(_ARTICLES[0]) + "\n", "utf-8")
    steps = ("sources", "sample", "corpus", "index", "likeness", "serving", "vectors", "appending")
    done = []

    def step(name: str, _: object) -> tuple[list[object], float, int]:
        done.append(name)
        if name == "serving" and done.count(name) == 1:
            raise KeyboardInterrupt
        return [["measure"], [[f"of {name}"]]], 2.0, 2**20

    monkeypatch.setattr(million, "_step", step)
    asked = [str(beir), str(tmp_path / "work"), "--passages", "9"]
    with pytest.raises(KeyboardInterrupt):
        million.main(asked)
    assert million.main(asked) == 0
    assert done == [*steps[:6], *steps[5:]]
    told = capsys.readouterr().out
    assert "of appending" in told
    assert told.count("1.00 MiB") == len(steps)
    assert million.main([*asked, "--sources", "1"]) == 1
    assert "other options" in capsys.readouterr().err


def test_a_step_tells_its_peak() -> None:
    table, peak = million._with_peak(lambda: Table(["a"], []))
    assert table.header == ["a"]
    assert 2**20 < peak < 2**37
