"""reindex, verify, stats and rollback as an operator uses them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.settings import Settings
from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from scripts.cli import main
from tests.conftest import ROOT, Build, WriteFiles, flipped
from tests.support.corpus import CORPUS, FERRY, generated, record
from tests.support.fakes import FakeEmbedder

pytestmark = pytest.mark.usefixtures("fake_model")

Captured = pytest.CaptureFixture[str]
Reindex = Callable[..., tuple[int, str]]


@pytest.fixture
def reindex(index: Path, capsys: Captured) -> Reindex:
    """Run `reindex` quietly; returns its status and output."""

    def run(*arguments: object) -> tuple[int, str]:
        options = [str(argument) for argument in arguments]
        status = main(["reindex", *options, "--index", str(index), "--quiet"])
        out, err = capsys.readouterr()
        return status, out + err

    return run


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
        "removed", "duplicates", "skipped", "remarks", "undecided", "seconds", "generation",
        "published",
    }  # fmt: skip
    assert (summary["articles"], summary["duplicates"]) == (8, 1)
    assert summary["generation"] == IndexFolder(index).current_id()
    assert summary["skipped"] == [
        {
            "location": str(folder / "empty.txt"),
            "reason": "empty",
            "unread": False,
            "foreign": False,
        }
    ]


def test_pictures_are_passed_over_and_told(write_files: WriteFiles, reindex: Reindex) -> None:
    folder = write_files(
        {**CORPUS, "a.png": b"\x89PNG\r\n\x1a\n", "style.css": b"p { color: red }"}
    )
    status, out = reindex(folder)
    assert status == 0
    assert f"passed over {folder / 'a.png'}: picture: not a kind of file that is read" in out
    assert f"passed over {folder / 'style.css'}: style sheet" in out
    assert "0 skipped)" in out


def test_what_was_skipped_is_in_a_file(
    write_files: WriteFiles, index: Path, reindex: Reindex
) -> None:
    broken = {f"{n}.json": b"{" for n in range(12)}
    status, out = reindex(write_files({**CORPUS, **broken}))
    assert status == 3
    assert "skipped 12: not JSON: " in out
    assert f"each of them is in {index / 'skipped.jsonl'}" in out
    assert len((index / "skipped.jsonl").read_text("utf-8").splitlines()) == 12


def test_fields_are_mapped(write_files: WriteFiles, tmp_path: Path, reindex: Reindex) -> None:
    record = {
        "kop": "Ferry strike",
        "verhaal": "The crews of the ferry walked out on Monday morning.",
    }
    folder = write_files({"a.json": json.dumps(record).encode()})
    status, out = reindex(folder)
    assert status == 1
    assert "has no text: its fields are kop, verhaal" in out
    assert reindex(folder, "--map", "title=kop,text=verhaal")[0] == 0
    table = tmp_path / "fields.toml"
    table.write_text('[fields]\ntitle = "kop"\ntext = "verhaal"\n', "utf-8")
    status, out = reindex(folder, "--map", str(table))
    assert (status, "nothing has changed" in out) == (0, True)


def _days(index: Path) -> dict[str, str | None]:
    articles = Articles(IndexFolder(index).open_current())
    return {
        each.article.id: each.article.published.iso if each.article.published else None
        for each, _ in articles.everything()
    }


def test_the_order_of_dates_that_a_user_knows(
    write_files: WriteFiles, index: Path, reindex: Reindex, capsys: Captured
) -> None:
    folder = write_files({"a.json": record("a", "Ferry", FERRY, date="03/04/2024").encode()})
    _, out = reindex(folder)
    assert "day or month first, nothing tells 1" in out
    assert _days(index) == {"a": "2024-04-03"}
    status, out = reindex(folder)
    assert "nothing has changed" in out
    assert "day or month first, nothing tells 1" in out
    status, out = reindex(folder, "--dates", "us")
    assert (status, _days(index)) == (0, {"a": "2024-03-04"})
    assert "nothing tells" not in out
    assert "changed 1" in out
    assert "embedded 0" in out
    assert "nothing has changed" in reindex(folder, "--dates", "us")[1]
    place = str(folder / "a.json")
    for order, day in (("us", "2024-03-04"), ("eu", "2024-04-03")):
        main(["explain", place, "--index", str(index), "--dates", order, "--json"])
        assert json.loads(capsys.readouterr().out)["published"]["iso"] == day
    with pytest.raises(SystemExit):
        reindex(folder, "--dates", "american")


def test_a_declared_date_that_cannot_be_read_is_told(
    write_files: WriteFiles, index: Path, reindex: Reindex
) -> None:
    files = {
        f"{day}.json": record(day, "Ferry", FERRY, date=day).encode()
        for day in ("2024", "someday", "2999-01-01", "15. marts 2024")
    }
    _, out = reindex(write_files(files))
    for reason in ("names no day", "cannot be read", "is in the future"):
        assert f"declared but not read, date 1: {reason}: " in out
    assert _days(index) == dict.fromkeys(("2024", "someday", "2999-01-01")) | {
        "15. marts 2024": "2024-03-15"
    }


@pytest.mark.parametrize("wrong", ["titel=kop", "title", "title=", "nowhere.toml", ""])
def test_a_map_that_makes_no_sense(wrong: str, write_files: WriteFiles, reindex: Reindex) -> None:
    with pytest.raises(SystemExit) as ended:
        reindex(write_files(CORPUS), "--map", wrong)
    assert ended.value.code == 2


def test_reindex_fails(write_files: WriteFiles, index: Path, capsys: Captured) -> None:
    assert main(["reindex", str(write_files({})), "--index", str(index)]) == 1
    assert main(["reindex", str(index / "nowhere"), "--index", str(index)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "article-search: there is no file" in err
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


def test_a_file_name_that_is_not_utf8(index: Path, tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "ferry.txt").write_bytes("\n".join(FERRY).encode())
    with open(os.path.join(os.fsencode(folder), b"caf\xe9.txt"), "wb"):
        pass
    for options in (["--quiet"], ["--quiet", "--json"]):
        assert main(["reindex", str(folder), "--index", str(index), *options]) == 3
        assert "empty" in capsys.readouterr().out


def test_a_second_run_says_that_nothing_has_changed(
    write_files: WriteFiles, reindex: Reindex
) -> None:
    folder = write_files(CORPUS)
    assert "added 8, changed 0" in reindex(folder)[1]
    status, out = reindex(folder)
    assert status == 0
    assert "unchanged 8; passages embedded 0" in out
    assert "nothing has changed: generation " in out
    assert "nothing has changed" not in reindex(folder, "--full")[1]


def test_paths_that_are_not_named_are_kept_or_pruned(
    write_files: WriteFiles, reindex: Reindex
) -> None:
    many, few = write_files(generated(12)), write_files({"a.json": CORPUS["feeds/final.json"]})
    reindex(many)
    kept = "kept 12 of paths that were not named or cannot be read; --prune removes"
    assert kept in reindex(few)[1]
    status, out = reindex(many, "--prune", "--dry-run")
    assert status == 0
    assert out.startswith("dry run: nothing is written\n12 articles")
    assert f"removed {few / 'a.json'}\n" in out
    assert "nothing has changed" not in out
    status, out = reindex(few, "--prune")
    assert status == 1
    assert "12 of 13 articles would be removed" in out
    assert "--yes" in out
    status, out = reindex(few, "--prune", "--yes")
    assert status == 0
    assert "removed 12" in out
    assert out.count("\nremoved /") == 10


def test_a_long_list_of_removed_articles_is_cut(write_files: WriteFiles, reindex: Reindex) -> None:
    many, few = write_files(generated(30)), write_files({"a.json": CORPUS["feeds/final.json"]})
    reindex(many, few)
    out = reindex(few, "--prune", "--yes")[1]
    assert out.count("\nremoved /") == 10
    assert "… and 20 more" in out


def test_keeps_as_many_generations_as_asked(
    index: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_files: WriteFiles,
    reindex: Reindex,
) -> None:
    monkeypatch.setenv("ARTICLE_SEARCH_KEEP", "4")
    folder = write_files({})
    for number in range(6):
        (folder / f"{number}.json").write_bytes(generated(6)[f"{number:04}.json"])
        reindex(folder)
    kept = IndexFolder(index).generations()
    assert [generation.manifest.number for generation in kept] == [6, 5, 4, 3]


def test_verify(build: Build, index: Path, capsys: Captured) -> None:
    first, second = build().generation, build({"a.json": CORPUS["feeds/final.json"]}).generation
    assert main(["verify", "--index", str(index)]) == 0
    out, err = capsys.readouterr()
    assert out == f"generation {second}: sound\n"
    assert "checking" in err
    assert main(["verify", str(first), "--index", str(index), "--quiet", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"generation": first, "problems": []}
    assert err == ""
    file = index / "generations" / str(second) / "segments/0/tokens.bin"
    file.write_bytes(flipped(file.read_bytes(), 5000))
    assert main(["verify", "--index", str(index), "--quiet"]) == 1
    out, _ = capsys.readouterr()
    assert f"{file} is not as it was written" in out
    assert out.endswith(f"generation {second}: damaged\n")


def test_stats(build: Build, index: Path, capsys: Captured) -> None:
    first, second = build().generation, build({"a.json": CORPUS["feeds/final.json"]}).generation
    assert main(["stats", "--index", str(index)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"* {second}  1 articles, 1 passages, ")
    assert lines[1].startswith(f"  {first}  8 articles, 8 passages, ")
    assert re.fullmatch(
        r"the last run ended \d seconds ago, after \d\.\d s: added 0, changed 0, removed 7, "
        "skipped 0",
        lines[2],
    )
    assert lines[3:] == ["        1 Kestrel Post", "        1 in en"]
    assert main(["stats", "--index", str(index), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["live"], report["index"]) == (second, str(index))
    assert report["sources"] == [{"source": "Kestrel Post", "articles": 1}]
    assert report["languages"] == [{"language": "en", "articles": 1}]
    assert (report["last_run"]["removed"], report["last_run"]["error"]) == (7, None)
    assert [each["id"] for each in report["generations"]] == [second, first]
    live = report["generations"][0]
    folder = index / "generations" / str(second)
    files = [each for each in folder.rglob("*") if each.is_file()]
    size = sum(each.stat().st_size for each in files if each.name != "manifest.json")
    assert live["bytes"] == size
    assert (live["number"], live["articles"], live["passages"], live["model"]) == (2, 1, 1, "fake")
    assert 0 <= live["age_seconds"] < 600


def test_rollback(build: Build, index: Path, capsys: Captured) -> None:
    first, second = build().generation, build({"a.json": CORPUS["feeds/final.json"]}).generation
    assert main(["rollback", "--index", str(index)]) == 0
    assert capsys.readouterr().out == f"generation {first} is live (8 articles)\n"
    assert IndexFolder(index).current_id() == first
    assert main(["rollback", "--index", str(index)]) == 1
    assert "no generation older" in capsys.readouterr().err
    (index / "CURRENT").write_bytes(b"\xff")
    assert main(["rollback", str(second), "--index", str(index)]) == 0
    assert IndexFolder(index).current_id() == second
    assert main(["rollback", "../..", "--index", str(index)]) == 1
    assert "has no generation" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["verify", "stats", "rollback"])
def test_no_index(index: Path, capsys: Captured, command: str) -> None:
    assert main([command, "--index", str(index)]) == 1
    assert "there is no index in" in capsys.readouterr().err
    assert not index.exists()


def test_another_model_is_named(
    write_files: WriteFiles, index: Path, reindex: Reindex, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(CORPUS)
    reindex(folder)
    other = FakeEmbedder(sha256="0" * 64)
    monkeypatch.setattr("indexer.embedding.embedder.open_embedder", lambda *_: other)
    status, out = reindex(folder)
    assert status == 1
    assert "ffffffffffff" in out
    assert "000000000000" in out
    assert "reindex --full" in out
    assert reindex(folder, "--full")[0] == 0


@pytest.mark.model
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_run_cleanly(
    real_settings: Settings, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    for name, content in generated(400).items():
        (tmp_path / name).write_bytes(content)
    index = tmp_path / "index"
    command = [sys.executable, "-m", "scripts.cli", "reindex", str(tmp_path), "--index", str(index)]
    environment = {**os.environ, "ARTICLE_SEARCH_CACHE": str(real_settings.cache)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while not list(index.glob("generations/*.writing")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == status
    assert "interrupted; run it again to go on" in err
    assert "Traceback" not in err
    assert list(index.glob("generations/*")) == []
