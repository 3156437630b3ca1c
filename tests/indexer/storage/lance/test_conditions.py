"""Conditions: whatever is asked for, it is text to the engine and no part of its language."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indexer.index_url import IndexUrl
from indexer.pipeline import reindex
from indexer.storage.fields import FIELDS
from indexer.storage.filter import Filter
from indexer.storage.lance.folder import LanceFolder
from indexer.storage.lance.index import LanceIndex
from indexer.storage.lance.sending import Sending
from tests.conftest import write_tree
from tests.support.corpus import FERRY, record
from tests.support.fakes import FakeEmbedder

HOSTILE = "O'Neil \\ \"x\" -- %_ ') OR true --"
TEXT = st.text(st.characters(codec="utf-8"), max_size=12) | st.text("'\"\\%_()-;ab ", max_size=12)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: FakeEmbedder) -> LanceIndex:
    folder = tmp_path_factory.mktemp("hostile")
    files = {
        "a.json": record("a'b", "It's 100% _safe_", FERRY, source=HOSTILE, author=HOSTILE),
        "b.json": record("b", "Another", ["Nothing of the kind was said."], source="Echo"),
    }
    sources = write_tree(folder / "files", {name: text.encode() for name, text in files.items()})
    reindex([sources], folder / "index", embedder, None)
    url = IndexUrl("file", str(folder / "there"))
    Sending(url, folder / "index", keep=2).send()
    there = LanceFolder(url)
    return there.open_index(there.current_id())


def test_what_is_asked_for_literally_is_found(index: LanceIndex) -> None:
    for name in ("source", "author"):
        assert index.narrow(Filter({name: (HOSTILE,)})).passages == 1
    found = index.by_id("a'b")
    assert found is not None
    assert found.article.source == HOSTILE
    assert index.by_id("a' OR '1'='1") is None
    assert index.narrow(Filter(titles=("it's 100%",))).passages == 1
    assert index.written("it's") == "it's"


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TEXT)
@example("' OR true --", "%")
@example("\x00", "\ud7ff")
def test_no_text_is_a_part_of_a_condition(index: LanceIndex, asked: str, other: str) -> None:
    for field in FIELDS:
        passages = index.narrow(Filter({field.name: (asked, other)})).passages
        value = {"source": HOSTILE, "author": HOSTILE}.get(field.name)
        accepted = value is not None and field.accepts((asked, other))(field.key(value))
        echo = field.name == "source" and "echo" in (asked.casefold(), other.casefold())
        assert passages == accepted + echo
    index.narrow(Filter(phrases=(asked,), titles=(other,), excluded=(asked, other)))
    assert index.by_id(asked) is None or asked in ("a'b", "b")
    index.suggest(asked, 3)
    index.document_frequency(asked)
    index.written(other)


def test_the_fields_are_all_known() -> None:
    assert {field.match for field in FIELDS} == {"equal", "words", "below"}
