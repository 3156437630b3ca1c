"""Generations of three small files, published, edited and forged."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import ConfidenceModel, Generation, Manifest, Segment, sha256_of
from tests.conftest import ROOT

DRAFT = Manifest(
    pipeline=1,
    model="m",
    model_sha256="0" * 64,
    dimension=2,
    articles=1,
    passages=1,
    segments=(
        Segment(
            first_article=0,
            articles=1,
            first_passage=0,
            passages=1,
            tokens=1,
            vector_index="flat",
        ),
    ),
    confidence=ConfidenceModel((1.5, 0.0, 2.25), -3.0),
)


def publish(folder: IndexFolder, content: bytes = b"content", keep: int = 2) -> Generation:
    with folder.writing() as target:
        (target / "a.bin").write_bytes(content)
        (target / "inner").mkdir()
        (target / "inner" / "b.bin").write_bytes(b"inner")
        (target / "tokens.bin").write_bytes(b"tokens")
        return folder.publish(target, DRAFT, keep)


def folders_of(folder: IndexFolder) -> set[str]:
    return {path.name for path in (folder.path / "generations").iterdir()}


def edit_manifest(generation: Generation, **changes: Any) -> None:
    file = generation.path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def forge_content(folder: IndexFolder, content: bytes) -> None:
    """Make a manifest of any content the live one, its digest right."""
    generation = publish(folder)
    file = generation.path / "manifest.json"
    file.write_bytes(content)
    name = f"{generation.id[:-12]}{sha256_of(file)[:12]}"
    generation.path.rename(generation.path.with_name(name))
    (folder.path / "CURRENT").write_text(name)


def forge(folder: IndexFolder, **changes: Any) -> None:
    raw = json.loads((publish(folder).path / "manifest.json").read_text())
    forge_content(folder, json.dumps(raw | changes).encode())


@contextmanager
def another_process_writes(folder: IndexFolder) -> Iterator[subprocess.Popen[str]]:
    program = """
import sys
from pathlib import Path
from indexer.storage.folder import IndexFolder
with IndexFolder(Path(sys.argv[1])).writing():
    print("writing", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder.path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "writing\n"
        yield other
        other.kill()
