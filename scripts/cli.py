"""article-search: reindex, verify, stats, rollback, explain, search, serve, mcp, evaluate.

Data goes to stdout, progress and messages to stderr. Exit status: 0 done, 1 failed, 2 wrong usage,
3 done but some input was skipped, 130 interrupted, 143 terminated.
"""

import argparse
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import get_args

from indexer.errors import ArticleSearchError, QueryError
from indexer.settings import Settings
from scripts.commands.explain import add_explain
from scripts.commands.index import DONE, FAILED, USAGE, add_index_commands, printable
from scripts.commands.mcp import add_mcp
from scripts.commands.progress import ProgressBars
from scripts.commands.search import add_search
from search.question.query import Mode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    # A search multiplies small matrices, several searches at a time: threads inside each product
    # only wait for each other (79 against 90 searches/s). Read when NumPy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    for package in ("indexer", "search"):
        logging.getLogger(package).setLevel(logging.INFO)
    # What these say of a page names no file; what becomes of each page is reported.
    for library in ("trafilatura", "htmldate"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        settings = Settings.from_environment()
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


def _interrupt(number: int, _: FrameType | None) -> None:
    """End as Ctrl-C does: files closed, what is half written removed."""
    raise KeyboardInterrupt(number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="article-search", description="Semantic search over scraped news articles."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    index = argparse.ArgumentParser(add_help=False)
    index.add_argument(
        "--index",
        type=Path,
        metavar="DIR",
        help="folder of the index (default: ARTICLE_SEARCH_INDEX, else ./index)",
    )

    add_index_commands(commands, index)
    add_explain(commands, index)
    add_mcp(commands, index)

    add_search(commands, index)

    serve = commands.add_parser(
        "serve", parents=[index], help="serve the search page and the JSON endpoint"
    )
    serve.add_argument("--host", default="127.0.0.1", metavar="H")
    serve.add_argument("--port", type=int, default=8000, metavar="P")
    serve.add_argument(
        "--public", action="store_true", help="serve other machines though there is no key"
    )
    serve.add_argument(
        "--access-log", type=Path, metavar="FILE", help="append a line of JSON for each request"
    )
    serve.set_defaults(command=_serve)

    evaluate = commands.add_parser("evaluate", help="measure the ranking on a BEIR folder")
    evaluate.add_argument("folder", type=Path, metavar="BEIR_DIR")
    evaluate.add_argument(
        "--index",
        type=Path,
        metavar="DIR",
        help="an index of the folder's corpus, made there if missing (default: a temporary one)",
    )
    evaluate.add_argument("--mode", choices=get_args(Mode), default="hybrid")
    evaluate.add_argument("--json", action="store_true", help="print the measures as JSON")
    evaluate.add_argument("--run", type=Path, metavar="FILE", help="write the run in TREC format")
    evaluate.add_argument("--quiet", action="store_true", help="no progress on stderr")
    evaluate.set_defaults(command=_evaluate)
    return parser


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from search.http.access import Access
    from search.http.middleware.accesslog import write_access_log
    from web.server import serve

    if options.access_log:
        write_access_log(options.access_log)
    serve(
        settings,
        Access.from_environment(),
        options.host,
        options.port,
        lambda url: print(f"article-search: searching {settings.index} on {url}", flush=True),
        options.public,
    )
    return DONE


def _evaluate(options: argparse.Namespace, settings: Settings) -> int:
    from indexer.embedding.embedder import open_embedder
    from indexer.pipeline import reindex
    from search.evaluation import evaluate, find_corpus, read_questions, write_run
    from search.live import open_searcher
    from search.ranking.fitting import calibrate

    questions = read_questions(options.folder)
    corpus = find_corpus(options.folder)
    temporary = nullcontext(options.index) if options.index else tempfile.TemporaryDirectory()
    with temporary as index, ProgressBars(options.quiet) as progress:
        settings = replace(settings, index=Path(index))
        if not (settings.index / "CURRENT").exists():
            reindex(
                [corpus], settings.index, open_embedder(settings), progress, calibrate=calibrate
            )
        evaluation = evaluate(
            open_searcher(settings),
            questions,
            options.mode,
            lambda done, total: progress("asking", done, total),
        )
    if options.run:
        write_run(evaluation.run, options.run, f"article-search-{options.mode}")
    report = asdict(evaluation)
    del report["run"]
    if options.json:
        print(json.dumps({"mode": options.mode, "questions": len(questions), **report}))
        return DONE
    print(f"{options.folder.name}, {options.mode}, {len(questions)} questions")
    for level in ("article", "passage"):
        for name, estimate in report[level].items():
            _print_estimate(f"{name} by {level}", estimate)
    if report["sentence"]:
        _print_estimate("answering sentence found", report["sentence"])
    return DONE


def _print_estimate(name: str, estimate: dict[str, float]) -> None:
    print(
        f"  {name:<26} {estimate['mean']:.4f}  "
        f"[{estimate['low']:.4f}, {estimate['high']:.4f}]  n={estimate['questions']}"
    )


if __name__ == "__main__":
    sys.exit(main())
