"""The real model: what it says, and which files are refused."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.embedding.base import Embedder
from indexer.embedding.embedder import open_embedder
from indexer.embedding.model import find_model
from indexer.embedding.openvino_embedder import OpenVinoEmbedder
from indexer.embedding.torch_embedder import TorchEmbedder
from indexer.errors import ModelError
from indexer.settings import DEFAULT_MODEL, Settings
from tests.support.corpus import BAKERY, EMOJI, FERRY, QUESTIONS

pytestmark = pytest.mark.model

# sentence-transformers 6.2, float32, normalised: encode("hello world")[:5].
HELLO_WORLD = [-0.034477, 0.031023, 0.006735, 0.026109, -0.039362]

HEADLINES = ["Bakery closes", "", "Owls 🦉", "long headline " * 200]
PASSAGES = ["\n\n".join(BAKERY), " ".join(FERRY), " ".join(EMOJI), "Short."]


@pytest.fixture(scope="module")
def torch_embedder(real_settings: Settings) -> Embedder:
    return open_embedder(replace(real_settings, device="cpu"))


@pytest.fixture
def copied_model(tmp_path: Path) -> Path:
    """A copy of the default model whose files may be changed."""
    source = find_model(DEFAULT_MODEL).path
    copy = tmp_path / "package" / "model"
    shutil.copytree(source, copy)
    return copy


@pytest.fixture
def as_default(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Make a folder what the package of the default model holds."""

    def use(folder: Path) -> None:
        class Spec:
            origin = str(folder.parent / "__init__.py")

        monkeypatch.setattr("importlib.util.find_spec", lambda name: Spec)

    return use


def test_golden_vector(real_embedder: Embedder) -> None:
    vectors = real_embedder.embed_query("hello world")
    np.testing.assert_allclose(vectors.vector[:5], HELLO_WORLD, atol=0.01)
    assert vectors.vector.shape == (384,)
    assert vectors.tokens.shape == (2, 384)
    assert vectors.words.tolist() == [0, 1]
    assert vectors.offsets.tolist() == [[0, 5], [6, 11]]
    np.testing.assert_allclose(np.linalg.norm(vectors.tokens, axis=1), 1, atol=1e-2)
    assert np.linalg.norm(vectors.vector) == pytest.approx(1, abs=1e-2)


def test_the_default_on_a_cpu_is_openvino(real_embedder: Embedder) -> None:
    assert isinstance(real_embedder, OpenVinoEmbedder)
    assert real_embedder.dimension == 384
    assert real_embedder.tokenizer.max_tokens == 256


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_embedders_agree_on_queries(
    real_embedder: Embedder, torch_embedder: Embedder, question: str
) -> None:
    assert isinstance(torch_embedder, TorchEmbedder)
    one, other = real_embedder.embed_query(question), torch_embedder.embed_query(question)
    assert one.token_ids.tolist() == other.token_ids.tolist()
    assert float(one.vector @ other.vector) >= 0.999
    assert np.sum(one.tokens * other.tokens, axis=1).min() >= 0.999


def test_both_embedders_agree_on_passages(
    real_embedder: Embedder, torch_embedder: Embedder
) -> None:
    random = np.random.default_rng(0)
    projection = np.linalg.qr(random.standard_normal((384, 96)))[0].astype(np.float32)
    tokenized = real_embedder.tokenizer.passages(HEADLINES, PASSAGES)
    assert [row.ids.tolist() for row in tokenized] == [
        row.ids.tolist() for row in torch_embedder.tokenizer.passages(HEADLINES, PASSAGES)
    ]
    one = real_embedder.embed_passages(tokenized, projection)
    other = torch_embedder.embed_passages(tokenized, projection)
    assert np.sum(one.vectors * other.vectors, axis=1).min() >= 0.999
    for row, mine, theirs in zip(tokenized, one.tokens, other.tokens, strict=True):
        assert mine.shape == theirs.shape == (row.last - row.first, 96)
        lengths = np.linalg.norm(mine, axis=1) * np.linalg.norm(theirs, axis=1)
        assert (np.sum(mine * theirs, axis=1) / lengths).min() >= 0.999


