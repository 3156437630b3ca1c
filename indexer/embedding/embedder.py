"""The model at work: token ids in, unit vectors out, on OpenVINO or on sentence-transformers.

On a CPU OpenVINO is used, which runs the model in 8 bits, to a cosine of .998 with the other: it
embeds four times as many passages a second (docs/benchmarks.md), and opening a cached graph takes
half a second where importing torch and sentence-transformers takes five.
"""

from indexer.embedding.base import Embedder
from indexer.embedding.model import find_model
from indexer.embedding.openvino_embedder import OpenVinoEmbedder
from indexer.embedding.torch_embedder import TorchEmbedder
from indexer.errors import ModelError
from indexer.settings import Settings


def open_embedder(settings: Settings, name: str | None = None) -> Embedder:
    """Open the model `name`, or the one in the settings, on the device in the settings.

    Raises:
        ModelError: the model cannot be found, verified, exported or put on that device.
    """
    files = find_model(name or settings.model, download=settings.download)
    device = settings.device
    if device in ("auto", "openvino"):
        try:
            return OpenVinoEmbedder(files, settings.cache, settings.threads)
        except ImportError as error:
            if device == "openvino":
                raise ModelError("openvino is not installed; run `make setup`") from error
            device = "cpu"
    return TorchEmbedder(files, device, settings.threads)
