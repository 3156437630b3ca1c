"""Peers: their rows, what is kept, and that one that fails is told."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from scripts.benchmarks.peers import __main__ as peers
from scripts.benchmarks.peers import environments
from scripts.benchmarks.peers.environments import REQUIREMENTS, Environments, PeerFailed
from scripts.benchmarks.peers.ours import Judged, Measured
from scripts.benchmarks.peers.worker import PEERS

_JUDGED = Judged([], {"q": [4], "r": [7, 8]}, 0.5)


def test_every_peer_has_requirements() -> None:
    assert set(REQUIREMENTS) == set(PEERS)
    for name in set(REQUIREMENTS.values()):
        lines = (environments.HERE / f"{name}.txt").read_text("utf-8").splitlines()
        pinned = [line for line in lines if not line.startswith("#")]
        assert pinned
        assert all("==" in line for line in pinned)


def test_a_row() -> None:
    measured = Measured(4.0, 8000, 2**20, [1.0, 3.0, 2.0], 50.0, {"q": [1, 4], "r": [8, 7]})
    cells = peers._cells("one", measured, 100, _JUDGED)
    # (1/2 + 1) / 2
    assert cells == [
        *("one", "4.00 s", "25.0", "80.0 B", "2.00 ms", "50.0", "0.750", "1.00 MiB"),
    ]
    failed = peers._cells("two", PeerFailed("not installed: no wheel"), 100, _JUDGED)
    assert failed[:2] == ["two", "not installed: no wheel"]
    assert len(failed) == len(cells) == len(peers.HEADER)


def test_articles_that_are_judged_come_first(tmp_path: Path) -> None:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    records = [{"_id": str(i), "title": "T", "text": "x"} for i in range(40)]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "why"}\n', "utf-8")
    (folder / "qrels" / "test.tsv").write_text("q\td\ts\nq\t39\t1\n", "utf-8")
    peers._write_part(folder, 48, tmp_path / "part.jsonl")
    taken = [json.loads(line)["_id"] for line in (tmp_path / "part.jsonl").read_text().splitlines()]
    assert len(taken) == 3
    assert taken[0] == "39"


def test_a_peer_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text("import sys; print('no such model', file=sys.stderr); sys.exit(3)", "utf-8")
    monkeypatch.setattr(environments, "WORKER", worker)
    monkeypatch.setattr(Environments, "python", lambda self, peer: Path(sys.executable))
    found = peers._peer(Environments(tmp_path), "exact", tmp_path, {"threads": 1})
    assert isinstance(found, PeerFailed)
    assert str(found) == "status 3: no such model"


def test_what_is_measured_is_kept(tmp_path: Path) -> None:
    measured = Measured(1.0, 2, 3, [4.0], 5.0, {"q": [6]}, {"library": "1.0"})
    (tmp_path / "exact.json").write_text(json.dumps(asdict(measured)), "utf-8")
    assert peers._peer(Environments(tmp_path), "exact", tmp_path, {"threads": 1}) == measured
