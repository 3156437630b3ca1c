"""Real runs of `article-search`, each in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Seconds after which a run is given up.
PATIENCE = 600.0

_REINDEX = (
    "import sys, indexer.pipeline as pipeline;"
    "pipeline.PIECE = int(sys.argv.pop(1));"
    "from scripts.cli import main;"
    "sys.exit(main())"
)


@dataclass(frozen=True, slots=True)
class Done:
    """A run of a command that has ended; `summary` is the JSON that it printed, if it did."""

    status: int
    summary: dict[str, Any]
    error: str

    @property
    def problem(self) -> str | None:
        """Why the command failed, if it did."""
        return f"ended with status {self.status}: {self.error}" if self.status else None


def article_search(*arguments: str) -> list[str]:
    """The command line of `article-search` with these arguments."""
    return [sys.executable, "-m", "scripts.cli", *arguments]


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
    command = article_search("rollback", "--index", str(index))
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    return Done(done.returncode, {}, done.stderr.strip())
