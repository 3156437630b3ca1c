"""How the last run ended is told by whoever comes later."""

from pathlib import Path

import pytest

from indexer.storage.last_run import FILE, LastRun, read_last_run, write_last_run

ENDED = LastRun(ended=1.5e9, seconds=2.5, generation="g", published=True, added=3, skipped=1)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read_last_run(tmp_path) is None
    write_last_run(tmp_path, ENDED)
    assert read_last_run(tmp_path) == ENDED
    write_last_run(tmp_path, LastRun(ended=1.6e9, seconds=0.1, error="x" * 5000))
    failed = read_last_run(tmp_path)
    assert failed == LastRun(ended=1.6e9, seconds=0.1, error="x" * 1000)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"ended": "now", "seconds": 1}', b"\xff"])
def test_what_is_damaged_is_not_known(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert read_last_run(tmp_path) is None


def test_that_it_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    write_last_run(tmp_path / "nowhere", ENDED)
    assert read_last_run(tmp_path / "nowhere") is None
