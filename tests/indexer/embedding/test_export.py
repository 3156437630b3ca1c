"""The exported graph of a model, and the cache it is kept in."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tokenizers import Tokenizer

from indexer.embedding.embedder import open_embedder
from indexer.embedding.export import EXPORT_VERSION, cached_graph, tokenizer_of
from indexer.errors import ModelError
from indexer.settings import Settings
from tests.support.fakes import FakeEmbedder, fake_tokenizer

FAKE = FakeEmbedder().model
ABOUT = {"dimension": 7, "max_tokens": 32, "query_prompt": "q ", "passage_prompt": "p "}


@pytest.mark.model
def test_a_cache_that_cannot_be_written(real_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelError, match="ARTICLE_SEARCH_CACHE"):
        open_embedder(replace(real_settings, cache=tmp_path / "file"))


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """What an earlier export has left in the cache, but for the graph."""
    folder = tmp_path / f"{FAKE.fingerprint[:32]}-v{EXPORT_VERSION}"
    folder.mkdir()
    fake_tokenizer().save(folder / "tokenizer.json")
    (folder / "model.json").write_text(json.dumps(ABOUT | {"name": "fake", "sha256": FAKE.sha256}))
    return folder


def test_what_is_in_the_cache_is_opened_as_it_is(exported: Path) -> None:
    found = cached_graph(FAKE, exported.parent)
    assert (found.file, found.dimension) == (exported / "graph.xml", 7)
    tokenizer = found.tokenizer
    assert (tokenizer.max_tokens, tokenizer.query_prompt, tokenizer.passage_prompt) == (
        32, "q ", "p "
    )  # fmt: skip
    assert tokenizer.query("red dog").ids.tolist() == (
        fake_tokenizer(32, "q ").query("red dog").ids.tolist()
    )


WITHOUT_DIMENSION = json.dumps(dict(list(ABOUT.items())[1:])).encode()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"{}", b"[]", b"7", WITHOUT_DIMENSION])
def test_a_damaged_cache_is_told(exported: Path, content: bytes) -> None:
    (exported / "model.json").write_bytes(content)
    with pytest.raises(ModelError, match="delete it"):
        cached_graph(FAKE, exported.parent)
    (exported / "model.json").unlink()
    with pytest.raises(ModelError, match="delete it"):
        cached_graph(FAKE, exported.parent)


@pytest.mark.parametrize("content", [b"", b"{}", b"no tokenizer", b"\xff"])
def test_a_damaged_tokenizer_is_told(exported: Path, content: bytes) -> None:
    (exported / "tokenizer.json").write_bytes(content)
    with pytest.raises(ModelError, match="delete it"):
        cached_graph(FAKE, exported.parent)


@pytest.mark.parametrize(
    ("prompts", "query", "passage"),
    [
        ({}, "", ""),
        ({"query": "q ", "document": "d ", "passage": "p ", "corpus": "c "}, "q ", "d "),
        ({"query": None, "document": None, "passage": "p ", "corpus": "c "}, "", "p "),
        ({"document": "", "corpus": "c "}, "", "c "),
    ],
)
def test_prompts_and_window_are_those_of_the_model(
    exported: Path, prompts: dict[str, str | None], query: str, passage: str
) -> None:
    backend = Tokenizer.from_file(str(exported / "tokenizer.json"))
    transformer = SimpleNamespace(
        tokenizer=SimpleNamespace(backend_tokenizer=backend), prompts=prompts, max_seq_length=None
    )
    found = tokenizer_of(transformer, FAKE)
    assert (found.query_prompt, found.passage_prompt, found.max_tokens) == (query, passage, 512)
    transformer.max_seq_length = 128
    assert tokenizer_of(transformer, FAKE).max_tokens == 128


def test_a_model_without_a_fast_tokenizer_is_refused() -> None:
    slow = SimpleNamespace(tokenizer=SimpleNamespace(), prompts={}, max_seq_length=128)
    with pytest.raises(ModelError, match="'fake' has no fast tokenizer"):
        tokenizer_of(slow, FAKE)
