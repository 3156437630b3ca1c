"""The commands: exit codes, what goes to stdout and what to stderr."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from indexer.errors import InputError, ModelError
from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from scripts.cli import main
from scripts.reindex import main as reindex_main
from search.evaluation import write_run
from search.http.api import create_api
from search.live import LiveSearcher
from tests.conftest import ROOT, Build, WriteFiles, settings_for
from tests.support.corpus import BAKERY, CORPUS, FERRY
from tests.support.fakes import FakeEmbedder

pytestmark = pytest.mark.usefixtures("fake_model")

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("ARTICLE_SEARCH_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def test_reindex(write_files: WriteFiles, index: Path, capsys: Captured) -> None:
    folder = write_files(CORPUS)
    assert main(["reindex", str(folder), "--index", str(index)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("8 articles, 8 passages in ")
    assert "skipped" in out
    assert "reading" in err
    assert "embedding" in err
    assert IndexFolder(index).open_current().manifest.articles == 8


def test_reindex_quiet_with_skipped(write_files: WriteFiles, index: Path, capsys: Captured) -> None:
    folder = write_files({**CORPUS, "empty.txt": b"", "broken.json": b"{"})
    assert main(["reindex", str(folder), "--index", str(index), "--quiet", "--full"]) == 3
    out, err = capsys.readouterr()
    assert "2 skipped" in out
    assert f"skipped {folder / 'empty.txt'}: empty\n" in out
    assert err == ""


def test_reindex_json(write_files: WriteFiles, index: Path, capsys: Captured) -> None:
    folder = write_files({**CORPUS, "again.json": CORPUS["feeds/final.json"], "empty.txt": b""})
    assert main(["reindex", str(folder), "--index", str(index), "--json"]) == 3
    out, _ = capsys.readouterr()
    summary = json.loads(out)
    assert set(summary) == {
        "articles", "passages", "embedded", "added", "changed", "moved", "unchanged", "kept",
        "removed", "duplicates", "skipped", "seconds", "generation", "published",
    }  # fmt: skip
    assert (summary["articles"], summary["duplicates"]) == (8, 1)
    assert summary["generation"] == IndexFolder(index).current_id()
    assert summary["skipped"] == [{"location": str(folder / "empty.txt"), "reason": "empty"}]


def test_reindex_fails(write_files: WriteFiles, index: Path, capsys: Captured) -> None:
    assert main(["reindex", str(write_files({})), "--index", str(index)]) == 1
    assert main(["reindex", str(index / "nowhere"), "--index", str(index)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "article-search: there is no article file" in err
    assert "nowhere does not exist" in err
    assert "Traceback" not in err


def test_an_index_that_cannot_be_written(
    write_files: WriteFiles, tmp_path: Path, capsys: Captured
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    for index in (file, file / "inside"):
        assert main(["reindex", str(write_files(CORPUS)), "--index", str(index), "--quiet"]) == 1
        assert str(index) in capsys.readouterr().err


def test_reindex_alone(write_files: WriteFiles, index: Path, capsys: Captured) -> None:
    assert reindex_main([str(write_files(CORPUS)), "--index", str(index), "--quiet"]) == 0
    assert "8 articles" in capsys.readouterr().out


def test_reindex_to_where_the_environment_says(
    write_files: WriteFiles, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLE_SEARCH_INDEX", str(index))
    assert main(["reindex", str(write_files(CORPUS)), "--quiet"]) == 0
    assert IndexFolder(index).open_current()


def test_a_file_name_that_is_not_utf8(index: Path, tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "ferry.txt").write_bytes("\n".join(FERRY).encode())
    with open(os.path.join(os.fsencode(folder), b"caf\xe9.txt"), "wb"):
        pass
    for options in (["--quiet"], ["--quiet", "--json"]):
        assert main(["reindex", str(folder), "--index", str(index), *options]) == 3
        assert "empty" in capsys.readouterr().out


def test_search(corpus_index: Path, capsys: Captured) -> None:
    assert main(["search", "council voted to build a tram line", "--index", str(corpus_index)]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == " 1. Council votes for a harbour tram"
    assert lines[1] == "    Kestrel Post · 2024-04-22"
    assert "tram line" in lines[2]
    assert sum(line[:3].strip().rstrip(".").isdigit() for line in lines) == 8
    assert "\x1b" not in out
    assert err == ""


def test_search_json_is_what_the_service_answers(corpus_index: Path, capsys: Captured) -> None:
    options = ["--limit", "3", "--offset", "1", "--mode", "semantic", "--group", "story"]
    assert main(["search", "bakery", "--index", str(corpus_index), "--json", *options]) == 0
    printed = json.loads(capsys.readouterr().out)
    api = create_api(LiveSearcher(settings_for(corpus_index)), threads=1)
    with TestClient(api) as client:
        served: dict[str, Any] = client.get(
            "/v1/search",
            params={"q": "bakery", "limit": 3, "offset": 1, "mode": "semantic", "group": "story"},
        ).json()
    del printed["took_ms"], served["took_ms"]
    assert printed == served
    assert [hit["rank"] for hit in printed["hits"]] == [2, 3, 4]


def test_nothing_found(corpus_index: Path, capsys: Captured) -> None:
    arguments = ["search", "Xylophon", "--mode", "lexical", "--index", str(corpus_index)]
    assert main(arguments) == 0
    assert capsys.readouterr() == ("", "nothing found\n")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["search"],
        ["search", "q", "--mode", "psychic"],
        ["search", "q", "--limit", "many"],
        ["reindex"],
        ["serve", "--port", "http"],
        ["evaluate"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: article-search")


@pytest.mark.parametrize(
    "arguments", [["  "], ["q", "--limit", "0"], ["q", "--limit", "101"], ["q" * 1001],
                  ["q", "--offset", "901"]]
)  # fmt: skip
def test_a_wrong_question(corpus_index: Path, arguments: list[str], capsys: Captured) -> None:
    assert main(["search", *arguments, "--index", str(corpus_index)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("article-search: ")


def test_a_question_in_broken_utf8(corpus_index: Path, capsys: Captured) -> None:
    for options in ([], ["--json"]):
        question = b"caf\xe9 bakery".decode("utf-8", "surrogateescape")
        assert main(["search", question, "--index", str(corpus_index), *options]) == 0
        assert "Millbrook" in capsys.readouterr().out


def test_no_index(index: Path, capsys: Captured) -> None:
    assert main(["search", "q", "--index", str(index)]) == 1
    assert f"there is no index in {index}" in capsys.readouterr().err


def test_a_wrong_setting(
    corpus_index: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("ARTICLE_SEARCH_DEVICE", "abacus")
    assert main(["search", "q", "--index", str(corpus_index)]) == 1
    assert "ARTICLE_SEARCH_DEVICE is 'abacus'" in capsys.readouterr().err


def test_a_model_that_cannot_be_opened(
    write_files: WriteFiles, index: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def refuse(settings: Settings, name: str | None = None) -> FakeEmbedder:
        raise ModelError("no such model")

    monkeypatch.setattr("indexer.embedding.embedder.open_embedder", refuse)
    assert main(["reindex", str(write_files(CORPUS)), "--index", str(index)]) == 1
    assert capsys.readouterr().err == "article-search: no such model\n"


def test_interrupted(
    write_files: WriteFiles, build: Build, index: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:  # fmt: skip
    live = build().generation

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("indexer.mirror.clean", interrupt)
    new = write_files({"new.txt": CORPUS["echo/bakery.txt"] + b"And more of it came."})
    assert main(["reindex", str(new), "--index", str(index), "--quiet"]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert IndexFolder(index).current_id() == live


def test_articles_do_not_steer_the_terminal(
    build: Build, index: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "Evil \x1b]0;owned\x07 \x9b31m title \u202e txt"
    record = {"title": evil, "source": "S\x1b[2J\u2066", "text": "\n".join(BAKERY) + " \u202e end."}
    build({"a.json": json.dumps(record).encode()})
    assert main(["search", "bakery", "--index", str(index)]) == 0
    out, _ = capsys.readouterr()
    assert "Evil" in out
    assert all(character.isprintable() or character == "\n" for character in out)


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


def test_serve_where_it_cannot(corpus_index: Path, capsys: Captured) -> None:
    for host, port in (("256.0.0.1", "0"), ("127.0.0.1", "99999")):
        arguments = ["serve", "--host", host, "--port", port, "--index", str(corpus_index)]
        assert main(arguments) == 1
        assert "cannot listen" in capsys.readouterr().err


def _run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "ARTICLE_SEARCH_CACHE": str(settings.cache),
        "PYTHONWARNINGS": "error::ResourceWarning",
    }
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.model
def test_from_the_shell(real_settings: Settings, sample_index: Path, tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    done = _run(real_settings, "scripts.cli", "reindex", "data/sample", "--index", index)
    assert done.returncode in (0, 3), done.stderr
    assert " articles, " in done.stdout
    assert "Traceback" not in done.stderr
    question = "what did Kim promise Belousov"
    done = _run(real_settings, "scripts.cli", "search", question, "--index", index, "--limit", "1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith(" 1. ")
    assert "Belousov" in done.stdout
    done = _run(real_settings, "scripts.reindex", "nowhere", "--index", index)
    assert done.returncode == 1
    assert done.stderr.endswith("article-search: nowhere does not exist\n")


@pytest.mark.model
def test_a_closed_pipe_is_no_error(real_settings: Settings, sample_index: Path) -> None:
    environment = {**os.environ, "ARTICLE_SEARCH_CACHE": str(real_settings.cache)}
    command = (
        f"set -o pipefail; '{sys.executable}' -m scripts.cli search korea --limit 100 "
        f"--group passage --json --index '{sample_index}' | head -c 10"
    )
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout) == 10


def test_an_error_does_not_steer_the_terminal(
    write_files: WriteFiles, index: Path, capsys: Captured
) -> None:
    folder = write_files({"\x1b[31mred.txt": b""})
    assert main(["reindex", str(folder), "--index", str(index), "--quiet"]) == 1
    assert "\x1b" not in capsys.readouterr().err


def test_a_run_that_cannot_be_written(capsys: Captured, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_run({}, tmp_path / "missing" / "run.trec", "tag")
