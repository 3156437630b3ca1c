"""Vector stores compared on a small index: each finds nearly what an exact scan finds."""

from pathlib import Path

import numpy as np
import pytest

from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from scripts.benchmarks import vectors
from scripts.benchmarks.vectors import HEADER, compare_stores
from tests.support.fakes import FakeEmbedder


def test_every_store_finds_nearly_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    names = ["ab", "cde", "fg", "hij", "kl", "mno", "pq", "rst"]
    texts = [" ".join(random.choice(names, 30)) for _ in range(600)]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(f"Title {number}\n\n{text.capitalize()}.\n")
    reindex(sorted(tmp_path.glob("*.txt")), tmp_path / "index", FakeEmbedder(), None)
    monkeypatch.setattr(vectors, "open_embedder", lambda *_: FakeEmbedder())
    generation = IndexFolder(tmp_path / "index").open_current()
    rows = compare_stores(generation, texts[:20], [400, 10_000])
    assert len(rows) == 1
    cells = dict(zip(HEADER, rows[0], strict=True))
    assert cells["vectors"] == "400"
    # 128 lists are all there are, a graph of 200 candidates has half of all vectors, and the best
    # 40 by bits are compared again.
    assert float(cells["IVF: recall@200"]) == 1
    assert float(cells["HNSW: recall@10"]) > 0.95
    assert float(cells["RaBitQ: recall@10"]) > 0.9
