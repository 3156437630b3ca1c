"""The command evaluate: how well a BEIR folder is ranked."""

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

from indexer.progress import Progress
from indexer.settings import Settings
from scripts.commands.build import build
from scripts.commands.parser import Parser
from scripts.commands.terminal import progress_bars
from scripts.status import DONE
from search.question.query import Mode


def add_evaluate(commands: Any) -> None:
    """Add the parser."""
    evaluate = commands.add_parser("evaluate", help="measure the ranking on a BEIR folder")
    add_judged_folder(evaluate)
    evaluate.add_argument("--mode", choices=get_args(Mode), default="hybrid")
    evaluate.flag("--json", "print the measures as JSON")
    evaluate.path("--run", "write the run in TREC format", metavar="FILE")
    evaluate.flag("--quiet", "no progress on stderr")
    evaluate.set_defaults(command=_evaluate)


def add_judged_folder(parser: Parser) -> None:
    """Add the arguments that `judged_index` takes."""
    parser.path("folder", metavar="BEIR_DIR")
    about = "an index of the folder's corpus, made there if missing (default: a temporary one)"
    parser.path("--index", about)


@contextmanager
def judged_index(
    options: argparse.Namespace, settings: Settings, progress: Progress
) -> Iterator[Settings]:
    """The settings with an index of the folder's corpus, which is built if there is none.

    Raises:
        InputError: the folder has no corpus.
    """
    from indexer.embedding.embedder import open_embedder
    from search.evaluation import find_corpus

    corpus = find_corpus(options.folder)
    with nullcontext(options.index) if options.index else tempfile.TemporaryDirectory() as index:
        settings = replace(settings, index=Path(index))
        if not (settings.folder / "CURRENT").exists():
            build([corpus], settings, open_embedder(settings), progress)
        yield settings


def _evaluate(options: argparse.Namespace, settings: Settings) -> int:
    from search.evaluation import evaluate, read_questions, write_run
    from search.live import open_searcher

    questions = read_questions(options.folder)
    with (
        progress_bars(options.quiet) as progress,
        judged_index(options, settings, progress) as settings,
    ):
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
    for name, estimate in report["marks"].items():
        _print_estimate(name, estimate)
    return DONE


def _print_estimate(name: str, estimate: dict[str, float]) -> None:
    print(
        f"  {name:<30} {estimate['mean']:.4f}  "
        f"[{estimate['low']:.4f}, {estimate['high']:.4f}]  n={estimate['questions']}"
    )
