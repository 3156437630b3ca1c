"""Which files are a model, and which are refused."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.embedding.model import find_model
from indexer.errors import ModelError
from indexer.settings import DEFAULT_MODEL
from tests.conftest import write_tree


@pytest.fixture
def as_default(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Make a folder what the package of the default model holds."""

    def use(folder: Path) -> None:
        class Spec:
            origin = str(folder.parent / "__init__.py")

        monkeypatch.setattr("importlib.util.find_spec", lambda name: Spec)

    return use


@pytest.mark.model
def test_altered_weights_are_refused(
    copied_model: Path, as_default: Callable[[Path], None]
) -> None:
    as_default(copied_model)
    assert find_model(DEFAULT_MODEL).path == copied_model
    weights = copied_model / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    with pytest.raises(ModelError, match="reinstall"):
        find_model(DEFAULT_MODEL)


@pytest.mark.model
def test_weights_that_could_run_code_are_refused(copied_model: Path) -> None:
    (copied_model / "model.safetensors").rename(copied_model / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"no \.safetensors"):
        find_model(str(copied_model))


@pytest.mark.model
def test_a_changed_configuration_is_another_model(copied_model: Path) -> None:
    before = find_model(str(copied_model))
    config = copied_model / "1_Pooling" / "config.json"
    config.write_text(config.read_text().replace('"mean"', '"max"') + " ")
    after = find_model(str(copied_model))
    assert after.sha256 == before.sha256
    assert after.fingerprint != before.fingerprint


@pytest.mark.model
def test_a_name_that_is_not_in_the_cache_needs_no_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("opened a connection")

    monkeypatch.setattr("socket.socket.connect", no_network)
    for name in ("nobody/no-such-model", "no-such-model", "a b/c"):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ModelError):
            find_model(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two files of weights, out of order, and one that describes them."""
    return write_tree(
        tmp_path / "model",
        {
            "b/model.safetensors": b"first",
            "c.safetensors": b"second",
            "config.json": b"{}",
            "README.md": b"---\nlanguage: en\n---\n",
        },
    )


def _sha256(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


def test_a_model_is_identified_by_its_weights_and_what_describes_them(folder: Path) -> None:
    found = find_model(str(folder))
    weights = _sha256(b"first", b"second")
    assert (found.name, found.path, found.sha256) == (str(folder), folder, weights)
    assert found.fingerprint == _sha256(weights.encode(), b"config.json\0{}")
    (folder / "c.safetensors").unlink()
    assert find_model(str(folder)).sha256 == _sha256(b"first")


@pytest.mark.parametrize(
    ("name", "weights", "fingerprint"),
    [
        ("b/model.safetensors", True, True),
        ("config.json", False, True),
        ("1_Pooling/config.json", False, True),
        ("vocab.txt", False, True),
        ("README.md", False, False),
        ("onnx/model.onnx", False, False),
    ],
)
def test_which_files_make_another_model(
    folder: Path, name: str, weights: bool, fingerprint: bool
) -> None:
    before = find_model(str(folder))
    write_tree(folder, {name: b"other"})
    after = find_model(str(folder))
    assert (after.sha256 != before.sha256) == weights
    assert (after.fingerprint != before.fingerprint) == fingerprint


def test_a_folder_is_the_same_however_it_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(folder)
    for name in ("model", "./model/b/..", "link"):
        assert find_model(name) == find_model(str(folder))


def test_other_weights_in_place_of_the_default_are_refused(
    folder: Path, as_default: Callable[[Path], None]
) -> None:
    as_default(folder)
    with pytest.raises(ModelError, match=_sha256(b"first", b"second")):
        find_model(DEFAULT_MODEL)


def test_the_default_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="not installed"):
        find_model(DEFAULT_MODEL)
