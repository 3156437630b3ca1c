"""An index in a bucket: published by one, read by many, and what happens when the store fails."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore
import pytest

from indexer.errors import IndexBusy, IndexMissing, IndexUnavailable, StorageError
from indexer.index_url import IndexUrl
from indexer.storage.lance import lease
from indexer.storage.lance.folder import LanceFolder
from indexer.storage.lance.lease import LOCK, leased
from indexer.storage.lance.sending import Sending
from indexer.storage.lance.writer import Publication
from indexer.storage.manifest import Segment
from search.engine import Searcher
from search.live import LiveSearcher
from search.question.query import Query
from tests.conftest import Build, settings_for
from tests.support.corpus import CORPUS, generated
from tests.support.fakes import FakeEmbedder, Killed
from tests.support.lance import content_at
from tests.support.s3 import BUCKET, KEYS, Gate, s3_server
from tests.support.segments import found_by
from tests.support.swaps import eventually, serves


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    with s3_server(tmp_path_factory.mktemp("s3")) as gate:
        yield gate


@pytest.fixture
def url(gate: Gate, request: pytest.FixtureRequest) -> Iterator[IndexUrl]:
    """A prefix of its own for each test."""
    yield IndexUrl("s3", f"{BUCKET}/{abs(hash(request.node.name))}")
    gate.set("open")


def _found(url: IndexUrl, embedder: FakeEmbedder, question: str) -> list[str]:
    folder = LanceFolder(url)
    return found_by(Searcher(folder.open_index(folder.current_id()), embedder), question)


def _object(url: IndexUrl, name: str) -> bytes | None:
    store = obstore.store.from_url(f"s3://{url.path}", client_options={"allow_http": True})
    try:
        return bytes(obstore.get(store, name).bytes())
    except FileNotFoundError:
        return None


def test_as_in_a_folder(
    build: Build, index: Path, url: IndexUrl, tmp_path: Path, embedder: FakeEmbedder
) -> None:
    with pytest.raises(IndexMissing, match=f"--index {url}"):
        LanceFolder(url).current_id()
    for number, files in enumerate((CORPUS, CORPUS | generated(9), generated(4))):
        build(files)
        Sending(url, index, keep=2).send()
        folder = IndexUrl("file", str(tmp_path / f"{number}"))
        Sending(folder, index, keep=2).send()
        assert content_at(url) == content_at(folder)
        for question in ("the ferry", "council votes"):
            assert _found(url, embedder, question) == _found(folder, embedder, question)
        assert _object(url, LOCK) is None
    before = LanceFolder(url).generations()[1]
    assert LanceFolder(url).roll_back() == before


def test_nothing_secret_is_kept_or_told(
    build: Build,
    index: Path,
    url: IndexUrl,
    gate: Gate,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    build()
    Sending(url, index, keep=2).send()
    folder = LanceFolder(url)
    errors = []
    for state in ("away", "busy"):
        gate.set(state)
        with pytest.raises(IndexUnavailable) as told:
            folder.current_id()
        errors.append(told)
    gate.set("open")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(IndexUnavailable) as told:
        LanceFolder(url).current_id()
    said = [str(each.getrepr(style="long", chain=True)) for each in [*errors, told]]
    for secret in KEYS.values():
        assert secret not in caplog.text
        assert not any(secret in each for each in said)
        for file in (*index.rglob("*"),):
            assert not file.is_file() or secret.encode() not in file.read_bytes()
    monkeypatch.undo()
    store = obstore.store.from_url(f"s3://{url.path}", client_options={"allow_http": True})
    for listed in obstore.list(store):
        for each in listed:
            content = bytes(obstore.get(store, each["path"]).bytes())
            assert not any(secret.encode() in content for secret in KEYS.values())


def test_keys_that_are_refused(build: Build, index: Path, tmp_path: Path) -> None:
    build()
    url = IndexUrl("s3", f"{BUCKET}/refused")
    with s3_server(tmp_path, keys_known=False):
        for ask in (LanceFolder(url).current_id, Sending(url, index, keep=2).send):
            with pytest.raises(IndexUnavailable, match="AWS_SECRET_ACCESS_KEY") as told:
                ask()
            said = str(told.getrepr(style="long", chain=True))
            assert not any(secret in said for secret in KEYS.values())


def test_a_bucket_that_is_not_there(url: IndexUrl) -> None:
    with pytest.raises(StorageError, match="no bucket"):
        LanceFolder(IndexUrl("s3", "nobody/news")).current_id()
    with pytest.raises(StorageError, match="no bucket"), leased(IndexUrl("s3", "nobody/news")):
        raise AssertionError


@pytest.mark.usefixtures("fake_model")
def test_the_store_is_away_and_comes_back(
    build: Build, index: Path, url: IndexUrl, gate: Gate
) -> None:
    first = build(CORPUS).generation
    Sending(url, index, keep=2).send()
    live = LiveSearcher(settings_for(url))
    live.follow()
    try:
        query = Query(text="who ran aground", floor=0)
        found = live.current().search(query)
        for state in ("away", "busy"):
            gate.set(state)
            began = time.monotonic()
            with pytest.raises(IndexUnavailable):
                live.current().search(Query(text=f"what else was said {state}"))
            assert time.monotonic() - began < 60
            gate.set("open")
            # By itself, and not a new one.
            assert live.current().search(query).hits == found.hits
        assert serves(live, first)
        second = build(generated(3)).generation
        Sending(url, index, keep=2).send()
        eventually(lambda: serves(live, second))
    finally:
        live.stop()


def test_a_run_whose_store_goes_away_is_sent_by_the_next(
    build: Build,
    index: Path,
    url: IndexUrl,
    gate: Gate,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = build(CORPUS).generation
    Sending(url, index, keep=2).send()
    before = _found(url, embedder, "ferry")
    second = build(generated(12)).generation
    original = Publication._suggest

    def going_away(self: Publication, segment: Segment) -> None:
        gate.set("away")
        original(self, segment)

    with monkeypatch.context() as patch:
        patch.setattr(Publication, "_suggest", going_away)
        with pytest.raises(IndexUnavailable):
            Sending(url, index, keep=2).send()
    gate.set("open")
    assert LanceFolder(url).current_id() == first
    assert _found(url, embedder, "ferry") == before
    # The lease could not be given back: it is another's when nobody renews it.
    assert _object(url, LOCK) is not None
    monkeypatch.setattr(lease, "STALE", -1.0)
    Sending(url, index, keep=2).send()
    assert LanceFolder(url).current_id() == second
    assert _object(url, LOCK) is None


def test_one_writes_at_a_time(build: Build, index: Path, url: IndexUrl) -> None:
    build()
    with leased(url) as check:
        with pytest.raises(IndexBusy, match="wait for it"):
            Sending(url, index, keep=2).send()
        check()
    assert _object(url, LOCK) is None
    Sending(url, index, keep=2).send()


def test_who_has_lost_the_lease_publishes_nothing(
    build: Build, index: Path, url: IndexUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    build()
    monkeypatch.setattr(lease, "STALE", -1.0)
    original = Publication._suggest

    def overtaken(self: Publication, segment: Segment) -> None:
        with leased(url):
            pass
        original(self, segment)

    with monkeypatch.context() as patch:
        patch.setattr(Publication, "_suggest", overtaken)
        with pytest.raises(IndexBusy, match="another process has begun"):
            Sending(url, index, keep=2).send()
    assert LanceFolder(url).generations() == []


def test_a_lease_that_was_just_renewed_is_not_taken_over(
    url: IndexUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with leased(url) as check:
        taken = lease._Lease(url)
        original = taken._put

        def renewed_meanwhile(mode: Any) -> str | None:
            check()
            return original(mode)

        monkeypatch.setattr(lease, "STALE", -1.0)
        monkeypatch.setattr(taken, "_put", renewed_meanwhile)
        with pytest.raises(IndexBusy):
            taken._take_over()
        check()


def test_it_is_renewed_while_it_is_held(url: IndexUrl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWED", 0.05)
    renewed = threading.Event()
    original = lease._Lease._hold

    def hold(self: lease._Lease) -> bool:
        held = original(self)
        renewed.set()
        return held

    monkeypatch.setattr(lease._Lease, "_hold", hold)
    with leased(url) as check:
        assert renewed.wait(30)
        check()
    assert _object(url, LOCK) is None


def test_a_killed_run_holds_the_lease_for_a_while(
    url: IndexUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(lease._Lease, "release", lambda self: self._done.set())
        with pytest.raises(Killed), leased(url):
            raise Killed
    with pytest.raises(IndexBusy), leased(url):
        raise AssertionError
    monkeypatch.setattr(lease, "STALE", -1.0)
    with leased(url) as check:
        check()


def test_a_store_without_conditional_writes_is_refused(
    url: IndexUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = obstore.put

    def careless(store: Any, path: str, body: bytes, *, mode: Any) -> Any:
        return original(store, path, body, mode="overwrite")

    monkeypatch.setattr(obstore, "put", careless)
    with pytest.raises(StorageError, match="no conditional writes"), leased(url):
        raise AssertionError
    assert _object(url, LOCK) is None
