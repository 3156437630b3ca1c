"""The live searcher: new generations are taken over, broken ones refused, old ones let go."""

import contextlib
import gc
import logging
import shutil
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer.embedding.base import Embedder
from indexer.embedding.openvino_embedder import QUERY_LENGTHS
from indexer.errors import IndexDamaged, IndexMissing
from indexer.storage.folder import IndexFolder
from search.live import TRIED, LiveSearcher
from search.question.query import Query
from tests.conftest import Build, flipped, settings_for
from tests.support.corpus import CORPUS
from tests.support.fakes import FakeEmbedder
from tests.support.runs import FILES
from tests.support.swaps import ONE, eventually, publish, serves


def test_a_first_and_a_new_generation_are_picked_up(live: LiveSearcher, build: Build) -> None:
    with pytest.raises(IndexMissing):
        live.current()
    for files, total in ((ONE, 1), (CORPUS, 8)):
        publish(live, build, files)
        assert live.current().search(Query(text="cup", floor=0)).total == total
    assert (live.swapped, live.refused) == (2, 0)


@pytest.mark.parametrize("file", [*FILES, "lexical"])
def test_a_broken_generation_is_refused(
    live: LiveSearcher,
    build: Build,
    index: Path,
    file: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    good = publish(live, build, CORPUS)
    kept = index.with_name("kept")
    shutil.copytree(index / "generations", kept)
    bad = build(ONE).generation
    folder = index / "generations" / str(bad)
    eventually(lambda: serves(live, bad))
    shutil.copytree(kept / str(good), index / "generations" / str(good), dirs_exist_ok=True)
    IndexFolder(index).roll_back(good)
    eventually(lambda: serves(live, good))

    damaged = folder / file if (folder / file).is_file() else max(folder.joinpath(file).iterdir())
    damaged.write_bytes(flipped(damaged.read_bytes() or b"x", 60))
    refused = live.refused
    with caplog.at_level(logging.ERROR):
        (index / "CURRENT.new").write_text(f"{bad}\n")
        (index / "CURRENT.new").replace(index / "CURRENT")
        eventually(lambda: live.refused > refused)
    assert live.refused == refused + 1
    assert "refused a new generation" in caplog.text
    assert serves(live, good)
    assert live.current().search(Query(text="tram", floor=0)).total == 8
    with pytest.raises(IndexDamaged):
        live.reload()
    assert serves(live, good)


def test_what_was_mended_is_taken_over_when_asked(
    live: LiveSearcher, build: Build, index: Path
) -> None:
    first = publish(live, build, CORPUS)
    publish(live, build, ONE)
    file = index / "generations" / str(first) / "segments/0/vectors.faiss"
    content = file.read_bytes()
    (index / "CURRENT").write_text(f"{first}\n")
    file.write_bytes(flipped(content, 9))
    with pytest.raises(IndexDamaged):
        live.reload()
    file.write_bytes(content)
    assert live.reload()
    assert serves(live, first)
    assert not live.reload()


def test_asked_by_a_signal_it_reloads(
    live: LiveSearcher, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(live, build, CORPUS)
    monkeypatch.setattr("indexer.storage.folder.IndexFolder.looked_every", 3600)
    second = build(ONE).generation
    # The wait that had begun before may still be a short one.
    live.reload_soon()
    eventually(lambda: serves(live, second))


@pytest.mark.model
def test_what_is_tried_compiles_the_model_for_every_length(real_embedder: Embedder) -> None:
    lengths = (*QUERY_LENGTHS, real_embedder.tokenizer.max_tokens)
    asked = [len(real_embedder.tokenizer.query(question).ids) for question in TRIED]
    assert [min(n for n in lengths if n >= each) for each in asked] == list(lengths)


def test_the_old_one_is_closed_when_nobody_needs_it(
    live: LiveSearcher, build: Build, index: Path
) -> None:
    publish(live, build, CORPUS)
    old = live.current()
    gone = weakref.ref(old)
    publish(live, build, ONE)
    publish(live, build, CORPUS)
    # Its folder is gone, and a request that still holds it goes on, in any thread.
    assert not (index / "generations" / old.generation.id).exists()
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(old.search, [Query(text="tram", floor=0)] * 48))
    assert [results.total for results in found] == [8] * 48
    del old, found
    gc.collect()
    assert gone() is None


def _open_generations(index: Path) -> set[str]:
    """The generations of an index of which this process has a file open."""
    opened = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        # The descriptor of this very listing is gone by now.
        with contextlib.suppress(FileNotFoundError):
            file = descriptor.readlink()
            if file.is_relative_to(index / "generations"):
                opened.add(file.relative_to(index / "generations").parts[0])
    return opened


def test_swaps_leave_no_open_file(live: LiveSearcher, build: Build, index: Path) -> None:
    for turn in range(6):
        good = publish(live, build, CORPUS if turn % 2 else ONE)

    def only_what_serves_is_open() -> bool:
        # The thread that swaps may be closing the old one yet.
        gc.collect()
        return _open_generations(index) == {str(good)}

    eventually(only_what_serves_is_open)


def test_the_index_goes_away_while_serving(live: LiveSearcher, build: Build, index: Path) -> None:
    good = publish(live, build, CORPUS)
    shutil.move(index, index.with_name("elsewhere"))
    eventually(lambda: live.refused == 1)
    assert live.current().search(Query(text="tram", floor=0)).total == 8
    shutil.move(index.with_name("elsewhere"), index)
    assert not live.reload()
    assert serves(live, good)


def test_every_answer_is_of_one_generation(live: LiveSearcher, build: Build) -> None:
    def marked(edition: int) -> dict[str, bytes]:
        return {
            name.replace("/", "-"): content.replace(b"The ", f"The edition{edition} ".encode())
            for name, content in CORPUS.items()
            if name.startswith("feeds/") and name.endswith(".json")
        }

    markers = {build(marked(0)).generation: "edition0"}
    eventually(lambda: live.serving is not None)

    def search(_: int) -> tuple[str, str]:
        results = live.current().search(Query(text="the bakery and the final"))
        return results.generation, " ".join(hit.article.text for hit in results.hits)

    with ThreadPoolExecutor(4) as pool:
        answers = []
        for edition in range(1, 5):
            running = [pool.submit(search, i) for i in range(60)]
            markers[build(marked(edition)).generation] = f"edition{edition}"
            answers += [each.result() for each in running]
    for generation, text in answers:
        assert markers[generation] in text
        assert sum(f"edition{n}" in text for n in range(5)) == 1


def test_a_missing_index_gathers_no_traceback(index: Path, fake_model: FakeEmbedder) -> None:
    live = LiveSearcher(settings_for(index))
    depths = []
    for _ in range(3):
        with pytest.raises(IndexMissing) as caught:
            live.current()
        depths.append(len(caught.traceback))
    assert depths == depths[:1] * 3


def test_another_version_of_the_rules_is_told(
    build: Build,
    live: LiveSearcher,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("search.live.CLEANING", 99)
    publish(live, build, CORPUS)
    assert "version 99" in caplog.text
    assert "`reindex` renews it" in caplog.text
