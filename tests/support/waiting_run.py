"""One run of reindex that waits, at each step, for a line on its standard input.

    python -m tests.support.waiting_run FOLDER INDEX

Each step that it reaches is a line on its standard output: the stage, and how much of it is done.
"""

import sys
from pathlib import Path

import indexer.encoding
from indexer.pipeline import reindex
from tests.support.fakes import FakeEmbedder


def _wait(stage: str, done: int, total: int) -> None:
    sys.stdout.write(f"{stage} {done}\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    indexer.encoding.PIECE = 5
    reindex([Path(sys.argv[1])], Path(sys.argv[2]), FakeEmbedder(), None, _wait)
