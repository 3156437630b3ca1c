"""The command evaluate: measures of a BEIR folder."""

import gzip
import json
from pathlib import Path

import pytest

from indexer.errors import InputError
from scripts.cli import main
from search.evaluation import write_run
from tests.support.corpus import BAKERY, FERRY

pytestmark = pytest.mark.usefixtures("fake_model")

Captured = pytest.CaptureFixture[str]


def _beir(folder: Path, packed: bool) -> Path:
    corpus = [
        {"_id": "bread", "title": "Bakery", "text": "\n".join(BAKERY)},
        {"_id": "boat", "title": "Ferry", "text": "\n".join(FERRY)},
    ]
    queries = [
        {"_id": "1", "text": "Ansel Vardy owns the bakery", "answer": ["Vardy"]},
        {"_id": "2", "text": "captain Dora Quill of the ferry", "answer": ["Dora Quill"]},
        {"_id": "3", "text": "not judged"},
    ]
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", corpus), ("queries", queries)):
        content = "\n".join(json.dumps(row) for row in rows).encode()
        if packed:
            (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(content))
        else:
            (folder / f"{name}.jsonl").write_bytes(content)
    qrels = "query-id\tcorpus-id\tscore\n1\tbread\t1\n2\tboat\t1\n"
    (folder / "qrels" / "test.tsv").write_text(qrels)
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_evaluate(tmp_path: Path, packed: bool, capsys: Captured) -> None:
    folder, run = _beir(tmp_path / "beir", packed), tmp_path / "run.txt"
    assert main(["evaluate", str(folder), "--json", "--run", str(run), "--quiet"]) == 0
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert (report["mode"], report["questions"]) == ("hybrid", 2)
    assert report["article"]["RR@10"]["mean"] == 1
    assert report["passage"]["RR@10"]["questions"] == 2
    assert report["sentence"]["mean"] == 1
    assert err == ""
    assert run.read_text().splitlines()[0].split() == [
        "1", "Q0", "bread", "1", "1.000000", "article-search-hybrid"
    ]  # fmt: skip


def test_evaluate_for_people_and_on_a_kept_index(
    tmp_path: Path, index: Path, capsys: Captured
) -> None:
    folder = _beir(tmp_path / "beir", packed=False)
    for _ in range(2):
        assert main(["evaluate", str(folder), "--index", str(index), "--quiet"]) == 0
        out, _ = capsys.readouterr()
        assert "beir, hybrid, 2 questions" in out
        assert "nDCG@10 by article" in out
        assert "answering sentence found" in out
    assert len(list((index / "generations").iterdir())) == 1


def test_evaluate_what_is_not_beir(tmp_path: Path, capsys: Captured) -> None:
    assert main(["evaluate", str(tmp_path)]) == 1
    assert "BEIR" in capsys.readouterr().err


def test_a_run_that_cannot_be_written(capsys: Captured, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_run({}, tmp_path / "missing" / "run.trec", "tag")
