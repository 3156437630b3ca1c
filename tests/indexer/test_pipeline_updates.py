"""An update gives what building the index anew gives, and a dry run tells what it would do."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from indexer.storage.parts import Parts
from tests.conftest import WriteFiles, content_of, rebuilt, write_tree
from tests.support.corpus import CORPUS, generated
from tests.support.fakes import FakeEmbedder
from tests.support.runs import Update, snapshot_of


def _drop(folder: Path, other: Path) -> None:
    for number in range(6):
        (folder / f"{number:04}.json").unlink()


def _edit(folder: Path, other: Path) -> None:
    for number in range(3):
        file = folder / f"{number:04}.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "title": "Renamed"}))


def _move(folder: Path, other: Path) -> None:
    (folder / "0000.json").rename(folder / "z.json")
    (folder / "0004.json").rename(other / "0004.json")


def _mix(folder: Path, other: Path) -> None:
    _edit(folder, other)
    _move(folder, other)
    (folder / "0001.json").unlink()
    write_tree(folder, {f"new/{name}": text for name, text in CORPUS.items()})
    write_tree(other, {"copy.json": (folder / "0002.json").read_bytes(), "empty.txt": b""})


def _duplicate(folder: Path, other: Path) -> None:
    write_tree(folder, {f"copy of {number}.json": _text_of(folder, number) for number in range(4)})
    (folder / "0003.json").unlink()


def _text_of(folder: Path, number: int) -> bytes:
    """The text of an article, now without its id and date: another article, the same story."""
    raw = json.loads((folder / f"{number:04}.json").read_text())
    return json.dumps({"title": raw["title"], "text": raw["text"]}).encode()


def _nothing(folder: Path, other: Path) -> None:
    pass


CHANGES = [_nothing, _drop, _edit, _move, _mix, _duplicate]


@pytest.fixture
def roots(write_files: WriteFiles) -> tuple[Path, Path]:
    files = generated(20)
    names = sorted(files)
    one = {name: files[name] for name in names[:12]}
    other = {name: files[name] for name in names[12:]}
    return write_files(one), write_files(other)


@pytest.mark.parametrize("piece", [1024, 3])
@pytest.mark.parametrize("change", CHANGES)
def test_an_update_gives_what_a_rebuild_gives(
    update: Update,
    roots: tuple[Path, Path],
    index: Path,
    embedder: FakeEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, Path], None],
    piece: int,
) -> None:
    monkeypatch.setattr("indexer.encoding.PIECE", piece)
    update(*roots)
    change(*roots)
    summary, embedded = update(*roots, yes=True)
    assert embedded == summary.embedded
    assert embedded < summary.passages / 2
    assert content_of(index) == rebuilt(roots, tmp_path / "new", embedder)


@pytest.mark.parametrize("change", CHANGES)
def test_an_update_back_gives_what_there_was(
    update: Update, roots: tuple[Path, Path], index: Path, change: Callable[[Path, Path], None]
) -> None:
    update(*roots)
    before = content_of(index)
    saved = [snapshot_of(root) for root in roots]
    change(*roots)
    update(*roots, yes=True)
    for root in roots:
        for file in root.rglob("*"):
            if file.is_file():
                file.unlink()
    for snapshot in saved:
        for name, (_, content) in snapshot.items():
            Path(name).write_bytes(content)
    update(*roots, yes=True)
    assert content_of(index) == before


def test_roots_that_come_one_by_one_give_what_a_rebuild_gives(
    update: Update, roots: tuple[Path, Path], index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    one, other = roots
    update(other)
    update(one / "0005.json")
    update(one)
    assert content_of(index) == rebuilt(roots, tmp_path / "new", embedder)


def _frequency(index: Path, embedder: FakeEmbedder) -> dict[int, int]:
    """In how many passages each token occurs, counted from what is stored."""
    articles = Articles(IndexFolder(index).open_current())
    seen: Counter[int] = Counter()
    for owner, passages in articles.everything():
        article = owner.article
        for stored, _ in passages:
            (passage,) = embedder.tokenizer.passages(
                [article.title], [stored.passage.span.of(article.text)]
            )
            seen.update(set(passage.ids[passage.first : passage.last].tolist()))
    return dict(seen)


@pytest.mark.parametrize("change", CHANGES)
def test_token_frequencies_are_those_of_the_passages(
    update: Update,
    roots: tuple[Path, Path],
    index: Path,
    embedder: FakeEmbedder,
    change: Callable[[Path, Path], None],
) -> None:
    update(*roots)
    change(*roots)
    update(*roots, yes=True)
    live = IndexFolder(index).open_current()
    stored = Parts.open(live).tokens.document_frequency
    found = {token: int(stored[token]) for token in np.flatnonzero(stored).tolist()}
    assert found == _frequency(index, embedder)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("options", [{}, {"prune": True}, {"full": True}])
def test_a_dry_run_tells_what_a_run_would_do_and_does_nothing(
    update: Update,
    roots: tuple[Path, Path],
    index: Path,
    change: Callable[[Path, Path], None],
    options: Mapping[str, bool],
) -> None:
    live, _ = update(*roots)
    change(*roots)
    before = snapshot_of(index)
    dry, embedded = update(roots[0], dry=True, **options)
    assert (dry.published, dry.generation, embedded) == (False, live.generation, 0)
    assert snapshot_of(index) == before
    real, _ = update(roots[0], yes=True, **options)
    same = {"seconds": 0.0, "generation": None, "published": False}
    assert replace(dry, **same) == replace(real, **same)  # type: ignore[arg-type]
