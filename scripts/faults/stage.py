"""What is tried on: made articles in a folder, an index of them, and real runs of the commands."""

import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from indexer.embedding.base import Embedder
from indexer.pipeline import reindex
from indexer.storage.folder import IndexFolder
from indexer.storage.manifest import Generation
from scripts.lab.corpus import write_article
from scripts.lab.measure import say
from scripts.lab.questions import collect_questions

# Seconds after which a run of a command is given up.
PATIENCE = 600.0

_RUN = (
    "import sys, indexer.encoding as encoding;"
    "assert encoding.PIECE;"  # or what is set here would be nobody's
    "encoding.PIECE = int(sys.argv.pop(1));"
    "from scripts.cli import main;"
    "sys.exit(main())"
)


class Fault(Exception):
    """Something that must not be, in words."""


class Stage:
    """A folder of articles, a file each, and the index of them beside it."""

    def __init__(
        self, folder: Path, embedder: Embedder, articles: Iterable[Mapping[str, str]]
    ) -> None:
        """Write the articles and build the index, in this process."""
        say("building the index to begin with")
        self.folder = folder
        self.sources = folder / "articles"
        self.index = folder / "index"
        self.log = folder / "serve.log"
        self.articles = list(articles)
        self.sources.mkdir()
        self.write(self.articles)
        self.build(embedder)

    def write(self, articles: Iterable[Mapping[str, str]]) -> None:
        """Write articles, over those with the same ids."""
        for article in articles:
            write_article(self.sources, article)

    def build(self, embedder: Embedder) -> None:
        """Make the index mirror the articles, in this process."""
        reindex([self.sources], self.index, embedder, None)

    @property
    def live(self) -> Generation:
        """The generation that the index serves."""
        return IndexFolder(self.index).open_current()

    def questions(self, count: int) -> list[str]:
        """So many questions made of the index."""
        return collect_questions(self.live, count, None).texts

    def reindex(self, index: Path, *options: str) -> list[str]:
        """The arguments that make an index mirror the articles, for `run` and `start`."""
        return ["reindex", str(self.sources), "--index", str(index), "--json", "--quiet", *options]


def start(arguments: Iterable[str], piece: int = 1024) -> subprocess.Popen[str]:
    """Start a real run of `article-search` that embeds `piece` passages at a time."""
    return subprocess.Popen(
        [sys.executable, "-c", _RUN, str(piece), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(arguments: Iterable[str], piece: int = 1024) -> str:
    """Run `article-search` to its end; returns what it printed.

    Raises:
        Fault: it failed, or did not end.
    """
    with start(arguments, piece) as process:
        try:
            out, error = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            out, error = process.communicate()
    if process.returncode:
        raise Fault(f"a command ended with status {process.returncode}: {error.strip()}")
    return out
