"""The frame of a program: options, the folder that it works in, its output and its status."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.errors import InputError
from scripts.lab.program import benchmark, working_folder
from scripts.lab.table import Table
from scripts.status import DONE, FAILED, USAGE

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a program sets is taken back after the test."""
    for name in ("HF_HUB_OFFLINE", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def _report(options: argparse.Namespace) -> Iterator[Table | str]:
    yield Table(("option", "value"), [(name, str(value)) for name, value in vars(options).items()])
    yield "the end"


def test_options_and_output(capsys: Captured) -> None:
    program = benchmark("scripts.some", "Some program.")
    program.number("--count", 5, least=1)
    program.number("--share", 0.5)
    program.number("--sizes", [1, 2])
    program.path("--keep", "keep it")
    program.flag("--show", "show it")
    program.questions()
    arguments = ["--markdown", "--count", "7", "--sizes", "3", "4", "5", "--keep", "there"]
    assert program.run(_report, arguments) == DONE
    assert capsys.readouterr().out.splitlines() == [
        "| option | value |",
        "| --- | --- |",
        "| markdown | True |",
        "| count | 7 |",
        "| share | 0.5 |",
        "| sizes | [3, 4, 5] |",
        "| keep | there |",
        "| show | False |",
        "| questions | None |",
        "",
        "the end",
    ]
    assert program.run(_report, []) == DONE
    assert "| sizes     | [1, 2] |" in capsys.readouterr().out
    assert (os.environ["HF_HUB_OFFLINE"], os.environ["OPENBLAS_NUM_THREADS"]) == ("1", "1")


@pytest.mark.parametrize(
    "wrong", [["--count", "0"], ["--count", "1.5"], ["--count", "x"], ["--no"]]
)
def test_wrong_usage(wrong: list[str], capsys: Captured) -> None:
    program = benchmark("scripts.some", "Some program.")
    program.number("--count", 5, least=1)
    with pytest.raises(SystemExit) as stopped:
        program.run(_report, wrong)
    assert stopped.value.code == USAGE
    assert capsys.readouterr().err.startswith("usage: python -m scripts.some ")


def test_an_error_is_told(capsys: Captured) -> None:
    def fail(_: argparse.Namespace) -> Iterator[str]:
        yield "so far"
        raise InputError("no such thing")

    assert benchmark("scripts.some", "Some program.").run(fail, []) == FAILED
    out, err = capsys.readouterr()
    assert (out, err) == ("so far\n", "python -m scripts.some: no such thing\n")


def test_a_temporary_folder() -> None:
    with working_folder() as folder:
        assert list(folder.iterdir()) == []
        (folder / "file").touch()
    assert not folder.exists()


def test_a_kept_folder(tmp_path: Path) -> None:
    kept = tmp_path / "new" / "folder"
    with working_folder(kept) as folder:
        (folder / "file").touch()
    assert (kept / "file").exists()
    with pytest.raises(InputError, match="is not empty"), working_folder(kept):
        raise AssertionError
