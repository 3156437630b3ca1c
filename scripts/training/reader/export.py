"""The trained reader as an OpenVINO graph in 8 bits: weights, and what they are multiplied with.

python -m scripts.training.reader.export WORK
"""

import argparse
import hashlib
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from indexer.embedding.export import load_openvino
from indexer.embedding.quantization import in_8_bits
from scripts.training.reader.examples import own_examples
from scripts.training.reader.network import Batch, Reader
from scripts.training.reader.pages import default_maker, page_of
from scripts.training.reader.samples import Sampler
from search.answering.reader import MODEL

logger = logging.getLogger(__name__)

# Pages from which the ranges are learned.
CALIBRATED_ON = 300


def graph_of(reader: Reader) -> Any:
    """The network as an OpenVINO model: ids, mask, types → none (b, 1), tokens (b, t, 2)."""
    openvino = load_openvino()
    example = torch.ones((1, 8), dtype=torch.int64)
    with torch.no_grad():
        graph = openvino.convert_model(reader.eval(), example_input=(example, example, example * 0))
    for port, name in zip(graph.inputs, ("ids", "mask", "types"), strict=True):
        port.get_tensor().set_names({name})
        port.get_node().set_partial_shape(openvino.PartialShape([-1, -1]))
    for port, name in zip(graph.outputs, ("none", "tokens"), strict=True):
        port.get_tensor().set_names({name})
    graph.validate_nodes_and_infer_types()
    return graph


def calibration(own: Path) -> list[dict[str, Any]]:
    """Pages of our own articles, from which the ranges of activations are learned."""
    examples = [each for article in own_examples(own) for each in article]
    sampler, maker = Sampler(examples, 3), default_maker()
    chosen = np.random.default_rng(0).choice(len(examples), CALIBRATED_ON, replace=False)
    pages = [page_of(sampler.sample(examples[n]), maker) for n in chosen.tolist()]
    batches = [Batch.of([page]) for page in pages]
    return [
        {"ids": each.ids.numpy(), "mask": each.mask.numpy(), "types": each.types.numpy()}
        for each in batches
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Export."""
    parser = argparse.ArgumentParser(description="Export the trained reader.")
    parser.add_argument("work", type=Path, metavar="WORK", help="folder with reader.pt")
    parser.add_argument("--own", type=Path, default=Path("data/reader"))
    parser.add_argument("--to", type=Path, default=MODEL, help="where the graph is written")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    reader = Reader()
    reader.load_state_dict(torch.load(arguments.work / "reader.pt", weights_only=True))
    graph = in_8_bits(graph_of(reader), calibration(arguments.own))
    arguments.to.mkdir(parents=True, exist_ok=True)
    load_openvino().save_model(graph, arguments.to / "reader.xml", compress_to_fp16=True)
    for file in sorted(arguments.to.glob("reader.*")):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        logger.info("%s %d bytes, sha256 %s", file.name, file.stat().st_size, digest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
