"""The commands over an index at a URL: what they do with a folder, they do there."""

import json
from pathlib import Path

import pytest

from indexer.index_url import IndexUrl
from indexer.settings import Settings
from indexer.storage.folder import IndexFolder
from indexer.storage.lance.folder import LanceFolder
from scripts.cli import main
from tests.conftest import WriteFiles
from tests.support.corpus import CORPUS, generated

pytestmark = pytest.mark.usefixtures("fake_model")

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IndexUrl:
    """Where nothing is yet, for a machine that has built nothing yet."""
    monkeypatch.setenv("ARTICLE_SEARCH_CACHE", str(tmp_path / "cache"))
    url = IndexUrl("file", str(tmp_path / "mnt" / "the news"))
    monkeypatch.setenv("ARTICLE_SEARCH_INDEX", str(url))
    return url


def _ask(capsys: Captured, *arguments: str) -> str:
    assert main([*arguments]) == 0
    return capsys.readouterr().out


def test_reindex_search_and_look_after(
    url: IndexUrl, write_files: WriteFiles, capsys: Captured
) -> None:
    folder = write_files(CORPUS)
    assert "added 8" in _ask(capsys, "reindex", str(folder), "--quiet")
    first = LanceFolder(url).current_id()
    assert "Night ferry" in _ask(capsys, "search", "who ran aground", "--floor", "0")
    (folder / "new.json").write_bytes(generated(1)["0000.json"])
    assert "added 1" in _ask(capsys, "reindex", str(folder), "--quiet")
    second = LanceFolder(url).current_id()
    lines = _ask(capsys, "stats").splitlines()
    assert lines[0].startswith(f"* {second}  9 articles")
    assert lines[1].startswith(f"  {first}  8 articles")
    assert lines[2].startswith("the last run ended")
    report = json.loads(_ask(capsys, "stats", "--json"))
    assert (report["live"], report["index"]) == (second, str(url))
    assert sum(each["articles"] for each in report["languages"]) == 9
    assert _ask(capsys, "verify", "--quiet") == f"generation {second}: sound\n"
    assert _ask(capsys, "rollback") == f"generation {first} is live (8 articles)\n"
    assert "nothing has changed" in _ask(capsys, "reindex", str(folder), "--quiet")
    # The sources are as they were in the second one.
    assert LanceFolder(url).current_id() == second


def test_a_dry_run_sends_nothing(url: IndexUrl, write_files: WriteFiles, capsys: Captured) -> None:
    assert "added 8" in _ask(capsys, "reindex", str(write_files(CORPUS)), "--dry-run", "--quiet")
    assert not url.folder.exists()
    assert not Settings.from_environment().folder.exists()


def test_another_machine_does_not_replace_it(
    url: IndexUrl,
    write_files: WriteFiles,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder = write_files(CORPUS)
    _ask(capsys, "reindex", str(folder), "--quiet")
    live = LanceFolder(url).current_id()
    monkeypatch.setenv("ARTICLE_SEARCH_CACHE", str(tmp_path / "other"))
    assert main(["reindex", str(folder), "--quiet"]) == 1
    assert "built by another machine" in capsys.readouterr().err
    assert LanceFolder(url).current_id() == live
    # It serves it all the same.
    assert "Night ferry" in _ask(capsys, "search", "who ran aground", "--floor", "0")
    assert main(["verify", "--quiet"]) == 1
    assert str(Settings.from_environment().folder) in capsys.readouterr().err
    _ask(capsys, "reindex", str(folder), "--quiet", "--full")
    assert LanceFolder(url).current_id() != live


def test_what_was_not_sent_is_sent_by_the_next_run(
    url: IndexUrl, write_files: WriteFiles, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    folder = write_files(CORPUS)
    with monkeypatch.context() as patch:
        patch.setattr("indexer.storage.lance.writer.Publication._publish", interrupted)
        assert main(["reindex", str(folder), "--quiet"]) == 130
    built = IndexFolder(Settings.from_environment().folder).current_id()
    assert LanceFolder(url).generations() == []
    assert "nothing has changed" in _ask(capsys, "reindex", str(folder), "--quiet")
    assert LanceFolder(url).current_id() == built


@pytest.mark.parametrize("command", ["stats", "rollback", "search ferry"])
def test_no_index(url: IndexUrl, capsys: Captured, command: str) -> None:
    assert main(command.split()) == 1
    assert f"there is no index in {url}" in capsys.readouterr().err
    assert not url.folder.exists()


def test_a_kind_of_url_that_is_not_known(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit):
        main(["stats", "--index", "gs://bucket/news"])
    assert "no kind of URL for an index" in capsys.readouterr().err
    monkeypatch.setenv("ARTICLE_SEARCH_INDEX", "gs://bucket/news")
    assert main(["stats"]) == 1
    assert "no kind of URL for an index" in capsys.readouterr().err
