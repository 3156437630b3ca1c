"""The reader: a network that reads a question and some sentences at once, and says which answers.

A cross-encoder in the manner of Provence (Chirkova et al. 2025, https://arxiv.org/abs/2501.16214):
the six layers of the default model, trained to choose one of the sentences of a text, or none
(docs/reader.md). Its weights come with this package, in 8 bits.
"""

import hashlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from tokenizers import Tokenizer

from indexer.arrays import Float32, Int64
from indexer.embedding.export import load_openvino
from indexer.embedding.model import find_model
from indexer.embedding.quantization import open_graph
from indexer.errors import ModelError
from indexer.settings import DEFAULT_MODEL
from search.answering.pages import Page, PageMaker

logger = logging.getLogger(__name__)

# Pages are padded to a multiple of so many tokens: OpenVINO compiles its kernels for each length.
STEP = 32

MODEL = Path(__file__).parent / "model"
# Of reader.xml and reader.bin, by their names.
DIGESTS = {
    "reader.xml": "462678ebdf065ed6903cadd05699d2836468c72c7998951e8393bb978453930c",
    "reader.bin": "cbd5de2d99c26cdc987775989257be6ae5e7d76b465f51a579261d38f103cf4c",
}


class Reader(Protocol):
    """What reads."""

    def read(self, question: str, texts: Sequence[tuple[str, Sequence[str]]]) -> list[Float32]:
        """Of each text the log odds of its sentences against "none of them", (s,).

        A sentence beyond the window has some -10,000. Safe to call from several threads.

        texts: each a headline and sentences
        """


def default_tokenizer() -> Tokenizer:
    """The tokenizer of the default model, which neither pads nor truncates.

    Raises:
        ModelError: the model is not there, or is not the pinned one.
    """
    tokenizer = Tokenizer.from_file(str(find_model(DEFAULT_MODEL).path / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def open_reader(threads: int) -> "OpenVinoReader | None":
    """The reader that comes with the package; None where there is no OpenVINO to run it.

    Raises:
        ModelError: a file of it is not the one that was made for this version.
    """
    try:
        return OpenVinoReader(threads)
    except ImportError:
        logger.warning("openvino is not installed: nothing is asserted to be an answer")
        return None


class OpenVinoReader:
    """The network on a CPU; texts are read side by side, one on each core."""

    def __init__(self, threads: int) -> None:
        """Open the graph that comes with the package.

        Raises:
            ImportError: openvino is not installed.
            ModelError: a file is not the one that was made for this version.
        """
        for name, digest in DIGESTS.items():
            if hashlib.sha256((MODEL / name).read_bytes()).hexdigest() != digest:
                raise ModelError(f"{MODEL / name} is damaged; install article-search again")
        core = load_openvino().Core()
        self._maker = PageMaker(default_tokenizer())
        self._model = core.compile_model(
            open_graph(core, MODEL / "reader.xml"),
            "CPU",
            {
                "NUM_STREAMS": threads,
                "INFERENCE_NUM_THREADS": threads,
                # Else the one thread of each process is put on the same core.
                "ENABLE_CPU_PINNING": False,
            },
        )
        self._local = threading.local()

    def read(self, question: str, texts: Sequence[tuple[str, Sequence[str]]]) -> list[Float32]:
        """See `Reader.read`."""
        pages = self._maker.pages(question, texts)
        requests: list[Any] = self._local.__dict__.setdefault("requests", [])
        while len(requests) < len(pages):
            requests.append(self._model.create_infer_request())
        for request, page in zip(requests, pages, strict=False):
            request.start_async(_inputs(page), share_inputs=True)
        found = []
        for request, page, (_, sentences) in zip(requests, pages, texts, strict=False):
            request.wait()
            none, tokens = (request.get_output_tensor(n).data[0] for n in range(2))
            found.append(_of_sentences(page, tokens, len(sentences)) - none[0])
        return found


def _inputs(page: Page) -> dict[str, Int64]:
    length = len(page.ids)
    padded = -(-length // STEP) * STEP
    ids, mask, types = (np.zeros((1, padded), np.int64) for _ in range(3))
    ids[0, :length] = page.ids
    mask[0, :length] = 1
    types[0, page.question : length] = 1
    return {"ids": ids, "mask": mask, "types": types}


def _of_sentences(page: Page, tokens: Float32, count: int) -> Float32:
    """The mean of the first score over the tokens of each sentence and the best of the second."""
    scores = np.full(count, -1e4, np.float32)
    tokens = tokens[: len(page.ids)]
    own = page.sentences >= 0
    numbers, starts = np.unique(page.sentences[own], return_index=True)
    if len(numbers):
        inside = tokens[own]
        sizes = np.diff(np.append(starts, len(inside)))
        mean = np.add.reduceat(inside[:, 0], starts) / sizes
        scores[numbers] = mean + np.maximum.reduceat(inside[:, 1], starts)
    return scores
