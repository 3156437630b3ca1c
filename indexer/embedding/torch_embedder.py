"""The model by sentence-transformers: for CUDA, and where OpenVINO is not installed."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from indexer.arrays import Float32, Int64
from indexer.embedding import export
from indexer.embedding.base import PassageVectors, QueryVectors, batches_by_length, pad
from indexer.embedding.model import ModelFiles
from indexer.embedding.tokenizer import TokenizedPassage
from indexer.errors import ModelError


class TorchEmbedder:
    """sentence-transformers itself."""

    def __init__(self, files: ModelFiles, device: str, threads: int) -> None:
        """Load the model on `device`, cpu or cuda.

        Raises:
            ModelError: the model cannot be loaded there.
        """
        import torch

        if device == "cuda" and not torch.cuda.is_available():
            raise ModelError("ARTICLE_SEARCH_DEVICE is cuda, but torch finds no CUDA device")
        torch.set_num_threads(threads)
        transformer = export.load_transformer(files, device)
        self.model = files
        self.tokenizer = export.tokenizer_of(transformer, files)
        self.dimension = cast(int, transformer.get_embedding_dimension())
        self._torch = torch
        self._device = device
        self._module = export.two_outputs(transformer)

    def embed_query(self, text: str) -> QueryVectors:
        """Embed one question; safe to call from several threads."""
        query = self.tokenizer.query(text)
        vectors, tokens = self._forward([query.ids])
        return QueryVectors.of(query, vectors[0].cpu().numpy(), tokens[0].cpu().numpy())

    def embed_passages(
        self, passages: Sequence[TokenizedPassage], projection: Float32
    ) -> PassageVectors:
        """Embed passages in any number; `projection` is (d, p), applied to unit token vectors."""
        vectors = np.empty((len(passages), self.dimension), np.float32)
        tokens: list[Float32] = [np.empty((0, 0), np.float32)] * len(passages)
        matrix = self._torch.from_numpy(projection).to(self._device)
        for batch in batches_by_length(passages, 256 if self._device == "cuda" else 32):
            vector, token = self._forward([passages[i].ids for i in batch])
            vectors[batch] = vector.cpu().numpy()
            projected = (token @ matrix).cpu().numpy()  # (b, t, p)
            for row, i in enumerate(batch):
                tokens[i] = projected[row, passages[i].first : passages[i].last].copy()
        return PassageVectors(vectors, tokens)

    def release(self) -> None:
        """Nothing is kept between calls."""

    def _forward(self, rows: Sequence[Int64]) -> tuple[Any, Any]:
        ids, mask = (self._torch.from_numpy(array).to(self._device) for array in pad(rows))
        with self._torch.inference_mode():
            return cast(tuple[Any, Any], self._module(ids, mask, self._torch.zeros_like(ids)))
