"""Rows of a build and of the size of an index."""

from pathlib import Path

from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from scripts.benchmarks.size import build_rows, size_rows
from scripts.lab.build import PUBLISHED, Build, Resident
from tests.conftest import WriteFiles
from tests.support.corpus import CORPUS
from tests.support.fakes import FakeEmbedder


def test_rows_of_a_build(write_files: WriteFiles, index: Path) -> None:
    summary = reindex([write_files({**CORPUS, "empty.txt": b""})], index, FakeEmbedder(), None)
    ends = {"embedding": Resident(1, 1), PUBLISHED: Resident(300 * 2**20, 2**20)}
    rate, memory = build_rows(Build(0.5, 2.0, ends, summary))
    assert rate.value == "4.00 passages/s"
    assert rate.how.startswith("2.00 s from files")
    assert rate.how.endswith("; 1 records skipped")
    assert memory.value == "300 MiB"


def test_bytes_a_passage_by_file(corpus_index: Path) -> None:
    generation = IndexFolder(corpus_index).open_current()
    rows = {row.measure.removeprefix("disk, "): row.value for row in size_rows(generation)}
    assert {"articles.db", "corpus.db", "lexical/", "vectors.faiss", "manifest.json"} < set(rows)
    assert not any("/" in name.rstrip("/") for name in rows)
    *_, (name, total) = rows.items()
    assert name == "all files"
    files = [file for file in generation.path.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files) / generation.manifest.passages
    shown = float(total.split()[0].replace(",", ""))
    assert abs(shown - size) < size / 100