def test_batching_changes_nothing(real_embedder: Embedder) -> None:
    texts = PASSAGES * 7
    identity = np.eye(384, dtype=np.float32)
    together = real_embedder.embed_passages(
        real_embedder.tokenizer.passages([""] * len(texts), texts), identity
    )
    for i in (0, 1, 2, 3):
        (alone,) = real_embedder.embed_passages(
            real_embedder.tokenizer.passages([""], [texts[i]]), identity
        ).vectors
        assert (together.vectors[i::4] @ alone).min() >= 0.999
    empty = real_embedder.embed_passages([], identity)
    assert (empty.vectors.shape, empty.tokens) == ((0, 384), [])


def test_nearer_in_meaning_is_nearer(real_embedder: Embedder) -> None:
    def vector(text: str) -> np.ndarray:
        return real_embedder.embed_query(text).vector

    question = vector("how much does bread cost")
    assert question @ vector("the price of a loaf") > question @ vector("the price of a ferry")


def test_altered_weights_are_refused(
    copied_model: Path, as_default: Callable[[Path], None]
) -> None:
    as_default(copied_model)
    assert find_model(DEFAULT_MODEL).path == copied_model
    weights = copied_model / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ModelError, match="reinstall"):
        find_model(DEFAULT_MODEL)


def test_weights_that_could_run_code_are_refused(copied_model: Path) -> None:
    (copied_model / "model.safetensors").rename(copied_model / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no \.safetensors"):
        find_model(str(copied_model))


def test_another_model_by_its_folder(
    copied_model: Path, real_settings: Settings, real_embedder: Embedder, tmp_path: Path
) -> None:
    settings = replace(real_settings, model=str(copied_model), cache=tmp_path / "cache")
    embedder = open_embedder(settings)
    assert embedder.model.path == copied_model
    cosine = embedder.embed_query("a bridge").vector @ real_embedder.embed_query("a bridge").vector
    assert float(cosine) >= 0.999
    (cached,) = (tmp_path / "cache").iterdir()
    (cached / "model.json").write_text("{")
    with pytest.raises(ModelError, match="delete"):
        open_embedder(settings)


def test_a_changed_configuration_is_another_model(copied_model: Path) -> None:
    before = find_model(str(copied_model))
    config = copied_model / "1_Pooling" / "config.json"
    config.write_text(config.read_text().replace('"mean"', '"max"') + " ")
    after = find_model(str(copied_model))
    assert after.sha256 == before.sha256
    assert after.fingerprint != before.fingerprint


def test_a_name_that_is_not_in_the_cache_needs_no_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("opened a connection")

    monkeypatch.setattr("socket.socket.connect", no_network)
    for name in ("nobody/no-such-model", "no-such-model", "a b/c"):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ModelError):
            find_model(name)


def test_a_cache_that_cannot_be_written(real_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelError, match="ARTICLE_SEARCH_CACHE"):
        open_embedder(replace(real_settings, cache=tmp_path / "file"))


def test_no_cuda_is_said(real_settings: Settings) -> None:
    import torch

    if torch.cuda.is_available():
        assert open_embedder(replace(real_settings, device="cuda"))
        return
    with pytest.raises(ModelError, match="CUDA"):
        open_embedder(replace(real_settings, device="cuda"))


@pytest.mark.model
def test_what_is_released_is_taken_again(real_embedder: Embedder) -> None:
    passages = real_embedder.tokenizer.passages(["Storm"], ["The harbour was closed by a storm."])
    projection = np.eye(real_embedder.dimension, 16, dtype=np.float32)
    before = real_embedder.embed_passages(passages, projection)
    real_embedder.release()
    after = real_embedder.embed_passages(passages, projection)
    np.testing.assert_array_equal(after.vectors, before.vectors)
    np.testing.assert_array_equal(after.tokens[0], before.tokens[0])
