"""Opening a model: which embedder it gets, and that both say the same."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.embedding.base import Embedder
from indexer.embedding.embedder import open_embedder
from indexer.embedding.openvino_embedder import OpenVinoEmbedder
from indexer.embedding.torch_embedder import TorchEmbedder
from indexer.errors import ModelError
from indexer.settings import Settings
from tests.support.corpus import BAKERY, EMOJI, FERRY, QUESTIONS

pytestmark = pytest.mark.model

HEADLINES = ["Bakery closes", "", "Owls 🦉", "long headline " * 200]

PASSAGES = ["\n\n".join(BAKERY), " ".join(FERRY), " ".join(EMOJI), "Short."]


@pytest.fixture(scope="module")
def torch_embedder(real_settings: Settings) -> Embedder:
    return open_embedder(replace(real_settings, device="cpu"))


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
    # One runs the model in 8 bits.
    assert float(one.vector @ other.vector) >= 0.99
    assert np.sum(one.tokens * other.tokens, axis=1).min() >= 0.97


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
    # Two words that are repeated for a whole window are the farthest.
    assert np.sum(one.vectors * other.vectors, axis=1).min() >= 0.94
    assert np.sum(one.vectors * other.vectors, axis=1)[:3].min() >= 0.99
    for row, mine, theirs in zip(tokenized, one.tokens, other.tokens, strict=True):
        assert mine.shape == theirs.shape == (row.last - row.first, 96)
        lengths = np.linalg.norm(mine, axis=1) * np.linalg.norm(theirs, axis=1)
        assert (np.sum(mine * theirs, axis=1) / lengths).mean() >= 0.95


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
