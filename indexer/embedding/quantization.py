"""A model's graph in integers of 8 bits, weights and activations: 1.5 times as many passages."""

import contextlib
import io
import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from indexer.arrays import Float32, Int64

logger = logging.getLogger(__name__)

# The mean cosine between what both graphs say of a passage: .998 of the default model. Where less
# than this is kept, as of models with few outliers far out, the graph stays as it is.
NEAR = 0.99


def quantized(core: Any, graph: Any, inputs: Sequence[dict[str, Int64]]) -> Any:
    """The graph in 8 bits, its ranges learned from `inputs`; the graph itself if much were lost.

    graph: of `export.py`; its first output is a passage's vector
    inputs: of one passage each, by name
    """
    smaller = in_8_bits(graph.clone(), inputs)
    vectors = [_vectors(core, each, inputs) for each in (graph, smaller)]
    cosine = float(np.mean(np.sum(vectors[0] * vectors[1], axis=1)))
    logger.info("in 8 bits its vectors keep a cosine of %.4f", cosine)
    return smaller if cosine >= NEAR else graph


def in_8_bits(graph: Any, inputs: Sequence[dict[str, Int64]]) -> Any:
    """A transformer's graph in 8 bits, made in place, its ranges learned from `inputs`.

    By SmoothQuant (Xiao et al., 2023, https://arxiv.org/abs/2211.10438) and fast bias correction,
    as NNCF has them. openvino has to be loaded before, without its telemetry.
    """
    import nncf

    # It logs what it leaves out, and draws bars on stdout.
    logging.getLogger("nncf").setLevel(logging.ERROR)
    with contextlib.redirect_stdout(io.StringIO()):
        return nncf.quantize(
            graph,
            nncf.Dataset(inputs),
            model_type=nncf.ModelType.TRANSFORMER,
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(inputs),
        )


def _vectors(core: Any, graph: Any, inputs: Sequence[dict[str, Int64]]) -> Float32:
    model = core.compile_model(graph, "CPU")
    vectors: Float32 = np.concatenate([model(each)[0] for each in inputs])
    return vectors
