"""The peers' own virtual environments: made from pinned requirements, apart from the project's."""

import os
import re
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from scripts.lab.measure import say

HERE = Path(__file__).parent
WORKER = HERE / "worker.py"
# Which requirements each peer is in: some of them want different versions of the same library.
REQUIREMENTS = {
    "exact": "general",
    "txtai": "general",
    "txtai-hybrid": "general",
    "lancedb": "general",
    "lancedb-hybrid": "general",
    "chroma": "general",
    "bm25s": "general",
    "fast-plaid": "late",
    "pylate": "late",
    "pyserini": "lucene",
}
JAVA = Path("/usr/lib/jvm")
# Seconds that a peer may take.
PATIENCE = 3600


class PeerFailed(Exception):
    """A peer that could not be installed, or did not come to an end."""


@dataclass(frozen=True, slots=True)
class Environments:
    """Environments in a folder, one for each file of requirements; made when first needed."""

    folder: Path

    def python(self, peer: str) -> Path:
        """The interpreter of a peer's environment.

        Raises:
            PeerFailed: it cannot be installed.
        """
        name = REQUIREMENTS[peer]
        home = self.folder / name
        whole = home / "installed.txt"
        wanted = (HERE / f"{name}.txt").read_text("utf-8")
        if not whole.exists() or whole.read_text("utf-8") != wanted:
            say(f"installing {HERE / name}.txt into {home}")
            venv.create(home, clear=True, with_pip=True)
            # Without dependencies: all are named, and some peers pin others than they work with.
            command = ["-m", "pip", "install", "-q", "--no-deps", "-r", str(HERE / f"{name}.txt")]
            done = subprocess.run(
                [home / "bin" / "python", *command], stderr=subprocess.PIPE, text=True
            )
            if done.returncode:
                raise PeerFailed(f"not installed: {_last_line(done.stderr)}")
            whole.write_text(wanted, "utf-8")
        return home / "bin" / "python"

    def run(self, peer: str, job: Path, result: Path, threads: int) -> None:
        """Let a peer do a job in a process of its own.

        Raises:
            PeerFailed: it cannot be installed, fails, or takes too long.
        """
        python = self.python(peer)
        limits = dict.fromkeys(
            ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "LANCE_CPU_THREADS"),
            str(threads),
        )
        environ = {
            **os.environ,
            **limits,
            **_newest_java(),
            "TOKENIZERS_PARALLELISM": "true",
            # Pyserini cannot be imported without one; nothing is sent anywhere.
            "OPENAI_API_KEY": "none",
        }
        try:
            done = subprocess.run(
                [python, WORKER, peer, job, result],
                env=environ,
                stdout=sys.stderr,
                stderr=subprocess.PIPE,
                text=True,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired as error:
            raise PeerFailed(f"stopped after {PATIENCE} s") from error
        if done.returncode or not result.exists():
            raise PeerFailed(f"status {done.returncode}: {_last_line(done.stderr)}")


def _newest_java() -> dict[str, str]:
    """Where the newest Java is, for Pyserini: the system's default may be too old for it."""
    found = ((re.search(r"-(\d+)-", home.name), home) for home in JAVA.glob("*"))
    homes = {int(version[1]): home for version, home in found if version}
    return {"JAVA_HOME": str(homes[max(homes)])} if homes else {}


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "nothing was said"
