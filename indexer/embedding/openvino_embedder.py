"""The model on a CPU, by OpenVINO."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indexer.arrays import Float32
from indexer.embedding import export
from indexer.embedding.base import PassageVectors, QueryVectors, batches_by_length, pad
from indexer.embedding.model import ModelFiles
from indexer.embedding.quantization import open_graph
from indexer.embedding.tokenizer import TokenizedPassage

# Batches of 8, sorted by length, were fastest (docs/benchmarks.md).
BATCH = 8
# Passages are padded to a multiple of so many tokens: OpenVINO keeps kernels and weights of its own
# for each length, 400 MB less at no loss of speed.
STEP = 16
# A question is padded to one of these, or to the window. With its shape fixed when the graph is
# compiled, and on one thread, so that several questions run side by side, it takes 1.5 ms against
# 2.7 with shapes left open (and 128 against 98 searches/s at two in parallel).
QUERY_LENGTHS = (16, 24, 32, 48, 64)


class OpenVinoEmbedder:
    """The exported graph on a CPU; what is not in 8 bits is in bfloat16 where the CPU has it."""

    def __init__(self, files: ModelFiles, cache: Path, threads: int) -> None:
        """Open the graph in `cache`, exporting it first if it is not there.

        Raises:
            ImportError: openvino is not installed.
            ModelError: the model cannot be exported.
        """
        openvino = export.load_openvino()
        self.model = files
        graph = export.cached_graph(files, cache)
        self.dimension = graph.dimension
        self.tokenizer = graph.tokenizer
        self._openvino = openvino
        self._core = openvino.Core()
        # What is compiled for each length is of one graph, whose weights are in memory once.
        self._graph = open_graph(self._core, graph.file)
        self._threads = threads
        self._local = threading.local()
        self._query_models: dict[int, Any] = {}
        self._query_lock = threading.Lock()
        self._passage_lock = threading.Lock()
        self._projection: Float32 | None = None
        self._passage_queue: Any = None
        self._passage_model: Any = None

    def _compile(self, model: Any, hint: str, threads: int) -> Any:
        return self._core.compile_model(
            model,
            "CPU",
            {
                "PERFORMANCE_HINT": hint,
                "INFERENCE_PRECISION_HINT": "bf16",
                "INFERENCE_NUM_THREADS": threads,
                # Else the one thread of each process is put on the same core.
                "ENABLE_CPU_PINNING": False,
            },
        )

    def embed_query(self, text: str) -> QueryVectors:
        """Embed one question; safe to call from several threads."""
        query = self.tokenizer.query(text)
        length = next((n for n in QUERY_LENGTHS if n >= len(query.ids)), self.tokenizer.max_tokens)
        model = self._query_model(length)
        requests: dict[int, Any] = self._local.__dict__.setdefault("requests", {})
        request = requests.get(length)
        if request is None:
            request = requests[length] = model.create_infer_request()
        ids, mask = pad([query.ids], length)
        outputs = request.infer(export.inputs(model, ids, mask))
        return QueryVectors.of(query, outputs[0][0].copy(), outputs[1][0])

    def _query_model(self, length: int) -> Any:
        """The graph for one question of a fixed length, compiled when first asked for."""
        model = self._query_models.get(length)
        if model is None:
            with self._query_lock:
                model = self._query_models.get(length)
                if model is None:
                    graph = self._graph.clone()
                    graph.reshape({port.get_any_name(): [1, length] for port in graph.inputs})
                    model = self._compile(graph, "LATENCY", threads=1)
                    self._query_models[length] = model
        return model

    def embed_passages(
        self, passages: Sequence[TokenizedPassage], projection: Float32
    ) -> PassageVectors:
        """Embed passages in any number; `projection` is (d, p), applied to unit token vectors."""
        vectors = np.empty((len(passages), self.dimension), np.float32)
        tokens: list[Float32] = [np.empty((0, 0), np.float32)] * len(passages)

        def collect(request: Any, batch: list[int]) -> None:
            vectors[batch] = request.get_output_tensor(0).data
            projected = request.get_output_tensor(1).data  # (b, t, p)
            for row, i in enumerate(batch):
                tokens[i] = projected[row, passages[i].first : passages[i].last].copy()

        with self._passage_lock:
            queue = self._queue_with(projection)
            queue.set_callback(collect)
            for batch in batches_by_length(passages, BATCH):
                longest = len(passages[batch[0]].ids)
                width = min(-(-longest // STEP) * STEP, self.tokenizer.max_tokens)
                ids, mask = pad([passages[i].ids for i in batch], width)
                queue.start_async(export.inputs(self._passage_model, ids, mask), batch)
            queue.wait_all()
        return PassageVectors(vectors, tokens)

    def release(self) -> None:
        """Give back what embedding passages took: 240 MB with the default model."""
        with self._passage_lock:
            self._projection = self._passage_queue = self._passage_model = None

    def _queue_with(self, projection: Float32) -> Any:
        """The graph with the projection built in: only p of d numbers a token are copied out."""
        if self._projection is None or not np.array_equal(self._projection, projection):
            from openvino import opset13 as ops

            model = self._graph.clone()
            vector, tokens = (output.get_node().input_value(0) for output in model.outputs)
            projected = ops.matmul(tokens, ops.constant(projection), False, False).output(0)
            model = self._openvino.Model([vector, projected], model.get_parameters())
            self._passage_model = self._compile(model, "THROUGHPUT", self._threads)
            self._passage_queue = self._openvino.AsyncInferQueue(self._passage_model)
            self._projection = projection.copy()
        return self._passage_queue
