"""The files of a generation: all are opened, counted, and missed."""

import shutil
from pathlib import Path

import pytest

from indexer.errors import IndexDamaged
from indexer.storage.folder import IndexFolder
from indexer.storage.parts import Parts, open_articles
from tests.conftest import Build
from tests.support.corpus import ARTICLES, generated

COUNTED = ["articles.db", "vectors.faiss", "lexical", "tokens.bin"]


@pytest.fixture
def folder(corpus_index: Path, tmp_path: Path) -> Path:
    """A copy of the files of a generation."""
    live = IndexFolder(corpus_index).open_current().path
    return Path(shutil.copytree(live, tmp_path / "copy"))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def test_every_file_holds_the_passages_of_the_manifest(corpus_index: Path) -> None:
    live = IndexFolder(corpus_index).open_current()
    parts = Parts.open(live.path)
    assert parts.passages() == dict.fromkeys(COUNTED, live.manifest.passages)
    assert parts.articles.count() == live.manifest.articles == ARTICLES


@pytest.mark.parametrize("name", [*COUNTED, "terms.db"])
def test_none_may_be_missing(folder: Path, name: str) -> None:
    Parts.open(folder)
    _remove(folder / name)
    with pytest.raises(IndexDamaged):
        Parts.open(folder)


@pytest.mark.parametrize("name", COUNTED)
def test_a_file_of_another_generation_is_counted_for_itself(
    folder: Path, build: Build, index: Path, name: str
) -> None:
    build(generated(3))
    other = IndexFolder(index).open_current()
    counts = Parts.open(folder).passages()
    assert counts[name] != other.manifest.passages
    _remove(folder / name)
    copy = shutil.copytree if name == "lexical" else shutil.copy2
    copy(other.path / name, folder / name)
    assert Parts.open(folder).passages() == counts | {name: other.manifest.passages}


def test_the_articles_are_opened_alone(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != "articles.db":
            _remove(path)
    assert open_articles(folder).count() == ARTICLES
    (folder / "articles.db").unlink()
    with pytest.raises(IndexDamaged):
        open_articles(folder)
