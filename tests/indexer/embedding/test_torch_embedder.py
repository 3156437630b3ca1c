"""The model by sentence-transformers: the device it is asked for."""

from dataclasses import replace

import pytest

from indexer.embedding.embedder import open_embedder
from indexer.errors import ModelError
from indexer.settings import Settings

pytestmark = pytest.mark.model


def test_no_cuda_is_said(real_settings: Settings) -> None:
    import torch

    if torch.cuda.is_available():
        assert open_embedder(replace(real_settings, device="cuda"))
        return
    with pytest.raises(ModelError, match="CUDA"):
        open_embedder(replace(real_settings, device="cuda"))
