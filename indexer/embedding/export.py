"""One export of a model to an OpenVINO graph in 8 bits, cached by what the model is made of.

The graph has two outputs, both unit length: the passage vector (b, d) and the token vectors
(b, t, d), from the same forward pass. torch and sentence-transformers are imported only inside the
functions that need them, so opening a cached graph never does.
"""

import contextlib
import json
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np

from indexer.arrays import Int64
from indexer.embedding.base import pad
from indexer.embedding.calibration import calibration_passages
from indexer.embedding.model import ModelFiles
from indexer.embedding.quantization import quantized
from indexer.embedding.tokenizer import PassageTokenizer
from indexer.errors import ModelError

logger = logging.getLogger(__name__)

EXPORT_VERSION = 3


def load_openvino() -> Any:
    """The module openvino, imported without its telemetry: nothing here calls home.

    Raises:
        ImportError: it is not installed.
    """
    # With its telemetry package out of reach, openvino falls back on a stub of its own.
    sys.modules.setdefault("openvino_telemetry", cast(ModuleType, None))
    import openvino

    return openvino


@dataclass(frozen=True, slots=True)
class Graph:
    """An exported model: the graph's file, the tokenizer it expects, the size of its vectors."""

    file: Path
    tokenizer: PassageTokenizer
    dimension: int


def cached_graph(files: ModelFiles, cache: Path) -> Graph:
    """The exported graph of a model, made on the first call.

    Raises:
        ModelError: the model cannot be loaded or exported, or the cache cannot be written.
    """
    folder = cache / f"{files.fingerprint[:32]}-v{EXPORT_VERSION}"
    if not folder.is_dir():
        try:
            _export(files, folder)
        except OSError as error:
            raise ModelError(
                f"cannot write the exported model to {folder}: {error}; "
                "set ARTICLE_SEARCH_CACHE to a folder that can be written"
            ) from error
    try:
        about = json.loads((folder / "model.json").read_text("utf-8"))
        tokenizer = PassageTokenizer.open(
            folder / "tokenizer.json",
            about["max_tokens"],
            about["query_prompt"],
            about["passage_prompt"],
        )
        return Graph(folder / "graph.xml", tokenizer, int(about["dimension"]))
    except Exception as error:
        raise ModelError(f"the exported model in {folder} is damaged; delete it") from error


def _export(files: ModelFiles, folder: Path) -> None:
    import torch

    openvino = load_openvino()
    logger.info("exporting %s to an OpenVINO graph, once", files.name)
    transformer = load_transformer(files, "cpu")
    tokenizer = tokenizer_of(transformer, files)
    example = torch.ones((2, 8), dtype=torch.int64)
    with _quiet(), torch.no_grad():
        graph = openvino.convert_model(
            two_outputs(transformer), example_input=(example, example, example * 0)
        )
    for port, name in zip(
        graph.inputs, ("input_ids", "attention_mask", "token_type_ids"), strict=False
    ):
        port.get_tensor().set_names({name})
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        graph = quantized(openvino.Core(), graph, _calibration(graph, tokenizer))
        openvino.save_model(graph, temporary / "graph.xml", compress_to_fp16=False)
        tokenizer.save(temporary / "tokenizer.json")
        about = {
            "name": files.name,
            "sha256": files.sha256,
            "dimension": transformer.get_embedding_dimension(),
            "max_tokens": tokenizer.max_tokens,
            "query_prompt": tokenizer.query_prompt,
            "passage_prompt": tokenizer.passage_prompt,
        }
        (temporary / "model.json").write_text(json.dumps(about, indent=1), "utf-8")
        # Another process may have exported the same model meanwhile; either copy will do.
        with contextlib.suppress(FileExistsError, OSError):
            os.rename(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _calibration(graph: Any, tokenizer: PassageTokenizer) -> list[dict[str, Int64]]:
    return [inputs(graph, *pad([each.ids])) for each in calibration_passages(tokenizer)]


def inputs(graph: Any, ids: Int64, mask: Int64) -> dict[str, Int64]:
    """What a graph asks for, by name, from the ids and mask of a batch, (b, t) each."""
    arrays = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    return {name: arrays[name] for name in (port.get_any_name() for port in graph.inputs)}


def load_transformer(files: ModelFiles, device: str) -> Any:
    """The model as a SentenceTransformer, from local files only, running no code of the model's.

    Raises:
        ModelError: it cannot be loaded.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    with _quiet():
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(
                str(files.path),
                device=device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            ).eval()
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelError(f"cannot load the model in {files.path}: {error}") from error


def tokenizer_of(transformer: Any, files: ModelFiles) -> PassageTokenizer:
    """The tokenizer, window and prompts of a SentenceTransformer.

    Raises:
        ModelError: it has no fast tokenizer.
    """
    from tokenizers import Tokenizer

    backend = getattr(transformer.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ModelError(f"model {files.name!r} has no fast tokenizer (tokenizer.json)")
    prompts = {name: prompt or "" for name, prompt in transformer.prompts.items()}
    # The order in which sentence-transformers' encode_document looks for a prompt.
    passage = next((prompts[k] for k in ("document", "passage", "corpus") if prompts.get(k)), "")
    return PassageTokenizer(
        Tokenizer.from_str(backend.to_str()),
        transformer.max_seq_length or 512,
        prompts.get("query", ""),
        passage,
    )


def two_outputs(transformer: Any) -> Any:
    """A torch module over all modules of the model: ids, mask → passage vector, token vectors."""
    import torch

    class TwoOutputs(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.modules_in_order = torch.nn.ModuleList(list(transformer.children()))

        def forward(
            self, input_ids: Any, attention_mask: Any, token_type_ids: Any
        ) -> tuple[Any, Any]:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if "token_type_ids" in transformer.tokenizer.model_input_names:
                features["token_type_ids"] = token_type_ids
            for module in self.modules_in_order:
                features = module(features)
            normalize = torch.nn.functional.normalize
            return (
                normalize(features["sentence_embedding"], dim=-1),  # (b, d)
                normalize(features["token_embeddings"], dim=-1),  # (b, t, d)
            )

    return TwoOutputs().eval()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars or tracer warnings of the libraries in our own output."""
    os.environ.setdefault("TQDM_DISABLE", "1")
    from transformers.utils import logging as chatter

    chatter.set_verbosity_error()  # type: ignore[no-untyped-call]
    chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
