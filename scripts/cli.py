"""article-search: reindex, verify, stats, rollback, explain, search, serve, mcp, evaluate.

Data goes to stdout, progress and messages to stderr. Exit status: 0 done, 1 failed, 2 wrong usage,
3 done but some input was skipped, 130 interrupted, 143 terminated.
"""

import argparse
import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FrameType

from indexer.errors import ArticleSearchError, QueryError
from indexer.settings import Settings
from scripts.commands.evaluate import add_evaluate
from scripts.commands.explain import add_explain
from scripts.commands.index import add_index_commands
from scripts.commands.parser import Parser
from scripts.commands.search import add_search
from scripts.commands.serve import add_serving
from scripts.commands.terminal import printable
from scripts.status import DONE, FAILED, USAGE

# A word, or words in quotes, that no article may have.
_EXCLUDING = re.compile(r'-(?!h$)[\w"]')


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    # A search multiplies small matrices, several searches at a time: threads inside each product
    # only wait for each other (79 against 90 searches/s). Read when NumPy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = _parser()
    options = parser.parse_args(_questions(sys.argv[1:] if arguments is None else arguments))
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    for package in ("indexer", "search"):
        logging.getLogger(package).setLevel(logging.INFO)
    # What these say of a page names no file; what becomes of each page is reported.
    for library in ("trafilatura", "htmldate"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        settings = Settings.from_environment()
        # Workers of a server share the cores.
        threads = max(1, settings.threads // getattr(options, "workers", 1))
        settings = replace(settings, threads=threads)
        if not settings.download:
            os.environ["HF_HUB_OFFLINE"] = "1"
        # Of FAISS and of the tokenizers, which would otherwise count the cores by themselves.
        os.environ.setdefault("OMP_NUM_THREADS", str(settings.threads))
        os.environ.setdefault("RAYON_NUM_THREADS", str(settings.threads))
        index = getattr(options, "index", None)
        command: Callable[[argparse.Namespace, Settings], int] = options.command
        status = command(options, replace(settings, index=index) if index else settings)
        sys.stdout.flush()
        return status
    except QueryError as error:
        print(printable(f"{parser.prog}: {error}"), file=sys.stderr)
        return USAGE
    except ArticleSearchError as error:
        print(printable(f"{parser.prog}: {error}"), file=sys.stderr)
        return FAILED
    except KeyboardInterrupt as interrupt:
        print(f"{parser.prog}: interrupted; run it again to go on", file=sys.stderr)
        return 128 + (interrupt.args[0] if interrupt.args else signal.SIGINT)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing left to say, and nobody to hear it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _questions(arguments: Sequence[str]) -> list[str]:
    """The arguments, of which `-museum` is a question and no option: none has one dash but -h."""
    return [f" {each}" if _EXCLUDING.match(each) else each for each in arguments]


def _interrupt(number: int, _: FrameType | None) -> None:
    """End as Ctrl-C does: files closed, what is half written removed."""
    raise KeyboardInterrupt(number)


def _parser() -> Parser:
    parser = Parser(
        prog="article-search", description="Semantic search over scraped news articles."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    index = Parser(add_help=False)
    index.index("--index")
    for add in (add_index_commands, add_explain, add_search, add_serving):
        add(commands, index)
    add_evaluate(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
