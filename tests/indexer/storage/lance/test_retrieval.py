"""The best of a table: ties by number, and nothing missed where the nearest parts hold too few."""

from pathlib import Path

import pytest

from indexer.errors import QueryError
from indexer.index_url import IndexUrl
from indexer.pipeline import reindex
from indexer.storage.filter import Filter
from indexer.storage.folder import IndexFolder
from indexer.storage.lance.folder import LanceFolder
from indexer.storage.lance.index import LanceIndex
from indexer.storage.lance.sending import Sending
from indexer.storage.local import LocalIndex
from tests.conftest import write_tree
from tests.support.corpus import record
from tests.support.fakes import FakeEmbedder

RUNS, EACH = 3, 40


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder
) -> tuple[Path, IndexUrl]:
    """Articles of which all but the number is the same, sent in several runs."""
    folder = tmp_path_factory.mktemp("ties")
    url = IndexUrl("file", str(folder / "there"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("indexer.compaction.TIMES", 0)
        patch.setattr("indexer.compaction.SMALL", 0)
        patch.setattr("indexer.storage.lance.writer.COMPARED_UP_TO", 0)
        for run in range(RUNS):
            files = {
                f"{number}.json": record(
                    str(number), "Ferry", [f"It ran aground. {1000 + number} were there."]
                ).encode()
                for number in range(run * EACH, (run + 1) * EACH)
            }
            reindex([write_tree(folder / str(run), files)], folder / "index", embedder, None)
            Sending(url, folder / "index", keep=2).send()
    return folder / "index", url


def _opened(url: IndexUrl) -> LanceIndex:
    folder = LanceFolder(url)
    return folder.open_index(folder.current_id())


def test_of_equal_scores_the_first_come_first_each_time(built: tuple[Path, IndexUrl]) -> None:
    local = LocalIndex(IndexFolder(built[0]).open_current())
    expected = local.matching(["aground"], 5, local.narrow(Filter())).passages.tolist()
    assert expected == [0, 1, 2, 3, 4]
    for _ in range(5):
        index = _opened(built[1])
        found = index.matching(["aground"], 5, index.narrow(Filter())).passages.tolist()
        assert found == expected


@pytest.mark.parametrize("probes", [1, 64])
def test_what_a_filter_lets_through_is_found_wherever_it_lies(
    built: tuple[Path, IndexUrl],
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    probes: int,
) -> None:
    monkeypatch.setattr("indexer.storage.lance.retrieval.PROBES", probes)
    monkeypatch.setattr("indexer.storage.lance.retrieval.NARROW", 0.0)
    index = _opened(built[1])
    vector = embedder.embed_query("harbour").vector
    everything = range(RUNS * EACH)
    for kept in ([7], [3, 50, 110], everything):
        without = tuple(number for number in everything if number not in kept)
        found = index.nearest(vector, 200, index.narrow(Filter(without_passages=without)))
        assert sorted(found.passages.tolist()) == list(kept)
    nothing = index.narrow(Filter({"source": ("nobody",)}))
    assert len(index.nearest(vector, 10, nothing).passages) == 0


def test_a_word_that_is_everywhere_is_not_excluded(
    built: tuple[Path, IndexUrl], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = _opened(built[1])
    assert index.narrow(Filter(excluded=("aground",))).passages == 0
    monkeypatch.setattr("indexer.storage.lance.index.MOST_EXCLUDED", 100)
    with pytest.raises(QueryError, match="'aground' is in 120 articles"):
        index.narrow(Filter(excluded=("aground",)))
