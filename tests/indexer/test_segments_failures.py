"""A segment is shared, killed, damaged and worn, and what is searched is whole."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from indexer.article import Article, Document, Order, Rejected
from indexer.errors import IndexDamaged
from indexer.reading.cleaning import clean_all
from indexer.storage.folder import IndexFolder
from indexer.verify import verify
from tests.conftest import Run, WriteFiles, content_of, flipped, rebuilt, write_tree
from tests.support.corpus import BAKERY, generated, record
from tests.support.fakes import CountingEmbedder, FakeEmbedder
from tests.support.runs import killed_run
from tests.support.segments import OLD, held_by, live_of

pytestmark = pytest.mark.usefixtures("however_small")


@pytest.mark.usefixtures("small_pieces")
def test_a_killed_run_leaves_the_live_generation(
    source: Path, run: Run, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    before, content = live_of(index), content_of(index)
    names = list(generated(OLD + 6))
    write_tree(source, {name: generated(OLD + 6)[name] for name in names[OLD:]})
    killed = killed_run(run, source, most=8)
    assert killed.embedded == 5
    assert live_of(index) == before
    assert before.damage() == []
    assert content_of(index) == content
    assert [each.name for each in (index / "generations").iterdir()] == [before.id]
    model = CountingEmbedder()
    summary = run(source, model=model)
    assert model.embedded == summary.embedded - 5 > 0
    assert held_by(index) == [OLD, 6]
    assert verify(live_of(index), embedder) == []
    run(compact=True)
    assert content_of(index) == rebuilt([source], tmp_path / "new", embedder)


@pytest.mark.parametrize("name", ["articles.db", "vectors.faiss", "tokens.bin", "terms.db"])
def test_damage_is_damage_to_all_that_share_a_file(
    grown: Path, run: Run, index: Path, embedder: FakeEmbedder, name: str
) -> None:
    folder = IndexFolder(index)
    both = folder.generations()
    assert len(both) == 2
    file = both[0].path / "segments" / "0" / name
    # In place, as a disk does it.
    content = file.read_bytes()
    file.write_bytes(flipped(content, len(content) // 2))
    for generation in both:
        shared = generation.path / "segments" / "0" / name
        assert [str(shared) in each for each in verify(generation, embedder)] == [True]
        if name == "tokens.bin":
            # Checked as it is read.
            assert folder.open(generation.id) == generation
        else:
            with pytest.raises(IndexDamaged, match=str(shared)):
                folder.open(generation.id)
    with pytest.raises(IndexDamaged, match=name):
        folder.roll_back()
    file.write_bytes(content)
    assert [verify(each, embedder) for each in both] == [[], []]
    assert folder.open_current() == both[0]


def test_damage_is_not_sealed_by_the_next_generation(
    grown: Path, run: Run, index: Path, embedder: FakeEmbedder
) -> None:
    file = live_of(index).path / "segments" / "0" / "tokens.bin"
    file.write_bytes(flipped(file.read_bytes(), file.stat().st_size - 9))
    write_tree(grown, {"bakery.json": record("bakery", "Last loaves", BAKERY).encode()})
    run(grown)
    assert held_by(index) == [OLD, 2]
    (problem,) = verify(live_of(index), embedder)
    assert "segments/0/tokens.bin is not as it was written" in problem
    with pytest.raises(IndexDamaged, match=r"tokens\.bin"):
        run(compact=True)


def test_what_is_mostly_gone_is_written_again(
    grown: Path, run: Run, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    for number in range(15):
        (grown / f"{number:04}.json").unlink()
    run(grown)
    assert held_by(index) == [OLD, 1]
    assert live_of(index).manifest.articles == OLD - 15 + 1
    assert verify(live_of(index), embedder) == []
    (grown / "0015.json").unlink()
    run(grown)
    assert held_by(index) == [OLD - 16 + 1]
    assert content_of(index) == rebuilt([grown], tmp_path / "new", embedder)


@pytest.mark.parametrize("left", ["0000.json", "ferry.json"])
def test_only_one_article_is_left(
    grown: Path, run: Run, index: Path, embedder: FakeEmbedder, tmp_path: Path, left: str
) -> None:
    for file in grown.iterdir():
        if file.name != left:
            file.unlink()
    assert len(run(grown, yes=True).removed) == OLD
    assert held_by(index) == [1]
    assert content_of(index) == rebuilt([grown], tmp_path / "new", embedder)
    assert verify(live_of(index), embedder) == []


@pytest.mark.usefixtures("many_segments")
def test_no_more_segments_than_a_database_attaches(
    write_files: WriteFiles, run: Run, index: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    files = list(generated(12).items())
    folder = write_files(dict(files[:2]))
    run(folder)
    counts = []
    for name, text in files[2:]:
        write_tree(folder, {name: text})
        run(folder)
        counts.append(held_by(index))
    assert max(map(len, counts)) == 8
    assert counts[6] == [2, 1, 1, 1, 1, 1, 1, 1]
    assert counts[7] == [2, 1, 1, 1, 1, 1, 1, 2]
    assert live_of(index).manifest.articles == 12
    assert verify(live_of(index), embedder) == []
    model = CountingEmbedder()
    run(compact=True, model=model)
    assert model.embedded == 0
    assert content_of(index) == rebuilt([folder], tmp_path / "new", embedder)


def test_a_document_without_an_article_is_not_read_into_each_segment(
    grown: Path, run: Run, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(grown, {"few.json": b'{"text": "Nothing here."}'})
    write_tree(grown, {"bakery.json": record("bakery", "Last loaves", BAKERY).encode()})
    run(grown)
    read: list[str] = []

    def counted(documents: Sequence[Document], order: Order | None) -> list[Article | Rejected]:
        read.extend(each.location for each in documents)
        return clean_all(documents, order)

    monkeypatch.setattr("indexer.mirror.clean_all", counted)
    write_tree(grown, {"new.json": generated(OLD + 1)[f"{OLD:04}.json"]})
    summary = run(grown)
    assert [Path(each.location).name for each in summary.skipped] == ["few.json"]
    assert [Path(place).name for place in read] == ["new.json"]
