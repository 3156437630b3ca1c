"""A model's graph in integers of 8 bits, weights and activations: 1.5 times as many passages."""

import contextlib
import io
import logging
from collections.abc import Sequence
from pathlib import Path
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


def open_graph(core: Any, file: Path) -> Any:
    """A saved graph, in which rows of tables in 8 bits are looked up before they are unpacked.

    As NNCF leaves it, a compiled graph holds each table whole in floating point: 47 MB of the
    vectors of 30,522 words, in every graph that is compiled for a length of its own.
    """
    from openvino import opset13 as ops

    graph = core.read_model(file)
    for lookup in graph.get_ops():
        if lookup.get_type_name() != "Gather":
            continue
        found = _packed_table(lookup.input_value(0).get_node())
        if found is None:
            continue
        table, scale = found
        rows, axis = lookup.input_value(1), lookup.input_value(2)
        numbers = ops.convert(ops.gather(table, rows, axis), scale.get_element_type())
        unpacked = ops.multiply(numbers, ops.gather(scale, rows, axis))
        for user in list(lookup.output(0).get_target_inputs()):
            user.replace_source_output(unpacked.output(0))
    graph.validate_nodes_and_infer_types()
    return graph


def _packed_table(unpacked: Any) -> tuple[Any, Any] | None:
    """The integers (n, d) and the scale (n, 1) of a table, if that is what a node unpacks."""
    if unpacked.get_type_name() != "Multiply":
        return None
    converted, scale = (unpacked.input_value(place) for place in range(2))
    if converted.get_node().get_type_name() != "Convert":
        return None
    table = converted.get_node().input_value(0)
    if table.get_node().get_type_name() != "Constant":
        return None
    return (table, scale) if list(scale.get_shape()) == [table.get_shape()[0], 1] else None


def _vectors(core: Any, graph: Any, inputs: Sequence[dict[str, Int64]]) -> Float32:
    model = core.compile_model(graph, "CPU")
    vectors: Float32 = np.concatenate([model(each)[0] for each in inputs])
    return vectors
