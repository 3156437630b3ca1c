"""Generations and the folder of an index, for the tests of what is stored."""

import json
from pathlib import Path

import pytest

from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation
from tests.conftest import Run, WriteFiles
from tests.support.corpus import generated
from tests.support.stored import STORIES, TOLD, write_generation


@pytest.fixture
def stored(tmp_path: Path) -> Generation:
    """Three articles in one segment."""
    rejected = {b"four": "no article text found"}
    folder = tmp_path / "with space & 100%"
    return write_generation(folder, TOLD, stories=STORIES, rejected=rejected)


@pytest.fixture
def worn(tmp_path: Path) -> Generation:
    """The same in two segments, the second article of which is gone."""
    rejected = {b"four": "no article text found"}
    folder = tmp_path / "worn"
    return write_generation(
        folder, TOLD[:2], TOLD[2:], stories=STORIES, gone={1}, rejected=rejected
    )


@pytest.fixture
def folder(index: Path) -> IndexFolder:
    return IndexFolder(index)


@pytest.fixture
def grown(many_segments: None, write_files: WriteFiles, run: Run, index: Path) -> Generation:
    """Three segments; an article of the second is gone, one of the first has changed."""
    articles = generated(12)
    names = list(articles)
    source = write_files({name: articles[name] for name in names[:6]})
    run(source)
    for name in names[6:9]:
        (source / name).write_bytes(articles[name])
    run(source)
    changed = json.loads(articles[names[1]])
    changed["text"] = changed["text"].replace("harbour", "heath") + "\n\nThe heath is wide today."
    (source / names[1]).write_bytes(json.dumps(changed).encode())
    (source / names[7]).unlink()
    for name in names[9:]:
        (source / name).write_bytes(articles[name])
    run(source)
    generation = IndexFolder(index).open_current()
    assert len(generation.manifest.segments) == 3
    assert (generation.manifest.articles, generation.manifest.end_article) == (11, 13)
    return generation
