"""The model at work: token ids in, unit vectors out, on OpenVINO or on sentence-transformers.

Both embedders give the same vectors to cosine .999 (a test holds them to it). OpenVINO is used on a
CPU: it embeds over three times as many passages a second (docs/benchmarks.md), and opening a cached
graph takes half a second where importing torch and sentence-transformers takes five.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from indexer.embedding import export
from indexer.embedding.model import ModelFiles, find_model
from indexer.embedding.tokenizer import PassageTokenizer, TokenizedPassage, TokenizedQuery
from indexer.errors import ModelError
from indexer.settings import Settings

Float32 = NDArray[np.float32]

# Batches of 8, sorted by length, were fastest on two cores with AMX: 415 texts/s, against 405 at 4,
# 395 at 16 and 385 at 32 (115 tokens a text).
BATCH = 8
# A question is padded to one of these, or to the window. With its shape fixed when the graph is
# compiled, and on one thread, so that several questions run side by side, it takes 1.5 ms against
# 2.7 with shapes left open (and 128 against 98 searches/s at two in parallel).
QUERY_LENGTHS = (16, 32)


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """What the model says of one query.

    vector: (d,) float32, unit length
    tokens: (q, d) float32, unit length, the query's own tokens in order
    token_ids: (q,) int64
    words: (q,) int64, which word of the query each token is a piece of
    offsets: (q, 2) int64, code points in the query's text
    """

    vector: Float32
    tokens: Float32
    token_ids: NDArray[np.int64]
    words: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, query: TokenizedQuery, vector: Float32, tokens: Float32) -> "QueryVectors":
        """From the model's outputs for one query: (d,), and (t, d) for all of its token ids."""
        own = query.own
        return cls(vector, tokens[own], query.ids[own], query.words, query.offsets)


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """What the model says of n passages.

    vectors: (n, d) float32, unit length
    tokens: n arrays (t, p) float32, the passage's own tokens, projected
    """

    vectors: Float32
    tokens: list[Float32]


class Embedder(Protocol):
    """A model that turns text into one vector and into one vector a token."""

    model: ModelFiles
    tokenizer: PassageTokenizer
    dimension: int

    def embed_query(self, text: str) -> QueryVectors:
        """Embed one question; safe to call from several threads."""
        ...

    def embed_passages(
        self, passages: Sequence[TokenizedPassage], projection: Float32
    ) -> PassageVectors:
        """Embed passages in any number; `projection` is (d, p), applied to unit token vectors."""
        ...

    def release(self) -> None:
        """Give back what embedding passages took in memory; the next call takes it again."""
        ...


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


def batches_by_length(passages: Sequence[TokenizedPassage], size: int) -> Iterator[list[int]]:
    """Positions of the passages in batches, longest first: a batch pads little."""
    order = iter(sorted(range(len(passages)), key=lambda i: -len(passages[i].ids)))
    while batch := list(islice(order, size)):
        yield batch


def pad(
    rows: Sequence[NDArray[np.int64]], width: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids and attention mask of a batch, each (b, t) int64, padded on the right with 0.

    t is `width`, or the longest row.
    """
    width = width or max(len(row) for row in rows)
    ids = np.zeros((len(rows), width), np.int64)
    mask = np.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return ids, mask


class OpenVinoEmbedder:
    """The exported graph on a CPU; bfloat16 where the CPU has it, else float32."""

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
        self._graph = graph.file
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
        outputs = request.infer(_inputs(model, ids, mask))
        return QueryVectors.of(query, outputs[0][0].copy(), outputs[1][0])

    def _query_model(self, length: int) -> Any:
        """The graph for one question of a fixed length, compiled when first asked for."""
        model = self._query_models.get(length)
        if model is None:
            with self._query_lock:
                model = self._query_models.get(length)
                if model is None:
                    graph = self._core.read_model(self._graph)
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
                ids, mask = pad([passages[i].ids for i in batch])
                queue.start_async(_inputs(self._passage_model, ids, mask), batch)
            queue.wait_all()
        return PassageVectors(vectors, tokens)

    def release(self) -> None:
        """Give back what embedding passages took: 270 MB with the default model."""
        with self._passage_lock:
            self._projection = self._passage_queue = self._passage_model = None

    def _queue_with(self, projection: Float32) -> Any:
        """The graph with the projection built in: only p of d numbers a token are copied out."""
        if self._projection is None or not np.array_equal(self._projection, projection):
            from openvino import opset13 as ops

            model = self._core.read_model(self._graph)
            vector, tokens = (output.get_node().input_value(0) for output in model.outputs)
            projected = ops.matmul(tokens, ops.constant(projection), False, False).output(0)
            model = self._openvino.Model([vector, projected], model.get_parameters())
            self._passage_model = self._compile(model, "THROUGHPUT", self._threads)
            self._passage_queue = self._openvino.AsyncInferQueue(self._passage_model)
            self._projection = projection.copy()
        return self._passage_queue


def _inputs(
    model: Any, ids: NDArray[np.int64], mask: NDArray[np.int64]
) -> dict[str, NDArray[np.int64]]:
    arrays = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    return {name: arrays[name] for name in (port.get_any_name() for port in model.inputs)}


class TorchEmbedder:
    """sentence-transformers itself: for CUDA, and where OpenVINO is not installed."""

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

    def _forward(self, rows: Sequence[NDArray[np.int64]]) -> tuple[Any, Any]:
        ids, mask = (self._torch.from_numpy(array).to(self._device) for array in pad(rows))
        with self._torch.inference_mode():
            return cast(tuple[Any, Any], self._module(ids, mask, self._torch.zeros_like(ids)))
