"""Fixtures: a fake model and small indexes for fast tests, the real model for marked ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import pytest
from fastapi.testclient import TestClient
from hypothesis import settings

from indexer.analysis import distinct_stems
from indexer.embedding.base import Embedder
from indexer.embedding.calibration import Codecs, calibrated_codecs
from indexer.embedding.embedder import open_embedder
from indexer.index_url import IndexUrl
from indexer.pipeline import Options, Summary, reindex
from indexer.settings import DEFAULT_MODEL, Settings
from indexer.storage.articles import Articles
from indexer.storage.folder import IndexFolder
from indexer.storage.local import LocalIndex
from indexer.storage.words import Words
from search.engine import Searcher
from search.http.api import create_api
from search.live import LiveSearcher
from search.ranking.fitting import fit_confidence
from tests.support.corpus import CORPUS, QUESTIONS
from tests.support.fakes import FakeEmbedder
from tests.support.needs import ROOT as ROOT
from tests.support.needs import require as require

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.browsing import Open

# A machine that is busy with something else is no fault of the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

WriteFiles = Callable[[Mapping[str, bytes]], Path]
Build = Callable[..., Summary]
Run = Callable[..., Summary]


def settings_for(index: Path | IndexUrl, cache: Path = Path("no-cache")) -> Settings:
    """Settings as of an empty environment, but for the index and the cache."""
    return Settings(
        index=index, model=DEFAULT_MODEL, cache=cache, device="auto", threads=2, download=False
    )


# What takes longest begins first, so that of two workers none is left with it at the end.
FIRST = ("tests/whole/test_quality.py", "tests/whole/", "tests/search/test_paging.py", "tests/web/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in the order in which they are begun."""
    items.sort(key=lambda item: next(
        (place for place, name in enumerate(FIRST) if item.nodeid.startswith(name)), len(FIRST)
    ))  # fmt: skip


@pytest.fixture(scope="session")
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture(scope="session", autouse=True)
def codecs() -> Iterator[None]:
    """Each model is calibrated once for all tests; a fake one without embedding a passage."""
    known: dict[tuple[str, int], Codecs] = {}

    def remembered(embedder: Embedder) -> Codecs:
        window = embedder.tokenizer.max_tokens
        plain = FakeEmbedder(window) if isinstance(embedder, FakeEmbedder) else embedder
        key = plain.model.fingerprint, window
        if key not in known:
            known[key] = calibrated_codecs(plain)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("indexer.encoding.calibrated_codecs", remembered)
        yield


@pytest.fixture(autouse=True)
def nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments that other tests hold open are opened anew, whatever is equal in them."""
    monkeypatch.setattr("indexer.storage.parts._open", WeakValueDictionary())


def write_tree(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files, by path inside `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


@pytest.fixture
def write_files(tmp_path: Path) -> WriteFiles:
    """Write files, by path inside a new folder, and return the folder."""
    made = 0

    def write(files: Mapping[str, bytes]) -> Path:
        nonlocal made
        made += 1
        return write_tree(tmp_path / f"articles-{made}", files)

    return write


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Where an index may be written."""
    return tmp_path / "index"


@pytest.fixture
def build(write_files: WriteFiles, index: Path, embedder: FakeEmbedder) -> Build:
    """Make the index hold these files alone, given as name → content, with the fake model."""

    def run(files: Mapping[str, bytes] = CORPUS, model: Embedder = embedder) -> Summary:
        return reindex(
            [write_files(files)], index, model, None, options=Options(prune=True, yes=True)
        )

    return run


@pytest.fixture
def run(index: Path, embedder: FakeEmbedder) -> Run:
    """Run `reindex` for some paths, with the fake model; options by their names."""

    def reindexed(*paths: Path, model: Embedder = embedder, **options: Any) -> Summary:
        return reindex(paths, index, model, None, options=Options(**options))

    return reindexed


def open_index(index: Path, embedder: Embedder) -> Searcher:
    """A searcher over the live generation."""
    return Searcher(LocalIndex(IndexFolder(index).open_current()), embedder)


def flipped(content: bytes, at: int) -> bytes:
    """The content with one bit changed."""
    return content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :]


def content_of(index: Path) -> dict[str, object]:
    """All that the live generation holds, but for the files of the words; those are searched."""
    generation = IndexFolder(index).open_current()
    path = generation.path
    tables: dict[str, object] = {
        table: Articles(generation).database.rows(f"SELECT * FROM {table} ORDER BY 1")
        for table in ("articles", "passages", "facts", "rejected")
    }
    assert len(generation.manifest.segments) == 1
    files = {
        name: (path / "segments" / "0" / name).read_bytes()
        for name in ("tokens.bin", "vectors.faiss", "terms.db")
    }
    words = Words(path / "lexical")
    found = [words.search(distinct_stems(question), 1000) for question in QUESTIONS]
    return tables | files | {"words": [(n.tolist(), scores.tolist()) for n, scores in found]}


def rebuilt(paths: Sequence[Path], folder: Path, embedder: Embedder) -> dict[str, object]:
    """What an index of some paths holds that is built at once, in a new folder."""
    reindex(paths, folder, embedder, None)
    return content_of(folder)


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder) -> Path:
    """An index over the corpus, shared: do not write to it."""
    folder = write_tree(tmp_path_factory.mktemp("corpus"), CORPUS)
    index = tmp_path_factory.mktemp("shared") / "index"
    reindex([folder], index, embedder, None)
    return index


@pytest.fixture(scope="session")
def searcher(corpus_index: Path, embedder: FakeEmbedder) -> Searcher:
    return open_index(corpus_index, embedder)


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch, embedder: FakeEmbedder) -> FakeEmbedder:
    """Whoever opens a model gets the fake one."""

    def opened(settings: Settings, name: str | None = None) -> Embedder:
        return embedder

    monkeypatch.setattr("search.live.open_embedder", opened)
    monkeypatch.setattr("search.live.open_reader", lambda threads: None)
    monkeypatch.setattr("indexer.embedding.embedder.open_embedder", opened)
    return embedder


@pytest.fixture
def api_client(corpus_index: Path, fake_model: FakeEmbedder) -> Iterator[TestClient]:
    api = create_api(LiveSearcher(settings_for(corpus_index)), threads=2)
    with TestClient(api, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def real_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for the real model; its graph is exported once for the whole run."""
    return settings_for(tmp_path_factory.mktemp("real") / "index", tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def real_embedder(real_settings: Settings) -> Embedder:
    return open_embedder(real_settings)


@pytest.fixture(scope="session")
def sample_index(real_settings: Settings, real_embedder: Embedder) -> Path:
    """An index over data/sample by the real model, shared: do not write to it."""
    sample = [ROOT / "data" / "sample"]
    reindex(sample, real_settings.folder, real_embedder, fit_confidence)
    return real_settings.folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of seeds and evaluation data, kept outside of the project."""
    folder = ROOT.parent / "shared"
    require(folder.is_dir(), f"there is no {folder}: the seeds and evaluation data are not here")
    return folder


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    require((shared / "data").is_dir(), f"there is no {shared / 'data'}: evaluation data not here")
    return shared / "data"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from tests.support.browsing import chromium

    # Of a module: while it runs, nothing else in this thread can have an event loop.
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: "Browser", server: str) -> Iterator["Open"]:
    """Opens pages of the module's `server`; none may complain, or ask another host."""
    from tests.support.browsing import visiting

    with visiting(browser, server) as opened:
        yield opened
