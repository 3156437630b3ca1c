"""Reindexing for a benchmark: how fast, how much memory, how many bytes a passage."""

from dataclasses import dataclass
from pathlib import Path

from indexer.embedding.embedder import open_embedder
from indexer.pipeline import reindex
from indexer.settings import Settings
from indexer.storage.folder import Generation
from scripts.commands.progress import ProgressBars
from scripts.lab.process import memory
from scripts.lab.table import Row, figure, mebibytes
from search.ranking.fitting import calibrate


@dataclass(frozen=True, slots=True)
class Built:
    """A run of reindex: seconds without opening the model, peak resident bytes of its process."""

    seconds: float
    peak: int
    skipped: int


def prepare_model() -> None:
    """Export the model if that has never been done, so that no measure includes it."""
    open_embedder(Settings.from_environment())


def build_index(corpus: Path, index: Path) -> Built:
    """Reindex; to be run in a process of its own, whose peak memory is reported."""
    embedder = open_embedder(Settings.from_environment())
    with ProgressBars() as progress:
        summary = reindex([corpus], index, embedder, progress, calibrate=calibrate)
    return Built(summary.seconds, memory("self", "VmHWM"), len(summary.skipped))


def build_rows(built: Built, passages: int) -> list[Row]:
    """The rate and the memory of a run."""
    skipped = f"; {built.skipped} records skipped" if built.skipped else ""
    return [
        Row(
            "reindex",
            f"{figure(passages / built.seconds)} passages/s",
            f"{figure(built.seconds)} s from files to the published index, model open{skipped}",
        ),
        Row("reindex, peak memory", mebibytes(built.peak), "VmHWM, mapped file pages included"),
    ]


def size_rows(generation: Generation) -> list[Row]:
    """Bytes a passage by file; the files of a folder are added up."""
    sizes: dict[str, int] = {}
    for file, (size, _) in generation.manifest.files.items():
        name = f"{Path(file).parts[0]}/" if len(Path(file).parts) > 1 else file
        sizes[name] = sizes.get(name, 0) + size
    sizes["manifest.json"] = (generation.path / "manifest.json").stat().st_size
    total = sum(sizes.values())
    passages = generation.manifest.passages
    return [
        Row(f"disk, {name}", f"{figure(size / passages)} bytes a passage", mebibytes(size))
        for name, size in [*sizes.items(), ("all files", total)]
    ]
