"""The command line as a whole: usage, settings, errors, interruptions and exit statuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.errors import ModelError
from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from scripts.cli import main
from scripts.reindex import main as reindex_main
from tests.conftest import ROOT, Build, WriteFiles
from tests.support.corpus import CORPUS
from tests.support.fakes import FakeEmbedder

pytestmark = pytest.mark.usefixtures("fake_model")

Captured = pytest.CaptureFixture[str]


def test_reindex_alone(write_files: WriteFiles, index: Path, capsys: Captured) -> None:
    assert reindex_main([str(write_files(CORPUS)), "--index", str(index), "--quiet"]) == 0
    assert "8 articles" in capsys.readouterr().out


def test_reindex_to_where_the_environment_says(
    write_files: WriteFiles, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLE_SEARCH_INDEX", str(index))
    assert main(["reindex", str(write_files(CORPUS)), "--quiet"]) == 0
    assert IndexFolder(index).open_current()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
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

    monkeypatch.setattr("indexer.mirror.clean_all", interrupt)
    new = write_files({"new.txt": CORPUS["echo/bakery.txt"] + b"And more of it came."})
    assert main(["reindex", str(new), "--index", str(index), "--quiet"]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert IndexFolder(index).current_id() == live


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
