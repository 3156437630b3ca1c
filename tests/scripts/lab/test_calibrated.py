"""Embeddings made of those of other passages: how far from them, and that a run works with them."""

from pathlib import Path

import numpy as np
import pytest

from indexer.embedding.base import Embedder
from indexer.embedding.calibration import calibrated_codecs
from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from indexer.storage.parts import Parts
from scripts.lab.calibrated import CalibratedEmbedder, Lookup, read_embedded, write_token_codes
from scripts.lab.edited import Source, read_sources, write_edited
from tests.scripts.lab.test_edited import corpus as corpus
from tests.support.fakes import FakeEmbedder


@pytest.fixture(scope="module")
def read(corpus: Path) -> list[Source]:
    return read_sources(corpus)


@pytest.fixture(scope="module")
def work(corpus: Path, read: list[Source], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the sources, and one of some edited articles."""
    path = tmp_path_factory.mktemp("work")
    reindex([corpus], path / "sources", FakeEmbedder(), None)
    write_token_codes(path / "sources", FakeEmbedder())
    write_edited(read, path / "sample.jsonl", 240, first=500)
    reindex([path / "sample.jsonl"], path / "sample", FakeEmbedder(), None)
    return path


@pytest.fixture(scope="module")
def embedder(work: Path) -> CalibratedEmbedder:
    return CalibratedEmbedder(FakeEmbedder(), work / "sources", work / "sample")


def test_a_source_itself_is_looked_up_exactly(work: Path) -> None:
    lookup = Lookup(work / "sources", FakeEmbedder().tokenizer)
    sources = read_embedded(work / "sources", FakeEmbedder().tokenizer)
    found = lookup.find(sources.passages[:5])
    assert np.sum(found.vectors * sources.vectors[:5], axis=1).min() > 0.9
    codec = Parts.open(IndexFolder(work / "sources").open_current()).tokens.codec
    said = FakeEmbedder().embed_passages(sources.passages[:5], codec.projection)
    assert [len(each) for each in found.tokens] == [len(each) for each in said.tokens]
    codes = [codec.encode(np.concatenate(each.tokens)) for each in (found, said)]
    # Of a few runs of three pieces that occur twice, another is taken.
    assert np.all(codes[0] == codes[1], axis=1).mean() > 0.95


def test_made_embeddings_lie_as_real_ones_do(work: Path, embedder: CalibratedEmbedder) -> None:
    real = read_embedded(work / "sample", embedder.tokenizer)
    half = len(real.passages) // 2
    codec = calibrated_codecs(embedder).tokens
    made = embedder.embed_passages(real.passages[half:], codec.projection)
    assert np.allclose(np.linalg.norm(made.vectors, axis=1), 1, atol=1e-5)
    expected = FakeEmbedder().embed_passages(real.passages[half:], codec.projection)
    assert [each.shape for each in made.tokens] == [each.shape for each in expected.tokens]
    found = Lookup(work / "sources", embedder.tokenizer).find(real.passages[half:]).vectors
    cosines = [np.sum(each.vectors * found, axis=1) for each in (made, expected)]
    assert abs(np.median(cosines[0]) - np.median(cosines[1])) < 0.05
    again = embedder.embed_passages(real.passages[half + 7 : half + 9], codec.projection)
    assert np.allclose(again.vectors, made.vectors[7:9], atol=1e-5)
    rows = {row[0]: row[1:] for row in embedder.compare().rows}
    assert rows["a passage to the real one"][0] == "1.00, 1.00, 1.00"


def test_the_pipeline_runs_with_it(
    read: list[Source], embedder: CalibratedEmbedder, tmp_path: Path
) -> None:
    used: Embedder = embedder
    articles = write_edited(read, tmp_path / "made.jsonl", 60)
    summary = reindex([tmp_path / "made.jsonl"], tmp_path / "index", used, None)
    assert summary.articles == articles
    assert summary.embedded == summary.passages > 40
