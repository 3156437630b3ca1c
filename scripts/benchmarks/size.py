"""What it takes to build an index, and how many bytes a passage it has, as rows of a table."""

from pathlib import Path

from indexer.storage.filenames import MANIFEST, SEGMENTS
from indexer.storage.manifest import Generation
from scripts.lab.build import Build
from scripts.lab.table import Row, figure, mebibytes


def build_rows(build: Build) -> list[Row]:
    """The rate and the memory of a run of reindex."""
    skipped = len(build.summary.skipped)
    about = f"; {skipped} records skipped" if skipped else ""
    return [
        Row(
            "reindex",
            f"{figure(build.summary.passages / build.seconds)} passages/s",
            f"{figure(build.seconds)} s from files to the published index, model open{about}",
        ),
        Row("reindex, peak memory", mebibytes(build.peak), "VmHWM, mapped file pages included"),
    ]


def size_rows(generation: Generation) -> list[Row]:
    """Bytes a passage by file; those of all segments are added up, and those of a folder."""
    sizes: dict[str, int] = {}
    for file, (size, _) in generation.manifest.files.items():
        folder, *inside = Path(file).parts
        name = file if not inside else inside[-1] if folder == SEGMENTS else f"{folder}/"
        sizes[name] = sizes.get(name, 0) + size
    sizes[MANIFEST] = (generation.path / MANIFEST).stat().st_size
    total = sum(sizes.values())
    passages = generation.manifest.passages
    return [
        Row(f"disk, {name}", f"{figure(size / passages)} bytes a passage", mebibytes(size))
        for name, size in [*sizes.items(), ("all files", total)]
    ]
