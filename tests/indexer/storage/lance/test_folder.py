"""What is at a URL is opened if it is whole, and refused if not."""

import shutil
from pathlib import Path

import lancedb
import pytest

from indexer.errors import IndexDamaged, IndexMismatch, IndexMissing, StorageError
from indexer.index_url import IndexUrl
from indexer.storage.folder import IndexFolder
from indexer.storage.lance.folder import MOST_FILES, LanceFolder
from indexer.storage.lance.sending import Sending
from tests.conftest import Build
from tests.support.lance import content_at


@pytest.fixture
def url(build: Build, index: Path, tmp_path: Path) -> IndexUrl:
    build()
    url = IndexUrl("file", str(tmp_path / "there"))
    Sending(url, index, keep=2).send()
    return url


def _generations(url: IndexUrl) -> lancedb.table.Table:
    return lancedb.connect(str(url.folder)).open_table("generations")


def test_counts(url: IndexUrl, index: Path) -> None:
    assert LanceFolder(url).counted() == IndexFolder(index).counted()


@pytest.mark.parametrize("table", ["passages", "articles", "words", "suggestions", "keys"])
def test_a_table_that_is_gone(url: IndexUrl, table: str) -> None:
    shutil.rmtree(url.folder / f"{table}.lance")
    folder = LanceFolder(url)
    with pytest.raises(IndexDamaged, match="reindex --full"):
        folder.open_index(folder.current_id())


def test_a_version_that_is_gone(url: IndexUrl) -> None:
    _generations(url).update(values={"versions": '{"passages": 99}'})
    with pytest.raises(IndexDamaged, match="lacks tables"):
        LanceFolder(url).live()


def test_rows_that_are_gone(url: IndexUrl) -> None:
    folder = LanceFolder(url)
    live = folder.live()
    table = lancedb.connect(str(url.folder)).open_table("articles")
    table.delete("number = 3")
    versions = {**live.versions, "articles": table.version}
    _generations(url).update(values={"versions": str(versions).replace("'", '"')})
    with pytest.raises(IndexDamaged, match="holds 7 articles, 8 in the manifest"):
        folder.open_index(live.generation.id)


def test_another_format(url: IndexUrl) -> None:
    _generations(url).update(values={"manifest": '{"format": 12}'})
    with pytest.raises(IndexMismatch, match="reindex --full"):
        LanceFolder(url).current_id()


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"format": "x', '{"format": 13}'])
def test_a_manifest_that_is_none(url: IndexUrl, manifest: str) -> None:
    _generations(url).update(values={"manifest": manifest})
    with pytest.raises(StorageError):
        LanceFolder(url).current_id()


@pytest.mark.parametrize("part", ["data", "_versions", "_indices"])
def test_files_that_are_cut(url: IndexUrl, part: str) -> None:
    folder = LanceFolder(url)
    for file in (url.folder / "articles.lance" / part).rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(StorageError):
        folder.open_index(folder.current_id()).articles(range(8))


@pytest.mark.parametrize("what", ["table", "format", "file", "versions"])
def test_what_is_built_anew_in_full_mends_it(url: IndexUrl, index: Path, what: str) -> None:
    before = content_at(url)
    if what == "table":
        shutil.rmtree(url.folder / "articles.lance")
    elif what == "format":
        _generations(url).update(values={"manifest": '{"format": 12}'})
    elif what == "versions":
        _generations(url).update(values={"versions": "{}"})
    else:
        for file in (url.folder / "articles.lance" / "data").iterdir():
            file.write_bytes(file.read_bytes()[:100])
    if what in ("format", "versions"):
        with pytest.raises(StorageError):
            Sending(url, index, keep=2).send()
    Sending(url, index, keep=2, full=True).send()
    assert content_at(url) == before
    # And what cannot be read of older ones is in nobody's way.
    assert len(LanceFolder(url).generations()) == 1
    LanceFolder(url).open_index(LanceFolder(url).current_id())


def test_publications_do_not_pile_up(url: IndexUrl, index: Path) -> None:
    for _ in range(MOST_FILES + 8):
        Sending(url, index, keep=2, full=True).send()
    files = list((url.folder / "generations.lance" / "data").iterdir())
    # What was put in order goes when nobody can be reading it.
    assert _generations(url).stats()["fragment_stats"]["num_fragments"] < MOST_FILES
    assert len(files) < 3 * MOST_FILES


def test_no_such_generation(url: IndexUrl) -> None:
    with pytest.raises(IndexMissing, match="no generation x"):
        LanceFolder(url).open_index("x")


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not an index")
    with pytest.raises(IndexMissing):
        LanceFolder(IndexUrl("file", str(tmp_path))).current_id()
