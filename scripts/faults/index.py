"""The index that faults are made in: its sources, real runs of `reindex`, what must be left."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from indexer.storage.folder import IndexFolder
from scripts.lab.corpus import made_articles, with_paragraph_of, write_article

# Seconds after which a run of `reindex` is given up.
PATIENCE = 600.0
# All that may be in the folder of an index, and generations that are kept, when nothing writes it.
ENTRIES = frozenset({"CURRENT", "LOCK", "generations"})
KEPT = 2

_REINDEX = (
    "import sys, indexer.pipeline as pipeline;"
    "pipeline.PIECE = int(sys.argv.pop(1));"
    "from scripts.cli import main;"
    "sys.exit(main())"
)


@dataclass(frozen=True, slots=True)
class Done:
    """A run of `reindex` that has ended; `summary` is what it printed, if it did."""

    status: int
    summary: dict[str, Any]
    error: str


def say(message: str) -> None:
    """Tell what is being tried, on stderr."""
    print(f"faults: {message}", file=sys.stderr, flush=True)


def write_sources(folder: Path, count: int) -> list[dict[str, str]]:
    """Write made articles, a file each; returns them."""
    folder.mkdir(parents=True)
    articles = list(islice(made_articles(), count))
    for article in articles:
        write_article(folder, article)
    return articles


def revise_sources(folder: Path, articles: Sequence[Mapping[str, str]]) -> None:
    """Change a third of the articles, remove, rename and add one in ten each."""
    files = [folder / f"{article['_id']}.json" for article in articles]
    for i in range(0, len(articles), 3):
        write_article(folder, with_paragraph_of(articles[i], articles[i - 1]))
    for file in files[1::10]:
        file.unlink()
    for file in files[2::10]:
        file.rename(file.with_name(f"renamed-{file.name}"))
    added = islice(made_articles(), len(articles), len(articles) + len(articles) // 10)
    for article in added:
        write_article(folder, article)


def start_reindex(
    sources: Path, index: Path, *options: str, piece: int = 1024
) -> subprocess.Popen[str]:
    """Start a real run of `article-search reindex` that embeds `piece` passages at a time."""
    command = [sys.executable, "-c", _REINDEX, str(piece), "reindex", str(sources)]
    return subprocess.Popen(
        [*command, "--index", str(index), "--json", "--quiet", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # As `article-search` sets it before NumPy is imported.
        env={"OPENBLAS_NUM_THREADS": "1", **os.environ},
    )


def finish(process: subprocess.Popen[str]) -> Done:
    """Wait for a run to end."""
    try:
        out, error = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        out, error = process.communicate()
    return Done(process.returncode, json.loads(out) if out.strip() else {}, error.strip())


def run_reindex(sources: Path, index: Path, *options: str, piece: int = 1024) -> Done:
    """Run `article-search reindex` to its end."""
    return finish(start_reindex(sources, index, *options, piece=piece))


def run_rollback(index: Path) -> Done:
    """Run `article-search rollback` to its end."""
    command = [sys.executable, "-m", "scripts.cli", "rollback", "--index", str(index)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    return Done(done.returncode, {}, done.stderr.strip())


def litter(index: Path) -> Iterator[str]:
    """What is left in an index that should not be, in words."""
    for name in sorted({entry.name for entry in index.iterdir()} - ENTRIES):
        yield f"{name} is left in the index"
    folder = IndexFolder(index)
    kept = {generation.id: generation for generation in folder.generations()}
    for name in sorted({entry.name for entry in (index / "generations").iterdir()} - set(kept)):
        yield f"generations/{name} is left, and is no published generation"
    for generation in kept.values():
        for problem in generation.damage():
            yield f"a generation is left that is not whole: {problem}"
    if len(kept) > KEPT:
        yield f"{len(kept)} generations are left, not {KEPT}"
